"""The deadlines of an appraisal year as a calendar: month by month, day by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from survey_pipeline.calendar import ONE_DAY, first_day, last_day, month_of
from survey_pipeline.context import Context
from survey_pipeline.reports.deadlines.gathering import gather_deadlines
from survey_pipeline.reports.deadlines.judging import Deadline
from survey_pipeline.reports.deadlines.wording import DeadlineRow, rows
from survey_pipeline.vocabulary import DeadlineState

DAYS_OF_WEEK = 7


@dataclass(frozen=True)
class CalendarDay:
    """A day of a month's grid."""

    day: date
    inside: bool
    """Whether it is of the month."""
    working: bool
    rows: Sequence[DeadlineRow]
    overdue: int
    due: int
    came: int


@dataclass(frozen=True)
class CalendarMonth:
    """How many deadlines a month has."""

    month: str
    overdue: int
    due: int
    came: int


@dataclass(frozen=True)
class YearCalendar:
    """A year's deadlines by the day on which they fall due; offices' daily reports aside."""

    by_day: Mapping[date, Sequence[Deadline]]
    months: Sequence[CalendarMonth]
    """From the first to the last that has a deadline."""
    is_working: Mapping[date, bool]
    """Of every day in the weeks of these months."""

    def month_of_day(self, day: date) -> str:
        """Return the month of a day, or the nearest that has a deadline."""
        month = month_of(day)
        if not self.months:
            return month
        return min(max(month, self.months[0].month), self.months[-1].month)

    def weeks_of(self, month: str) -> list[list[CalendarDay]]:
        """Return a month's weeks, each from Monday to Sunday."""
        days = [self._day(day, month) for day in _days_of_weeks(month)]
        return [days[at : at + DAYS_OF_WEEK] for at in range(0, len(days), DAYS_OF_WEEK)]

    def _day(self, day: date, month: str) -> CalendarDay:
        found = self.by_day.get(day, ())
        working = self.is_working.get(day, day.isoweekday() <= 5)
        inside = month_of(day) == month
        return CalendarDay(day, inside, working, rows(found), *_counts(found))


def read_year_calendar(context: Context, year: int) -> YearCalendar:
    """Return the deadlines of an appraisal year as they stand today.

    Raises:
        ConfigurationError: a standard's file is missing or wrong.
    """
    report = gather_deadlines(context, context.today(), year=year, daily=False)
    by_day: dict[date, list[Deadline]] = {}
    for deadline in report.deadlines:
        by_day.setdefault(deadline.term.due, []).append(deadline)
    by_month: dict[str, list[Deadline]] = {}
    for day in sorted(by_day):
        by_month.setdefault(month_of(day), []).extend(by_day[day])
    months = [CalendarMonth(month, *_counts(found)) for month, found in by_month.items()]
    working = {
        day: context.calendar.is_working_day(day)
        for month in by_month
        for day in _days_of_weeks(month)
    }
    return YearCalendar(by_day, months, working)


def _days_of_weeks(month: str) -> list[date]:
    """Return the days from the Monday on or before the first to the Sunday on or after the last."""
    first, last = first_day(month), last_day(month)
    begin = first - timedelta(days=first.isoweekday() - 1)
    end = last + timedelta(days=DAYS_OF_WEEK - last.isoweekday())
    return [begin + ONE_DAY * number for number in range((end - begin).days + 1)]


def _counts(deadlines: Sequence[Deadline]) -> tuple[int, int, int]:
    """Return how many are overdue, how many are due, and how many came."""
    states = [deadline.state for deadline in deadlines]
    overdue, due = states.count(DeadlineState.OVERDUE), states.count(DeadlineState.DUE)
    return overdue, due, len(states) - overdue - due
