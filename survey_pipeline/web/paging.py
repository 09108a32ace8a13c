"""Long lists by pages: searched by a text, a page at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")
SIZE = 50
"""Rows of a page."""


@dataclass(frozen=True)
class Paged(Generic[Row]):
    """A page of the rows that hold the text."""

    rows: Sequence[Row]
    text: str
    number: int
    """From 1."""
    pages: int
    found: int
    """Rows that hold the text."""
    all: int


def paged(
    rows: Sequence[Row], text: str, number: int, words: Callable[[Row], Sequence[str | None]]
) -> Paged[Row]:
    """Return a page of the rows; the last one where there are not so many.

    Args:
        rows: all there are.
        text: what one of a row's words must hold, whatever its case; blank for all rows.
        number: of the page, from 1.
        words: what is searched of a row.
    """
    wanted = text.strip().casefold()
    found = (
        [row for row in rows if any(wanted in word.casefold() for word in words(row) if word)]
        if wanted
        else rows
    )
    pages = max(1, -(-len(found) // SIZE))
    number = min(max(number, 1), pages)
    shown = found[(number - 1) * SIZE : number * SIZE]
    return Paged(shown, text.strip(), number, pages, len(found), len(rows))
