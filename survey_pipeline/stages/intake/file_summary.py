"""What an import reports about a file: problems of single cells, and a summary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from survey_pipeline.i18n import Message
from survey_pipeline.phones import without_numbers

SHOWN = 100
"""How many problems, and how many warnings, a summary holds; the rejected file holds them all."""

CHANGES_SHOWN = 20
"""How many updates a summary holds with before and after."""
HIDDEN = "…"
"""Stands for a personal value: only that it differs is shown."""
LONGEST_SHOWN = 60
"""Characters of a value before or after."""
REASONS_KEPT = 5
"""Different reasons of refusals that are kept with an import."""
NAMELESS = {"column", "days", "digits", "kind", "least", "most", "words"}
"""Placeholders of reasons that never hold what stood in a cell."""


CellReason = tuple[str, Message]
"""A column's English name, and why its cell is refused or what it is warned of."""


class Problem(NamedTuple):
    """Why a cell was refused, or what it is warned of."""

    row: int
    """The line of the CSV file or the row of the spreadsheet, as the user sees it."""
    column: str
    """The heading as the file has it; empty where the whole row is meant."""
    reason: Message


def problem_of(row: int, column: str, reason: Message) -> Problem:
    """Return a problem of a cell; phone numbers in it are masked."""
    return Problem(row, without_numbers(column), _masked(reason))


def _masked(reason: Message) -> Message:
    if not reason.params:
        return reason
    return Message(
        reason.text,
        {
            name: without_numbers(value) if isinstance(value, str) else value
            for name, value in reason.params.items()
        },
    )


class RefusedRow(NamedTuple):
    """A row that is not stored, its own cells, and everything that is wrong with it."""

    row: int
    cells: Sequence[str]
    problems: Sequence[Problem]


class RowChange(NamedTuple):
    """What an update changes, or would change, in a record."""

    row: int
    key: str
    """The record's key, its parts joined by `/`."""
    values: Sequence[tuple[str, str, str]]
    """Column, before, after, of the columns that differ; personal values are not repeated."""


def row_change(entry: Mapping[str, Any]) -> RowChange:
    """Return a change as it is shown: what is stored encrypted is only said to differ.

    Args:
        entry: what the audit log is told of the update.
    """
    before, after = entry["before"], entry["after"]
    values = [(name, _as_shown(before[name]), _as_shown(after.get(name))) for name in before]
    return RowChange(entry["row_no"], entry["key"], values)


def _as_shown(value: object) -> str:
    if isinstance(value, bytes):
        return HIDDEN
    return "" if value is None else without_numbers(str(value))[:LONGEST_SHOWN]


@dataclass
class FileSummary:
    """What became of one file."""

    file: Path
    kind: str
    accepted: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    warnings: int = 0
    rejected_file: Path | None = None
    problems: list[Problem] = field(default_factory=list)
    """The first `SHOWN`."""
    warned: list[Problem] = field(default_factory=list)
    """The first `SHOWN`; row 0 is the file as a whole."""
    import_id: int | None = None
    """The import on record; None of a rehearsal."""
    changes: list[RowChange] = field(default_factory=list)
    """The first `CHANGES_SHOWN` updates."""

    def refuse(self, refused: Sequence[RefusedRow]) -> None:
        """Count refused rows and keep the first problems."""
        self.refused += len(refused)
        for row in refused:
            self.problems.extend(row.problems[: SHOWN - len(self.problems)])

    def reasons(self) -> list[dict[str, Any]]:
        """Return the first reasons with how many of the first problems have them.

        They are kept with the import for the operator's page; no cell's contents are among them.
        """
        counted: dict[tuple[str, str], list[int]] = {}
        for problem in self.problems:
            reason = _without_contents(problem.reason).to_json()
            counted.setdefault((problem.column, reason), []).append(problem.row)
        return [
            {"column": column, "reason": reason, "rows": len(rows), "first": rows[0]}
            for (column, reason), rows in list(counted.items())[:REASONS_KEPT]
        ]

    def warn(self, warnings: Sequence[Problem]) -> None:
        """Count warnings and keep the first ones."""
        self.warnings += len(warnings)
        self.warned.extend(warnings[: SHOWN - len(self.warned)])

    def to_dict(self, locale: str) -> dict[str, Any]:
        """Return the entry of `import --json`."""
        return {
            "file": str(self.file),
            "kind": self.kind,
            "accepted": self.accepted,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "warnings": self.warnings,
            "rejected_file": str(self.rejected_file) if self.rejected_file else None,
            "problems": _as_dicts(self.problems, locale),
            "warned": _as_dicts(self.warned, locale),
        }


def _as_dicts(problems: Sequence[Problem], locale: str) -> list[dict[str, Any]]:
    return [
        {"row": problem.row, "column": problem.column, "reason": problem.reason.render(locale)}
        for problem in problems
    ]


def _without_contents(reason: Message) -> Message:
    """Return a reason without what stood in the cell, which may be a citizen's number."""
    return Message(
        reason.text,
        {name: value if name in NAMELESS else "…" for name, value in reason.params.items()},
    )
