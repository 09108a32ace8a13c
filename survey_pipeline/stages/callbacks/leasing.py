"""Hand calls out: one call to one caller at a time, on any number of hosts.

A call is taken by one conditional statement (`UPDATE ... WHERE id = (SELECT ... LIMIT 1)`; on
PostgreSQL with `FOR UPDATE SKIP LOCKED`). A lease is not a state: it runs out by itself. Then every
caller may take the call, its last holder first. A unique index cannot hold that a caller has one
call at a time, because it would count leases that ran out; concurrent requests by one caller are
serialised by an advisory lock instead.
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
from survey_pipeline.stages.callbacks.call_plan import CallPlan
from survey_pipeline.stages.callbacks.cards import CallCard, card_of, meanwhile, note_look
from survey_pipeline.stages.callbacks.obsolete import obsolete
from survey_pipeline.stages.callbacks.queueing import schedule_of
from survey_pipeline.store.columns import UtcDateTime
from survey_pipeline.store.engine import writing
from survey_pipeline.store.locks import lock_name
from survey_pipeline.store.tables import calls
from survey_pipeline.survey.leases import held, held_by, is_held, unheld
from survey_pipeline.vocabulary import CallState
from survey_pipeline.vocabulary.names import end_named

LEASING = "call"
"""What callers' names are locked for while they are given a call."""


@dataclass(frozen=True)
class NextCall:
    """The call to make now, or why there is no call."""

    call: CallCard | None = None
    why_none: Message | None = None


@dataclass(frozen=True)
class Renewed:
    """A lease that goes on."""

    lease_until: datetime
    meanwhile: Message | None
    """An SMS answer that came in while the call was held."""


def next_call(context: Context, by: str) -> NextCall:
    """Lease the next call to `by`, or return the call that they hold already.

    Outside calling hours no new call is handed out; a call still held is shown, so that it can be
    logged. The first look at the number under a lease goes into the audit log.

    Args:
        context: the workspace.
        by: the caller; a caller holds one call at a time.

    Raises:
        UsageError: `by` is blank.
    """
    by, now, schedule = require_caller(by), context.now(), schedule_of(context)
    with writing(context.engine) as connection:
        lock_name(connection, LEASING, by)
        may_take = unheld(now) if schedule.is_open(now) else held_by(by, now)
        lease = _lease(by, now, now + context.settings.callbacks.lease, may_take)
        call_id = connection.scalar(lease)
        if call_id is None:
            return NextCall(why_none=why_none(connection, context, schedule))
        card = card_of(connection, context, call_id)
        note_look(connection, card, by, now)
        return NextCall(card)


def renew_lease(context: Context, call_id: int, by: str) -> Renewed:
    """Renew the lease of a call that `by` holds, or held last.

    Raises:
        UnknownRecord: there is no such call.
        CallHeld: another caller has it, it was put back, or `by` holds another call by now.
        CannotProceed: the call has ended meanwhile.
    """
    by, now = require_caller(by), context.now()
    until = now + context.settings.callbacks.lease
    with writing(context.engine) as connection:
        lock_name(connection, LEASING, by)
        renewed = connection.execute(
            update(calls)
            .where(calls.c.id == call_id, calls.c.state == CallState.OPEN, calls.c.lease_by == by)
            .where(or_(held(now), ~_another(call_id, by, now).exists()))
            .values(lease_until=until)
        )
        if not renewed.rowcount:
            raise _no_renewal(connection, call_id, by, now)
        return Renewed(until, meanwhile(connection, call_id))


def _another(call_id: int, by: str, now: datetime) -> Select[tuple[int]]:
    """Select another call that a caller holds: one taken after their lease of this call ran out."""
    return select(_OTHER.c.id).where(
        _OTHER.c.state == CallState.OPEN,
        _OTHER.c.id != call_id,
        held_by(by, now, _OTHER),
    )


_OTHER = calls.alias("other")


