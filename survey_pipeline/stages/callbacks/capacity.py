"""How many `no_reply` cases may enter the queue, and which: by chance, not by choice.

The cases whose window ended compete in cohorts: a cohort is complete when a window of calling hours
ends, so that neither the speed of sending nor the hour of a run decides who is called.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.stages.callbacks.call_plan import CallPlan
from survey_pipeline.store.tables import call_attempts, calls
from survey_pipeline.survey.undone import counted_on
from survey_pipeline.vocabulary import CallState


class Candidate(NamedTuple):
    """A survey that needs a call."""

    survey_id: int
    office_code: str
    rank_hash: str
    closes_at: datetime


def calling_day(schedule: CallPlan, now: datetime) -> date:
    """Return the day on which a call queued now is made: today, or the next day with hours."""
    return schedule.calendar.day(schedule.next_open(now))


def cohort_end(schedule: CallPlan, now: datetime) -> datetime:
    """Return the last moment, not after `now`, at which a window of calling hours ended."""
    today = schedule.calendar.day(now)
    ends = (
        schedule.calendar.at(day, window.end)
        for day in (today, today - ONE_DAY)
        for window in reversed(schedule.hours)
    )
    return next(end for end in ends if end <= now)


def room(connection: Connection, schedule: CallPlan, now: datetime) -> int:
    """Return how many calls the day's capacity leaves after what waits and what was made."""
    day = calling_day(schedule, now)
    end = schedule.calendar.end_of(day)
    waiting = select(func.count()).where(calls.c.state == CallState.OPEN, calls.c.due_at < end)
    taken = (connection.scalar(waiting) or 0) + made_on(connection, schedule, day)
    return max(0, schedule.settings.daily_capacity - taken)


def made_on(connection: Connection, schedule: CallPlan, day: date) -> int:
    """Return how many attempts of a day count against its capacity."""
    query = select(func.count(call_attempts.c.id)).where(counted_on(schedule.calendar, day))
    return connection.scalar(query) or 0


def in_turn(silent: Iterable[Candidate], places: int) -> list[Candidate]:
    """Choose who enters: one per office in turn, each office's lowest rank first.

    The offices' order within a turn is by chance too: that of a hash of the ranks, which come from
    the month's secret seed, so that it can be repeated and not be chosen.
    """
    turns: dict[str, int] = {}
    ordered = []
    for survey in sorted(silent, key=lambda survey: (survey.rank_hash, survey.survey_id)):
        turn = turns.get(survey.office_code, 0)
        turns[survey.office_code] = turn + 1
        ordered.append((turn, _shuffled(survey.rank_hash), survey))
    return [survey for _, _, survey in sorted(ordered)[:places]]


def _shuffled(rank_hash: str) -> str:
    return sha256(f"turn:{rank_hash}".encode()).hexdigest()


def next_days(schedule: CallPlan, now: datetime, count: int) -> list[date]:
    """Return the next calling days, the present one included while it has hours left."""
    days = [calling_day(schedule, now)]
    while len(days) < count:
        days.append(schedule.calendar.next_working_day(days[-1] + timedelta(days=1)))
    return days
