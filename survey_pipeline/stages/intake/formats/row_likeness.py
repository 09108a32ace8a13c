"""Whether a line inside a quotation is a row of the table by itself.

Evidence is what a text does not have by chance: a date, a number or a word of a list where the
table has one, or the same office as the row around it.
"""

from collections.abc import Sequence

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.formats.csv_records import Likeness
from survey_pipeline.stages.intake.formats.header import Header
from survey_pipeline.stages.intake.kinds.file_kind import FileColumn, FileKind
from survey_pipeline.typed import tidy

_ANY_TEXT = "文"
"""What a column of free text, or of codes, takes."""


class RowLikeness:
    """Judges the lines inside quotations of one file; a `csv_records.LineJudge`."""

    def __init__(self, kind: FileKind, header: Header) -> None:
        at = header.positions
        required = [column for column in kind.columns if column.required]
        self._keys = [at[name] for name in kind.key if name in at]
        self._telling = [
            (column, at[column.name])
            for column in required
            if isinstance(column.read(_ANY_TEXT), Message)
        ]
        self._reach = 1 + max(at[column.name] for column in required)

    def __call__(self, cells: Sequence[str], first: Sequence[str]) -> Likeness:
        """Return what the cells of a line look like, beside the row in which they stand."""
        keyed = all(_cell(cells, position) for position in self._keys)
        told = sum(_readable(column, _cell(cells, position)) for column, position in self._telling)
        if told and (keyed or told == len(self._telling)):
            return Likeness.ROW
        if len(cells) < self._reach:
            return Likeness.TEXT
        return Likeness.ROW if keyed and self._same_group(cells, first) else Likeness.DOUBTFUL

    def _same_group(self, cells: Sequence[str], first: Sequence[str]) -> bool:
        """Return whether both name the same office: one part of a key of two is the same."""
        shared = [place for place in self._keys if _cell(cells, place) == _cell(first, place)]
        return 0 < len(shared) < len(self._keys)


def _cell(cells: Sequence[str], position: int) -> str:
    return tidy(cells[position]) if position < len(cells) else ""


def _readable(column: FileColumn, cell: str) -> bool:
    return bool(cell) and not isinstance(column.read(cell), Message)
