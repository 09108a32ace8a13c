"""Refused rows on the page of an upload: the case, and the text of the refused cells."""

from collections.abc import Sequence
from dataclasses import dataclass

from survey_pipeline.phones import without_numbers
from survey_pipeline.stages.intake import Problem
from survey_pipeline.stages.intake.file_summary import RefusedRow
from survey_pipeline.stages.intake.formats.header import match_header
from survey_pipeline.stages.intake.kinds import CASES

LONGEST_SHOWN = 60
"""Characters of a cell."""


@dataclass(frozen=True)
class ShownRow:
    """A refused row as the page shows it."""

    row: int
    case_no: str
    problems: Sequence[tuple[Problem, str]]
    """Each with the text of its cell; numbers of phones and identity cards are masked."""


def describe_rows(header: Sequence[str], rows: Sequence[RefusedRow]) -> list[ShownRow]:
    """Return refused rows as the page shows them.

    Args:
        header: of the file.
        rows: of the same file.
    """
    place = match_header(CASES, 0, header).positions.get("case_no")
    places = {without_numbers(cell.strip()): at for at, cell in enumerate(header) if cell.strip()}

    def cell(row: RefusedRow, at: int | None) -> str:
        text = row.cells[at].strip() if at is not None and at < len(row.cells) else ""
        return without_numbers(text[:LONGEST_SHOWN]) + ("…" if len(text) > LONGEST_SHOWN else "")

    return [
        ShownRow(
            row.row,
            cell(row, place),
            [(problem, cell(row, places.get(problem.column))) for problem in row.problems],
        )
        for row in rows
    ]
