"""The periods of an appraisal year: its months, its quarters, the year itself. Pure.

A month belongs to the year in whose window its last day lies; quarters are cut by the window. So
each day belongs to one period of each length.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from survey_pipeline.calendar import first_day, last_day, month_of, months_between
from survey_pipeline.standard.model import Standard, Window

MONTHS_OF_QUARTER = 3


@dataclass(frozen=True)
class Period:
    """The days that a delivery is for, both ends included."""

    name: str
    """`2023-05`, `2023-Q2` or `2023`."""
    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def month_period(month: str) -> Period:
    """Return a month (`YYYY-MM`) as a period."""
    return Period(month, first_day(month), last_day(month))


def year_period(standard: Standard) -> Period:
    """Return the appraisal year as one period."""
    window = standard.window
    return Period(str(standard.year), window.first, window.until)


def months(window: Window) -> Iterator[Period]:
    """Yield the months whose last day lies in the window."""
    for month in months_between(window.after, window.until):
        if last_day(month) in window:
            yield month_period(month)


def quarters(window: Window) -> Iterator[Period]:
    """Yield the calendar's quarters, cut by the window: the last one ends with the cut-off date.

    Source: specification, section 14.D.
    """
    for month in months_between(window.first, window.until):
        start = first_day(month)
        if start.month % MONTHS_OF_QUARTER == 1 or start <= window.first:
            yield _quarter_from(max(start, window.first), window.until)


def quarter_of(window: Window, name: str) -> Period | None:
    """Return the part of a calendar quarter (`2023-Q1`) in the window; None if it has none."""
    return next((quarter for quarter in quarters(window) if quarter.name == name), None)


def _quarter_from(first: date, until: date) -> Period:
    """Return what is left of a quarter from a day on, up to the end of the window."""
    number = _quarter_number(first)
    end = last_day(month_of(first.replace(day=1, month=number * MONTHS_OF_QUARTER)))
    return Period(quarter_name(first), first, min(end, until))


def quarter_name(day: date) -> str:
    """Return the name of the calendar's quarter that holds a day: `2023-Q1`."""
    return f"{day.year}-Q{_quarter_number(day)}"


def _quarter_number(day: date) -> int:
    return (day.month - 1) // MONTHS_OF_QUARTER + 1
