"""Gathers a month's counts of every signal: one query a kind, from what no deletion takes away."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, not_, or_, select

from survey_pipeline.calendar import ONE_DAY, Calendar, first_day, last_day, month_of
from survey_pipeline.context import Context
from survey_pipeline.reports.missing_reports import (
    ReportingSpan,
    missing_reports_now,
    reporting_spans,
)
from survey_pipeline.signals.standing_out import Proportion
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    daily_reports,
    offices,
    satisfaction_results,
    signal_days,
    surveys,
)
from survey_pipeline.vocabulary import DeliveryMode, Disposition, Rating, SignalKind

MONTHS_BEFORE = 3
"""A month's volume is held against that of so many months before it."""

Counts = dict[str, Proportion]
"""By office."""


@dataclass(frozen=True)
class MonthCounts:
    """A month's counts."""

    kinds: Mapping[SignalKind, Counts]
    city: Mapping[SignalKind, Counts]
    """What offices are held against, for signals where that is not the same count of others."""


def gather_month(context: Context, month: str) -> MonthCounts:
    """Return the counts of a month, as far as it has come."""
    with reading(context.engine) as connection:
        kinds = {kind: find(connection, month) for kind, find in _FINDERS.items()}
        kinds[SignalKind.DAYS_WITHOUT_REPORT] = _days_without_report(connection, context, month)
        kinds[SignalKind.DELIVERED_FEW_ASKED] = _delivered_few_asked(connection, context, month)
        city = {SignalKind.DELIVERED_ALL_CONTENT: _content_of_everybody(connection, month)}
    return MonthCounts(kinds, city)


def _of_surveys(which: ColumnElement[bool], among: ColumnElement[bool]) -> Any:
    def find(connection: Connection, month: str) -> Counts:
        query = (
            select(surveys.c.office_code, _sum(and_(among, which)), _sum(among))
            .where(surveys.c.month == month, not_(surveys.c.withdrawn))
            .group_by(surveys.c.office_code)
        )
        return _counts(connection.execute(query))

    return find


def _of_days(part: str, whole: str) -> Any:
    def find(connection: Connection, month: str) -> Counts:
        columns = signal_days.c
        query = (
            select(columns.office_code, func.sum(columns[part]), func.sum(columns[whole]))
            .where(columns.day.between(first_day(month), last_day(month)))
            .group_by(columns.office_code)
        )
        return _counts(connection.execute(query))

    return find


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _counts(rows: Any) -> Counts:
    return {office: Proportion(int(count), int(of)) for office, count, of in rows if of}


_ASKED = or_(
    surveys.c.texted,
    surveys.c.called,
    surveys.c.contact_data_bad,
    surveys.c.disposition == Disposition.TEXT_UNDELIVERED,
)
_NOT_THERE = or_(
    and_(surveys.c.contact_data_bad, not_(surveys.c.denied)),
    surveys.c.disposition == Disposition.TEXT_UNDELIVERED,
)
_SPOKE = or_(surveys.c.rating.is_not(None), surveys.c.denied)


def _days_without_report(connection: Connection, context: Context, month: str) -> Counts:
    first, last = first_day(month), min(last_day(month), context.today() - ONE_DAY)
    spans = reporting_spans(connection, context, last)
    owed = {span.office_code: _owed(context.calendar, span, first, last) for span in spans}
    missing = {
        office.office_code: len(office.days)
        for office in missing_reports_now(connection, context, first, last, spans)
    }
    return {code: Proportion(missing.get(code, 0), days) for code, days in owed.items() if days}


def _owed(calendar: Calendar, span: ReportingSpan, first: date, last: date) -> int:
    begin, end = max(first, span.first), min(last, span.last)
    days = (begin + number * ONE_DAY for number in range((end - begin).days + 1))
    return sum(1 for day in days if calendar.is_working_day(day))


def _volume_rose(connection: Connection, month: str) -> Counts:
    """Count the month's cases among those of the month and the months before it.

    Only of offices that were valid all the time: others rise and fall with their opening days.
    """
    first = first_day(month)
    begin = first
    for _ in range(MONTHS_BEFORE):
        begin = first_day(month_of(begin - ONE_DAY))
    days, reported = daily_reports.c.reported_on, daily_reports.c.reported
    now = func.sum(case((days >= first, reported), else_=0))
    before = func.sum(case((days < first, reported), else_=0))
    query = (
        select(daily_reports.c.office_code, now, now + before)
        .join(offices, offices.c.office_code == daily_reports.c.office_code)
        .where(
            days.between(begin, last_day(month)),
            or_(offices.c.valid_from.is_(None), offices.c.valid_from <= begin),
            or_(offices.c.valid_until.is_(None), offices.c.valid_until >= last_day(month)),
        )
        .group_by(daily_reports.c.office_code)
        .having(before > 0)
    )
    return _counts(connection.execute(query))


