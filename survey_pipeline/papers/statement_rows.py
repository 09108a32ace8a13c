"""The rows of a statement's table: a bold row for each part, and its lines below."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from survey_pipeline.papers.paper import MISSING
from survey_pipeline.reports.statement_lines import PaperPart


@dataclass(frozen=True)
class StatementRow:
    """One row: a part of the score, a sum, or a line."""

    is_head: bool
    """Whether it is a part or a sum; templates make these bold."""
    name: str
    full: str
    """The most that a part gives; empty for lines."""
    words: str
    """The published words that a line rests on."""
    how: str
    points: str
    """Empty for a line that does not count."""


def rows_of(parts: Iterable[PaperPart]) -> Iterator[StatementRow]:
    """Yield the rows of parts."""
    for part in parts:
        yield StatementRow(True, part.name, part.full, "", part.basis, part.points or MISSING)
        for line in part.lines:
            yield StatementRow(False, line.label, "", line.words, line.how, line.points or "")


def sum_row(name: str, full: str, points: str | None) -> StatementRow:
    """Return the row of a sum; without points it may not be shown."""
    return StatementRow(True, name, full, "", "", points or MISSING)
