"""The provisions of a standard: each entry with its place, in the order of the model."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from survey_pipeline.standard.entry import Entry, placed_entries
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.whereabouts import Key


class Provision(NamedTuple):
    """One entry of a standard and where it stands."""

    path: Key
    """As the file has it; entries of lists by number from 0."""
    entry: Entry

    @property
    def table(self) -> str:
        """Its table in the file, such as `supervision.clauses`."""
        return ".".join(name for name in self.path if isinstance(name, str))

    @property
    def key(self) -> str:
        """Its table, and in a list its clause: `supervision.clauses.C1.1`."""
        in_list = any(isinstance(name, int) for name in self.path)
        return f"{self.table}.{self.entry.clause}" if in_list else self.table

    @property
    def part(self) -> str:
        """The part of the standard that it belongs to, such as `supervision`."""
        return self.table.partition(".")[0]


def provisions(standard: Standard) -> Iterator[Provision]:
    """Yield every entry of a standard."""
    yield from (Provision(path, entry) for path, entry in placed_entries(standard))


def figures(entry: Entry) -> dict[str, Any]:
    """Return what an entry has beside its clause, quotation, label and decision, as plain data."""
    return entry.model_dump(mode="json", by_alias=True, exclude=set(Entry.model_fields))
