"""The days that an office reported, as the calendar of its own page shows them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select

from survey_pipeline.calendar import ONE_DAY, first_day, last_day
from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.reports.missing_reports import ReportingSpan, reporting_span
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import daily_reports, offices, parents


class DayState(StrEnum):
    """Where an office's report of a day stands."""

    REPORTED = "reported"
    ZERO = "zero"
    """It said that it had no case."""
    MISSING = "missing"
    """A report was owed and did not come."""
    OPEN = "open"
    """It is owed today."""
    FREE = "free"
    """None is owed: no working day, before the office's time or after it."""
    AHEAD = "ahead"


@dataclass(frozen=True)
class OfficeView:
    """An office, as the head of its page names it."""

    office_code: str
    name: str
    parent_code: str
    parent: str


@dataclass(frozen=True)
class ReportedDay:
    """One day of an office's calendar."""

    day: date
    state: DayState
    reported: int
    """Accepted cases, withdrawn ones taken off."""
    working: bool


@dataclass(frozen=True)
class ReportedMonth:
    """A month of an office's reports."""

    month: str
    days: Sequence[ReportedDay]
    certain: bool
    """Whether the year's working days are known."""

    @property
    def reported(self) -> int:
        """Cases of the whole month."""
        return sum(day.reported for day in self.days)

    def count(self, state: DayState) -> int:
        """Return how many days are in a state."""
        return sum(day.state is state for day in self.days)

    @property
    def missing(self) -> list[date]:
        """The days whose report did not come, the latest first."""
        return [day.day for day in reversed(self.days) if day.state is DayState.MISSING]

    @property
    def weeks(self) -> Iterator[Sequence[ReportedDay | None]]:
        """Yield the weeks, Monday first; places outside the month are empty."""
        places: list[ReportedDay | None] = [None] * self.days[0].day.weekday()
        places += self.days
        places += [None] * (-len(places) % 7)
        for start in range(0, len(places), 7):
            yield places[start : start + 7]


def read_office(context: Context, office_code: str) -> OfficeView:
    """Return an office's name.

    Raises:
        UnknownRecord: there is no such office.
    """
    with reading(context.engine) as connection:
        found = connection.execute(
            select(offices.c.name, offices.c.parent_code, parents.c.name.label("parent"))
            .outerjoin(parents, parents.c.parent_code == offices.c.parent_code)
            .where(offices.c.office_code == office_code)
        ).one_or_none()
    if found is None:
        raise UnknownRecord("there is no office {code}", code=office_code)
    return OfficeView(office_code, found.name, found.parent_code, found.parent or "")


def reported_month(context: Context, office_code: str, month: str) -> ReportedMonth:
    """Return what an office reported in a month, day by day.

    Raises:
        UnknownRecord: there is no such office.
    """
    first, last = first_day(month), last_day(month)
    with reading(context.engine) as connection:
        known = select(offices.c.office_code).where(offices.c.office_code == office_code)
        if connection.scalar(known) is None:
            raise UnknownRecord("there is no office {code}", code=office_code)
        came = {
            row.reported_on: row
            for row in connection.execute(
                select(daily_reports).where(
                    daily_reports.c.office_code == office_code,
                    daily_reports.c.reported_on.between(first, last),
                )
            )
        }
        owing = _Owing(context, reporting_span(connection, context, office_code))
    days = [first + offset * ONE_DAY for offset in range((last - first).days + 1)]
    return ReportedMonth(
        month,
        [owing.day(day, came.get(day)) for day in days],
        context.calendar.covers(first.year),
    )


class _Owing:
    """On which days an office owes a report (docs/decisions/daily-reports.md)."""

    def __init__(self, context: Context, owed: ReportingSpan | None) -> None:
        self._context, self._owed, self._today = context, owed, context.today()

    def day(self, day: date, came: Row[Any] | None) -> ReportedDay:
        """Return how a day stands, given what came for it."""
        working = self._context.calendar.is_working_day(day)
        reported = came.reported if came else 0
        return ReportedDay(day, self._state(day, came, working=working), reported, working)

    def _state(self, day: date, came: Row[Any] | None, *, working: bool) -> DayState:
        if came is not None and came.reported:
            return DayState.REPORTED
        if came is not None and came.zero:
            return DayState.ZERO
        if day > self._today:
            return DayState.AHEAD
        if not working or self._owed is None or day not in self._owed:
            return DayState.FREE
        return DayState.OPEN if day == self._today else DayState.MISSING
