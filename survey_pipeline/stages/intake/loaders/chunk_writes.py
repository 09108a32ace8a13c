"""What the rows of a chunk change in a table of records."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

RowValues = dict[str, Any]
"""A checked row: column name -> value."""


@dataclass
class ChunkWrites:
    """What a chunk changes; each row comes with its number in the file."""

    new: list[tuple[RowValues, int]] = field(default_factory=list)
    changed: list[tuple[RowValues, int, Row[Any]]] = field(default_factory=list)
    """Rows that differ from their record, which stands beside them."""

    def rows(self) -> Iterable[RowValues]:
        """Yield all rows that are written."""
        yield from (row for row, _ in self.new)
        yield from (row for row, _, _ in self.changed)
