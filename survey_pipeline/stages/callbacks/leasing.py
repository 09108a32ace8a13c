"""Hand calls out: one call to one person at a time, on any number of hosts.

A call is taken by one conditional statement (`UPDATE ... WHERE id = (SELECT ... LIMIT 1)`; on
PostgreSQL with `FOR UPDATE SKIP LOCKED`). A lease is no state: it runs out by itself, and the call
is then for anybody, first of all for who had it. So no unique index can say that one person holds
one call (it would count leases that ran out): who asks twice at once waits for themselves.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Update,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    update,
)

from survey_pipeline.context import Context
from survey_pipeline.errors import CallHeld, CannotProceed, UnknownRecord, UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.stages.callbacks.cards import CallCard, card_of, meanwhile, note_look
from survey_pipeline.stages.callbacks.needless import needless
from survey_pipeline.stages.callbacks.queueing import schedule_of
from survey_pipeline.stages.callbacks.schedule import Schedule
from survey_pipeline.store.columns import UtcDateTime
from survey_pipeline.store.engine import writing
from survey_pipeline.store.locks import lock_name
from survey_pipeline.store.tables import calls
from survey_pipeline.survey.closing import unheld
from survey_pipeline.vocabulary import CallState
from survey_pipeline.vocabulary.names import end_named

LEASING = "call"
"""What callers' names are locked for while they are given a call."""


@dataclass(frozen=True)
class NextCall:
    """The call to make now, or why there is none."""

    call: CallCard | None = None
    why_none: Message | None = None


@dataclass(frozen=True)
class Renewed:
    """A lease that goes on."""

    lease_until: datetime
    meanwhile: Message | None
    """What happened to the case while the call was held: an SMS answer that came in."""


def next_call(context: Context, by: str) -> NextCall:
    """Lease the next call to `by`, or give back the one that they hold.

    Nothing new is handed out outside calling hours; a call still held is shown, so that it can be
    logged. The first look at the number under a lease goes into the audit log.

    Args:
        context: the workspace.
        by: who asks; one person holds one call.

    Raises:
        UsageError: `by` is blank.
    """
    by, now, schedule = named(by), context.now(), schedule_of(context)
    with writing(context.engine) as connection:
        lock_name(connection, LEASING, by)
        may_take = unheld(now) if schedule.is_open(now) else held(by, now)
        lease = _lease(by, now, now + context.settings.callbacks.lease, may_take)
        call_id = connection.scalar(lease)
        if call_id is None:
            return NextCall(why_none=why_none(connection, context, schedule))
        card = card_of(connection, context, call_id)
        note_look(connection, card, by, now)
        return NextCall(card)


def renew_lease(context: Context, call_id: int, by: str) -> Renewed:
    """Keep a call that `by` holds, also one whose lease ran out if nobody has taken it.

    Raises:
        UnknownRecord: there is no such call.
        CallHeld: somebody else has it, it is in nobody's hands, or they hold another one by now.
        CannotProceed: the call has ended meanwhile.
    """
    by, now = named(by), context.now()
    until = now + context.settings.callbacks.lease
    with writing(context.engine) as connection:
        lock_name(connection, LEASING, by)
        renewed = connection.execute(
            update(calls)
            .where(calls.c.id == call_id, calls.c.state == CallState.OPEN, calls.c.lease_by == by)
            .where(or_(calls.c.lease_until > now, ~_another(call_id, by, now).exists()))
            .values(lease_until=until)
        )
        if not renewed.rowcount:
            raise _no_renewal(connection, call_id, by, now)
        return Renewed(until, meanwhile(connection, call_id))


def _another(call_id: int, by: str, now: datetime) -> Select[tuple[int]]:
    """Select the other call that somebody holds; they took it after the lease of this one."""
    return select(_OTHER.c.id).where(
        _OTHER.c.state == CallState.OPEN,
        _OTHER.c.id != call_id,
        _OTHER.c.lease_by == by,
        _OTHER.c.lease_until > now,
    )


_OTHER = calls.alias("other")


def _no_renewal(connection: Connection, call_id: int, by: str, now: datetime) -> CannotProceed:
    """Say in words why a call is not kept: it is not theirs, or they hold another one by now."""
    call = connection.execute(select(calls).where(calls.c.id == call_id)).one_or_none()
    if call is None or call.state != CallState.OPEN or call.lease_by != by:
        return not_yours(connection, call_id, now)
    other = connection.scalar(_another(call_id, by, now))
    return CallHeld("you hold call {call} by now; log it or put it back first", call=other)


