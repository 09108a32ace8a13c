"""What every reader of files shares: chunks of rows, and the header above them.

Rows come in chunks that are bounded in characters as well as in rows, so that memory does not grow
with the file or with its cells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from survey_pipeline.errors import UnreadableFile
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.file_summary import Problem
from survey_pipeline.stages.intake.kinds.file_kind import FileKind, heading
from survey_pipeline.typed import tidy
from survey_pipeline.vocabulary.record_names import kind_named

MOST_COLUMNS = 16_384
"""Column XFD, the last one that a spreadsheet program has."""
MOST_ALIKE = 10
"""Further headings of one column that are read."""
HEADER_WITHIN = 10_000
"""Rows in which the header is looked for."""
HEADER_CELLS = 2_000_000
"""Cells in which the header is looked for."""
CHUNK_ROWS = 5_000
CHUNK_CHARACTERS = 4_000_000
"""A chunk ends with the row that reaches either bound."""
OWN_COLUMNS = frozenset({"row", "column", "reason"})
"""Columns that a rejected file adds: not read when it comes back, and no warning."""


class Chunk(NamedTuple):
    """Some rows of a file, in order, and the row number of each as the user sees it."""

    rows: Sequence[Sequence[str]]
    numbers: Sequence[int]
    read: int
    """Bytes (CSV) or rows (XLSX) read so far, out of the source's `size`."""
    damaged: Mapping[int, Message] = {}
    """Index of a row whose cells cannot be trusted, and why."""
    notes: Sequence[Problem] = ()
    """Warnings about rows."""


@dataclass
class Header:
    """Where a file's columns stand."""

    row: int
    cells: Sequence[str]
    positions: dict[str, int]
    """Column name -> index of the cell."""
    ignored: list[str] = field(default_factory=list)
    """Headings that are not read, or only where another one is blank, in order."""
    further: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Column name -> other cells that head it too, read where the first one is blank."""

    def is_english(self) -> bool:
        """Return whether every heading that is read is an English one."""
        return all(self.label(index).isascii() for index in self.positions.values())

    def label(self, index: int) -> str:
        """Return a heading as the file has it."""
        return tidy(self.cells[index])


def match_header(kind: FileKind, row: int, cells: Sequence[str]) -> Header:
    """Return which cell of a row heads which column; columns that the row lacks are left out."""
    headings = [heading(cell) if cell else "" for cell in cells[:MOST_COLUMNS]]
    found: dict[str, list[tuple[int, int]]] = {}
    for index, folded in enumerate(headings):
        for name, rank in kind.headings.get(folded, ()):
            found.setdefault(name, []).append((rank, index))
    places = {name: [index for _, index in sorted(ranked)] for name, ranked in found.items()}
    positions = {name: indices[0] for name, indices in places.items()}
    first = set(positions.values())
    further = {
        name: others[:MOST_ALIKE]
        for name, indices in places.items()
        if (others := tuple(index for index in indices[1:] if index not in first))
    }
    ignored = [
        tidy(cells[index])
        for index, folded in enumerate(headings)
        if folded and index not in first and folded not in OWN_COLUMNS | kind.not_needed
    ]
    return Header(row, tuple(cells), positions, ignored, further)


def missing_columns(kind: FileKind, header: Header) -> list[str]:
    """Return the required columns that a header lacks."""
    return [
        column.name
        for column in kind.columns
        if column.required and column.name not in header.positions
    ]


class HeaderSearch:
    """Looks for the first row with all required columns, and remembers the nearest miss."""

    def __init__(self, kind: FileKind) -> None:
        self._kind = kind
        self._best: Header | None = None
        self._cells_left = HEADER_CELLS

    def is_over(self) -> bool:
        """Return whether the search has gone through `HEADER_CELLS` cells, so that it ends."""
        return self._cells_left < 0

    def look(self, row: int, cells: Sequence[str]) -> Header | None:
        """Return the header if this row is it."""
        self._cells_left -= len(cells)
        header = match_header(self._kind, row, cells)
        if not missing_columns(self._kind, header):
            return header
        if header.positions and (
            self._best is None or len(header.positions) > len(self._best.positions)
        ):
            self._best = header
        return None

    def best(self) -> int:
        """Return how many columns the nearest miss had."""
        return len(self._best.positions) if self._best else 0

    def error(self, file_name: str) -> UnreadableFile:
        """Return the error that says what the file lacks."""
        if self._best is None:
            return UnreadableFile(
                "{file} has no header for {kind}: none of the first {most} rows names any of the "
                "columns {columns}",
                file=file_name,
                most=HEADER_WITHIN,
                kind=kind_named(self._kind.kind),
                columns=self._kind.listed(
                    column.name for column in self._kind.columns if column.required
                ),
            )
        return UnreadableFile(
            "{file} has no usable header: row {row} lacks {columns}",
            file=file_name,
            row=self._best.row,
            columns=self._kind.listed(missing_columns(self._kind, self._best)),
        )


ANOTHER_TABLE = Message(
    "the rows of the sheet {sheet} are read; the sheet {other} has the header too and is not read: "
    "save it as a file of its own"
)
HIDDEN = Message("the sheet {sheet}, which is read, is hidden; is it the one that is meant?")
NO_ROW = Message("no row stands below the header")
SWALLOWED = Message(
    "a quotation mark opens here and is not closed before the next row; close it, or write it twice"
)
LIKE_ROWS = Message(
    "a text of several lines is taken as one cell, but its lines look like rows; is a quotation "
    "mark left open?"
)
TOO_MANY_CELLS = Message(
    "the row has more cells than the header; is there a separator inside a text?"
)
