"""The tree of exceptions is the one drawn in the module's docstring.

Source: specification, section 2.2.
"""

import inspect
from typing import Any

import pytest

from survey_pipeline import errors
from survey_pipeline.errors import CannotProceed, DatabaseFault, SurveyPipelineError, UsageError
from survey_pipeline.i18n import Message

DRAWN = [line for line in str(errors.__doc__).splitlines() if "─ " in line]
CLASSES = {
    name: one
    for name, one in inspect.getmembers(errors, inspect.isclass)
    if issubclass(one, BaseException)
}


def drawn_tree() -> dict[str, str]:
    """Each drawn class and the one above it, read from the drawing's depth."""
    path = ["SurveyPipelineError"]
    above = {}
    for line in DRAWN:
        depth = line.index("─ ") // 4
        name = line.split("─ ")[1].split()[0]
        path = [*path[:depth], name]
        above[name] = path[-2]
    return above


def test_every_class_stands_in_the_drawing_under_its_parent() -> None:
    parents = {name: one.__base__.__name__ for name, one in CLASSES.items()}
    assert parents.pop("SurveyPipelineError") == "Exception"
    assert drawn_tree() == parents


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_a_class_says_what_it_is_for(name: str) -> None:
    assert CLASSES[name].__doc__


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_the_exit_code_follows_from_the_branch(name: str) -> None:
    one: Any = CLASSES[name]
    cannot = (CannotProceed, DatabaseFault)
    expected = 2 if issubclass(one, UsageError) else 4 if issubclass(one, cannot) else 1
    assert one.exit_code == expected


def test_an_error_carries_text_and_values_apart() -> None:
    error = SurveyPipelineError("no office {code}", code="A-1")
    assert error.message == Message("no office {code}", {"code": "A-1"})
    assert str(error) == "no office A-1"


def test_a_value_with_braces_is_shown_as_it_is() -> None:
    assert str(SurveyPipelineError("it says {value}", value="{x}")) == "it says {x}"


def test_what_helps_at_the_command_line_stands_apart() -> None:
    error = UsageError("there is no call {call}", call=9).at_terminal("See: callbacks list")
    assert (str(error), str(error.remedy)) == ("there is no call 9", "See: callbacks list")
    assert UsageError("choose").remedy is None
