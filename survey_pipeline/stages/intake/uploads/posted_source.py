"""The rows of a message as a source: read like the rows of a file.

Names of columns are the English names or Chinese headings of a file. Where a row has several names
of one column, the best one that is filled is read, as in a file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from survey_pipeline.i18n import Message
from survey_pipeline.phones import without_numbers
from survey_pipeline.stages.intake.checking import is_blank_row
from survey_pipeline.stages.intake.column_reading import first_filled
from survey_pipeline.stages.intake.file_summary import CellReason, Problem, problem_of
from survey_pipeline.stages.intake.formats.header import OWN_COLUMNS, Chunk, Header
from survey_pipeline.stages.intake.kinds import CASES
from survey_pipeline.stages.intake.kinds.file_kind import heading
from survey_pipeline.typed import as_key

MOST_NAMES = 100
"""Most columns of one row, and most names that are reported as not read."""
LONGEST_NAME = 60
"""Characters of a name that a message repeats."""
MOST_PLACES = 1_000
"""Names of columns whose place is kept in memory."""

NO_ROW = Message("this is no row: write an object with the columns as names")
NO_CELL = Message("the value is no text and no number")
BLANK = Message("the row is empty")
TWICE = Message("the name {name} stands twice in the row; write it once")
OUT_OF_RANGE = Message("the number is out of range")
DIFFERS = Message("{name} means the same and says something else; it is not read")

_SURROGATE = re.compile("[\ud800-\udfff]")
_NAMES = tuple(column.name for column in CASES.columns)
_POSITIONS = {name: position for position, name in enumerate(_NAMES)}


class Repeated(tuple[object, ...]):
    """The values of a name that stands several times in one row."""

    __slots__ = ()


class _Place(NamedTuple):
    """The column that a name means."""

    position: int
    rank: int
    """How well the name fits: 0 is best."""


class _Given(NamedTuple):
    """A cell as a row gives it."""

    rank: int
    name: str
    text: str


class PostedSource:
    """A message's rows, numbered from 1; a `formats.source.Source`."""

    epoch: date | None = None
    notes: Sequence[Message] = ()

    def __init__(self, rows: Sequence[object], digest: str) -> None:
        """Read the rows.

        Args:
            rows: as the message has them; what is no row is noted in `unread`.
            digest: SHA-256 of the message, in hex.
        """
        self.file_hash, self.size = digest, len(rows)
        self.header = Header(0, _NAMES, dict(_POSITIONS))
        self.unread: dict[int, CellReason] = {}
        """Number of a row that cannot be read at all -> column and reason."""
        self.doubtful: list[Problem] = []
        """Warnings about rows."""
        self._places: dict[str, _Place | None] = {}
        self._ignored: dict[str, None] = {}
        self._cells: list[list[str]] = []
        self._numbers: list[int] = []
        for number, row in enumerate(rows, 1):
            self._read(number, row)

    @property
    def ignored(self) -> list[str]:
        """Names that nothing reads."""
        return list(self._ignored)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows that could be read, as one chunk."""
        if self._cells:
            yield Chunk(self._cells, self._numbers, self.size)

    def _read(self, number: int, row: object) -> None:
        """Read one row: into a row of cells, or into `unread`."""
        if not isinstance(row, Mapping) or len(row) > MOST_NAMES:
            self.unread[number] = ("", NO_ROW)
            return
        given: dict[int, list[_Given]] = {}
        for name, value in row.items():
            place = self._place(str(name))
            if place is None:
                continue
            if problem := _not_a_cell(str(name), value):
                self.unread[number] = (_NAMES[place.position], problem)
                return
            cell = _Given(place.rank, str(name), _text(value))
            given.setdefault(place.position, []).append(cell)
        cells = [
            self._best_cell(number, position, given.get(position, []))
            for position in range(len(_NAMES))
        ]
        if is_blank_row(cells):
            self.unread[number] = ("", BLANK)
        else:
            self._cells.append(cells)
            self._numbers.append(number)

    def _best_cell(self, number: int, position: int, given: list[_Given]) -> str:
        """Return a column's cell; warn of other cells of the column that say something else."""
        if not given:
            return ""
        given.sort(key=lambda cell: cell.rank)
        column = CASES.columns[position]
        best = first_filled(column, [cell.text for cell in given])
        for cell in given:
            is_filled = first_filled(column, ["", cell.text])
            if is_filled and as_key(cell.text) != as_key(best):
                why = Message(DIFFERS.text, {"name": _text(cell.name)[:LONGEST_NAME]})
                self.doubtful.append(problem_of(number, column.name, why))
        return best

    def _place(self, name: str) -> _Place | None:
        """Return the column that a name means; note a name that means none."""
        if name in self._places:
            return self._places[name]
        folded = heading(name)
        ranked = sorted((rank, column) for column, rank in CASES.headings.get(folded, ()))
        place = _Place(_POSITIONS[ranked[0][1]], ranked[0][0]) if ranked else None
        if len(self._places) < MOST_PLACES:
            self._places[name] = place
        is_unknown = place is None and folded and folded not in OWN_COLUMNS
        if is_unknown and len(self._ignored) < MOST_NAMES:
            self._ignored[without_numbers(_text(name))[:LONGEST_NAME]] = None
        return place


def _not_a_cell(name: str, value: object) -> Message | None:
    """Return why a value cannot be a cell; None if it can."""
    if isinstance(value, Repeated):
        return Message(TWICE.text, {"name": name})
    if isinstance(value, float):
        return OUT_OF_RANGE
    known = isinstance(value, str | int | None) and not isinstance(value, bool)
    return None if known else NO_CELL


def _text(value: object) -> str:
    """Return a value as a cell.

    A lone surrogate becomes NUL, so that the cell is refused for its control character: no file and
    no database can hold it.
    """
    return "" if value is None else _SURROGATE.sub("\0", str(value))
