"""The rows of a year's evidence as plain tuples, each with where it came from, and their hash.

Rows come by their natural key (code points), so neither the order of imports nor the engine shows.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Date,
    Integer,
    String,
    Table,
    cast,
    select,
    true,
)

from survey_pipeline.calendar import Calendar
from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.scoring.record_evidence import evidence_of_row
from survey_pipeline.store.columnar import fetch_tuples
from survey_pipeline.store.crypto import Keys
from survey_pipeline.store.sealed import SealedText, unseal
from survey_pipeline.store.tables import (
    awards,
    filings,
    hotline_ranks,
    hotline_records,
    import_runs,
    parent_grades,
    parent_points,
    performance_points,
    supervision_records,
)

SUPERVISION, MATERIAL, HOTLINE, RANKS = "supervision", "material", "hotline", "hotline-rank"
PERFORMANCE, PARENT_POINTS, GRADES = "performance", "parent-points", "parent-grades"
AWARDS = "awards"
FILINGS = "filings"
"""Of these only the ones that supervision records name; they have no rows of their own here."""


@dataclass(frozen=True)
class _Kind:
    """What is read of a kind of evidence."""

    table: Table
    names: tuple[str, ...]
    keys: int = 1
    """How many of the names, from the first, are the natural key."""
    those: ColumnElement[bool] = field(default_factory=true)
    """Which rows, where a table holds two kinds."""

    @property
    def of_offices(self) -> bool:
        """Whether each row names an office."""
        return "office_code" in self.names


_KINDS: Mapping[str, _Kind] = {
    SUPERVISION: _Kind(
        supervision_records,
        ("record_no", "clause", "office_code", "occurred_on", "points", "person_hash", "matter",
         "is_head", "duty_related", "adverse_effect", "self_found", "rectified", "filed_on",
         "document_no"),
        those=supervision_records.c.office_code.is_not(None),
    ),
    MATERIAL: _Kind(
        supervision_records,
        ("record_no", "parent_code", "occurred_on", "points", "matter", "document_no"),
        those=supervision_records.c.office_code.is_(None),
    ),
    HOTLINE: _Kind(
        hotline_records,
        ("record_no", "clause", "office_code", "occurred_on", "points", "unreasonable_claim"),
    ),
    RANKS: _Kind(hotline_ranks, ("parent_code", "rank")),
    PERFORMANCE: _Kind(
        performance_points, ("office_code", "points", "source", "delivered_on", "late")
    ),
    PARENT_POINTS: _Kind(
        parent_points, ("office_code", "points", "source", "delivered_on", "late")
    ),
    GRADES: _Kind(parent_grades, ("office_code", "grade", "delivered_on", "late")),
    AWARDS: _Kind(
        awards,
        ("award_no", "office_code", "work", "level", "recipient", "parent_code", "share",
         "document_no", "issued_on", "kind", "confirmed", "core_function"),
        keys=2,
    ),
}  # fmt: skip
_ROWS_AT_ONCE = 10_000

_Told = tuple[tuple[Any, ...], int, "Brought", tuple[str, str, str] | None]
"""A row's words, its number in the file, who brought it, who took it back (name, day, reason).

