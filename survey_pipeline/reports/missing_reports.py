"""Which office owes a case report for which day, for pages, deadlines and the daily run alike.

An office owes a report, a zero report included, for every working day that it is valid on, but
none from before it came onto the register or before the first report of any office. Missing
reports are counted over the last `LOOKING_BACK`.

Source: specification, section 14.H; docs/decisions/daily-reports.md.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    and_,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from survey_pipeline.calendar import ONE_DAY, Calendar
from survey_pipeline.context import Context
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log, daily_reports, offices
from survey_pipeline.validity import valid_part
from survey_pipeline.vocabulary import AuditAction, RecordKind

LOOKING_BACK = timedelta(days=366)
"""What was owed longer ago belongs to an appraisal year that is over."""


@dataclass(frozen=True)
class ReportingSpan:
    """The days within which an office owes reports, both ends included."""

    office_code: str
    name: str
    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True)
class MissingReport:
    """An office that owes reports."""

    office_code: str
    name: str
    days: Sequence[date]
    """The working days without one, oldest first."""
    since: date
    """The first day over which they were counted."""


def reporting_spans(connection: Connection, context: Context, day: date) -> list[ReportingSpan]:
    """Return every office that owes reports on some day, by code.

    Args:
        connection: a transaction that reads.
        context: the workspace.
        day: the day that is looked at; where no report ever came, it is the first that is owed.
    """
    first: date | None = connection.scalar(select(func.min(daily_reports.c.reported_on)))
    begin = first or day
    end = last_day_of_demo(connection) if context.settings.demo else date.max
    registered = first_days(connection, context.calendar)
    rows = connection.execute(
        select(offices.c.office_code, offices.c.name, offices.c.valid_from, offices.c.valid_until)
        .where(offices.c.exempt_reason.is_(None), offices.c.withdrawn_at.is_(None))
        .order_by(offices.c.office_code)
    )
    found = (
        ReportingSpan(
            row.office_code,
            row.name,
            *valid_part(row, max(begin, registered.get(row.office_code, begin)), end),
        )
        for row in rows
    )
    return [span for span in found if span.first <= span.last]


def last_day_of_demo(connection: Connection) -> date:
    """Return a made-up city's last day: afterwards its offices owe nothing."""
    return connection.scalar(select(func.max(daily_reports.c.reported_on))) or date.min


def reporting_span(
    connection: Connection, context: Context, office_code: str
) -> ReportingSpan | None:
    """Return the days on which an office owes reports; None if it never does."""
    owing = reporting_spans(connection, context, context.today())
    return next((span for span in owing if span.office_code == office_code), None)


def first_days(connection: Connection, calendar: Calendar) -> dict[str, date]:
    """Return the day on which each office came onto the register, as far as that is on record."""
    rows = connection.execute(
        select(audit_log.c.key, func.min(audit_log.c.at))
        .where(audit_log.c.kind == RecordKind.OFFICES, audit_log.c.action == AuditAction.CREATED)
        .group_by(audit_log.c.key)
    )
    return {key: calendar.day(at) for key, at in rows}


def first_day_of_register(connection: Connection, calendar: Calendar) -> date:
    """Return the day on which the first office came onto the register, if that is on record."""
    return min(first_days(connection, calendar).values(), default=date.min)


def missing_reports(context: Context, day: date) -> list[MissingReport]:
    """Return the offices that owe reports of working days up to `day`, which is included."""
    with reading(context.engine) as connection:
        owing = reporting_spans(connection, context, day)
        return missing_reports_now(connection, context, day - LOOKING_BACK, day, owing)


def missing_on(context: Context, day: date) -> list[MissingReport]:
    """Return the offices that owe that very day's report, each with all that it owes until then."""
    if not context.calendar.is_working_day(day):
        return []
    with reading(context.engine) as connection:
        came = set(connection.scalars(select(daily_reports.c.office_code).where(*_came(day))))
        owing = [
            span
            for span in reporting_spans(connection, context, day)
            if day in span and span.office_code not in came
        ]
        return missing_reports_now(connection, context, day - LOOKING_BACK, day, owing)


def _came(day: date) -> tuple[ColumnElement[bool], ...]:
    return daily_reports.c.reported_on == day, _IS_A_REPORT


_IS_A_REPORT = or_(daily_reports.c.reported > 0, daily_reports.c.zero)


def missing_reports_now(
    connection: Connection,
    context: Context,
    first: date,
    last: date,
    owing: Sequence[ReportingSpan],
) -> list[MissingReport]:
    """Return which of some offices owe reports of the working days of a span, both ends included.

    Args:
        connection: a transaction that reads.
        context: the workspace.
        first: the first day; nothing is looked up from before `LOOKING_BACK`.
        last: the last day.
        owing: the offices, each with the days on which it owes reports.
    """
    if not owing:
        return []
    start = max(first, last - LOOKING_BACK, min(span.first for span in owing))
    without = _without(connection, _working_days(context.calendar, start, last), owing)
    found = (
        MissingReport(
            span.office_code,
            span.name,
            [day for day in without[span.office_code] if day in span],
            max(start, span.first),
        )
        for span in owing
    )
    return [office for office in found if office.days]


def _working_days(calendar: Calendar, first: date, last: date) -> list[date]:
    days = (first + offset * ONE_DAY for offset in range((last - first).days + 1))
    return [day for day in days if calendar.is_working_day(day)]


def _without(
    connection: Connection, days: Sequence[date], owing: Sequence[ReportingSpan]
) -> Mapping[str, Sequence[date]]:
    """Return by office which of the days no report came for; only these leave the database."""
    found: dict[str, list[date]] = defaultdict(list)
    if not days:
        return found
    each = union_all(*(select(literal(day, Date).label("day")) for day in days)).cte("each")
    codes = [span.office_code for span in owing]
    pairs = offices.join(each, true()).outerjoin(
        daily_reports,
        and_(
            daily_reports.c.office_code == offices.c.office_code,
            daily_reports.c.reported_on == each.c.day,
            _IS_A_REPORT,
        ),
    )
    query = (
        select(offices.c.office_code, each.c.day)
        .select_from(pairs)
        .where(daily_reports.c.office_code.is_(None), offices.c.office_code.in_(codes))
        .order_by(each.c.day)
    )
    for office_code, day in connection.execute(query):
        found[office_code].append(day)
    return found
