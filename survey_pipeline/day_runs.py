"""Who runs a day: rows of `job_runs`, claimed with a lease, so that no day runs twice at once.

The scheduler claims a day that has not run; a person may run one again, but never while any daily
run is under way, on any host.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import SurveyPipelineError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.store.insert import insert_absent
from survey_pipeline.store.tables import job_runs

DAILY = "daily"
"""Name of the daily run in `job_runs`."""

ONE_AT_A_TIME = "daily run"
"""The name that a process holds while it runs days (`store.sole_work`)."""
_ALONE = {"alone": True}

TAKE_OVER_AFTER = timedelta(hours=2)
"""A daily run that has not ended by then was cut off; another may take it up.

One that was begun under `ONE_AT_A_TIME` is taken up as soon as its process is gone.
"""


@dataclass(frozen=True)
class DayRun:
    """The latest run of a day."""

    day: date
    started_at: datetime
    finished_at: datetime | None
    lease_until: datetime | None
    result: dict[str, Any]
    """`frame` and `drawn`; of one that failed, `error`; of one by hand, `by`."""

    def under_way(self, now: datetime) -> bool:
        """Return whether it is running now."""
        leased = self.lease_until is not None and self.lease_until > now
        return self.finished_at is None and leased

    @property
    def error(self) -> Message | None:
        """Why it failed, in words."""
        stored = self.result.get("error")
        return Message.from_json(stored) if stored else None


@dataclass(frozen=True)
class Claim:
    """A run of a day in the hands of its holder, told from a later one by when it began."""

    day: date
    started_at: datetime


def claim(connection: Connection, day: date, now: datetime, *, alone: bool = False) -> Claim | None:
    """Claim a day that has not run, or whose run was cut off; return nothing if it is not free.

    Args:
        connection: a transaction that writes.
        day: the day.
        now: the present moment.
        alone: whether this process alone runs days now (`ONE_AT_A_TIME`): then a run that was begun
            alone has lost its process, and is taken over at once.
    """
    row = {**_row(day, now), "result": _ALONE if alone else None}
    if insert_absent(connection, job_runs, [row]):
        return Claim(day, now)
    found = run_of(connection, day)
    if found is None or not _is_cut_off(found, now, alone=alone):
        return None
    taken = connection.execute(
        update(job_runs).where(*_held(Claim(day, found.started_at))).values(row)
    )
    return Claim(day, now) if taken.rowcount == 1 else None


def note_alone(connection: Connection, held: Claim, by: str) -> None:
    """Note of a run by hand that its process alone runs days now."""
    connection.execute(update(job_runs).where(*_held(held)).values(result={**_ALONE, "by": by}))


def _is_cut_off(run: DayRun, now: datetime, *, alone: bool) -> bool:
    if run.finished_at is not None:
        return False
    return not run.under_way(now) or (alone and bool(run.result.get("alone")))


def claim_by_hand(connection: Connection, day: date, now: datetime, by: str) -> Claim | None:
    """Claim a day, run already or not; return nothing if a run of any day is under way."""
    if run_under_way(connection, now) is not None:
        return None
    row = {**_row(day, now), "result": {"by": by}}
    if insert_absent(connection, job_runs, [row]):
        return Claim(day, now)
    free = or_(job_runs.c.finished_at.is_not(None), job_runs.c.lease_until <= now)
    taken = connection.execute(
        update(job_runs).where(*_of(day), free).values(**row, finished_at=None)
    )
    return Claim(day, now) if taken.rowcount == 1 else None


def finish(connection: Connection, held: Claim, now: datetime, result: dict[str, Any]) -> None:
    """Note that a run has ended, unless another worker has taken it over meanwhile."""
    connection.execute(
        update(job_runs)
        .where(*_held(held))
        .values(finished_at=now, lease_until=None, result=result)
    )


def give_back(connection: Connection, held: Claim, now: datetime, error: Message) -> None:
    """Note that a run has failed, and why, unless another worker has taken it over meanwhile.

    Any worker may take it up at once.
    """
    connection.execute(
        update(job_runs)
        .where(*_held(held))
        .values(lease_until=now, result={"error": error.to_json()})
    )


@contextmanager
def given_back(context: Context, held: Claim) -> Iterator[None]:
    """Give a run back if it fails, with why, so that it can be started again at once.

    If it failed because the database is away, it is given back when the database has returned
    (`store.postponed`): otherwise it would stay claimed for `TAKE_OVER_AFTER`.
    """
    try:
        yield
    except Exception as error:
        failure = Message(N_("an unexpected fault; the program's log has it"))
        if isinstance(error, SurveyPipelineError):
            failure = error.message
        context.postponed.now_or_later(
            context.engine,
            lambda connection: give_back(connection, held, context.now(), failure),
        )
        raise


def finished(connection: Connection, day: date) -> bool:
    """Return whether a day has run."""
    return connection.scalar(select(job_runs.c.finished_at).where(*_of(day))) is not None


def days_run(connection: Connection) -> set[date]:
    """Return the days whose run has ended well."""
    ended = job_runs.c.job == DAILY, job_runs.c.finished_at.is_not(None)
    return set(connection.scalars(select(job_runs.c.day).where(*ended)))


def cut_off(connection: Connection, now: datetime, *, alone: bool = False) -> set[date]:
    """Return the days whose run failed or was cut off, and that no process has taken up."""
    unfinished = job_runs.c.job == DAILY, job_runs.c.finished_at.is_(None)
    runs = [_day_run(row) for row in connection.execute(select(job_runs).where(*unfinished))]
    return {run.day for run in runs if _is_cut_off(run, now, alone=alone)}


def run_under_way(connection: Connection, now: datetime) -> DayRun | None:
    """Return the daily run that is under way, of whatever day, on any host."""
    going = and_(job_runs.c.finished_at.is_(None), job_runs.c.lease_until > now)
    return _first(connection, job_runs.c.job == DAILY, going)


def run_of(connection: Connection, day: date) -> DayRun | None:
    """Return the latest run of a day."""
    return _first(connection, *_of(day))


def last_run(connection: Connection) -> DayRun | None:
    """Return the run that was started last."""
    return _first(connection, job_runs.c.job == DAILY)


def _first(connection: Connection, *conditions: ColumnElement[bool]) -> DayRun | None:
    query = select(job_runs).where(*conditions).order_by(job_runs.c.started_at.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else _day_run(row)


def _day_run(row: Row[Any]) -> DayRun:
    return DayRun(row.day, row.started_at, row.finished_at, row.lease_until, row.result or {})


def _of(day: date) -> tuple[ColumnElement[bool], ...]:
    return job_runs.c.job == DAILY, job_runs.c.day == day


def _held(held: Claim) -> tuple[ColumnElement[bool], ...]:
    """Return what is true of a run as long as its holder has not lost it."""
    begun = job_runs.c.started_at == held.started_at
    return (*_of(held.day), begun, job_runs.c.finished_at.is_(None))


def _row(day: date, now: datetime) -> dict[str, Any]:
    until = now + TAKE_OVER_AFTER
    return {"job": DAILY, "day": day, "started_at": now, "lease_until": until}
