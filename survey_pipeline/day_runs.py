"""Who runs a day: rows of `job_runs`, claimed with a lease, so that no day runs twice at once.

The scheduler claims a day that has not run; a person may run one again, but never while any daily
run is under way, on any host.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import DatabaseFault, SurveyPipelineError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.store.engine import writing
from survey_pipeline.store.insert import insert_absent
from survey_pipeline.store.tables import job_runs

DAILY = "daily"
"""Name of the daily run in `job_runs`."""

TAKE_OVER_AFTER = timedelta(hours=2)
"""A daily run that has not ended by then was cut off; another may take it up."""


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
        """Say whether somebody runs it now."""
        leased = self.lease_until is not None and self.lease_until > now
        return self.finished_at is None and leased

    @property
    def error(self) -> Message | None:
        """Why it failed, in words."""
        stored = self.result.get("error")
        return Message.from_json(stored) if stored else None


def claim(connection: Connection, day: date, now: datetime) -> bool:
    """Take a day that has not run, or whose run was cut off."""
    until = now + TAKE_OVER_AFTER
    if insert_absent(connection, job_runs, [_row(day, now)]):
        return True
    taken = connection.execute(
        update(job_runs)
        .where(*_of(day), job_runs.c.finished_at.is_(None), job_runs.c.lease_until <= now)
        .values(started_at=now, lease_until=until, result=None)
    )
    return taken.rowcount == 1


def claim_by_hand(connection: Connection, day: date, now: datetime, by: str) -> bool:
    """Take a day, run already or not, unless a daily run of any day is under way."""
    if run_under_way(connection, now) is not None:
        return False
    row = {**_row(day, now), "result": {"by": by}}
    if insert_absent(connection, job_runs, [row]):
        return True
    free = or_(job_runs.c.finished_at.is_not(None), job_runs.c.lease_until <= now)
    taken = connection.execute(
        update(job_runs).where(*_of(day), free).values(**row, finished_at=None)
    )
    return taken.rowcount == 1


def finish(connection: Connection, day: date, now: datetime, result: dict[str, Any]) -> None:
    """Note that a day's run has ended."""
    connection.execute(
        update(job_runs)
        .where(*_of(day), job_runs.c.finished_at.is_(None))
        .values(finished_at=now, lease_until=None, result=result)
    )


def give_back(connection: Connection, day: date, now: datetime, error: Message) -> None:
    """Note that a day's run has failed, and why; whoever wants may take it up at once."""
    connection.execute(
        update(job_runs)
        .where(*_of(day), job_runs.c.finished_at.is_(None))
        .values(lease_until=now, result={"error": error.to_json()})
    )


@contextmanager
def given_back(context: Context, day: date) -> Iterator[None]:
    """Keep why a day's run failed, and let it be started again at once."""
    try:
        yield
    except Exception as error:
        failure = Message(N_("an unexpected fault; the program's log has it"))
        if isinstance(error, SurveyPipelineError):
            failure = error.message
        with suppress(DatabaseFault), writing(context.engine) as connection:
            give_back(connection, day, context.now(), failure)
        raise


def finished(connection: Connection, day: date) -> bool:
    """Say whether a day has run."""
    return connection.scalar(select(job_runs.c.finished_at).where(*_of(day))) is not None


def days_run(connection: Connection) -> set[date]:
    """Return the days whose run has ended well."""
    ended = job_runs.c.job == DAILY, job_runs.c.finished_at.is_not(None)
    return set(connection.scalars(select(job_runs.c.day).where(*ended)))


def cut_off(connection: Connection, now: datetime) -> set[date]:
    """Return the days whose run failed or was cut off, and that nobody has taken up."""
    unfinished = job_runs.c.finished_at.is_(None), job_runs.c.lease_until <= now
    return set(
        connection.scalars(select(job_runs.c.day).where(job_runs.c.job == DAILY, *unfinished))
    )


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
    if row is None:
        return None
    return DayRun(row.day, row.started_at, row.finished_at, row.lease_until, row.result or {})


def _of(day: date) -> tuple[ColumnElement[bool], ...]:
    return job_runs.c.job == DAILY, job_runs.c.day == day


def _row(day: date, now: datetime) -> dict[str, Any]:
    until = now + TAKE_OVER_AFTER
    return {"job": DAILY, "day": day, "started_at": now, "lease_until": until}
