"""Long lists in pages, filtered by a search text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")
SIZE = 50
"""Rows of a page."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of the rows that contain the search text."""

    rows: Sequence[Row]
    text: str
    number: int
    """From 1."""
    pages: int
    found: int
    """Rows that contain the search text."""
    all: int


def paginate(
    rows: Sequence[Row], text: str, number: int, words: Callable[[Row], Sequence[str | None]]
) -> Page[Row]:
    """Return a page of the rows; the last one if there are not so many.

    Args:
        rows: all of them.
        text: searched in a row's words, ignoring case; blank: all rows.
        number: of the page, from 1.
        words: returns the words of a row that are searched.
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
    return Page(shown, text.strip(), number, pages, len(found), len(rows))
