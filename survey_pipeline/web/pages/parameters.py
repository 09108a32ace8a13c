"""Parameters of addresses, read and bounded by what can be stored; beyond that, 422."""

import re
from datetime import date
from typing import Annotated

from fastapi import Path, Query

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord, UsageError
from survey_pipeline.i18n import N_
from survey_pipeline.reports.day_course import opening_day

FIRST_YEAR, LAST_YEAR = 2000, 2999
"""Years that a day, month or appraisal can have."""
KEY_LIMIT = 1 << 62
"""Numbers of records are below it."""

NO_MONTH = N_("{month} is no month; write 2023-05")
NO_DATE = N_("{day} is no date; write 2023-05-04")
NOTHING_KNOWN = N_("nothing can be known of {day}")

Day = Annotated[str, Query(alias="date", max_length=20)]
Year = Annotated[int, Path(ge=FIRST_YEAR, le=LAST_YEAR)]
RecordId = Annotated[int, Path(ge=1, lt=KEY_LIMIT)]
"""The number of a record."""
Version = Annotated[int, Path(ge=1, lt=1 << 31)]
"""The number of a version of a score."""


class UnknownDate(UsageError):
    """A day or month that is not in the calendar, or whose year is out of range."""


def parse_day(context: Context, text: str) -> date:
    """Read the day of a page, `YYYY-MM-DD`; without one, the day that the page opens with.

    Raises:
        UnknownDate: it is not in the calendar, or its year is out of range.
        UsageError: it is no date, or it has not begun.
    """
    today = context.today()
    day = parse_date(text) if text else opening_day(context)
    if day > today:
        raise UsageError(NOTHING_KNOWN, day=day)
    return day


def parse_month(text: str) -> str:
    """Read `YYYY-MM`.

    Raises:
        UnknownDate: it is not in the calendar, or its year is out of range.
        UsageError: it is no month.
    """
    return f"{_parsed(text, text + '-01', NO_MONTH):%Y-%m}"


def parse_date(text: str) -> date:
    """Read `YYYY-MM-DD`.

    Raises:
        UnknownDate: it is not in the calendar, or its year is out of range.
        UsageError: it is no date.
    """
    return _parsed(text, text, NO_DATE)


def parse_key(text: str) -> int:
    """Read the number of a record.

    Raises:
        UnknownRecord: it is no number that a record can have.
    """
    if not (text.isascii() and text.isdigit() and int(text) < KEY_LIMIT):
        raise UnknownRecord("there is no entry {number}", number=text)
    return int(text)


def _parsed(text: str, day: str, problem: str) -> date:
    try:
        found = date.fromisoformat(day)
    except ValueError as error:
        kind = UnknownDate if _NUMBERS.fullmatch(text) else UsageError
        raise kind(problem, day=text, month=text) from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise UnknownDate(NOTHING_KNOWN, day=text)
    return found


_NUMBERS = re.compile(r"[-+]?[0-9][-0-9]*")
