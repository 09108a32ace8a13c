"""From a chunk of rows to checked values, column by column.

A chunk is read column by column, each with one call: cells that repeat are remembered, cells that
match the column's plain pattern are taken as they are, and only the rest goes through the careful
reader. The result is the same as reading cell by cell, several times as fast.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.column_reading import cells_of, column_reader
from survey_pipeline.stages.intake.file_summary import (
    CellReason,
    Problem,
    RefusedRow,
    problem_of,
)
from survey_pipeline.stages.intake.formats.header import TOO_MANY_CELLS, Chunk, Header
from survey_pipeline.stages.intake.kinds.file_kind import FileKind, RowRule
from survey_pipeline.stages.intake.values.cells import Doubtful
from survey_pipeline.typed import folded, is_blank, tidy

TOTALS = ("合计", "总计", "小计", "共计", "累计", "total", "subtotal", "sum")

EXAMPLES = ("EXAMPLE", "示例")
"""What the first cell of a template's example row says, in English and Chinese."""
EXAMPLE_ROW = Message("this is the example row of the template, no record; delete it")
TOTALS_ROW = Message("this is a totals row, no record; leave it out")


@dataclass
class CheckedChunk:
    """The valid rows of a chunk as columns, and the refused rows."""

    numbers: Sequence[int]
    cells: Sequence[Sequence[str]]
    """Each row's own cells, for the rejected file."""
    values: dict[str, list[Any]]
    """Column name -> one value per row; optional columns that the file lacks are all None."""
    refused: list[RefusedRow] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    unsound: list[dict[str, Any]] = field(default_factory=list)
    """The values of the refused rows, beside `refused`; a `Message` if a cell could not be read."""

    def __len__(self) -> int:
        return len(self.numbers)


