"""The condition that a move puts on the rows it moves, checked against the allowed moves."""

from collections.abc import Iterable
from typing import TypeVar

from sqlalchemy import ColumnElement

from survey_pipeline.errors import IllegalMove
from survey_pipeline.store.tables import calls, messages, surveys
from survey_pipeline.vocabulary import CallState, MessageState, SurveyState, may_move

S = TypeVar("S", MessageState, CallState, SurveyState)

_COLUMNS = {
    MessageState: messages.c.state,
    CallState: calls.c.state,
    SurveyState: surveys.c.state,
}


def leaving(before: Iterable[S], after: S) -> ColumnElement[bool]:
    """Return the condition that a row is still in one of the states that a move leaves.

    Args:
        before: the states that the move leaves.
        after: the state that it leads to.

    Raises:
        IllegalMove: the table of allowed moves does not have one of these moves.
    """
    states = list(before)
    for state in states:
        require_move(state, after)
    return _COLUMNS[type(after)].in_(states)


def require_move(before: S, after: S) -> None:
    """Check a move against the table of allowed moves.

    Raises:
        IllegalMove: the table does not have it.
    """
    if not may_move(before, after):
        raise IllegalMove("the state {after} may not follow {before}", before=before, after=after)