def _volume_fell(connection: Connection, month: str) -> Counts:
    rose = _volume_rose(connection, month)
    return {code: Proportion(count.of - count.count, count.of) for code, count in rose.items()}


def _delivered_volume(connection: Connection, month: str) -> Counts:
    """Count the cases of a delivery that were not reported to us."""
    ours = _reported(connection, month)
    return {
        row.office_code: Proportion(
            max(0, row.reported - ours.get(row.office_code, 0)), row.reported
        )
        for row in _deliveries(connection, month)
        if row.reported
    }


def _delivered_all_content(connection: Connection, month: str) -> Counts:
    """Count the answers of each delivery without a dissatisfied one; others are not counted."""
    return {
        row.office_code: Proportion(rated, rated)
        for row in _deliveries(connection, month)
        if not row.dissatisfied and (rated := row.satisfied + row.neutral)
    }


def _content_of_everybody(connection: Connection, month: str) -> Counts:
    """Count the answers that are not dissatisfied: our own of record, and the delivered ones."""
    rated = surveys.c.rating.is_not(None)
    unhappy = surveys.c.rating == Rating.DISSATISFIED
    found: Counts = defaultdict(lambda: Proportion(0, 0))
    found.update(_of_surveys(not_(unhappy), rated)(connection, month))
    for row in _deliveries(connection, month):
        content = row.satisfied + row.neutral
        found[row.office_code] += Proportion(content, content + row.dissatisfied)
    return dict(found)


def _delivered_few_asked(connection: Connection, context: Context, month: str) -> Counts:
    """Count by how many a delivery rests on fewer citizens than we asked, or handed over.

    What we asked of small offices beyond our rate (`sampling.minimum`) is no measure of them, and a
    delivery that asked no citizen says so itself.
    """
    query = (
        select(
            surveys.c.office_code,
            func.count().label("drawn"),
            _sum(surveys.c.handed_over_on.is_not(None)).label("handed"),
        )
        .where(surveys.c.month == month, not_(surveys.c.withdrawn))
        .group_by(surveys.c.office_code)
    )
    drawn = {row.office_code: row for row in connection.execute(query)}
    reported, rate = _reported(connection, month), context.settings.sampling.rate
    found = {}
    for row in _deliveries(connection, month):
        if (ours := drawn.get(row.office_code)) and row.sampled:
            asked = int(ours.handed if row.mode == DeliveryMode.PHONE else ours.drawn)
            asked = min(asked, int(rate * reported.get(row.office_code, 0)))
            found[row.office_code] = Proportion(max(0, asked - row.sampled), asked)
    return {code: count for code, count in found.items() if count.of}


def _deliveries(connection: Connection, month: str) -> Any:
    table = satisfaction_results
    return connection.execute(
        select(table).where(table.c.month == month, table.c.withdrawn_at.is_(None))
    ).all()


def _reported(connection: Connection, month: str) -> dict[str, int]:
    query = (
        select(daily_reports.c.office_code, func.sum(daily_reports.c.reported))
        .where(daily_reports.c.reported_on.between(first_day(month), last_day(month)))
        .group_by(daily_reports.c.office_code)
    )
    return {code: int(count) for code, count in connection.execute(query)}


_FINDERS: dict[SignalKind, Callable[[Connection, str], Counts]] = {
    SignalKind.NOT_THEIR_CASE: _of_surveys(surveys.c.denied, _SPOKE),
    SignalKind.NO_SUCH_NUMBER: _of_surveys(_NOT_THERE, _ASKED),
    SignalKind.REPEATED_NUMBER: _of_days("repeated", "cases"),
    SignalKind.SHARED_NUMBER: _of_days("shared", "cases"),
    SignalKind.CONSECUTIVE_NUMBERS: _of_days("consecutive", "cases"),
    SignalKind.ALIKE: _of_days("alike", "cases"),
    SignalKind.MISSING_CASES: _of_days("missing", "numbered"),
    SignalKind.VOLUME_ROSE: _volume_rose,
    SignalKind.VOLUME_FELL: _volume_fell,
    SignalKind.DELIVERED_VOLUME: _delivered_volume,
    SignalKind.DELIVERED_ALL_CONTENT: _delivered_all_content,
}