def release(context: Context, call_id: int, by: str) -> None:
    """Put a call back into the queue unmade; it keeps its place.

    Raises:
        UnknownRecord: there is no such call.
        CallHeld: somebody else has it, or it is in nobody's hands.
        CannotProceed: the call has ended meanwhile.
    """
    by, now = named(by), context.now()
    with writing(context.engine) as connection:
        released = connection.execute(
            update(calls)
            .where(calls.c.id == call_id, calls.c.state == CallState.OPEN, calls.c.lease_by == by)
            .values(lease_by=None, lease_until=None, leased_at=None)
        )
        if not released.rowcount:
            raise not_yours(connection, call_id, now)


def named(by: str) -> str:
    """Return the caller's name, trimmed.

    Raises:
        UsageError: it is blank.
    """
    if not by.strip():
        raise UsageError("say who is calling: --by NAME")
    return by.strip()


def not_yours(connection: Connection, call_id: int, now: datetime) -> CannotProceed:
    """Say in words why a call is not in the asker's hands."""
    call = connection.execute(select(calls).where(calls.c.id == call_id)).one_or_none()
    if call is None:
        return UnknownRecord("there is no call {call}", call=call_id).at_terminal(
            "See: callbacks list"
        )
    if call.state != CallState.OPEN:
        return CannotProceed("call {call} has ended ({why})", call=call_id, why=end_named(call.why))
    return held_by_other(call, now)


def held_by_other(call: Row[Any], now: datetime) -> CallHeld:
    """Say in words who has taken a call, or that nobody has."""
    if call.lease_by is None:
        return CallHeld("call {call} is in nobody's hands. Take the next call first", call=call.id)
    if call.lease_until <= now:
        return CallHeld(
            "call {call} went back to the queue and was taken by {name}",
            call=call.id,
            name=call.lease_by,
        )
    return CallHeld("call {call} is held by {name}", call=call.id, name=call.lease_by)


def held(by: str, now: datetime) -> ColumnElement[bool]:
    """Say which calls are in somebody's hands."""
    return and_(calls.c.lease_by == by, calls.c.lease_until > now)


def _lease(by: str, now: datetime, until: datetime, may_take: ColumnElement[bool]) -> Update:
    """Return the statement that takes one call, or renews the asker's own, and gives its id."""
    mine = calls.c.lease_by == by
    chosen = (
        select(calls.c.id)
        .where(
            calls.c.state == CallState.OPEN,
            calls.c.last_at > now,
            or_(held(by, now), and_(may_take, calls.c.due_at <= now, ~needless())),
        )
        .order_by(*_order(mine))
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    return (
        update(calls)
        .where(calls.c.id == chosen)
        .values(
            leased_at=case((held(by, now), calls.c.leased_at), else_=literal(now, UtcDateTime)),
            lease_by=by,
            lease_until=until,
        )
        .returning(calls.c.id)
    )


def _order(mine: ColumnElement[bool]) -> list[ColumnElement[Any]]:
    """The queue's order: one's own, due appointments by their end, due retries, then by reason."""
    appointment = calls.c.appointment_until.is_not(None)
    retry = calls.c.attempts > 0
    return [
        case((mine, 0), (appointment, 1), (retry, 2), else_=3),
        case((appointment, calls.c.appointment_until), (retry, calls.c.due_at)),
        calls.c.priority,
        calls.c.queued_at,
        calls.c.id,
    ]


def why_none(connection: Connection, context: Context, schedule: Schedule) -> Message:
    """Say why there is no call to take, and when the next one is due."""
    now = context.now()
    where = (calls.c.state == CallState.OPEN, calls.c.last_at > now, unheld(now), ~needless())
    soonest = connection.scalar(select(func.min(calls.c.due_at)).where(*where))
    if soonest is None:
        return Message("No call waits.")
    opens = schedule.next_open(max(now, soonest))
    at = context.calendar.written(opens)
    if not schedule.is_open(now):
        return Message("It is outside calling hours. The next call is due at {at}.", {"at": at})
    return Message("No call is due. The next one is due at {at}.", {"at": at})