class Checker:
    """Checks the chunks of one file against its kind."""

    def __init__(self, kind: FileKind, header: Header, epoch: date | None = None) -> None:
        self._kind = kind
        self._width = len(header.cells)
        self._header = header
        self._columns = [
            (column, cells_of(column, header), column_reader(column, epoch))
            for column in kind.columns
            if column.name in header.positions
        ]
        self._to_fill_in = [
            (kind.column(name), (header.positions[name], *header.further.get(name, ())))
            for name in kind.unfilled
        ]
        self.not_filled_in = 0
        """Rows of a form that were passed over, because they are not filled in yet."""
        self._absent = [
            column.name for column in kind.columns if column.name not in header.positions
        ]

    def label(self, name: str) -> str:
        """Return a column's heading as the file has it, or would have it in its language."""
        position = self._header.positions.get(name)
        if position is not None:
            return self._header.label(position)
        column = next((known for known in self._kind.columns if known.name == name), None)
        return name if column is None or self._header.is_english() else column.labels[0]

    def check(self, chunk: Chunk) -> CheckedChunk:
        """Check one chunk."""
        rows, numbers, damaged = self._even(chunk)
        values: dict[str, list[Any]] = {}
        found = _Findings({index: [("", why)] for index, why in damaged.items()})
        for column, take, read in self._columns:
            values[column.name] = found.settle(column.name, read(take(rows)))
        for name in self._absent:
            values[name] = [None] * len(rows)
        for index, row in enumerate(rows):
            if row[0] in EXAMPLES:
                found.problems[index] = [("", EXAMPLE_ROW)]
        if self._kind.rule is not None:
            found.apply(self._kind.rule, values)
        return self._part(rows, numbers, values, found)

    def _even(self, chunk: Chunk) -> tuple[list[Sequence[str]], list[int], dict[int, Message]]:
        """Leave out rows that say nothing, and give every row as many cells as the header has."""
        width = self._width
        as_it_is = not self._to_fill_in and not chunk.damaged
        if as_it_is and set(map(len, chunk.rows)) == {width} and all(map(any, chunk.rows)):
            return list(chunk.rows), list(chunk.numbers), {}
        rows: list[Sequence[str]] = []
        numbers: list[int] = []
        damaged: dict[int, Message] = {}
        for index, (row, number) in enumerate(zip(chunk.rows, chunk.numbers, strict=True)):
            if not any(row):
                continue
            if index not in chunk.damaged and self._is_unfilled(row):
                self.not_filled_in += 1
                continue
            if index in chunk.damaged:
                damaged[len(rows)] = chunk.damaged[index]
            elif not is_blank_row(row[width:]):
                damaged[len(rows)] = TOO_MANY_CELLS
            else:
                row = row[:width]  # noqa: PLW2901 - the surplus cells are blank
            rows.append([*row, *[""] * (width - len(row))])
            numbers.append(number)
        return rows, numbers, damaged

    def _is_unfilled(self, row: Sequence[str]) -> bool:
        """Return whether a row of a form of ours is not filled in yet."""
        if not self._to_fill_in or is_totals(row):
            return False
        return all(
            column.is_blank(tidy(row[place]))
            for column, places in self._to_fill_in
            for place in places
            if place < len(row)
        )

    def _part(
        self,
        rows: Sequence[Sequence[str]],
        numbers: Sequence[int],
        values: dict[str, list[Any]],
        found: "_Findings",
    ) -> CheckedChunk:
        """Part the valid rows of a chunk from the refused ones."""
        warnings = [
            problem_of(numbers[index], self.label(name), why)
            for index, name, why in sorted(found.warnings, key=lambda warning: warning[0])
            if index not in found.problems
        ]
        if not found.problems:  # nearly always: nothing is copied
            return CheckedChunk(numbers, rows, values, warnings=warnings)
        valid = [index for index in range(len(rows)) if index not in found.problems]
        # a row of unseen characters alone is blank, although its cells are not empty
        refused = [index for index in sorted(found.problems) if not is_blank_row(rows[index])]
        return CheckedChunk(
            [numbers[index] for index in valid],
            [rows[index] for index in valid],
            {name: [column[index] for index in valid] for name, column in values.items()},
            [self.refused_row(numbers[at], rows[at], found.problems[at]) for at in refused],
            warnings,
            [{name: column[index] for name, column in values.items()} for index in refused],
        )

    def without(self, checked: CheckedChunk, outside: Mapping[int, CellReason]) -> CheckedChunk:
        """Return a checked chunk with further rows refused.

        Args:
            checked: the chunk.
            outside: position of a valid row -> column and reason.
        """
        inside = [position for position in range(len(checked)) if position not in outside]
        refused = [
            self.refused_row(checked.numbers[position], checked.cells[position], [reason])
            for position, reason in outside.items()
        ]
        return CheckedChunk(
            [checked.numbers[position] for position in inside],
            [checked.cells[position] for position in inside],
            {name: [column[at] for at in inside] for name, column in checked.values.items()},
            [*checked.refused, *refused],
            checked.warnings,
            [
                *checked.unsound,
                *({name: column[at] for name, column in checked.values.items()} for at in outside),
            ],
        )

    def refused_row(
        self, number: int, cells: Sequence[str], problems: Sequence[tuple[str, Message]]
    ) -> RefusedRow:
        """Return a refused row; of a totals row, that is the only reason."""
        if is_totals(cells):
            return RefusedRow(number, cells, [Problem(number, "", TOTALS_ROW)])
        if not problems[0][0]:
            problems = problems[:1]  # the row as a whole is damaged: its cells say nothing
        return RefusedRow(
            number, cells, [problem_of(number, self.label(name), why) for name, why in problems]
        )


class _Findings:
    """Problems (index of the row -> column and reason) and warnings of a chunk."""

    def __init__(self, damaged: Mapping[int, list[tuple[str, Message]]]) -> None:
        self.problems: dict[int, list[tuple[str, Message]]] = dict(damaged)
        self.warnings: list[tuple[int, str, Message]] = []

    def apply(self, rule: RowRule, values: dict[str, list[Any]]) -> None:
        """Apply the kind's rule to the rows whose cells could all be read."""
        names = list(values)
        for index, row in enumerate(zip(*values.values(), strict=True)):
            if index in self.problems:
                continue
            if problem := rule(dict(zip(names, row, strict=True))):
                self.problems[index] = [problem]

    def settle(self, name: str, values: list[Any]) -> list[Any]:
        """Note reasons and warnings among a column's values; return the column without warnings."""
        kinds = set(map(type, values))
        if Message not in kinds and Doubtful not in kinds:
            return values
        for index, value in enumerate(values):
            if type(value) is Message:
                self.problems.setdefault(index, []).append((name, value))
            elif type(value) is Doubtful:
                self.warnings.append((index, name, value.warning))
                values[index] = value.value
        return values


def is_blank_row(cells: Sequence[str]) -> bool:
    """Return whether no cell of a row has a character that is seen."""
    return all(map(is_blank, cells))


def is_totals(cells: Sequence[str]) -> bool:
    """Return whether a row's first cell with text is the word for a sum."""
    first = next((cell for cell in cells if not is_blank(cell)), "")
    return "".join(folded(first).split()).casefold().rstrip(":数量") in TOTALS
