"""Parts of an address, bounded by what is stored: what lies beyond is answered 422."""

import re
from datetime import date
from typing import Annotated

from fastapi import Path

from survey_pipeline.errors import UsageError
from survey_pipeline.i18n import N_

FIRST_YEAR, LAST_YEAR = 2000, 2999
"""Years that a day, month or appraisal can have."""

NO_MONTH = N_("{month} is no month; write 2023-05")
NO_DATE = N_("{day} is no date; write 2023-05-04")
NOTHING_KNOWN = N_("nothing can be known of {day}")

Year = Annotated[int, Path(ge=FIRST_YEAR, le=LAST_YEAR)]
RecordId = Annotated[int, Path(ge=1, lt=1 << 62)]
"""The number of a record."""
Version = Annotated[int, Path(ge=1, lt=1 << 31)]
"""The number of a version of a score."""


class NoSuchTime(UsageError):
    """A day or month of an address that is not in the calendar, or in none of our years."""


def parse_month(text: str) -> str:
    """Read `YYYY-MM`.

    Raises:
        NoSuchTime: it is in no calendar, or in none of our years.
        UsageError: it is no month at all.
    """
    return f"{_parsed(text, text + '-01', NO_MONTH):%Y-%m}"


def parse_date(text: str) -> date:
    """Read `YYYY-MM-DD`.

    Raises:
        NoSuchTime: it is in no calendar, or in none of our years.
        UsageError: it is no date at all.
    """
    return _parsed(text, text, NO_DATE)


def _parsed(text: str, day: str, otherwise: str) -> date:
    try:
        found = date.fromisoformat(day)
    except ValueError as error:
        kind = NoSuchTime if _NUMBERS.fullmatch(text) else UsageError
        raise kind(otherwise, day=text, month=text) from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise NoSuchTime(NOTHING_KNOWN, day=text)
    return found


_NUMBERS = re.compile(r"[-+]?[0-9][-0-9]*")
