"""How texts move on from the outbox: many at once, each where its own wish leads.

The wishes are put into a scratch table, beside the state in which each message stands while its
row is locked. One statement moves the messages, one writes the journal, one what their surveys
derive from it. A wish that the message's state does not allow is passed over: so receipts that come
twice or out of order do no harm.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    String,
    Table,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    update,
)

from survey_pipeline.context import Context
from survey_pipeline.store.bulk import scratch
from survey_pipeline.store.columns import UtcDateTime
from survey_pipeline.store.locks import hold_rows
from survey_pipeline.store.tables import message_events, messages, surveys
from survey_pipeline.survey.lifecycle.held_surveys import hold_surveys, of_messages
from survey_pipeline.survey.lifecycle.leaving import leaving, require_move
from survey_pipeline.survey.lifecycle.texted import mark_texted
from survey_pipeline.survey.outcome import refresh_outcomes
from survey_pipeline.vocabulary import (
    SETTLED,
    TAKEN,
    WENT_OUT,
    MessagePurpose,
    MessageState,
    MessageWhy,
    RefusalReason,
    SurveyState,
    states_before,
)

_WISHES = {
    "message_id": BigInteger,
    "after": String,
    "why": String,
    "attempt_id": String,
    "provider_id": String,
    "reason": String,
    "only_from": String,
    "before": String,
}


class Move(NamedTuple):
    """One message's wish to move, from any state that its new one may follow."""

    message_id: int
    after: MessageState
    why: MessageWhy | RefusalReason | None = None
    """For the journal; the message's reason too, where it ends without going out."""
    attempt_id: str | None = None
    """Only if that is still the message's attempt: a late result must not undo a later one."""
    provider_id: str | None = None
    """The provider's name for it, where this is how we hear of it."""
    reason: RefusalReason | None = None
    """With *undelivered*, where the provider says why."""
    only_from: MessageState | None = None
    """Only if the message is still in that state: for a wish that rests on it."""


def move_messages(connection: Connection, context: Context, moves: Sequence[Move]) -> int:
    """Move messages, and derive anew what their surveys hold of them.

    Args:
        connection: a transaction that writes.
        context: the workspace.
        moves: the wishes, at most one a message.

    Returns:
        How many messages moved.

    Raises:
        IllegalMove: a wish names a state that its new one may never follow.
    """
    if not moves:
        return 0
    for before, after in {(move.only_from, move.after) for move in moves}:
        if before is not None:
            require_move(before, after)
    now = context.now()
    wishes = [(*move, None) for move in moves]
    with scratch(connection, "moves_now", _WISHES, wishes) as wished:
        _hold(connection, wished)
        _note_states(connection, wished)
        moved = _write_states(connection, wished, now)
        if moved:
            _write_journal(connection, wished, now)
            _cancel_ended(connection, moved, now)
            _write_surveys(connection, context, wished, moved, now)
    return len(moved)


def _hold(connection: Connection, wished: Table) -> None:
    """Keep journal, states and surveys of one move together: no other transaction comes between."""
    messages_moved = select(wished.c.message_id)
    hold_surveys(connection, of_messages(messages_moved))
    hold_rows(connection, messages.c.id, messages.c.id.in_(messages_moved))


def _note_states(connection: Connection, wished: Table) -> None:
    """Put beside each wish the state that its message leaves; nothing where it may not move."""
    connection.execute(
        update(wished)
        .where(messages.c.id == wished.c.message_id, _allowed(wished))
        .values(before=messages.c.state)
    )


def _allowed(wished: Table) -> ColumnElement[bool]:
    """Return the condition that a message may move as it is wished."""
    from_state = or_(wished.c.only_from.is_(None), wished.c.only_from == messages.c.state)
    in_the_table = or_(
        *(
            and_(wished.c.after == after, messages.c.state.in_(before))
            for after in MessageState
            if (before := states_before(after))
        )
    )
    return and_(_same_attempt(wished), from_state, in_the_table)


def _same_attempt(wished: Table) -> ColumnElement[bool]:
    return or_(wished.c.attempt_id.is_(None), wished.c.attempt_id == messages.c.attempt_id)


