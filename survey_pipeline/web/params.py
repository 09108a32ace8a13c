"""Parts of an address, bounded by what is stored: what lies beyond is answered 422."""

from datetime import date
from typing import Annotated

from fastapi import Path

from survey_pipeline.errors import UsageError

FIRST_YEAR, LAST_YEAR = 2000, 2999
"""Years that a day, month or appraisal can have."""

Year = Annotated[int, Path(ge=FIRST_YEAR, le=LAST_YEAR)]
RecordId = Annotated[int, Path(ge=1, lt=1 << 62)]
"""The number of a record."""
Version = Annotated[int, Path(ge=1, lt=1 << 31)]
"""The number of a version of a score."""


def parse_month(text: str) -> str:
    """Read `YYYY-MM`.

    Raises:
        UsageError: it is no month, or one that no day of ours can have.
    """
    try:
        first = date.fromisoformat(text + "-01")
    except ValueError as error:
        raise UsageError("{month} is no month; write 2023-05", month=text) from error
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        raise UsageError("nothing can be known of {day}", day=text)
    return f"{first:%Y-%m}"
