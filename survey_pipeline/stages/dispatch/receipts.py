"""Reads stored delivery receipts onto the messages they speak of.

Receipts come late, twice, out of order, and before the answer that they belong to has been
recorded. The attempt id that they carry proves that the attempt went out; else the provider's id
names the message. One that names nothing yet waits.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, select, update

from survey_pipeline.stages.dispatch.moves import Move, move_messages
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import messages, receipts, send_attempts
from survey_pipeline.survey.context import Context
from survey_pipeline.vocabulary import MessageState, ReceiptState

AT_ONCE = 1_000
"""Receipts read in one transaction."""
WAITS_FOR = timedelta(days=7)
"""A receipt that named no message of ours by then never will."""

IN_ORDER = (ReceiptState.ACCEPTED, ReceiptState.UNDELIVERED, ReceiptState.DELIVERED)
"""Of several receipts of one message the last of these holds: a late `delivered` counts."""
STATES = {
    ReceiptState.ACCEPTED: MessageState.ACCEPTED,
    ReceiptState.UNDELIVERED: MessageState.UNDELIVERED,
    ReceiptState.DELIVERED: MessageState.DELIVERED,
}


def apply_receipts(context: Context) -> int:
    """Read every receipt that has come; return how many spoke of a message of ours."""
    applied, last = 0, 0
    while True:
        with writing(context.engine) as connection:
            found = _pending(connection, last)
            if not found:
                return applied
            applied += _apply(connection, context, found)
            last = found[-1].id


def _pending(connection: Connection, after: int) -> Sequence[Row[Any]]:
    """Return the next receipts with the message they name, by attempt or by provider id."""
    by_provider = (
        select(func.min(messages.c.id))
        .where(
            messages.c.gateway == receipts.c.gateway,
            messages.c.provider_id == receipts.c.provider_id,
        )
        .scalar_subquery()
    )
    query: Any = (
        select(
            receipts.c.id,
            receipts.c.state,
            receipts.c.provider_id,
            receipts.c.received_at,
            func.coalesce(send_attempts.c.message_id, by_provider).label("message_id"),
        )
        .outerjoin(send_attempts, send_attempts.c.id == receipts.c.attempt_id)
        .where(receipts.c.applied_at.is_(None), receipts.c.id > after)
        .order_by(receipts.c.id)
        .limit(AT_ONCE)
    )
    found: Sequence[Row[Any]] = connection.execute(query).all()
    return found


def _apply(connection: Connection, context: Context, found: Sequence[Row[Any]]) -> int:
    now = context.now()
    known = [row for row in found if row.message_id is not None]
    for state in IN_ORDER:
        told = {row.message_id: row.provider_id for row in known if row.state == state}
        if told:
            _note_provider_ids(connection, told)
            moves = [Move(key, STATES[state], "receipt") for key in sorted(told)]
            move_messages(connection, context, moves)
    done = [
        row.id for row in found if row.message_id is not None or row.received_at <= now - WAITS_FOR
    ]
    if done:
        connection.execute(update(receipts).where(receipts.c.id.in_(done)).values(applied_at=now))
    return len(known)


def _note_provider_ids(connection: Connection, told: dict[int, str]) -> None:
    """Give the id to messages whose answer was lost or is not recorded yet."""
    missing = list(
        connection.scalars(
            select(messages.c.id).where(
                and_(messages.c.id.in_(sorted(told)), messages.c.provider_id.is_(None))
            )
        )
    )
    if missing:
        connection.execute(
            update(messages)
            .where(messages.c.id == bindparam("key"))
            .values(provider_id=bindparam("given")),
            [{"key": key, "given": told[key]} for key in missing],
        )
