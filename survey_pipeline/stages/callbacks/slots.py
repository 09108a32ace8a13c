"""The parts of the calling day.

Each window of `callbacks.hours` is cut into equal parts of at most two hours, lettered in order:
the shipped hours make `a` (09:00-10:30), `b` (10:30-12:00), `c` (14:00-15:45) and `d`
(15:45-17:30).
Somebody who was not there in one part of the day is tried in another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil
from string import ascii_lowercase

from survey_pipeline.calendar import ONE_DAY, Calendar
from survey_pipeline.notation import Hours

LONGEST = timedelta(hours=2)
"""No part is longer."""


@dataclass(frozen=True)
class DayPart:
    """A part of the day in local time, from `start` (inclusive) to `end` (exclusive)."""

    letter: str
    start: time
    end: time


def parts_of_day(hours: Sequence[Hours]) -> tuple[DayPart, ...]:
    """Cut the calling hours into parts."""
    bounds = [bound for window in hours for bound in _cut(window)]
    return tuple(
        DayPart(letter, start, end)
        for letter, (start, end) in zip(ascii_lowercase, bounds, strict=False)
    )


def _cut(window: Hours) -> Iterator[tuple[time, time]]:
    first = datetime.combine(date.min, window.start)
    length = datetime.combine(date.min, window.end) - first
    count = max(1, ceil(length / LONGEST))
    for number in range(count):
        begin, end = first + length * number / count, first + length * (number + 1) / count
        yield begin.time(), end.time()


def part_at(moment: datetime, parts: Sequence[DayPart], calendar: Calendar) -> DayPart:
    """Return the part in which a moment lies; outside calling hours the part before it."""
    clock = calendar.local(moment).time()
    return next((part for part in reversed(parts) if part.start <= clock), parts[0])


def coming_parts(
    moment: datetime, parts: Sequence[DayPart], calendar: Calendar
) -> list[tuple[datetime, DayPart]]:
    """Return each part of the day once, with when it next is open, soonest first.

    Args:
        moment: the earliest moment, within calling hours; the part it lies in begins there.
        parts: the parts of the day.
        calendar: which days are worked.
    """
    found: list[tuple[datetime, DayPart]] = []
    day = calendar.day(moment)
    while len(found) < len(parts):
        found += [
            (max(moment, calendar.at(day, part.start)), part)
            for part in parts
            if calendar.at(day, part.end) > moment and part not in {seen for _, seen in found}
        ]
        day = calendar.next_working_day(day + ONE_DAY)
    return found
