"""The phones as a supervisor sees them: the queue, the calls held, each caller's work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, select, true

from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.context import Context
from survey_pipeline.people.accounts import list_users
from survey_pipeline.stages.callbacks import Outlook, outlook
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import call_attempts, calls, offices, surveys
from survey_pipeline.survey.beside_rating import corrects_rating, heard_beside_rating
from survey_pipeline.survey.leases import held
from survey_pipeline.survey.undone import counted_between
from survey_pipeline.vocabulary import (
    SPOKE,
    CallOutcome,
    CallReason,
    CallState,
    Role,
)


@dataclass(frozen=True)
class QueueLine:
    """The calls of one reason that wait, by the day on which they were queued."""

    reason: str
    """A `CallReason`."""
    today: int
    yesterday: int
    earlier: int
    """Queued before yesterday."""
    due: int
    """Due now, held or not."""
    appointments: int

    @property
    def waiting(self) -> int:
        """All that wait."""
        return self.today + self.yesterday + self.earlier


@dataclass(frozen=True)
class HeldCall:
    """A call that a caller holds."""

    call_id: int
    by: str
    reason: str
    office: str
    since: datetime
    until: datetime


@dataclass(frozen=True)
class AttemptCounts:
    """Attempts in a span of time, by result; undone attempts do not count."""

    attempts: int = 0
    reached: int = 0
    """Attempts in which a person spoke."""
    rated: int = 0
    refused: int = 0
    """Attempts in which the citizen refused to be asked."""
    beside: int = 0
    """Answers heard from people who had answered by SMS."""
    corrected: int = 0
    """Of these, answers that replaced the SMS rating."""

    def __add__(self, other: "AttemptCounts") -> "AttemptCounts":
        return AttemptCounts(*map(sum, zip(vars(self).values(), vars(other).values(), strict=True)))


@dataclass(frozen=True)
class CallerLine:
    """What a caller did on the day, and in its month up to the day."""

    name: str
    day: AttemptCounts
    month: AttemptCounts


@dataclass(frozen=True)
class CallsOverview:
    """The phones on a day."""

    is_today: bool
    queue: Sequence[QueueLine]
    """By reason, in the queue's order; today only."""
    leases: Sequence[HeldCall]
    """Those that end first come first; today only."""
    waits: Outlook
    callers: Sequence[CallerLine]
    """By name, callers without an attempt included."""
    total: CallerLine


def read_calls_overview(context: Context, day: date) -> CallsOverview:
    """Return the state of the phones on a day."""
    is_today = day == context.today()
    people = {
        user.name
        for user in list_users(context)
        if user.role is Role.CALLER and user.disabled_at is None
    }
    with reading(context.engine) as connection:
        lines = _callers(connection, context, day)
        queue = _queue(connection, context) if is_today else []
        leases = _leases(connection, context.now()) if is_today else []
    lines |= {
        name: CallerLine(name, AttemptCounts(), AttemptCounts()) for name in people - set(lines)
    }
    total = CallerLine("", AttemptCounts(), AttemptCounts())
    for line in lines.values():
        total = CallerLine("", total.day + line.day, total.month + line.month)
    return CallsOverview(
        is_today=is_today,
        queue=queue,
        leases=leases,
        waits=outlook(context, context.actor),
        callers=[lines[name] for name in sorted(lines)],
        total=total,
    )


def _queue(connection: Connection, context: Context) -> list[QueueLine]:
    now, today = context.now(), context.today()
    begin = context.calendar.end_of(today - ONE_DAY)
    before = context.calendar.end_of(today - 2 * ONE_DAY)
    rows = connection.execute(
        select(
            calls.c.reason,
            _sum(calls.c.queued_at >= begin),
            _sum(and_(calls.c.queued_at < begin, calls.c.queued_at >= before)),
            _sum(calls.c.queued_at < before),
            _sum(calls.c.due_at <= now),
            _sum(calls.c.appointment_from.is_not(None)),
        )
        .where(calls.c.state == CallState.OPEN, calls.c.last_at > now)
        .group_by(calls.c.reason)
    )
    found = {row[0]: QueueLine(*row) for row in rows}
    return [found[reason] for reason in CallReason if reason in found]


def _leases(connection: Connection, now: datetime) -> list[HeldCall]:
    rows = connection.execute(
        select(calls, surveys.c.office_code, offices.c.name.label("office"))
        .join(surveys, surveys.c.id == calls.c.survey_id)
        .outerjoin(offices, offices.c.office_code == surveys.c.office_code)
        .where(calls.c.state == CallState.OPEN, held(now))
        .order_by(calls.c.lease_until, calls.c.id)
    )
    return [
        HeldCall(
            row.id,
            row.lease_by,
            row.reason,
            row.office or row.office_code,
            row.leased_at,
            row.lease_until,
        )
        for row in rows
    ]


def _callers(connection: Connection, context: Context, day: date) -> dict[str, CallerLine]:
    begin = context.calendar.end_of(day - ONE_DAY)
    end = context.calendar.end_of(day)
    first = context.calendar.end_of(day.replace(day=1) - timedelta(days=1))
    on_day = call_attempts.c.logged_at >= begin
    wanted = [*_figures(on_day), *_figures(true())]
    rows = connection.execute(
        select(call_attempts.c.by, *wanted)
        .join(calls, calls.c.id == call_attempts.c.call_id)
        .where(counted_between(first, end))
        .group_by(call_attempts.c.by)
    )
    half = len(wanted) // 2
    return {
        name: CallerLine(name, AttemptCounts(*counts[:half]), AttemptCounts(*counts[half:]))
        for name, *counts in rows
    }


def _figures(within: ColumnElement[bool]) -> list[ColumnElement[Any]]:
    """Return the counts of `AttemptCounts`, in its order, of attempts within a span."""
    conditions = (
        true(),
        call_attempts.c.outcome.in_(SPOKE),
        call_attempts.c.outcome == CallOutcome.ANSWERED,
        call_attempts.c.outcome == CallOutcome.REFUSED,
        heard_beside_rating(),
        corrects_rating(),
    )
    return [_sum(and_(within, condition)) for condition in conditions]


def _sum(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((condition, 1), else_=0))
