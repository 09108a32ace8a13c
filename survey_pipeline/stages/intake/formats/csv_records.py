"""Records of a CSV file, one at a time, where a quotation mark may have been left open.

The csv module reads on through the lines below an opening quotation mark until the next one,
however many rows that takes in. So each line that would be taken in is judged by itself: the
first that is a row ends the record, which is then damaged, and reading goes on with that line. A
text of several lines that is quoted properly holds no such line, and stays one cell.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from survey_pipeline.errors import UnreadableFile

LONGEST_CELL = 2 << 20
"""A cell longer than this, in characters, is a quotation mark that was never closed."""
LONGEST_RECORD = 2 * LONGEST_CELL


class Likeness(Enum):
    """What a line inside a quotation looks like."""

    TEXT = 0
    DOUBTFUL = 1
    """It could be a row, but nothing in it shows it."""
    ROW = 2


LineJudge = Callable[[Sequence[str], Sequence[str]], Likeness]
"""Returns what a line inside a quotation looks like, by its cells and those of the line where
the quotation mark opens."""


class CsvRecord(NamedTuple):
    """One row of the file."""

    line: int
    """The line on which it begins."""
    cells: list[str]
    taken: Likeness
    """What the likeliest row among the lines inside its quotation marks looks like."""


class _RowInside(Exception):
    """Ends a record at a line that is a row by itself; never leaves this module."""


class CsvRecords:
    """The records of some lines; `line` is how many lines have been read."""

    def __init__(
        self, text: Iterator[str], delimiter: str, judge: LineJudge, name: str, *, passed: int = 0
    ) -> None:
        """Prepare to read.

        Args:
            text: the lines, with their ends.
            delimiter: what separates cells.
            judge: says what a line inside a quotation is.
            name: the file's, for errors.
            passed: how many lines to skip first.
        """
        csv.field_size_limit(LONGEST_CELL)
        self._text = text
        self._delimiter = delimiter
        self._judge = judge
        self._name = name
        self._again: str | None = None
        self._begin()
        self.line = 0
        for _ in zip(range(passed), text, strict=False):
            self.line += 1

    def _begin(self) -> None:
        self._first, self._length = "", 0
        self._more = io.StringIO()
        self._inside = Likeness.TEXT

    def __iter__(self) -> Iterator[CsvRecord]:
        """Yield the records.

        Raises:
            UnreadableFile: a quotation mark is never closed, or a record has no end.
        """
        # not a generator: it must go on after an exception
        reader = csv.reader(iter(self._next, None), delimiter=self._delimiter)
        while True:
            start = self.line + 1
            self._first, self._length = "", 0
            try:
                cells = next(reader)
            except StopIteration:
                return
            except _RowInside:
                yield CsvRecord(start, self._broken_off(), Likeness.ROW)
                self._begin()
                continue
            except csv.Error as error:
                raise self._never_closed(start) from error
            if self._length:
                yield CsvRecord(start, cells, self._inside)
                self._begin()
            else:
                yield CsvRecord(start, cells, Likeness.TEXT)

    def first_cells(self) -> list[str]:
        """Return the cells of the present record's first line by itself."""
        return self._cells(self._first)

    def _next(self) -> str:
        """Give the csv reader a line: the first of a record, or one inside a quotation."""
        line, self._again = self._again, None
        if line is None:
            line = next(self._text, "")
        if not line:
            if self._more.getvalue().strip():
                self._inside = Likeness.ROW  # open to the file's end: rows or not, it is damaged
            raise StopIteration
        if not self._first:
            self._first = line
        else:
            self._take_in(line)
        self.line += 1
        return line

    def _take_in(self, line: str) -> None:
        taken = self._looks_like(line)
        if taken is Likeness.ROW:
            self._again = line
            raise _RowInside
        if taken is Likeness.DOUBTFUL:
            self._inside = taken
        self._more.write(line)
        self._length += len(line)
        if self._length > LONGEST_RECORD:
            raise _too_long(self._name, self.line + 1)

    def _looks_like(self, line: str) -> Likeness:
        inside = _inside_quotation(line, self._delimiter)
        if self._delimiter not in inside:
            return Likeness.TEXT
        return self._judge(self._cells(inside), self._cells(self._first))

    def _broken_off(self) -> list[str]:
        """Return the cells of a record up to the line that is a row by itself."""
        cells = self._cells(self._first + self._more.getvalue())
        return [*cells[:-1], *(cell.rstrip("\r\n") for cell in cells[-1:])]

    def _cells(self, text: str) -> list[str]:
        lines = io.StringIO(text, newline="")
        return next(csv.reader(lines, delimiter=self._delimiter), [])

    def _never_closed(self, line: int) -> UnreadableFile:
        return UnreadableFile(
            "{file}: a quotation mark in line {row} is never closed. Close it, or write quotation "
            "marks inside a text twice",
            file=self._name,
            row=line,
        )


def plain_records(text: Iterator[str], delimiter: str, name: str) -> Iterator[list[str]]:
    """Yield the cells of each line, where the text has no quotation mark.

    Raises:
        UnreadableFile: a cell has no end.
    """
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(text, delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        raise _too_long(name, reader.line_num + 1) from error


def _too_long(name: str, line: int) -> UnreadableFile:
    return UnreadableFile(
        "{file}: the rows before line {row} are too long for a table of records",
        file=name,
        row=line,
    )


def _inside_quotation(line: str, delimiter: str) -> str:
    """Return what of a line lies inside the quotation that was open at its beginning.

    A quotation mark that another one follows is a character of the text. One that neither a
    separator nor the line's end follows does not close a quotation properly: then the whole line
    may be a row.
    """
    at = line.find('"')
    while at >= 0 and line[at + 1 : at + 2] == '"':
        at = line.find('"', at + 2)
    if at < 0:
        return line
    return line[:at] if line[at + 1 : at + 2] in {delimiter, "\r", "\n", ""} else line
