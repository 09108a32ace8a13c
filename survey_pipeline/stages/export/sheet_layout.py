"""How sheets of a workbook are laid out: rows, sizes, colours, and the room that texts need."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

A4 = 9
DASH = "—"
NUMBER_FORMATS: dict[str, str] = {
    "count": "#,##0",
    "share": "0.00%",
    "factor": "0.00",
    "points": "0.00",
    "exact": "0.0000",
    "variance": "0.00000000",
    "rank": "0",
}
INK, RULE, HEAD_FILL, TOTAL_FILL, FEW_INK = "#1F2933", "#8A94A3", "#DCE6F2", "#F2F5F9", "#8A6D00"
FEW_FILL = "#FFF6D6"
SERIES = ("#2F6DB5", "#E08E2B", "#5B9A68", "#9A6FB0")
"""Chart colours: told apart in print and by most colour-blind readers."""
CELL_SIZE = 11
"""Points of a table's words and figures: scaled down to the page's width they are still read."""
TURNED_HEIGHT = 92
"""Points that a turned heading takes."""
TITLE_ROW, META_ROW, HEAD_ROW, FIRST_ROW = 0, 1, 2, 3


@dataclass(frozen=True)
class CellRange:
    """A rectangle of cells, for charts to refer to."""

    sheet: str
    first_row: int
    first_column: int
    last_row: int
    last_column: int

    @property
    def cells(self) -> list[str | int]:
        """What XlsxWriter takes as a range."""
        return [self.sheet, self.first_row, self.first_column, self.last_row, self.last_column]


def row_height(cells: Sequence[tuple[str, float]]) -> float:
    """Return the height that wrapped texts need, each with its cell's width in characters.

    Said outright, because not every program fits rows when it opens a file.
    """
    lines = max((ceil(breadth(text) / width) for text, width in cells if text), default=1)
    return 15 * lines + 3


_WIDE = re.compile("[\u2e80-\U0010ffff]")


@lru_cache(maxsize=1 << 14)
def breadth(text: str) -> int:
    """Return how wide a text is, a Chinese character counting two."""
    return len(text) + len(_WIDE.findall(text))
