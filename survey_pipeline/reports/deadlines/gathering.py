"""Deadlines of a day: which appraisal years to look at, and everything owed in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import Connection, exists, literal, select, union_all

from survey_pipeline.calendar import ONE_DAY, month_of
from survey_pipeline.context import Context
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.reports.deadlines.appraised import AppraisedOffice, appraised_offices
from survey_pipeline.reports.deadlines.arrivals import arrivals
from survey_pipeline.reports.deadlines.case_reports import CaseReportDeadlines
from survey_pipeline.reports.deadlines.judging import Deadline
from survey_pipeline.reports.deadlines.obligations import Situation, owed
from survey_pipeline.reports.deadlines.plan import Term, terms
from survey_pipeline.reports.missing_reports import (
    first_day_of_register,
    last_day_of_demo,
    missing_reports_now,
    reporting_spans,
)
from survey_pipeline.standard import InForce, standard_for
from survey_pipeline.standard.load import FOLDER
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    case_results,
    daily_reports,
    hotline_ranks,
    hotline_records,
    parent_grades,
    parent_points,
    performance_points,
    satisfaction_results,
    supervision_records,
)
from survey_pipeline.vocabulary import DeadlineState

LOOK_AHEAD = 30
"""Days within which something that falls due is shown."""
REMIND_AHEAD = 7
"""Days within which the daily run reminds of it."""

_URGENCY = list(DeadlineState)
_BY_YEAR = (
    supervision_records,
    hotline_records,
    hotline_ranks,
    performance_points,
    parent_grades,
    parent_points,
)


@dataclass(frozen=True)
class DeadlineReport:
    """Who owes what on a day."""

    day: date
    years: tuple[InForce, ...]
    """The appraisal years looked at, oldest first."""
    deadlines: tuple[Deadline, ...]
    """The most urgent first; what has come stands at the end."""

    @property
    def unknown_years(self) -> list[int]:
        """Calendar years among the dates whose working days are not known."""
        return sorted({year for deadline in self.deadlines for year in deadline.term.unknown_years})

    @property
    def unlisted_years(self) -> list[int]:
        """Appraisal years among the deadlines that have no standard of their own."""
        return sorted({deadline.term.year for deadline in self.deadlines if deadline.term.unlisted})

    def within(self, days: int) -> "DeadlineReport":
        """Return what is overdue, or falls due within so many days."""
        near = tuple(deadline for deadline in self.deadlines if deadline.due_within(days))
        return replace(self, deadlines=near)


@dataclass(frozen=True)
class _View:
    """The database as it is seen on a day."""

    connection: Connection
    context: Context
    day: date
    register: Sequence[AppraisedOffice]

    def deadlines(self, in_force: InForce) -> Iterator[Deadline]:
        """Yield all that is owed in an appraisal year, without the daily reports."""
        dates = terms(in_force, self.context.calendar)
        span = (
            min(term.period.first for term in dates),
            max(term.period.last for term in dates),
        )
        year = in_force.standard.year
        came = arrivals(self.connection, self.context.calendar, year, span, self.day)
        situation = Situation(in_force.standard, self.register, came, self.day)
        span_owed = self._days_of_city()
        for term in dates:
            is_owed = _is_owed(term, *span_owed)
            for deadline in owed(situation, term):
                # what came is shown; what did not come is missed only where it was owed
                if is_owed or (deadline.came_on is not None and not deadline.is_open):
                    yield deadline

    def _days_of_city(self) -> tuple[date, date]:
        """Return the register's first day, and the last day that anything is owed for."""
        begin = first_day_of_register(self.connection, self.context.calendar)
        is_demo = self.context.settings.demo
        return begin, last_day_of_demo(self.connection) if is_demo else date.max

    def daily(self, years: Sequence[InForce]) -> Iterator[Deadline]:
        """Yield what offices owe of daily reports within the years looked at."""
        windows = [in_force.standard.window for in_force in years]
        first, last = windows[0].after + ONE_DAY, min(self.day, windows[-1].until)
        owing = reporting_spans(self.connection, self.context, self.day)
        missing = missing_reports_now(self.connection, self.context, first, last, owing)
        yield from CaseReportDeadlines(years, self.context.calendar, owing, self.day).deadlines(
            missing
        )

    def standard(self, year: int) -> InForce:
        """Return the standard of an appraisal year."""
        return standard_for(year, self.context.settings.standards, self.context.home / FOLDER)

    def present_year(self) -> InForce:
        """Return the appraisal year in whose window the day lies."""
        for year in (self.day.year, self.day.year + 1, self.day.year - 1):
            found = self.standard(year)
            if self.day in found.standard.window:
                return found
        raise ConfigurationError(
            "{folder}: no standard's window holds {day}. Check the dates under [window]",
            folder=FOLDER,
            day=self.day,
        )

    def is_on_record(self, in_force: InForce) -> bool:
        """Return whether anything was reported or brought in for an appraisal year."""
        window, year = in_force.standard.window, in_force.standard.year
        first, last = window.after + ONE_DAY, window.until
        months = [
            exists().where(table.c.month.between(month_of(first), month_of(last)))
            for table in (satisfaction_results, case_results)
        ]
        found = union_all(
            select(literal(1)).where(
                exists().where(daily_reports.c.reported_on.between(first, last))
            ),
            *(select(literal(1)).where(delivered) for delivered in months),
            *(select(literal(1)).where(exists().where(table.c.year == year)) for table in _BY_YEAR),
        )
        return self.connection.execute(found).first() is not None


def gather_deadlines(
    context: Context,
    day: date,
    *,
    year: int | None = None,
    daily: bool = True,
) -> DeadlineReport:
    """Gather the deadlines of an appraisal year, or of all years that matter on a day.

    Those are the year in whose window the day lies; the one before it, of which ratings and the
    last months' results are still to come, if anything of it is on record; and of the next one what
    falls due within `LOOK_AHEAD` days.

    Args:
        context: the workspace.
        day: the day on which the question is asked.
        year: only this appraisal year.
        daily: the daily reports too.

    Raises:
        ConfigurationError: a standard's file is missing or wrong, or no window holds the day.
    """
    with reading(context.engine) as connection:
        view = _View(connection, context, day, appraised_offices(connection))
        years = _years(view, year)
        found = [deadline for in_force in years for deadline in view.deadlines(in_force)]
        if year is None:
            following = view.standard(years[-1].standard.year + 1)
            near = day + timedelta(days=LOOK_AHEAD)
            found += [
                deadline for deadline in view.deadlines(following) if deadline.term.due <= near
            ]
        if daily:
            found += view.daily(years)
    return DeadlineReport(day, tuple(years), tuple(sorted(found, key=_urgency)))


def _is_owed(term: Term, begin: date, end: date) -> bool:
    """Return whether a duty is owed in a city that lives from `begin` to `end`, both included.

    A month or quarter that was over before the register began is not; of a year, what is due later.
    """
    last_chance = term.due if term.rule.every == "year" else term.period.last
    return last_chance >= begin and term.period.first <= end


def _years(view: _View, year: int | None) -> list[InForce]:
    if year is not None:
        return [view.standard(year)]
    present = view.present_year()
    before = view.standard(present.standard.year - 1)
    return [before, present] if view.is_on_record(before) else [present]


def _urgency(deadline: Deadline) -> tuple[int, date, str, str, str]:
    term = deadline.term
    return (
        _URGENCY.index(deadline.state),
        term.due,
        term.rule.clause,
        deadline.who.code or "",
        str(deadline.part),
    )
