"""The load that the next days will bring to the phones."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from survey_pipeline.context import Context
from survey_pipeline.stages.callbacks.call_plan import CallPlan
from survey_pipeline.stages.callbacks.candidates import may_be_called, no_reply
from survey_pipeline.stages.callbacks.capacity import made_on, next_days
from survey_pipeline.stages.callbacks.queueing import schedule_of
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import calls, surveys
from survey_pipeline.vocabulary import CallState


@dataclass(frozen=True)
class DayLoad:
    """What one calling day will bring."""

    day: date
    due: int
    """Calls of the queue that fall due on it (the first day takes what is overdue)."""
    no_reply: int
    """Cases that may enter because nothing came within their reply window: at most so many, since
    some will still reply."""
    left_out: int
    """Cases that wait because the capacity is used up."""
    capacity: int
    """`callbacks.daily_capacity`, on the first day less what was called already."""

    @property
    def calls(self) -> int:
        """Calls to make on that day."""
        return self.due + self.no_reply

    @property
    def over_capacity(self) -> int:
        """Calls beyond what the staff can make."""
        return max(0, self.calls - self.capacity)


def forecast_load(context: Context, days: int = 5) -> list[DayLoad]:
    """Forecast the calls of the next calling days.

    Known are the calls in the queue with their due times, and the reply windows that end. Retries
    that attempts still to be made will bring, and surveys still to be drawn, are not foreseen.

    Args:
        context: the workspace.
        days: how many calling days, the present one included while it has hours left.
    """
    now, schedule = context.now(), schedule_of(context)
    loads: list[DayLoad] = []
    waiting, silent_before, due_before = 0, 0, 0
    with reading(context.engine) as connection:
        for day in next_days(schedule, now, days):
            due = _due_by(connection, schedule.calendar.end_of(day))
            silent = _silent_by(connection, schedule, day, now)
            waiting += silent - silent_before
            capacity = max(0, schedule.settings.daily_capacity - made_on(connection, schedule, day))
            entering = min(waiting, max(0, capacity - (due - due_before)))
            waiting -= entering
            loads.append(DayLoad(day, due - due_before, entering, waiting, capacity))
            silent_before, due_before = silent, due
    return loads


def _due_by(connection: Connection, end: datetime) -> int:
    query = select(func.count()).where(calls.c.state == CallState.OPEN, calls.c.due_at < end)
    return connection.scalar(query) or 0


def _silent_by(connection: Connection, schedule: CallPlan, day: date, now: datetime) -> int:
    """Count the silent cases whose cohort is complete before the day's last window opens."""
    complete = schedule.calendar.at(day, schedule.hours[-1].start)
    query = select(func.count(surveys.c.id)).where(may_be_called(now), no_reply(complete))
    return connection.scalar(query) or 0
