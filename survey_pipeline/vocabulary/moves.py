"""Which state may follow which: states only move forward."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from survey_pipeline.vocabulary.calls import CallState
from survey_pipeline.vocabulary.messages import MessageState
from survey_pipeline.vocabulary.surveys import SurveyState

S = TypeVar("S", bound=StrEnum)

MESSAGE_MOVES: Mapping[MessageState, frozenset[MessageState]] = {
    MessageState.QUEUED: frozenset(
        {
            MessageState.SENDING,
            MessageState.FAILED,
            MessageState.EXPIRED,
            MessageState.UNKNOWN,  # put back from a copy: it may have gone out since
            MessageState.ACCEPTED,  # a receipt of an earlier attempt: it went out after all
            MessageState.DELIVERED,
            MessageState.UNDELIVERED,
        }
    ),
    MessageState.SENDING: frozenset(
        {
            MessageState.QUEUED,  # certainly not sent: back, never after an unknown
            MessageState.ACCEPTED,
            MessageState.UNKNOWN,
            MessageState.DELIVERED,
            MessageState.UNDELIVERED,
            MessageState.FAILED,
            MessageState.EXPIRED,
        }
    ),
    MessageState.UNKNOWN: frozenset(
        {
            MessageState.QUEUED,  # the provider shows that it never had it, or policy `resend`
            MessageState.ACCEPTED,
            MessageState.DELIVERED,
            MessageState.UNDELIVERED,
            MessageState.FAILED,
        }
    ),
    MessageState.ACCEPTED: frozenset({MessageState.DELIVERED, MessageState.UNDELIVERED}),
    MessageState.UNDELIVERED: frozenset({MessageState.DELIVERED}),
    MessageState.FAILED: frozenset({MessageState.DELIVERED}),
    MessageState.EXPIRED: frozenset(),
    MessageState.DELIVERED: frozenset(),
}
"""Which message state may follow which; `delivered` is the end, even when it comes late."""


CALL_MOVES: Mapping[CallState, frozenset[CallState]] = {
    CallState.OPEN: frozenset({CallState.DONE, CallState.EXHAUSTED, CallState.CLOSED}),
    CallState.DONE: frozenset({CallState.OPEN}),
    CallState.EXHAUSTED: frozenset({CallState.OPEN}),
    CallState.CLOSED: frozenset({CallState.OPEN}),
}
"""Which call state may follow which.

A call opens again only where what ended it is taken back: an attempt, or a reader's decision.
"""


SURVEY_MOVES: Mapping[SurveyState, frozenset[SurveyState]] = {
    SurveyState.OPEN: frozenset({SurveyState.CLOSED}),
    SurveyState.CLOSED: frozenset(),
}
"""Which survey state may follow which."""


ALLOWED_MOVES: Mapping[type[StrEnum], Mapping[Any, frozenset[Any]]] = {
    MessageState: MESSAGE_MOVES,
    CallState: CALL_MOVES,
    SurveyState: SURVEY_MOVES,
}
"""The table of allowed moves of each kind of state."""


def may_move(before: S, after: S) -> bool:
    """Return whether `after` may follow `before`; staying is not a move."""
    return after in ALLOWED_MOVES[type(after)].get(before, ())


def states_before(after: S) -> Sequence[S]:
    """Return the states that `after` may follow, in the order of their list."""
    return [before for before in type(after) if may_move(before, after)]
