"""Moves of many messages at once: each allowed move changes the state and stands in the journal.

Moves are put into a scratch table; one statement writes the journal, one the messages, one what the
surveys derive from them. A move that `vocabulary.MESSAGE_MOVES` does not have is passed over: so
receipts that come twice or out of order do no harm.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    String,
    Table,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
    update,
)

from survey_pipeline.context import Context
from survey_pipeline.store.bulk import scratch
from survey_pipeline.store.columns import UtcDateTime
from survey_pipeline.store.locks import hold_rows
from survey_pipeline.store.tables import message_events, messages, survey_events, surveys
from survey_pipeline.survey.closing import end_of_calling, reply_deadline
from survey_pipeline.survey.outcome import refresh_outcomes
from survey_pipeline.vocabulary import MESSAGE_MOVES, MessagePurpose, MessageState

FINAL = frozenset(
    {
        MessageState.DELIVERED,
        MessageState.UNDELIVERED,
        MessageState.FAILED,
        MessageState.EXPIRED,
    }
)
"""States that settle a message (a late receipt may still move it on to `delivered`)."""

ARRIVED_SOMEWHERE = (MessageState.ACCEPTED, MessageState.DELIVERED)
"""From then on the citizen may answer: the reply window runs."""

_COLUMNS = {
    "message_id": BigInteger,
    "after": String,
    "why": String,
    "attempt_id": String,
    "provider_id": String,
    "reason": String,
    "before": String,
}


class Move(NamedTuple):
    """One message's wish to move."""

    message_id: int
    after: MessageState
    why: str | None = None
    attempt_id: str | None = None
    """Only if that is still the message's attempt: a late result must not undo a later one."""
    provider_id: str | None = None
    """The provider's name for it, where this is how we hear of it."""
    reason: str | None = None
    """With *undelivered*: a `RefusalReason`, where the provider says why."""
    before: MessageState | None = None
    """Only if the message is still in that state: for a wish that rests on it."""


def move_messages(connection: Connection, context: Context, moves: Sequence[Move]) -> int:
    """Apply moves, at most one a message; return how many were allowed.

    Args:
        connection: a transaction that writes.
        context: the workspace.
        moves: what is wished; `why` becomes the message's reason where it ends without delivery.
    """
    if not moves:
        return 0
    now = context.now()
    with scratch(connection, "moves_now", _COLUMNS, moves) as wished:
        _hold(connection, wished)
        moved = _write_journal(connection, wished, now)
        if moved:
            _write_states(connection, wished, now)
            ids = _write_surveys(connection, context, wished, now)
            refresh_outcomes(connection, ids, now)
    return moved


def _hold(connection: Connection, wished: Table) -> None:
    """Keep journal, states and surveys of one move together: no other transaction comes between."""
    messages_moved = select(wished.c.message_id)
    of_messages = select(messages.c.survey_id).where(messages.c.id.in_(messages_moved))
    hold_rows(connection, surveys.c.id, surveys.c.id.in_(of_messages))
    hold_rows(connection, messages.c.id, messages.c.id.in_(messages_moved))


def _allowed(wished: Table) -> ColumnElement[bool]:
    """Say which wishes the table of allowed moves has."""
    befores: dict[MessageState, list[MessageState]] = {}
    for before, afters in MESSAGE_MOVES.items():
        for after in afters:
            befores.setdefault(after, []).append(before)
    of_attempt = or_(wished.c.attempt_id.is_(None), wished.c.attempt_id == messages.c.attempt_id)
    from_state = or_(wished.c.before.is_(None), wished.c.before == messages.c.state)
    moves = or_(
        *(
            and_(wished.c.after == after, messages.c.state.in_(sorted(found)))
            for after, found in befores.items()
        )
    )
    return and_(of_attempt, from_state, moves)


def _write_journal(connection: Connection, wished: Table, now: datetime) -> int:
    rows = (
        select(
            messages.c.id,
            literal(now, UtcDateTime),
            messages.c.state,
            wished.c.after,
            wished.c.why,
        )
        .join_from(wished, messages, messages.c.id == wished.c.message_id)
        .where(_allowed(wished))
    )
    columns = ["message_id", "at", "before", "after", "why"]
    written = connection.execute(
        message_events.insert().from_select(columns, rows),
        execution_options={"preserve_rowcount": True},  # else unknown on PostgreSQL
    )
    return written.rowcount


def _write_states(connection: Connection, wished: Table, now: datetime) -> None:
    accepted = wished.c.after.in_(ARRIVED_SOMEWHERE)
    gone = wished.c.after.in_((MessageState.FAILED, MessageState.EXPIRED))
    connection.execute(
        update(messages)
        .where(messages.c.id == wished.c.message_id, _allowed(wished))
        .values(
            state=wished.c.after,
            provider_id=func.coalesce(wished.c.provider_id, messages.c.provider_id),
            lease_by=None,
            lease_until=None,
            accepted_at=case(
                (and_(accepted, messages.c.accepted_at.is_(None)), literal(now, UtcDateTime)),
                else_=messages.c.accepted_at,
            ),
            settled_at=case((wished.c.after.in_(FINAL), literal(now, UtcDateTime)), else_=None),
            reason=case(
                (gone, wished.c.why),
                (wished.c.after == MessageState.UNDELIVERED, wished.c.reason),
                else_=None,
            ),
        )
    )


def _write_surveys(
    connection: Connection, context: Context, wished: Table, now: datetime
) -> list[int]:
    """Write what follows for the questions' surveys; return the surveys of every question."""
    concerned = (
        select(messages.c.survey_id, messages.c.state)
        .join_from(wished, messages, messages.c.id == wished.c.message_id)
        .where(
            messages.c.purpose == MessagePurpose.SURVEY,
            messages.c.state == wished.c.after,
        )
    )
    found = connection.execute(concerned).all()
    if any(row.state in (*ARRIVED_SOMEWHERE, MessageState.UNKNOWN) for row in found):
        _mark_texted(connection, context, concerned.subquery(), now)
    return [row.survey_id for row in found]


def _mark_texted(connection: Connection, context: Context, concerned: Any, now: datetime) -> None:
    sent = (*ARRIVED_SOMEWHERE, MessageState.UNKNOWN)
    these = and_(surveys.c.id == concerned.c.survey_id, concerned.c.state.in_(sent))
    texted = (
        select(surveys.c.id, literal(now, UtcDateTime), literal("texted"))
        .join_from(concerned, surveys, these)
        .where(~surveys.c.texted)
    )
    connection.execute(survey_events.insert().from_select(["survey_id", "at", "what"], texted))
    until = reply_deadline(now, context.settings.survey.reply_window)
    ends = end_of_calling(until, context.settings, context.calendar)
    arrived = concerned.c.state.in_(ARRIVED_SOMEWHERE)
    begins = and_(arrived, surveys.c.reply_until.is_(None))
    connection.execute(
        update(surveys)
        .where(these)
        .values(
            texted=True,
            delivered=case(
                (concerned.c.state == MessageState.DELIVERED, true()), else_=surveys.c.delivered
            ),
            reply_until=case((begins, literal(until, UtcDateTime)), else_=surveys.c.reply_until),
            # a text that was held for days still leaves three working days of calling
            closes_at=case(
                (and_(begins, surveys.c.closes_at < ends), literal(ends, UtcDateTime)),
                else_=surveys.c.closes_at,
            ),
        )
    )
