"""How people write spans of time in configuration: durations, plans, hours, cron lines."""

import re
from collections.abc import Mapping
from datetime import time, timedelta
from typing import NamedTuple

from survey_pipeline.i18n import N_, Message, coded

LONGEST = timedelta(days=3660)
"""Ten years: more is a slip of the pen, and dates would run out of their range."""

_DURATION = re.compile(r"^([0-9]{1,9})\s*([smhd])$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_HOURS = re.compile(r"^([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})$")


def parse_duration(value: object) -> timedelta:
    """Read `30s`, `15m`, `48h` or `7d`.

    Raises:
        ValueError: for anything else; a plain number has no unit and is refused.
    """
    if isinstance(value, timedelta):
        return value
    found = _DURATION.match(value.strip()) if isinstance(value, str) else None
    if not found:
        raise ValueError(N_("write a duration as 30s, 15m, 48h or 7d"))
    unit = timedelta(**{_UNITS[found[2]]: 1})
    if int(found[1]) > LONGEST // unit:
        raise ValueError(N_("write a duration as 30s, 15m, 48h or 7d, of ten years at most"))
    return int(found[1]) * unit


def parse_plan(value: object) -> tuple[timedelta, ...]:
    """Read a plan of attempts such as `0h 4h 1d`: the wait before each attempt."""
    if isinstance(value, tuple):
        return value
    if not isinstance(value, str) or not value.split():
        raise ValueError(N_('write a plan of attempts as "0h 4h 1d"'))
    return tuple(parse_duration(part) for part in value.split())


class Hours(NamedTuple):
    """A window of one day in local time: from `start` (inclusive) to `end` (exclusive)."""

    start: time
    end: time


def parse_hours(value: object) -> Hours:
    """Read `09:00-12:00`."""
    if isinstance(value, Hours):
        return value
    found = _HOURS.match(value.strip()) if isinstance(value, str) else None
    if not found:
        raise ValueError(N_('write hours as "09:00-12:00"'))
    try:
        start, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    except ValueError as error:
        raise ValueError(N_("a day has hours from 00:00 to 23:59")) from error
    if start >= end:
        raise ValueError(N_("the window must end after it begins, within one day"))
    return Hours(start, end)


WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""As cron counts them: 0 and 7 are Sunday. (APScheduler counts from Monday.)"""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days of the months, in a leap year."""

_FIELDS: Mapping[str, tuple[int, int, Mapping[str, int]]] = {
    "minute": (0, 59, {}),
    "hour": (0, 23, {}),
    "day": (1, 31, {}),
    "month": (1, 12, {name: number for number, name in enumerate(MONTHS, 1)}),
    "day_of_week": (0, 7, {name: number for number, name in enumerate(WEEKDAYS[:7])}),
}
_NAMES = {
    "minute": N_("minute"),
    "hour": N_("hour"),
    "day": N_("day of the month"),
    "month": N_("month of the year"),
    "day_of_week": N_("day of the week"),
}
_PART = re.compile(r"^(?:(\*)|([0-9]{1,2}|[a-z]{3})(?:-([0-9]{1,2}|[a-z]{3}))?)(?:/([0-9]{1,2}))?$")


class Cron(NamedTuple):
    """A cron line, each field as the words of the days, hours ... on which it fires."""

    minute: str
    hour: str
    day: str
    month: str
    day_of_week: str
    either_day: bool = False
    """Whether day of month and day of week are both restricted, so that either of them may hold.

    A field that begins with `*` restricts nothing in this sense: crontab(5), "Note".
    """


def parse_cron(value: str) -> Cron:
    """Read a cron line of five fields: minute, hour, day, month, day of the week.

    Raises:
        ValueError: a field is missing, unreadable or out of its range, or the line never fires.
    """
    fields = value.casefold().split()
    if len(fields) != len(_FIELDS):
        raise ValueError(N_('write a cron line of five fields, such as "30 17 * * *"'))
    read = dict(zip(_FIELDS, map(_field, _FIELDS, fields), strict=True))
    _, _, day, _, weekday = fields
    either = not day.startswith("*") and not weekday.startswith("*")
    if not either and not _has_a_day(read["day"], read["month"]):
        raise ValueError(N_("this cron line never fires: none of its months has such a day"))
    return Cron(**read, either_day=either)


def _has_a_day(days: str, months: str) -> bool:
    """Return whether one of the months has one of the days, in a leap year at least."""
    if "*" in {days, months}:
        return True
    first = min(map(int, days.split(",")))
    return any(first <= LONGEST_MONTHS[int(month) - 1] for month in months.split(","))


def _field(name: str, text: str) -> str:
    if text == "*":
        return text
    numbers = sorted({number for part in text.split(",") for number in _part(name, part)})
    if name == "day_of_week":
        return ",".join(sorted({WEEKDAYS[number] for number in numbers}, key=WEEKDAYS.index))
    return ",".join(map(str, numbers))


def _part(name: str, part: str) -> range:
    """Return the numbers of `5`, `mon-fri`, `*/15`, `10-40/10`; `5/15` runs to the field's end."""
    low, high, names = _FIELDS[name]
    found = _PART.match(part)
    if not found:
        raise ValueError(_wrong(name, part))
    star, first, last, step = found.groups()
    start = low if star else _number(first, names)
    end = _number(last, names) if last else high if star or step else start
    if last == "sun" and start > 0:
        end = 7  # sat-sun ends the week
    if not low <= start <= end <= high or (step and not int(step)):
        raise ValueError(_wrong(name, part))
    return range(start, end + 1, int(step or 1))


def _wrong(name: str, part: str) -> Message:
    low, high, _ = _FIELDS[name]
    text = N_('"{part}" is no {field} of a cron line: from {low} to {high}')
    return Message(
        text, {"part": part, "field": coded(name, Message(_NAMES[name])), "low": low, "high": high}
    )


def _number(word: str, names: Mapping[str, int]) -> int:
    return int(word) if word.isdigit() else names.get(word, -1)