Words are as the driver has them: dates as ISO text, yes and no as 1 and 0, on either engine.
"""


class Brought(NamedTuple):
    """An import, as it is told."""

    file: str
    by: str
    day: str
    """`YYYY-MM-DD`, local."""


class Origin(NamedTuple):
    """Where a row came from, and who took it back."""

    brought: Message
    """Which file it was, and who brought it when; one for all rows of an import."""
    row_no: int
    withdrawn: Message | None

    def evidence(self, key: str, day: str | None = None, *about: str | None) -> Message:
        """Return which record this is and who brought it.

        Args:
            key: the record's natural key.
            day: the date that it carries.
            about: document, matter, source or work, as far as they are known.
        """
        what = ", ".join(known for known in about if known)
        return evidence_of_row(key, day, what, self.row_no, self.brought)


class NamedFiling(NamedTuple):
    """The self-check filing that a supervision record names."""

    filing_no: str
    filed_on: str | None
    """ISO text; None if the filing was withdrawn."""


class EvidenceRows:
    """Reads each kind once, and hashes what it read."""

    def __init__(
        self,
        context: Context,
        connection: Connection,
        year: int,
        office_codes: Collection[str] | None = None,
    ) -> None:
        """Prepare to read.

        Args:
            context: the workspace, for its calendar and its keys.
            connection: a transaction that reads.
            year: the appraisal year for which the rows were brought in.
            office_codes: only these offices' rows, of the kinds that name one; None: all offices'.
        """
        self._office_codes = office_codes
        self._connection = connection
        self._calendar = context.calendar
        self._keys = context.keys
        self._year = year
        self._brought = _imports(connection, context.calendar)
        self._hashes: dict[str, str] = {}

    def of(self, kind: str) -> Iterator[tuple[Sequence[Any], Origin]]:
        """Yield the rows of a kind by their key, each with where it came from."""
        rows = self._fetch(kind)
        self._hashes[kind] = _hash(rows)
        origins = {brought: _origin(brought) for brought in self._brought.values()}
        for words, row_no, brought, withdrawn in rows:
            yield words, Origin(origins[brought], row_no, withdrawn and _taken_back(*withdrawn))

    def named_filings(self) -> dict[str, NamedFiling]:
        """Return the filings that supervision records name, by record_no.

        They are part of the fingerprint where a record names one, and so leave that of a year
        without any as it was.
        """
        columns = (supervision_records.c.record_no, filings.c.filing_no, filings.c.filed_on)
        rows = self._connection.execute(
            select(*columns, filings.c.withdrawn_at.is_(None).label("stands"))
            .join(filings, filings.c.filing_no == supervision_records.c.filing_no)
            .where(supervision_records.c.year == self._year)
        )
        found = {
            record_no: NamedFiling(filing_no, filed_on.isoformat() if stands else None)
            for record_no, filing_no, filed_on, stands in rows
        }
        if found:
            text = json.dumps(sorted(found.items()), ensure_ascii=False)
            self._hashes[FILINGS] = hashlib.sha256(text.encode()).hexdigest()
        return found

    def fingerprint(self) -> str:
        """Return the SHA-256, in hex, of everything that was read."""
        for kind in _KINDS:
            if kind not in self._hashes:
                raise ValueError(f"{kind} was not read")
        text = "\n".join(f"{kind} {self._hashes[kind]}" for kind in sorted(self._hashes))
        return hashlib.sha256(text.encode()).hexdigest()

    def _fetch(self, kind: str) -> list[_Told]:
        wanted = _KINDS[kind]
        table, those = wanted.table, [wanted.table.c.year == self._year, wanted.those]
        if self._office_codes is not None and wanted.of_offices:
            those.append(table.c.office_code.in_(sorted(self._office_codes)))
        columns = [_plain(table.c[name]) for name in (*wanted.names, "id", "row_no", "import_id")]
        withdrawn = self._withdrawn(table, those)
        brought = self._brought
        types = [table.c[name].type for name in wanted.names]
        rows = _unsealed(
            fetch_tuples(self._connection, select(*columns).where(*those)),
            [place for place, type_ in enumerate(types) if isinstance(type_, SealedText)],
            self._keys,
        )
        found: list[_Told] = [
            (row[:-3], row[-2], brought[row[-1]], withdrawn.get(row[-3])) for row in rows
        ]
        found.sort(key=lambda told: told[0][: wanted.keys])
        return found

    def _withdrawn(
        self, table: Table, those: Sequence[ColumnElement[bool]]
    ) -> dict[int, tuple[str, str, str]]:
        """Return who took back which row, on which local day, and why."""
        columns = (table.c.id, table.c.withdrawn_by, table.c.withdrawn_at, table.c.withdrawn_reason)
        rows = self._connection.execute(
            select(*columns).where(*those, table.c.withdrawn_at.is_not(None))
        )
        return {
            key: (by, self._calendar.day(at).isoformat(), reason) for key, by, at, reason in rows
        }


def _unsealed(
    rows: Iterable[tuple[Any, ...]], places: Sequence[int], keys: Keys
) -> Iterable[tuple[Any, ...]]:
    """Return rows as the driver has them with the texts of some places in clear, each read once."""
    if not places:
        return rows
    known: dict[str | None, str | None] = {None: None}
    return [_in_clear(row, places, known, keys) for row in rows]


def _in_clear(
    row: tuple[Any, ...], places: Sequence[int], known: dict[str | None, str | None], keys: Keys
) -> tuple[Any, ...]:
    cells = list(row)
    for place in places:
        stored = cells[place]
        if stored not in known:
            known[stored] = unseal(keys, stored)
        cells[place] = known[stored]
    return tuple(cells)


def _plain(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Read a column so that the driver's own value is the same on either engine."""
    if isinstance(column.type, Date):
        return cast(column, String)
    return cast(column, Integer) if isinstance(column.type, Boolean) else column


def _origin(brought: Brought) -> Message:
    values: dict[str, object] = {"file": brought.file, "by": brought.by, "brought": brought.day}
    return Message("{file}, brought in by {by} on {brought}", values)


def _taken_back(by: str, day: str, reason: str) -> Message:
    values: dict[str, object] = {"by": by, "day": day, "reason": reason}
    return Message("taken back by {by} on {day}: {reason}", values)


def _imports(connection: Connection, calendar: Calendar) -> dict[int, Brought]:
    rows = connection.execute(
        select(import_runs.c.id, import_runs.c.file_name, import_runs.c.by, import_runs.c.at)
    )
    return {key: Brought(file, by, calendar.day(at).isoformat()) for key, file, by, at in rows}


def _hash(rows: list[_Told]) -> str:
    """Hash rows in their order; bytes as hex, everything else as JSON has it."""
    found = hashlib.sha256()
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        text = json.dumps(
            rows[start : start + _ROWS_AT_ONCE], ensure_ascii=False, default=bytes.hex
        )
        found.update(text.encode())
    return found.hexdigest()
