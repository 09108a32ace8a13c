"""Readers of dates and months as offices write them.

Source: specification, section 12.1. A two-figure order such as `04/05/2023` has two
readings and is refused; so is a year of two digits.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.values.cells import Reader, shown
from survey_pipeline.typed import folded, tidy, whole_digits

MILLISECONDS = 86_400_000
"""Milliseconds of a day. A spreadsheet shows times to the millisecond; the rest is noise."""

EPOCH_1900 = date(1899, 12, 30)
"""Day 0 of Excel's usual date system, which has a 29 February 1900 (ECMA-376-1, 18.17.4)."""
EPOCH_1904 = date(1904, 1, 1)
"""Day 0 of the other date system, from old Macintosh versions."""

_TIME = (
    r"(?:[ T]*(?:上午|下午|AM|PM)?\s*\d{1,2}"
    r"(?::\d{1,2}(?::\d{1,2}(?:[.,]\d+)?)?|[时点](?:\d{1,2}分(?:\d{1,2}秒)?)?)"
    r"\s*(?:AM|PM)?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_WEEKDAY = r"(?:\s*\(?(?:星期|周)[一二三四五六日天]\)?)?"
_SEPARATED = re.compile(
    rf"^(\d{{4}})\s*([-/.])\s*(\d{{1,2}})\s*\2\s*(\d{{1,2}}){_WEEKDAY}{_TIME}$", re.IGNORECASE
)
_CHINESE = re.compile(
    rf"^(\d{{4}})\s*年\s*(\d{{1,2}})\s*月\s*(\d{{1,2}})\s*[日号]?{_WEEKDAY}{_TIME}$", re.IGNORECASE
)
_COMPACT = re.compile(rf"^(\d{{4}})(\d{{2}})(\d{{2}})(?:(?:[ T]?\d{{6}})|{_TIME})$", re.IGNORECASE)
_DAY_FIRST = re.compile(r"^\d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*\d{1,4}\b")
_NO_YEAR = re.compile(r"^(?:\d{1,2}[-/.]\d{1,2}|\d{1,2}月\d{1,2}[日号]?)$")
_SERIAL = re.compile(r"^([1-9]\d{4})(?:\.\d+)?$")

_MONTH = re.compile(r"^(\d{4})\s*[-/]\s*(\d{1,2})\s*月?$")
_MONTH_CHINESE = re.compile(r"^(\d{4})\s*年\s*(\d{1,2})\s*月(?:份)?$")
_MONTH_NUMBER = re.compile(r"^\d{4}\.\d{1,15}$")
_MONTH_COMPACT = re.compile(r"^(\d{4})(\d{2})$")
_YEARS = range(1900, 2200)


def _whole(text: str) -> str:
    """Return a number such as 20230504.0 as its digits."""
    digits = whole_digits(text)
    return text if isinstance(digits, Message) else digits


def read_date(cell: str) -> object:
    """Read a date as ISO text (`YYYY-MM-DD`); a time of day behind it is dropped."""
    text = _whole(folded(tidy(cell)))
    if found := _SEPARATED.match(text):
        return _iso(text, found[1], found[3], found[4])
    if found := _CHINESE.match(text) or _COMPACT.match(text):
        return _iso(text, found[1], found[2], found[3])
    return _not_a_date(text)


def _iso(text: str, year: str, month: str, day: str) -> object:
    try:
        value = date(int(year), int(month), int(day))
    except ValueError:
        return Message("{cell}: there is no such day", {"cell": shown(text)})
    if value.year not in _YEARS:
        return Message("{cell}: there is no such day", {"cell": shown(text)})
    return value.isoformat()


def _not_a_date(text: str) -> Message:
    if _DAY_FIRST.match(text):
        return Message(
            "{cell} is unclear: day and month could be either way round; write 2023-05-04",
            {"cell": shown(text)},
        )
    if _NO_YEAR.match(text):
        return Message("{cell} has no year; write 2023-05-04", {"cell": shown(text)})
    if _SERIAL.match(text):
        return Message(
            "{cell} is a spreadsheet's inner number of a date; format the column as a date, or "
            "save the file as .xlsx",
            {"cell": shown(text)},
        )
    return Message("{cell} is not a date; write 2023-05-04", {"cell": shown(text)})


def read_month(cell: str) -> object:
    """Read a month as `YYYY-MM`; a spreadsheet's date counts if it is the first of a month.

    October, written 2026.10, is the number 2026.1 to a spreadsheet: such a month is refused.
    """
    text = _whole(folded(tidy(cell)))
    if _MONTH_NUMBER.match(text):
        return Message(
            "{cell} is unclear: to a spreadsheet 2023.10 and 2023.1 are the same number; write "
            "2023-10",
            {"cell": shown(text)},
        )
    found = _MONTH.match(text) or _MONTH_CHINESE.match(text) or _MONTH_COMPACT.match(text)
    if found and 1 <= int(found[2]) <= 12 and int(found[1]) in _YEARS:
        return f"{found[1]}-{int(found[2]):02d}"
    day = read_date(text)
    if isinstance(day, str) and day.endswith("-01"):
        return day[:7]
    return Message("{cell} is not a month; write 2023-05", {"cell": shown(text)})


def from_serials(read: Reader, epoch: date) -> Reader:
    """Let a reader of dates or months also take a spreadsheet's day numbers.

    Args:
        read: `read_date` or `read_month`.
        epoch: day 0 of the workbook's date system.
    """

    def read_serial(cell: str) -> object:
        found = _SERIAL.match(cell)
        return read(day_of(float(cell), epoch).isoformat() if found else cell)

    return read_serial


def day_of(serial: float, epoch: date) -> date:
    """Return the day on which a spreadsheet shows a moment; a hair before midnight is midnight."""
    return epoch + timedelta(milliseconds=round(serial * MILLISECONDS))


DATE_READERS: frozenset[Callable[[str], object]] = frozenset({read_date, read_month})
"""Readers that `from_serials` may widen."""
