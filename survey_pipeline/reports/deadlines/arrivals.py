"""What has come, and when: a few grouped queries for a whole appraisal year.

What carries a day of delivery had not come before it, so that a past day can be looked at. Ranks
and hotline records carry none: whatever is on record has come, on the day of its import.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Table, and_, case, func, select

from survey_pipeline.calendar import Calendar
from survey_pipeline.store.tables import (
    case_results,
    filings,
    hotline_ranks,
    hotline_records,
    import_runs,
    nothing_reports,
    offices,
    parent_grades,
    parent_points,
    performance_points,
    satisfaction_results,
    supervision_records,
)

Days = Mapping[str, date]
"""Code -> the day on which it came."""
NothingKey = tuple[str, str, date, date]
"""Duty, department (empty of the hotline), first and last day of the period."""


@dataclass(frozen=True)
class OwnFindings:
    """What a department's own checks found on one day, and how much of it is filed."""

    occurred_on: date
    found: int
    filed: int
    last_filed_on: date | None


@dataclass(frozen=True)
class MonthFilings:
    """The filings of one department and month."""

    count: int
    """Those that hold something."""
    last_filed_on: date | None
    nothing_found_on: date | None
    """The first day on which a filing says that nothing was found."""


@dataclass(frozen=True)
class HotlineDay:
    """The hotline records of one day."""

    occurred_on: date
    records: int
    came_on: date
    """The day of the first import among theirs."""


@dataclass(frozen=True)
class Arrivals:
    """All that has come for one appraisal year."""

    satisfaction: Mapping[str, Days]
    """By month, then by office."""
    own_findings: Mapping[str, Collection[OwnFindings]]
    """By department."""
    filings: Mapping[tuple[str, str], MonthFilings]
    """By department and month."""
    nothing: Mapping[NothingKey, date]
    """The day on which it was said that there is nothing to bring."""
    hotline: Collection[HotlineDay]
    ranks: Days
    """By department."""
    performance: Days
    """By office."""
    grades: Days
    points: Days


def arrivals(
    connection: Connection, calendar: Calendar, year: int, span: tuple[date, date], today: date
) -> Arrivals:
    """Look up what has come.

    Args:
        connection: a transaction that reads.
        calendar: turns the moment of an import into a day.
        year: the appraisal year.
        span: first and last day of what its months, quarters and filings are for.
        today: deliveries dated after it have not come.
    """
    return Arrivals(
        satisfaction=_satisfaction(connection, span, today),
        own_findings=_own_findings(connection, span, today),
        filings=_filings(connection, today),
        nothing=_nothing(connection, calendar, today),
        hotline=_hotline(connection, calendar, span),
        ranks=_ranks(connection, calendar, year),
        performance=_delivered(connection, performance_points, year, today),
        grades=_delivered(connection, parent_grades, year, today),
        points=_delivered(connection, parent_points, year, today),
    )


def _satisfaction(
    connection: Connection, span: tuple[date, date], today: date
) -> dict[str, dict[str, date]]:
    """Return when a month's results came; of those that came case by case, the first."""
    first, last = (f"{day:%Y-%m}" for day in span)
    found: dict[str, dict[str, date]] = defaultdict(dict)
    for table in (satisfaction_results, case_results):
        words = (table.c.month, table.c.office_code)
        rows = connection.execute(
            select(*words, func.min(table.c.delivered_on))
            .where(
                table.c.month.between(first, last),
                table.c.withdrawn_at.is_(None),
                table.c.delivered_on <= today,
            )
            .group_by(*words)
        )
        for month, office_code, delivered_on in rows:
            found[month][office_code] = delivered_on
    return found


def _own_findings(
    connection: Connection, span: tuple[date, date], today: date
) -> dict[str, list[OwnFindings]]:
    """Count what the departments found themselves, or filed, by department and day."""
    records = supervision_records.c
    filed_on = case((records.filing_no.is_(None), records.filed_on), else_=filings.c.filed_on)
    is_filed = and_(filed_on.is_not(None), filed_on <= today)
    is_own = records.self_found | records.filed_on.is_not(None) | records.filing_no.is_not(None)
    rows = connection.execute(
        select(
            offices.c.parent_code,
            records.occurred_on,
            func.count(),
            func.sum(case((is_filed, 1), else_=0)),
            func.max(case((is_filed, filed_on))),
        )
        .join(offices, offices.c.office_code == records.office_code)
        .outerjoin(
            filings,
            and_(filings.c.filing_no == records.filing_no, filings.c.withdrawn_at.is_(None)),
        )
        .where(
            records.occurred_on.between(*span),
            records.withdrawn_at.is_(None),
            is_own,
            offices.c.withdrawn_at.is_(None),
            offices.c.exempt_reason.is_(None),
        )
        .group_by(offices.c.parent_code, records.occurred_on)
    )
    found: dict[str, list[OwnFindings]] = defaultdict(list)
    for parent_code, occurred_on, count, filed, last in rows:
        found[parent_code].append(OwnFindings(occurred_on, count, filed, last))
    return found


def _filings(connection: Connection, today: date) -> dict[tuple[str, str], MonthFilings]:
    """Count the filings up to a day by department and month."""
    own = filings.c
    rows = connection.execute(
        select(
            own.parent_code,
            own.month,
            func.sum(case((own.nothing_found, 0), else_=1)),
            func.max(case((own.nothing_found.is_(False), own.filed_on))),
            func.min(case((own.nothing_found, own.filed_on))),
        )
        .where(own.withdrawn_at.is_(None), own.filed_on <= today)
        .group_by(own.parent_code, own.month)
    )
    return {(code, month): MonthFilings(*counts) for code, month, *counts in rows}


def _nothing(connection: Connection, calendar: Calendar, today: date) -> dict[NothingKey, date]:
    said = {
        (row.duty, row.parent_code, row.first_day, row.last_day): calendar.day(row.at)
        for row in connection.execute(select(nothing_reports))
    }
    return {key: day for key, day in said.items() if day <= today}


def _hotline(
    connection: Connection, calendar: Calendar, span: tuple[date, date]
) -> list[HotlineDay]:
    rows = connection.execute(
        select(hotline_records.c.occurred_on, func.count(), func.min(import_runs.c.at))
        .join(import_runs, import_runs.c.id == hotline_records.c.import_id)
        .where(
            hotline_records.c.occurred_on.between(*span), hotline_records.c.withdrawn_at.is_(None)
        )
        .group_by(hotline_records.c.occurred_on)
    )
    return [HotlineDay(day, count, calendar.day(at)) for day, count, at in rows]


def _ranks(connection: Connection, calendar: Calendar, year: int) -> dict[str, date]:
    rows = connection.execute(
        select(hotline_ranks.c.parent_code, import_runs.c.at)
        .join(import_runs, import_runs.c.id == hotline_ranks.c.import_id)
        .where(hotline_ranks.c.year == year, hotline_ranks.c.withdrawn_at.is_(None))
    )
    return {parent_code: calendar.day(at) for parent_code, at in rows}


def _delivered(connection: Connection, table: Table, year: int, today: date) -> dict[str, date]:
    rows = connection.execute(
        select(table.c.office_code, table.c.delivered_on).where(
            table.c.year == year,
            table.c.withdrawn_at.is_(None),
            table.c.delivered_on <= today,
        )
    )
    return {row.office_code: row.delivered_on for row in rows}
