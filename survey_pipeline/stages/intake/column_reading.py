"""Columns of a chunk read at once: which cells a column takes, and what it makes of them.

Cells that repeat are remembered, cells that match the column's plain pattern are taken as they are,
and only the rest goes through the careful reader.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.formats.header import Header
from survey_pipeline.stages.intake.kinds.file_kind import FileColumn
from survey_pipeline.stages.intake.values.cells import Reader
from survey_pipeline.stages.intake.values.dates import DATE_READERS, from_serials
from survey_pipeline.typed import is_blank, is_spreadsheet_error, tidy

REMEMBERED = 20_000
"""Different cells of a column that are remembered."""
SHORT = 200
"""Characters; longer cells are not remembered."""

EMPTY = Message("the cell is empty, but {column} is needed")
NOTHING = Message("the cell says that there is nothing, but {column} is needed")
SPREADSHEET_ERROR = Message(
    "{cell} is a spreadsheet's error; mend the formula, or write what is meant"
)


class _Memory(dict[str, Any]):
    """Remembers what a reader made of a cell."""

    def __init__(self, read: Reader) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, cell: str) -> object:
        value = self._read(cell)
        if len(cell) <= SHORT:
            self[cell] = value
        return value


ColumnReader = Callable[[list[str]], list[Any]]


def column_reader(column: FileColumn, epoch: date | None) -> ColumnReader:
    """Return what reads a whole column of a chunk."""
    read = column.read
    if epoch is not None and read in DATE_READERS:
        read = from_serials(read, epoch)
    read = _or_blank(column, read)
    if column.plain is not None:
        return _by_pattern(column.plain.fullmatch, column.prefix, read)
    memory = _Memory(read)

    def remembered(cells: list[str]) -> list[Any]:
        if len(memory) > REMEMBERED:
            memory.clear()
        return list(map(memory.__getitem__, cells))

    return remembered


def _or_blank(column: FileColumn, read: Reader) -> Reader:
    """Return a reader that handles blank cells and spreadsheet errors before the column's own."""
    about: dict[str, object] = {"column": column.named()}

    def read_cell(cell: str) -> object:
        text = "" if is_blank(cell) else tidy(cell)
        if is_spreadsheet_error(text):
            return Message(SPREADSHEET_ERROR.text, {"cell": text})
        if not column.is_blank(text):
            return read(text)
        return Message((NOTHING if text else EMPTY).text, about) if column.required else None

    return read_cell


CellsOf = Callable[[Sequence[Sequence[str]]], list[str]]


def cells_of(column: FileColumn, header: Header) -> CellsOf:
    """Return what takes a column's cells out of rows."""
    first, others = header.positions[column.name], header.further.get(column.name)
    if not others:
        return lambda rows: [row[first] for row in rows]
    places = (first, *others)
    return lambda rows: [first_filled(column, [row[place] for place in places]) for row in rows]


def first_filled(column: FileColumn, cells: Sequence[str]) -> str:
    """Return the first of several cells of one column that is not blank."""
    return next((cell for cell in cells if not column.is_blank(tidy(cell))), cells[0])


def _by_pattern(fits: Callable[[str], object], prefix: str, read: Reader) -> ColumnReader:
    if not prefix:
        return lambda cells: [cell if fits(cell) else read(cell) for cell in cells]
    return lambda cells: [prefix + cell if fits(cell) else read(cell) for cell in cells]
