"""A rule book on a terminal: a document in chapters that reads well at 80 columns."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from survey_pipeline.cli.line_tree import LineTree
from survey_pipeline.i18n import N_, Message
from survey_pipeline.standard import InForce
from survey_pipeline.standard.rule_book.chapters import Article, Chapter, chapters

WIDEST = 88
"""Columns of the document, in a file too: longer lines are hard to read."""


def rule_book(in_force: InForce, home: Path, locale: str) -> Iterator[RenderableType]:
    """Yield what is printed: the title, then chapter by chapter.

    Args:
        in_force: the standard.
        home: the workspace, for its decisions' pages.
        locale: of the words.
    """
    teller = LineTree(in_force.standard, home, locale)
    yield _title(in_force, locale)
    for chapter in chapters(in_force.standard, locale):
        yield Padding(Rule(chapter.title, align="left"), (1, 0, 0, 0))
        yield _articles(chapter, teller)


def _title(in_force: InForce, locale: str) -> Group:
    standard = in_force.standard
    about = Message(
        "Appraisal year {year}. Published on {day}; file {name}, SHA-256 {hash}.",
        {
            "year": standard.year,
            "day": standard.published_on,
            "name": standard.id,
            "hash": in_force.file_hash[:16],
        },
    )
    lines = [Text(standard.title.in_locale(locale), style="bold"), Text(about.render(locale))]
    if in_force.provisional:
        moved = N_("Provisional: no file is listed for {year}; the newest was moved to it.")
        lines.append(Text(Message(moved, {"year": standard.year}).render(locale)))
    return Group(*lines)


def _articles(chapter: Chapter, teller: LineTree) -> Table:
    """Return a chapter's provisions."""
    table = clause_grid()
    for found in chapter.articles:
        table.add_row(found.entry.clause, _article(found, teller))
    return table


def clause_grid() -> Table:
    """Return an empty table: the clause at the left, all that belongs to it beside it."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="cyan", min_width=6)
    table.add_column(ratio=1, overflow="fold")
    return table


def _article(found: Article, teller: LineTree) -> Group:
    """Return what a provision is called, what it says, and what it rests on."""
    return Group(
        Text(found.label, style="bold"),
        *map(Text, found.says),
        Text(teller.source(found.entry), style="dim"),
        Text(),
    )
