"""A stored month as tables for the terminal and as one JSON document."""

from collections.abc import Iterator
from typing import Any, Literal

from rich.table import Table
from rich.text import Text

from survey_pipeline.cli.console import new_table
from survey_pipeline.cli.support import written
from survey_pipeline.i18n import N_, Message, translate
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.stages.assessment import StoredMonth
from survey_pipeline.standard import InForce
from survey_pipeline.standard.whose_words import decisions_document, marks
from survey_pipeline.vocabulary import Category
from survey_pipeline.vocabulary.names import CATEGORIES

COLUMNS: tuple[tuple[str, Literal["left", "right"], int], ...] = (
    (N_("Office"), "left", 6),
    (N_("Name"), "left", 8),
    (N_("Points"), "right", 6),
    (N_("Rank"), "right", 4),
    (N_("Rate (95 %)"), "right", 13),
    (N_("Rated / drawn / reported"), "right", 12),
)
"""Heading, side, and the width that a narrow terminal must leave."""
DASH = "-"


def rendered_notes(row: MonthRow, locale: str) -> list[str]:
    """Return a row's notes as sentences."""
    return [note.render(locale) for note in row.notes]


def month_document(stored: StoredMonth, in_force: InForce, locale: str) -> dict[str, Any]:
    """Return the month as one document; notes are sentences in `locale`."""
    return {
        **head_document(stored, in_force, locale),
        "offices": [
            {**office.row.to_json(), "note": "; ".join(rendered_notes(office.row, locale)) or None}
            for office in stored.offices
        ],
    }


def head_document(stored: StoredMonth, in_force: InForce, locale: str) -> dict[str, Any]:
    """Return what a stored score says of itself."""
    return {
        "month": stored.month,
        "version": stored.version,
        "computed_at": stored.computed_at.isoformat(),
        "as_of": stored.as_of.isoformat(),
        "complete": stored.complete,
        "standard": stored.standard,
        "standard_hash": stored.standard_hash,
        "standard_year": in_force.standard.year,
        "provisional": in_force.provisional,
        "coefficient_adopted": in_force.standard.satisfaction.coefficient.adoption is not None,
        "local_decisions": decisions_document(in_force.standard, locale),
        "program_version": stored.program_version,
        "inputs_hash": stored.inputs_hash,
    }


def month_tables(stored: StoredMonth, in_force: InForce, locale: str) -> Iterator[Table | Text]:
    """Yield each category's table with its offices' notes, then what the figures rest on."""
    for category in Category:
        rows = [office.row for office in stored.offices if office.row.category is category]
        if rows:
            rows.sort(key=lambda row: (row.rank is None, row.rank or 0, row.office_code))
            yield _table(category, rows, stored.month, locale)
            yield from _notes(rows, locale)
    for message in head_messages(stored, in_force):
        yield Text(message.render(locale))


def _table(category: Category, rows: list[MonthRow], month: str, locale: str) -> Table:
    title = f"{translate(CATEGORIES[category], locale)} {month}"
    table = new_table(title=title)
    for name, justify, least in COLUMNS:
        table.add_column(
            translate(name, locale),
            justify=justify,
            min_width=least,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(cell for cell in _cells(row)))
    return table


def _cells(row: MonthRow) -> list[str]:
    rate = DASH if row.rate is None else f"{row.rate}\n{row.rate_low}-{row.rate_high}"
    return [
        row.office_code,
        row.office,
        DASH if row.points is None else str(row.points),
        str(row.rank or DASH),
        rate,
        f"{row.rated}/{row.drawn}/{row.reported}",
    ]


def _notes(rows: list[MonthRow], locale: str) -> Iterator[Text]:
    """Yield a line for each office that has notes: in the table they would have no room."""
    for row in rows:
        notes = rendered_notes(row, locale)
        if notes:
            yield Text(f"  {row.office_code}: {'; '.join(notes)}")
    yield Text()


def head_messages(stored: StoredMonth, in_force: InForce) -> Iterator[Message]:
    """Yield the sentences that belong under every table of scores."""
    yield Message(
        "Standard {standard} (SHA-256 {hash}), appraisal year {year}.",
        {
            "standard": stored.standard,
            "hash": stored.standard_hash[:12],
            "year": in_force.standard.year,
        },
    )
    if in_force.provisional:
        yield Message(
            "Provisional: no standard is listed for {year}, so the newest one was taken.",
            {"year": in_force.standard.year},
        )
    yield from marks(in_force.standard)
    if stored.complete:
        yield Message("The month is complete: every survey of it has ended.")
    else:
        yield Message("The month is not complete: surveys are open, or cases wait for their draw.")
    yield Message(
        "Version {version}, computed {day}.",
        {"version": stored.version, "day": written(stored.computed_at)},
    )
