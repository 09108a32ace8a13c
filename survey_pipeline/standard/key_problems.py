"""What the check of a standard's file found wrong, with the key that each problem is about."""

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from survey_pipeline.i18n import N_, Message
from survey_pipeline.standard.whereabouts import Key
from survey_pipeline.validation import problem_of


class KeyProblem(NamedTuple):
    """One thing that is wrong in a file."""

    kind: str
    """Pydantic's type of error, such as `missing` or `extra_forbidden`."""
    path: Key
    """The key that it is about; empty for the file as a whole."""
    said: Message
    value: str | None
    """What stands there, shortened; None for a table, and where nothing stands there."""


def find_problems(error: ValidationError) -> list[KeyProblem]:
    """Return all problems, unknown keys first: a misspelt key is missing too."""
    found = [_problem(details) for details in error.errors()]
    return sorted(found, key=lambda problem: problem.kind != "extra_forbidden")


def _problem(details: ErrorDetails) -> KeyProblem:
    path = (*details["loc"], *_within(details))
    return KeyProblem(details["type"], path, _said(details), _value(details))


def _said(details: ErrorDetails) -> Message:
    if details["type"] == "extra_forbidden":
        return Message(N_("there is no such key"))
    return problem_of(details)


def _value(details: ErrorDetails) -> str | None:
    found = details.get("input")
    if details["type"] == "missing" or isinstance(found, Mapping):
        return None
    return repr(str(found)[:100])


def _within(details: ErrorDetails) -> Key:
    """Return the path of the wrong key, below the table that our own check looked at."""
    said = details.get("ctx", {}).get("error")
    return tuple(said.args[1:]) if details["type"] == "value_error" and said else ()
