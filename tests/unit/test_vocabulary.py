"""The closed word lists: documented, and their tables of moves only lead forward."""

import ast
import enum
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from survey_pipeline import vocabulary
from survey_pipeline.vocabulary import (
    CALL_MOVES,
    DISPOSITION_GROUPS,
    MESSAGE_MOVES,
    SURVEY_MOVES,
    CallState,
    Disposition,
    MessageState,
    SurveyState,
    may_move,
)

ENUMS = {
    name: one
    for name, one in inspect.getmembers(vocabulary, inspect.isclass)
    if issubclass(one, enum.StrEnum) and one is not enum.StrEnum
}
MOVES: dict[type[enum.StrEnum], Mapping[Any, frozenset[Any]]] = {
    MessageState: MESSAGE_MOVES,
    CallState: CALL_MOVES,
    SurveyState: SURVEY_MOVES,
}
WAYS_BACK = {
    (MessageState.SENDING, MessageState.QUEUED),
    (MessageState.UNKNOWN, MessageState.QUEUED),
}
"""Certainly not sent; shown by the provider never to have been there, or policy `resend`."""
TAKEN_BACK = {(before, CallState.OPEN) for before in CallState if before is not CallState.OPEN}
"""The caller takes back the attempt that ended the call."""


def documented_members() -> dict[str, set[str]]:
    """The members of each enum that a string directly follows in the source."""
    files = Path(vocabulary.__file__).parent.glob("*.py")
    found: dict[str, set[str]] = {}
    for node in (node for file in files for node in ast.parse(file.read_text("utf-8")).body):
        if isinstance(node, ast.ClassDef):
            found[node.name] = {
                before.targets[0].id
                for before, after in zip(node.body, node.body[1:], strict=False)
                if isinstance(before, ast.Assign)
                and isinstance(before.targets[0], ast.Name)
                and isinstance(after, ast.Expr)
            }
    return found


@pytest.mark.parametrize("name", sorted(ENUMS))
def test_a_list_says_what_it_is(name: str) -> None:
    assert (ENUMS[name].__doc__ or "").strip()
    assert ENUMS[name].__doc__ != enum.StrEnum.__doc__


@pytest.mark.parametrize("name", sorted(ENUMS))
def test_every_word_says_what_it_means(name: str) -> None:
    assert {member.name for member in ENUMS[name]} == documented_members()[name]


@pytest.mark.parametrize("name", sorted(ENUMS))
def test_stored_words_are_distinct_and_fit_a_column(name: str) -> None:
    words = [member.value for member in ENUMS[name]]
    assert len(set(words)) == len(words)
    assert all(word == word.strip() and 0 < len(word) <= 24 for word in words)


@pytest.mark.parametrize("states", MOVES, ids=lambda one: one.__name__)
def test_every_state_has_its_moves_and_staying_is_none(states: type[enum.StrEnum]) -> None:
    assert set(MOVES[states]) == set(states)
    for state in states:
        assert MOVES[states][state] <= set(states)
        assert not may_move(state, state)


@pytest.mark.parametrize("states", MOVES, ids=lambda one: one.__name__)
def test_moves_only_lead_forward(states: type[enum.StrEnum]) -> None:
    """Without the documented ways back no state can ever be reached again."""
    forward = {
        before: {after for after in moves if (before, after) not in WAYS_BACK | TAKEN_BACK}
        for before, moves in MOVES[states].items()
    }
    for start in states:
        seen: set[enum.StrEnum] = set()
        waiting = list(forward[start])
        while waiting:
            state = waiting.pop()
            if state not in seen:
                seen.add(state)
                waiting += forward[state]
        assert start not in seen


@pytest.mark.parametrize(("before", "after"), sorted(WAYS_BACK))
def test_the_ways_back_are_open(before: MessageState, after: MessageState) -> None:
    assert may_move(before, after)


@pytest.mark.parametrize(
    "before",
    [state for state in MessageState if state not in {"delivered", "expired"}],
)
def test_a_late_delivered_counts_whatever_was_known(before: MessageState) -> None:
    assert may_move(before, MessageState.DELIVERED)


def test_nothing_follows_delivered() -> None:
    assert not MESSAGE_MOVES[MessageState.DELIVERED]


def test_what_may_have_gone_out_is_never_called_unsent() -> None:
    """`expired` says that nothing went out: no state after a provider's word leads there."""
    went_out = (MessageState.ACCEPTED, MessageState.UNKNOWN, MessageState.UNDELIVERED)
    assert not [one for one in went_out if may_move(one, MessageState.EXPIRED)]


def test_every_final_code_has_its_letter() -> None:
    assert set(DISPOSITION_GROUPS) == set(Disposition)
