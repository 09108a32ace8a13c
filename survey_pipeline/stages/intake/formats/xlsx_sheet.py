"""The rows of one worksheet, from XML events to cells as text."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from survey_pipeline.stages.intake.formats.header import MOST_COLUMNS
from survey_pipeline.stages.intake.formats.xlsx_strings import LONGEST_TEXT
from survey_pipeline.stages.intake.values.dates import day_of
from survey_pipeline.typed import is_spreadsheet_error

MOST_ROW_NUMBER = 1_048_576
LONGEST_ROW = 1 << 20
"""Characters of one row; a real one has some hundreds."""

LAST_DAY = 2_958_465
"""31 December 9999, the last day that a spreadsheet has."""
SMALLEST = 1e-9
"""Smaller numbers are written with an exponent."""

_REFERENCE = re.compile(r"^([A-Z]{1,3})([0-9]{1,7})$")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TRUTH = {"1": "TRUE", "0": "FALSE"}


class SheetRows:
    """Handlers of a worksheet's XML; `take` gives the rows finished so far.

    A cell is text: a number as its digits, a number shown as a date as `YYYY-MM-DD`, a truth value
    as TRUE or FALSE, an error as the spreadsheet shows it (`#N/A`). Rows without any text are left
    out. Raises ValueError where the sheet contradicts the format.
    """

    def __init__(self, strings: Sequence[str], dates: frozenset[int], epoch: date | None) -> None:
        self._strings = strings
        self._dates = dates
        self._epoch = epoch
        self._done: list[tuple[int, dict[int, str]]] = []
        self._row = 0
        self._cells: dict[int, str] = {}
        self._column = 0
        self._characters = 0
        self._type = ""
        self._style = 0
        self._parts: list[str] = []
        self._length = 0
        self._collecting = False
        self._in_reading = False

    def take(self, width: int) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows finished since the last call: number, `width` cells from A at most."""
        done, self._done = self._done, []
        for number, cells in done:
            yield number, _dense(cells, width)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        if tag == "c":
            self._column = _column(attributes.get("r", ""), self._column)
            self._type = attributes.get("t", "n")
            self._style = int(attributes.get("s", "0"))
            self._parts, self._length = [], 0
        elif tag in {"v", "t"}:
            self._collecting = not self._in_reading
        elif tag == "rPh":
            self._in_reading = True
        elif tag == "row":
            number = int(attributes.get("r", self._row + 1))
            if not self._row < number <= MOST_ROW_NUMBER:
                raise ValueError("rows out of order")
            self._row, self._column, self._cells, self._characters = number, 0, {}, 0

    def text(self, data: str) -> None:
        """Take character data."""
        if self._collecting and self._length < LONGEST_TEXT:
            self._length += len(data)
            self._parts.append(data)

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if tag in {"v", "t"}:
            self._collecting = False
        elif tag == "rPh":
            self._in_reading = False
        elif tag == "c" and self._parts:
            text = self._value("".join(self._parts)[:LONGEST_TEXT])
            self._characters += len(text)
            if self._characters > LONGEST_ROW:
                raise ValueError("a row of more than a million characters")
            self._cells[self._column] = text
        elif tag == "row" and any(self._cells.values()):
            self._done.append((self._row, self._cells))

    def _value(self, raw: str) -> str:
        if self._type == "s":
            return _unescaped(self._strings[int(raw)])
        if self._type == "n":
            return self._number(raw)
        if self._type == "b":
            return _TRUTH.get(raw.strip(), raw)
        if self._type == "e":
            return raw if is_spreadsheet_error(raw.strip()) else "#ERROR!"
        if self._type == "d":
            return raw[:10]
        return _unescaped(raw)

    def _number(self, raw: str) -> str:
        number = float(raw)
        if self._style in self._dates and self._epoch is not None and 1 <= number < LAST_DAY:
            return day_of(number, self._epoch).isoformat()
        if number.is_integer():
            # A spreadsheet keeps fifteen digits: what is longer has lost its end.
            return str(int(number)) if abs(number) < 1e15 else f"{number:.4E}"
        return _fifteen_digits(number)


def _fifteen_digits(number: float) -> str:
    """Return a number as a spreadsheet shows it at most: the rest is noise of its arithmetic."""
    text = f"{number:.15g}"
    return text if abs(number) < SMALLEST else f"{Decimal(text):f}"


def _column(reference: str, previous: int) -> int:
    """Return a cell's column from 1; a cell without a reference stands right of the one before."""
    if not reference:
        column = previous + 1
    else:
        found = _REFERENCE.match(reference)
        if found is None:
            raise ValueError("no cell reference")
        column = 0
        for letter in found[1]:
            column = column * 26 + ord(letter) - 64
    if column > MOST_COLUMNS:
        raise ValueError("no such column")
    return column


def _dense(cells: dict[int, str], width: int) -> list[str]:
    return [cells.get(column, "") for column in range(1, min(max(cells), width) + 1)]


def _unescaped(text: str) -> str:
    """Undo `_x000D_`, the way in which SpreadsheetML writes control characters (22.9.2.19)."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return "\ufffd" if code == 0 or 0xD800 <= code <= 0xDFFF else chr(code)
