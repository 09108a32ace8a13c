"""Our texts as Aliyun approves them: the same words, with its own way of writing variables.

What a citizen gets is the approved template, not our file: the two must say the same, or a digit
would mean one thing on the handset and another in the scores. `{{ served_on.month }}` in our file
is `${servedOnMonth}` there, since variables' names are letters and digits only; the signature 【…】
stands in our file and is put before the approved text by the platform. The organisation's name is
no variable there: it stands in the approved words.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from survey_pipeline.edited import Unreadable, read_edited
from survey_pipeline.vocabulary import Category

FOLDER = Path("templates/sms")
NAMES = ("survey", "survey_short", "reason")
"""The texts of ours that every workspace has."""

_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z][A-Za-z0-9_.]*)\s*\}\}")
_ORGANISATION = re.compile(r"\{\{\s*organisation\s*\}\}")
_USED = re.compile(r"\$\{(\w+)\}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def names_of_texts(home: Path) -> Sequence[str]:
    """Return the texts of ours that are sent: the general ones, and those of single categories."""
    names = (f"{name}.{category}" for name in NAMES for category in Category)
    return [*NAMES, *(name for name in names if (home / file_of(name)).exists())]


def file_of(name: str) -> str:
    """Return the path of a text of ours, from the workspace."""
    return (FOLDER / f"{name}.txt").as_posix()


def wording(home: Path, name: str, signature: str, organisation: str) -> str | None:
    """Return one of our texts as it must have been approved.

    Args:
        home: the workspace.
        name: the text's.
        signature: as it was approved, without 【】.
        organisation: the name of the office that asks.

    Returns:
        Nothing where there is no such file, where it does not begin with the signature, or where it
        holds more than plain variables: the platform has no logic.
    """
    try:
        source = read_edited(home / file_of(name))
    except (OSError, Unreadable):
        return None
    text = _ORGANISATION.sub(lambda _: organisation, _COMMENT.sub("", source)).strip()
    body = text.removeprefix(f"【{signature}】")
    plain = _VARIABLE.sub(lambda found: f"${{{_joined(found[1])}}}", body)
    return None if body == text or "{{" in plain or "{%" in plain else plain


def parameters(variables: Mapping[str, str], approved: str | None) -> dict[str, str]:
    """Return the values of an approved template's variables, by their names there.

    A day, as `2023-05-04`, has its year, month and day too. The platform refuses variables that the
    template does not have: only those of `approved` are given, where its wording is known.
    """
    values = {}
    for name, value in variables.items():
        values[_joined(name)] = value
        if day := _day(value):
            values |= {_joined(f"{name}.{part}"): str(getattr(day, part)) for part in _PARTS}
    used = None if approved is None else set(_USED.findall(approved))
    return {name: value for name, value in values.items() if used is None or name in used}


_PARTS = ("year", "month", "day")


def _joined(name: str) -> str:
    """Write `served_on.month` as `servedOnMonth`."""
    first, *others = re.split(r"[._]+", name)
    return first + "".join(other.capitalize() for other in others)


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if _DAY.fullmatch(value) else None
    except ValueError:
        return None
