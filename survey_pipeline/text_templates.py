"""Texts that operators edit, as Jinja2 files: rendered in a sandbox that bounds time and size.

A text has variables, conditions, simple expressions, some filters, and loops that are not nested;
see `template_sandbox`.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Template
from jinja2.exceptions import SecurityError

from survey_pipeline.edited import Unreadable, read_edited
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.i18n import N_
from survey_pipeline.template_sandbox import FAULTS, TemplateSandbox, line_of

LARGEST_FILE = 8_192
"""Characters of a file."""
LONGEST_TEXT = 2_000
"""Characters of a text, and of any part of it on the way: no provider takes as many."""
LONGEST_LOOP = 1_000
_PLACE_PARTS = 3
"""Of a template's path: `templates/sms/survey.txt`."""


class TextTemplate:
    """One file, read and checked."""

    def __init__(self, path: Path, source: str, compiled: Template) -> None:
        self.source = source
        self._path = path
        self._compiled = compiled

    def render(self, variables: Mapping[str, Any]) -> str:
        """Fill the text in; line ends and blanks around it are cut.

        Raises:
            ConfigurationError: the file uses a variable that there is not, or does what it may not.
        """
        written, size = [], 0
        try:
            for piece in self._compiled.generate(variables):
                size += len(piece)
                if size > LONGEST_TEXT:
                    raise SecurityError(f"the text is longer than {LONGEST_TEXT} characters")
                written.append(piece)
        except FAULTS as error:
            raise _unusable(self._path, error) from error
        return "".join(written).strip()


def read_text_template(path: Path) -> TextTemplate:
    """Read a file of a folder under `templates/`.

    Raises:
        ConfigurationError: it is missing, is no template, or asks for what a text does not have.
    """
    try:
        source = read_edited(path)
    except FileNotFoundError as error:
        raise ConfigurationError(
            "{file} is missing. Run init: it puts the shipped text there",
            file=shown(path),
        ) from error
    except Unreadable as error:
        raise _unusable(path, error) from error
    return parse_text_template(path, source)


def parse_text_template(path: Path, source: str) -> TextTemplate:
    """Check and compile what stands in a file, or is to be written there.

    Raises:
        ConfigurationError: it is no template, or asks for what a text does not have.
    """
    try:
        compiled = _compiled(source)
    except FAULTS as error:
        raise _unusable(path, error) from error
    return TextTemplate(path, source, compiled)


def shown(path: Path) -> str:
    """Return how messages name a template: by its place in the workspace."""
    return "/".join(path.parts[-_PLACE_PARTS:])


def _unusable(path: Path, error: Exception) -> ConfigurationError:
    """Return the error for a text that cannot be used: the file, the line, what to do."""
    known = {"file": shown(path), "problem": _problem(error), "line": line_of(error)}
    text = N_("{file} cannot be used: {problem}. Correct it; no restart is needed")
    if known["line"]:
        text = N_("{file} cannot be used: line {line}: {problem}. Correct it; no restart is needed")
    return ConfigurationError(text, **known)


def _problem(error: Exception) -> object:
    if isinstance(error, Unreadable):
        return error.problem
    return str(error).rstrip(".") or type(error).__name__


@lru_cache(maxsize=64)  # every round reads the same few texts again
def _compiled(source: str) -> Template:
    if len(source) > LARGEST_FILE:
        raise SecurityError(f"the file has more than {LARGEST_FILE} characters")
    return _SANDBOX.compiled(source)


_SANDBOX = TemplateSandbox(longest_loop=LONGEST_LOOP, deepest_loop=1, autoescape=False)
