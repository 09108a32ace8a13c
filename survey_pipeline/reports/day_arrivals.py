"""What came in on a day: files and their refused rows, reports, the offices that owe one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.reports.day_course import span_of
from survey_pipeline.reports.missing_reports import MissingReport, missing_on
from survey_pipeline.stages.callbacks import DayLoad, forecast_load
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import daily_reports, import_runs

MOST_FILES = 12
"""Files that are named; those with refusals first."""


@dataclass(frozen=True)
class FileIn:
    """A file that came in."""

    at: datetime
    by: str
    kind: str
    name: str
    accepted: int
    updated: int
    unchanged: int
    refused: int
    reasons: Sequence[tuple[str, Message, int, int]]
    """Of the refused rows, the first ones: column, reason, rows, first row."""


@dataclass(frozen=True)
class Files:
    """What came in on a day."""

    count: int
    accepted: int
    refused: int
    shown: Sequence[FileIn]

    @property
    def more(self) -> int:
        """Files that are not named."""
        return self.count - len(self.shown)


@dataclass(frozen=True)
class DayArrivals:
    """What came in on a day, which offices owe a report, and the load of the days ahead."""

    files: Files
    working_day: bool
    reports: int
    """Offices that have reported, zero reports among them."""
    missing: Sequence[MissingReport]
    """Offices that owe this day's report, with the earlier days they owe."""
    load: Sequence[DayLoad]

    @property
    def counted_from(self) -> date | None:
        """The first day over which missing reports are counted."""
        return min((office.since for office in self.missing), default=None)


def read_day_arrivals(context: Context, day: date) -> DayArrivals:
    """Return what came in on a day; for today also the load of the next days."""
    begin, end = span_of(context, day)
    with reading(context.engine) as connection:
        files = _files(connection, begin, end)
        reports = select(func.count()).where(
            daily_reports.c.reported_on == day,
            (daily_reports.c.reported > 0) | daily_reports.c.zero,
        )
        count = connection.scalar(reports) or 0
    return DayArrivals(
        files=files,
        working_day=context.calendar.is_working_day(day),
        reports=count,
        missing=missing_on(context, day),
        load=forecast_load(context) if day == context.today() else (),
    )


def _files(connection: Connection, begin: datetime, end: datetime) -> Files:
    came = (import_runs.c.at >= begin, import_runs.c.at < end)
    count, accepted, refused = connection.execute(
        select(
            func.count(), func.sum(import_runs.c.accepted), func.sum(import_runs.c.refused)
        ).where(*came)
    ).one()
    rows = connection.execute(
        select(import_runs)
        .where(*came)
        .order_by((import_runs.c.refused > 0).desc(), import_runs.c.id.desc())
        .limit(MOST_FILES)
    )
    return Files(count, accepted or 0, refused or 0, [_file(row) for row in rows])


def _file(row: Row[Any]) -> FileIn:
    reasons = [
        (reason["column"], Message.from_json(reason["reason"]), reason["rows"], reason["first"])
        for reason in row.reasons or ()
    ]
    return FileIn(
        at=row.at,
        by=row.by,
        kind=row.kind,
        name=row.file_name,
        accepted=row.accepted,
        updated=row.updated,
        unchanged=row.unchanged,
        refused=row.refused,
        reasons=reasons,
    )
