"""Reads stored delivery receipts onto the messages they speak of.

Receipts come late, twice, out of order, and before the answer that they belong to has been
recorded. The attempt id that they carry proves that the attempt went out; else the provider's id
names the message. One that names nothing yet waits.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    String,
    and_,
    bindparam,
    func,
    select,
    update,
)

from survey_pipeline.context import Context
from survey_pipeline.store.bulk import scratch
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import messages, receipts, send_attempts
from survey_pipeline.survey.lifecycle import (
    Move,
    hold_surveys,
    move_messages,
    of_messages,
    of_phones,
)
from survey_pipeline.survey.opt_outs import opt_out
from survey_pipeline.vocabulary import MessageState, MessageWhy, ReceiptState, RefusalReason

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
_MILLISECOND = timedelta(milliseconds=1)
_APPLIED = {"receipt_id": BigInteger, "attempt_id": String, "waited": BigInteger}


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


def honour_opt_outs(connection: Connection, told: Iterable[tuple[str, int]], now: datetime) -> None:
    """Take a carrier's "this person told us to stop" as an opt-out with us.

    Args:
        connection: a transaction that writes.
        told: the gateways that say so, each with the message it speaks of.
        now: the present moment.
    """
    for gateway, message_id in told:
        phone_hash = connection.scalar(
            select(messages.c.phone_hash).where(messages.c.id == message_id)
        )
        if phone_hash is not None:  # the number may be deleted by now; the survey is over then
            opt_out(connection, phone_hash, gateway, None, now)


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
            receipts.c.gateway,
            receipts.c.state,
            receipts.c.reason,
            receipts.c.provider_id,
            receipts.c.received_at,
            send_attempts.c.id.label("attempt_id"),
            send_attempts.c.started_at,
            func.coalesce(send_attempts.c.message_id, by_provider).label("message_id"),
        )
        .outerjoin(send_attempts, send_attempts.c.id == receipts.c.attempt_id)
        .where(receipts.c.applied_at.is_(None), receipts.c.id > after)
        .order_by(receipts.c.id)
        .limit(AT_ONCE)
        .with_for_update(of=receipts, skip_locked=True)  # another worker has them in hand
    )
    found: Sequence[Row[Any]] = connection.execute(query).all()
    return found


def _apply(connection: Connection, context: Context, found: Sequence[Row[Any]]) -> int:
    now = context.now()
    known = [row for row in found if row.message_id is not None]
    stopped = [row for row in known if row.reason == RefusalReason.OPTED_OUT]
    _hold_surveys(connection, known, stopped)
    for state in IN_ORDER:
        told = {row.message_id: row for row in known if row.state == state}
        if told:
            moves = [
                Move(key, STATES[state], MessageWhy.RECEIPT, reason=told[key].reason)
                for key in sorted(told)
            ]
            move_messages(connection, context, moves)
            _note_provider_ids(connection, {key: row.provider_id for key, row in told.items()})
    honour_opt_outs(connection, [(row.gateway, row.message_id) for row in stopped], now)
    _mark_applied(connection, found, now)
    return len(known)


def _hold_surveys(
    connection: Connection, known: Sequence[Row[Any]], stopped: Sequence[Row[Any]]
) -> None:
    """Hold the surveys of texts, and of the phones that have opted out, before anything else."""
    of_stopped = [row.message_id for row in stopped]
    phones = select(messages.c.phone_hash).where(messages.c.id.in_(of_stopped))
    hold_surveys(connection, of_messages([row.message_id for row in known]), of_phones(phones))


def _mark_applied(connection: Connection, found: Sequence[Row[Any]], now: datetime) -> None:
    """Note which attempt each receipt speaks of, and how long it took."""
    attempts = _present_attempts(connection, found)
    done: list[tuple[int, str | None, int | None]] = []
    for row in found:
        if row.message_id is None:
            if row.received_at <= now - WAITS_FOR:
                done.append((row.id, None, None))
            continue
        attempt_id, started_at = row.attempt_id, row.started_at
        if attempt_id is None:
            attempt_id, started_at = attempts.get(row.message_id, (None, None))
        done.append((row.id, attempt_id, _waited(started_at, row.received_at)))
    if done:
        with scratch(connection, "applied_now", _APPLIED, done) as applied:
            connection.execute(
                update(receipts)
                .where(receipts.c.id == applied.c.receipt_id)
                .values(
                    applied_at=now,
                    attempt_id=func.coalesce(applied.c.attempt_id, receipts.c.attempt_id),
                    waited=applied.c.waited,
                )
            )


def _waited(started_at: datetime | None, received_at: datetime) -> int | None:
    return None if started_at is None else max(0, (received_at - started_at) // _MILLISECOND)


def _present_attempts(
    connection: Connection, found: Sequence[Row[Any]]
) -> Mapping[int, tuple[str, datetime]]:
    """Return the attempts of messages that only the provider's id names, by message."""
    ids = {row.message_id for row in found if row.attempt_id is None}
    if not ids - {None}:
        return {}
    rows = connection.execute(
        select(messages.c.id, send_attempts.c.id, send_attempts.c.started_at)
        .join(send_attempts, send_attempts.c.id == messages.c.attempt_id)
        .where(messages.c.id.in_(sorted(ids - {None})))
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _note_provider_ids(connection: Connection, told: dict[int, str]) -> None:
    """Give the id to messages whose answer was lost or is not recorded yet."""
    known = and_(messages.c.id.in_(sorted(told)), messages.c.provider_id.is_(None))
    missing = list(connection.scalars(select(messages.c.id).where(known)))
    if missing:
        connection.execute(
            update(messages)
            .where(messages.c.id == bindparam("key"), messages.c.provider_id.is_(None))
            .values(provider_id=bindparam("given")),
            [{"key": key, "given": told[key]} for key in sorted(missing)],
        )
