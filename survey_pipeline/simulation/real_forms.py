"""The shipped reports, as offices really send them, with their dates moved into another month."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from survey_pipeline.calendar import first_day, month_of
from survey_pipeline.errors import CannotProceed
from survey_pipeline.i18n import N_
from survey_pipeline.workspace import shipped_reports

REPORTED = date(2023, 5, 4)
"""The day on which the shipped files were reported."""
REGISTER = ("parents.csv", "offices.csv")
DELIVERED = "satisfaction.csv"
NO_OPENPYXL = N_(
    "The demo needs openpyxl, which is not installed. Install the program with its extra: "
    "pip install 'survey-pipeline[demo]'"
)
_DATE = re.compile(r"(2023)([-/.年]?)(0?[1-9])([-/.月]?)(0?[1-9]|[12]\d|3[01])(日?)(?!\d)")
_MONTH = re.compile(r"(2023)(年|-)(0?[1-9])(月?)(?![-/.\d])")
_SERIALS = range(45_000, 45_060)
"""Spreadsheet serials of the spring of 2023, the only numbers of that size in the files."""


def moved_reports(folder: Path, reported_on: date) -> list[Path]:
    """Write the shipped case reports as if reported on another day; return their paths."""
    shift = reported_on - REPORTED
    found = sorted(shipped_reports().glob("0[0-9]-*"))
    return [_moved(path, folder / path.name, shift) for path in found]


def moved_delivery(folder: Path, reported_on: date) -> Path:
    """Write the shipped delivery of results for the month before; return its path."""
    path = shipped_reports() / DELIVERED
    before = month_of(first_day(month_of(reported_on)) - timedelta(days=1))
    text = _MONTH.sub(before, path.read_text(encoding="utf-8-sig"))
    target = folder / DELIVERED
    target.write_text(_in_text(text, reported_on - REPORTED), encoding="utf-8-sig")
    return target


def _moved(source: Path, target: Path, shift: timedelta) -> Path:
    if source.suffix == ".xlsx":
        _move_workbook(source, target, shift)
    else:
        data = source.read_bytes()
        encoding = "gb18030" if _is_gb18030(data) else "utf-8"
        # by bytes: line ends and the byte order mark stay as the office sent them
        target.write_bytes(_in_text(data.decode(encoding), shift).encode(encoding))
    return target


def _is_gb18030(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _in_text(text: str, shift: timedelta) -> str:
    return _DATE.sub(lambda found: _shifted(found, shift), text)


def _shifted(found: "re.Match[str]", shift: timedelta) -> str:
    """Return a date in the form in which it was written; what is no date stays as it is."""
    year, first, month, second, day, end = found.groups()
    if bool(first) != bool(second) or (not first and len(month) + len(day) != 4):
        return found[0]
    try:
        moved = date(int(year), int(month), int(day)) + shift
    except ValueError:
        return found[0]
    width = 2 if len(month) == 2 else 1
    return f"{moved.year}{first}{moved.month:0{width}d}{second}{moved.day:0{len(day)}d}{end}"


def _move_workbook(source: Path, target: Path, shift: timedelta) -> None:
    try:
        from openpyxl import load_workbook  # noqa: PLC0415 - an extra: only the demo needs it
    except ModuleNotFoundError as error:
        raise CannotProceed(NO_OPENPYXL) from error

    book = load_workbook(source, data_only=True)  # values: this library would drop cached ones
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if not hasattr(cell, "column_letter"):
                    continue  # the rest of a merged title
                cell.value = _in_cell(cell.value, shift)
    book.save(target)


def _in_cell(value: Any, shift: timedelta) -> Any:
    if isinstance(value, datetime):
        return value + shift
    if isinstance(value, str):
        return _in_text(value, shift)
    if isinstance(value, int) and value in _SERIALS:
        return value + shift.days
    return value