def _write_states(connection: Connection, wished: Table, now: datetime) -> Sequence[Row[Any]]:
    """Move the messages; return of each that moved its survey, its purpose and its new state."""
    moment = literal(now, UtcDateTime)
    first_taken = and_(wished.c.after.in_(TAKEN), messages.c.accepted_at.is_(None))
    unsent = wished.c.after.in_((MessageState.FAILED, MessageState.EXPIRED))
    return connection.execute(
        update(messages)
        .where(
            messages.c.id == wished.c.message_id,
            messages.c.state == wished.c.before,  # empty where it may not move
            _same_attempt(wished),
        )
        .values(
            state=wished.c.after,
            provider_id=func.coalesce(wished.c.provider_id, messages.c.provider_id),
            lease_by=None,
            lease_until=None,
            accepted_at=case((first_taken, moment), else_=messages.c.accepted_at),
            settled_at=case((wished.c.after.in_(SETTLED), moment), else_=None),
            reason=case(
                (unsent, wished.c.why),
                (wished.c.after == MessageState.UNDELIVERED, wished.c.reason),
                else_=None,
            ),
        )
        .returning(messages.c.survey_id, messages.c.purpose, messages.c.state)
    ).all()


def _write_journal(connection: Connection, wished: Table, now: datetime) -> None:
    moved = wished.c.before.is_not(None)  # the rows were locked before it was noted
    columns = (wished.c.message_id, literal(now, UtcDateTime), wished.c.before, wished.c.after)
    connection.execute(
        message_events.insert().from_select(
            ["message_id", "at", "before", "after", "why"],
            select(*columns, wished.c.why).where(moved).order_by(wished.c.message_id),
        )
    )


def _cancel_ended(connection: Connection, moved: Sequence[Row[Any]], now: datetime) -> None:
    """Let no text wait whose survey ended while a sender had it: it would still go out."""
    back = [row.survey_id for row in moved if row.state == MessageState.QUEUED]
    for why, ended in _ENDED.items() if back else ():
        ids = connection.scalars(select(surveys.c.id).where(surveys.c.id.in_(back), ended)).all()
        cancel_messages(connection, ids, why, now)
    if back:
        rated = select(surveys.c.id).where(surveys.c.id.in_(back), surveys.c.rating.is_not(None))
        question = messages.c.purpose == MessagePurpose.SURVEY
        cancel_messages(
            connection, connection.scalars(rated).all(), MessageWhy.ANSWERED, now, question
        )


def _write_surveys(
    connection: Connection,
    context: Context,
    wished: Table,
    moved: Sequence[Row[Any]],
    now: datetime,
) -> None:
    """Write what follows for the surveys whose question moved."""
    questions = [row for row in moved if row.purpose == MessagePurpose.SURVEY]
    if any(row.state in WENT_OUT for row in questions):
        these = (
            select(messages.c.survey_id, messages.c.state)
            .join_from(wished, messages, messages.c.id == wished.c.message_id)
            .where(wished.c.before.is_not(None), messages.c.purpose == MessagePurpose.SURVEY)
        )
        mark_texted(connection, context, these.subquery(), now)
    refresh_outcomes(connection, [row.survey_id for row in questions], now)


def cancel_messages(
    connection: Connection,
    survey_ids: Collection[int],
    why: MessageWhy,
    now: datetime,
    *which: ColumnElement[bool],
) -> int:
    """Cancel the queued texts of these surveys, or which of them; a sender's go their way.

    Returns:
        How many were cancelled.
    """
    before, after = MessageState.QUEUED, MessageState.FAILED
    cancelled = sorted(
        connection.scalars(
            update(messages)
            .where(messages.c.survey_id.in_(survey_ids), leaving([before], after), *which)
            .values(state=after, reason=why, settled_at=now)
            .returning(messages.c.id)
        )
    )
    if cancelled:
        line = {"at": now, "before": before, "after": after, "why": why}
        connection.execute(
            message_events.insert(), [{"message_id": key, **line} for key in cancelled]
        )
    return len(cancelled)


_ENDED = {
    MessageWhy.OPTED_OUT: surveys.c.opted_out,
    MessageWhy.WITHDRAWN: surveys.c.withdrawn,
    MessageWhy.NOT_MY_CASE: surveys.c.denied,
    MessageWhy.SURVEY_CLOSED: surveys.c.state == SurveyState.CLOSED,
}
"""After what a survey sends no text, and the reason of one that comes back to the queue then."""
