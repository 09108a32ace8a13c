"""The rows of a year's evidence as plain tuples, each with where it came from, and their hash.

Rows come by their natural key (code points), so neither the order of imports nor the engine shows.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select, true

from survey_pipeline.calendar import Calendar
from survey_pipeline.i18n import N_, Message
from survey_pipeline.store.tables import (
    awards,
    hotline_ranks,
    hotline_records,
    import_runs,
    parent_grades,
    parent_points,
    performance_points,
    supervision_records,
)
from survey_pipeline.survey.context import Context

SUPERVISION, MATERIAL, HOTLINE, RANKS = "supervision", "material", "hotline", "hotline-rank"
PERFORMANCE, PARENT_POINTS, GRADES = "performance", "parent-points", "parent-grades"
AWARDS = "awards"


@dataclass(frozen=True)
class _Kind:
    """What is read of a kind of evidence."""

    table: Table
    names: tuple[str, ...]
    keys: int = 1
    """How many of the names, from the first, are the natural key."""
    those: ColumnElement[bool] = field(default_factory=true)
    """Which rows, where a table holds two kinds."""


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
_ORIGIN = ("row_no", "import_id", "withdrawn_at", "withdrawn_by", "withdrawn_reason")
_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True)
class Brought:
    """An import, as it is told."""

    file: str
    by: str
    day: date


@dataclass(frozen=True)
class Origin:
    """Where a row came from, and who took it back."""

    brought: Brought
    row_no: int
    withdrawn: Message | None

    def evidence(self, key: str, day: date | None = None, *about: str | None) -> Message:
        """Say which record this is and who brought it.

        Args:
            key: the record's natural key.
            day: the date that it carries.
            about: document, matter, source or work, as far as they are known.
        """
        params: dict[str, object] = {
            "record": key,
            "file": self.brought.file,
            "row": self.row_no,
            "by": self.brought.by,
            "brought": self.brought.day,
        }
        if day is not None:
            params["day"] = day
        what = ", ".join(one for one in about if one)
        if what:
            params["what"] = what
        return Message(_TEXTS[day is not None, bool(what)], params)


_TEXTS = {
    (True, True): N_(
        "{record} of {day}, {what}; row {row} of {file}, brought in by {by} on {brought}"
    ),
    (True, False): N_("{record} of {day}; row {row} of {file}, brought in by {by} on {brought}"),
    (False, True): N_("{record}, {what}; row {row} of {file}, brought in by {by} on {brought}"),
    (False, False): N_("{record}; row {row} of {file}, brought in by {by} on {brought}"),
}


class EvidenceRows:
    """Reads each kind once, and hashes what it read."""

    def __init__(self, context: Context, connection: Connection, year: int) -> None:
        self._connection = connection
        self._calendar = context.calendar
        self._year = year
        self._brought = _imports(connection, context.calendar)
        self._read: dict[str, list[tuple[Any, ...]]] = {}
        self._hashes: dict[str, str] = {}

    def of(self, kind: str) -> Iterator[tuple[tuple[Any, ...], Origin]]:
        """Yield the rows of a kind by their key, each with where it came from."""
        if kind not in self._read:
            self._read[kind] = self._fetch(kind)
            self._hashes[kind] = _hash(self._read[kind])
        for row in self._read[kind]:
            *_, row_no, file, by, day, withdrawn_on, withdrawn_by, reason = row
            withdrawn = None
            if withdrawn_on is not None:
                withdrawn = Message(
                    "taken back by {by} on {day}: {reason}",
                    {"by": withdrawn_by, "day": withdrawn_on, "reason": reason},
                )
            yield row[:-7], Origin(Brought(file, by, day), row_no, withdrawn)

    def fingerprint(self) -> str:
        """Return the SHA-256, in hex, of everything that was read."""
        for kind in _KINDS:
            if kind not in self._read:
                raise ValueError(f"{kind} was not read")
        text = "\n".join(f"{kind} {self._hashes[kind]}" for kind in sorted(self._hashes))
        return hashlib.sha256(text.encode()).hexdigest()

    def _fetch(self, kind: str) -> list[tuple[Any, ...]]:
        wanted = _KINDS[kind]
        columns = [wanted.table.c[name] for name in (*wanted.names, *_ORIGIN)]
        rows = self._connection.execute(
            select(*columns).where(wanted.table.c.year == self._year, wanted.those)
        )
        found = [self._told(tuple(row)) for row in rows]
        found.sort(key=lambda row: row[: wanted.keys])
        return found

    def _told(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """Put the import's own words in the place of its number, and a local day of a moment."""
        *words, row_no, import_id, withdrawn_at, withdrawn_by, reason = row
        withdrawn_on = None if withdrawn_at is None else self._calendar.day(withdrawn_at)
        file, by, day = self._brought[import_id]
        return (*words, row_no, file, by, day, withdrawn_on, withdrawn_by, reason)


def _imports(connection: Connection, calendar: Calendar) -> dict[int, tuple[str, str, date]]:
    rows = connection.execute(
        select(import_runs.c.id, import_runs.c.file_name, import_runs.c.by, import_runs.c.at)
    )
    return {key: (file, by, calendar.day(at)) for key, file, by, at in rows}


def _hash(rows: list[tuple[Any, ...]]) -> str:
    """Hash rows in their order; bytes as hex, dates in ISO form, everything else as JSON has it."""
    found = hashlib.sha256()
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        text = json.dumps(rows[start : start + _ROWS_AT_ONCE], ensure_ascii=False, default=_plain)
        found.update(text.encode())
    return found.hexdigest()


def _plain(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