def _no_renewal(connection: Connection, call_id: int, by: str, now: datetime) -> CannotProceed:
    """Return why a lease is not renewed: the call is not theirs, or they hold another one."""
    call = connection.execute(select(calls).where(calls.c.id == call_id)).one_or_none()
    if call is None or call.state != CallState.OPEN or call.lease_by != by:
        return not_yours(connection, call_id, now)
    other = connection.scalar(_another(call_id, by, now))
    return CallHeld("you hold call {call} by now; log it or put it back first", call=other)


def release(context: Context, call_id: int, by: str) -> None:
    """Put a call back into the queue unmade; it keeps its place.

    Raises:
        UnknownRecord: there is no such call.
        CallHeld: another caller has it, or it was put back already.
        CannotProceed: the call has ended meanwhile.
    """
    by, now = require_caller(by), context.now()
    with writing(context.engine) as connection:
        released = connection.execute(
            update(calls)
            .where(calls.c.id == call_id, calls.c.state == CallState.OPEN, calls.c.lease_by == by)
            .values(lease_by=None, lease_until=None, leased_at=None)
        )
        if not released.rowcount:
            raise not_yours(connection, call_id, now)


def require_caller(by: str) -> str:
    """Return the caller's name, trimmed.

    Raises:
        UsageError: it is blank.
    """
    if not by.strip():
        raise UsageError("say who is calling: --by NAME")
    return by.strip()


def not_yours(connection: Connection, call_id: int, now: datetime) -> CannotProceed:
    """Return why a caller does not hold a call: it is unknown, has ended, or is another's."""
    call = connection.execute(select(calls).where(calls.c.id == call_id)).one_or_none()
    if call is None:
        return UnknownRecord("there is no call {call}", call=call_id).at_terminal(
            "See: callbacks list"
        )
    if call.state != CallState.OPEN:
        return CannotProceed("call {call} has ended ({why})", call=call_id, why=end_named(call.why))
    return held_by_other(call, now)


def held_by_other(call: Row[Any], now: datetime) -> CallHeld:
    """Return an error that names the caller who has taken a call, if any."""
    if call.lease_by is None:
        return CallHeld("call {call} is in nobody's hands. Take the next call first", call=call.id)
    if not is_held(call, now):
        return CallHeld(
            "call {call} went back to the queue and was taken by {name}",
            call=call.id,
            name=call.lease_by,
        )
    return CallHeld("call {call} is held by {name}", call=call.id, name=call.lease_by)


def _lease(by: str, now: datetime, until: datetime, may_take: ColumnElement[bool]) -> Update:
    """Return the statement that takes one call, or renews the asker's own, and gives its id."""
    mine = calls.c.lease_by == by
    chosen = (
        select(calls.c.id)
        .where(
            calls.c.state == CallState.OPEN,
            calls.c.last_at > now,
            or_(held_by(by, now), and_(may_take, calls.c.due_at <= now, ~obsolete())),
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
            leased_at=case((held_by(by, now), calls.c.leased_at), else_=literal(now, UtcDateTime)),
            lease_by=by,
            lease_until=until,
        )
        .returning(calls.c.id)
    )


def _order(mine: ColumnElement[bool]) -> list[ColumnElement[Any]]:
    """Return the queue's order: the caller's own, appointments by their end, retries, by reason."""
    appointment = calls.c.appointment_until.is_not(None)
    retry = calls.c.attempts > 0
    return [
        case((mine, 0), (appointment, 1), (retry, 2), else_=3),
        case((appointment, calls.c.appointment_until), (retry, calls.c.due_at)),
        calls.c.priority,
        calls.c.queued_at,
        calls.c.id,
    ]


def why_none(connection: Connection, context: Context, schedule: CallPlan) -> Message:
    """Return why there is no call to take, and when the next one is due."""
    now = context.now()
    where = (calls.c.state == CallState.OPEN, calls.c.last_at > now, unheld(now), ~obsolete())
    soonest = connection.scalar(select(func.min(calls.c.due_at)).where(*where))
    if soonest is None:
        return Message("No call waits.")
    opens = schedule.next_open(max(now, soonest))
    at = context.calendar.written(opens)
    if not schedule.is_open(now):
        return Message("It is outside calling hours. The next call is due at {at}.", {"at": at})
    return Message("No call is due. The next one is due at {at}.", {"at": at})
