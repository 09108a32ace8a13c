"""Refused rows on the page of an upload: the record, and the text of the refused cells."""

from collections.abc import Sequence
from dataclasses import dataclass

from survey_pipeline.phones import without_numbers
from survey_pipeline.stages.intake import Problem
from survey_pipeline.stages.intake.file_summary import RefusedRow
from survey_pipeline.stages.intake.formats.header import match_header
from survey_pipeline.stages.intake.kinds import KINDS
from survey_pipeline.vocabulary import RecordKind

LONGEST_SHOWN = 60
"""Characters of a cell."""


@dataclass(frozen=True)
class ShownProblem:
    """A refused cell as the page shows it."""

    problem: Problem
    cell: str
    """Its text; numbers of phones and identity cards are masked."""
    full: str
    """Its text as the file has it, to be mended."""
    place: int | None
    """Its index in the row; None where the row as a whole is meant."""


@dataclass(frozen=True)
class ShownRow:
    """A refused row as the page shows it."""

    row: int
    key: str
    """The record's key, without the office of a service case."""
    problems: Sequence[ShownProblem]


def describe_rows(
    kind: RecordKind, header: Sequence[str], rows: Sequence[RefusedRow]
) -> list[ShownRow]:
    """Return refused rows as the page shows them.

    Args:
        kind: of the file.
        header: of the file.
        rows: of the same file.
    """
    positions = match_header(KINDS[kind], 0, header).positions
    named = ("case_no",) if kind is RecordKind.CASES else KINDS[kind].key
    key = [positions[name] for name in named if name in positions]
    places = {without_numbers(cell.strip()): at for at, cell in enumerate(header) if cell.strip()}
    return [
        ShownRow(
            row.row,
            "/".join(filter(None, (_shown(_cell(row, at)) for at in key))),
            [_shown_problem(row, problem, places) for problem in row.problems],
        )
        for row in rows
    ]


def _shown_problem(row: RefusedRow, problem: Problem, places: dict[str, int]) -> ShownProblem:
    place = places.get(problem.column)
    full = _cell(row, place)
    return ShownProblem(problem, _shown(full), full, place)


def _cell(row: RefusedRow, place: int | None) -> str:
    return row.cells[place].strip() if place is not None and place < len(row.cells) else ""


def _shown(text: str) -> str:
    return without_numbers(text[:LONGEST_SHOWN]) + ("…" if len(text) > LONGEST_SHOWN else "")
