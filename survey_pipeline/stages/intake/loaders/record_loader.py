"""The loader for kinds of few rows: each row becomes a plain dict and is compared by itself.

A kind is a subclass: it names its table, key and contents, and says which rows it refuses.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, select

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.checking import CheckedChunk
from survey_pipeline.stages.intake.file_summary import (
    CHANGES_SHOWN,
    CellReason,
    RowChange,
    row_change,
)
from survey_pipeline.stages.intake.loaders.chunk_writes import ChunkWrites, RowValues
from survey_pipeline.stages.intake.loaders.ended_texts import EndedTexts, ending_columns
from survey_pipeline.stages.intake.loaders.loader import (
    SAME_KEY,
    ChunkOutcome,
    CurrentImport,
    RowReason,
    StoredRows,
    withdrawn_for_good,
    withdrawn_reason,
)
from survey_pipeline.stages.intake.scope import NamedBodies
from survey_pipeline.store import audit, bulk
from survey_pipeline.store.tables import AUDIT_TABLES, offices, parents, year_scores
from survey_pipeline.vocabulary import AuditAction, RecordKind

DATES = frozenset(
    {
        "valid_from",
        "valid_until",
        "delivered_on",
        "occurred_on",
        "filed_on",
        "issued_on",
        "answered_on",
    }
)
"""Columns that come as ISO text and are stored as dates."""
WITHDRAWAL = ("withdrawn_at", "withdrawn_by", "withdrawn_reason")

OF_OTHERS = Message("there is another record under this number; choose another number")

Contents = tuple[Any, ...]
"""The values of a record beside its key, in the order of `RecordLoader.contents`."""


class RecordLoader:
    """Loads the records of one kind; see `loader.Loader`."""

    table: Table
    kind: RecordKind
    key: tuple[str, ...]
    contents: tuple[str, ...]
    """Columns of the file that make the record beside its key."""
    derived: tuple[str, ...] = ()
    """Columns that `prepare` adds and that follow from the contents."""
    provenance = False
    """Whether the table names the import and row of the present contents."""
    in_pieces = True
    compared_with: tuple[Table, ...] = (parents, offices)
    """Tables in which rows are looked up."""
    revivable = False
    """Whether other contents may come under the key of a withdrawn record. So it is where the key
    is an office or department: such contents have no other key to come under."""

    def __init__(self, run: CurrentImport) -> None:
        self.run = run
        self._loaded: dict[tuple[Any, ...], Contents] = {}
        """Contents that rows of this file gave a key."""
        self._copied = False

    @property
    def tables(self) -> Sequence[Table]:
        """All tables that it reads or writes."""
        published = (year_scores,) if ending_columns(self.table) else ()
        return tuple(dict.fromkeys((self.table, *self.compared_with, *published, *AUDIT_TABLES)))

    def rehearsal_rows(self, connection: Connection, checked: CheckedChunk) -> StoredRows:
        """Yield the tables as they are, once per file: they are small."""
        if not self._copied:
            self._copied = True
            for table in self.tables:
                if table not in AUDIT_TABLES:
                    yield table, connection.execute(select(table)).all()

    def prepare(self, connection: Connection, rows: Sequence[RowValues]) -> None:
        """Complete the rows of a chunk, and look up what `refusal` needs with one query."""

    def refusal(self, row: Mapping[str, Any]) -> CellReason | None:
        """Return why the database or the standard does not allow a row; None if they do."""
        return None

    def warnings(self, row: Mapping[str, Any]) -> Iterable[CellReason]:
        """Return what should be looked at in a row that is stored."""
        return ()

    def load(self, connection: Connection, checked: CheckedChunk) -> ChunkOutcome:
        """Store a chunk."""
        names = list(checked.values)
        rows = [
            dict(zip(names, values, strict=True))
            for values in zip(*checked.values.values(), strict=True)
        ]
        self.prepare(connection, rows)
        stored = self.find_stored(connection, rows)
        ended = EndedTexts(connection, self.run, self.table)
        writes = ChunkWrites()
        outcome = ChunkOutcome()
        for position, row in enumerate(rows):
            record = stored.get(self.key_of(row))
            left_out = ended.leave_out(row, record)
            outcome.warnings.extend(RowReason(position, *found) for found in left_out)
            self._sort_row(outcome, writes, record, position, row, checked.numbers[position])
        outcome.changes = [self._change(*changed) for changed in writes.changed[:CHANGES_SHOWN]]
        self._write(connection, writes)
        return outcome

    def finish(self, connection: Connection) -> None:
        """Do nothing more."""

    def key_of(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return a row's key."""
        return tuple(row[name] for name in self.key)

    def find_stored(
        self, connection: Connection, rows: Sequence[RowValues]
    ) -> dict[tuple[Any, ...], Row[Any]]:
        """Return the stored records of some rows, by their key."""
        keys = {self.key_of(row) for row in rows}
        found = bulk.find_by_key(connection, self.table, self.key, keys)
        return {tuple(record._mapping[name] for name in self.key): record for record in found}

    def _sort_row(
        self,
        outcome: ChunkOutcome,
        writes: ChunkWrites,
        record: Row[Any] | None,
        position: int,
        row: RowValues,
        number: int,
    ) -> None:
        """Decide what becomes of one row: refused, unchanged, new or changed."""
        key = self.key_of(row)
        contents = tuple(row[name] for name in self.contents)
        # The first row of a key counts. A later one with the same contents is harmless: it is
        # counted as unchanged, although its record is only written at the end of the chunk.
        earlier = self._earlier_contents(key, record)
        if (reason := self._refusal(row, record, contents, earlier)) is not None:
            outcome.refused.append(RowReason(position, *reason))
            return
        outcome.warnings.extend(RowReason(position, *found) for found in self.warnings(row))
        self._loaded[key] = contents
        if earlier is not None or (
            record is not None and contents == self.contents_beside(record, row)
        ):
            outcome.unchanged += 1
            self._note_unchanged(record)
        elif record is None:
            outcome.accepted += 1
            writes.new.append((row, number))
        else:
            outcome.updated += 1
            writes.changed.append((row, number, record))

    def _earlier_contents(self, key: tuple[Any, ...], record: Row[Any] | None) -> Contents | None:
        """Return the contents that an earlier row of this file gave a key; None if there is none.

        Args:
            key: the key.
            record: the key's record, for loaders that remember by it.
        """
        return self._loaded.get(key)

    def _note_unchanged(self, record: Row[Any] | None) -> None:
        """Note a record that stays as it is."""

    def _refusal(
        self,
        row: Mapping[str, Any],
        record: Row[Any] | None,
        contents: Contents,
        earlier: Contents | None,
    ) -> CellReason | None:
        column = next(name for name in self.key if name != "year")  # files do not name the year
        if record is not None and self._is_of_others(record):
            return column, OF_OTHERS
        if earlier is not None and earlier != contents:
            return column, SAME_KEY
        if record is not None and record.withdrawn_at is not None:
            if not self.revivable:
                return column, withdrawn_reason(record, self.run.context.calendar)
            if contents == self.contents_beside(record, row):
                return column, withdrawn_for_good(record, self.run.context.calendar)
        return self.refusal(row)

    def _is_of_others(self, record: Row[Any]) -> bool:
        """Return whether a record belongs to a body outside the scope, whatever the row says."""
        named = NamedBodies(record._mapping.get("office_code"), record._mapping.get("parent_code"))
        return self.run.scope.refusal(named, None) is not None

    def contents_beside(self, record: Row[Any], row: Mapping[str, Any]) -> Contents:
        """Return a record's contents as a row is compared with them."""
        return self.contents_of(record)

    def contents_of(self, record: Row[Any]) -> Contents:
        """Return a record's contents as rows have them: dates as ISO text."""
        values = (record._mapping[name] for name in self.contents)
        return tuple(value.isoformat() if isinstance(value, date) else value for value in values)

    def _write(self, connection: Connection, writes: ChunkWrites) -> None:
        if writes.new:
            connection.execute(
                self.table.insert(), [self._stored(row, number) for row, number in writes.new]
            )
        if writes.changed:
            self._update(connection, writes.changed)
        audit.append(connection, self._entries(writes))

    def _update(
        self, connection: Connection, changed: Sequence[tuple[RowValues, int, Row[Any]]]
    ) -> None:
        """Give records their new contents; a withdrawn one that is revived is no more withdrawn."""
        # the key's columns are set too, so their names in the condition must be others
        wanted = {name: f"key_{name}" for name in self.key}
        matches = (self.table.c[name] == bindparam(wanted[name]) for name in self.key)
        connection.execute(
            self.table.update().where(*matches),
            [
                self._stored(row, number)
                | {wanted[name]: row[name] for name in self.key}
                | dict.fromkeys(WITHDRAWAL)
                for row, number, _ in changed
            ],
        )

    def _stored(self, row: Mapping[str, Any], number: int) -> RowValues:
        """Return a row as its table takes it."""
        values = {
            name: date.fromisoformat(row[name]) if name in DATES and row[name] else row[name]
            for name in (*self.key, *self.contents, *self.derived)
        }
        if self.provenance:
            values |= {"import_id": self.run.import_id, "row_no": number}
        return values

    def _entries(self, writes: ChunkWrites) -> Iterable[dict[str, Any]]:
        """Yield the audit log's entries of what is written."""
        for row, number in writes.new:
            yield self._entry(AuditAction.CREATED, row, number, None)
        for row, number, record in writes.changed:
            yield self._entry(AuditAction.UPDATED, row, number, self._before(record))

    def _change(self, row: RowValues, number: int, record: Row[Any]) -> RowChange:
        """Return an update as the page of an import shows it."""
        return row_change(self._entry(AuditAction.UPDATED, row, number, self._before(record)))

    def _before(self, record: Row[Any]) -> dict[str, Any]:
        """Return a record's contents before an update, with its withdrawal if that ends."""
        ended = () if record.withdrawn_at is None else WITHDRAWAL
        before = dict(zip(self.contents, self.contents_of(record), strict=True))
        return before | {name: record._mapping[name] for name in ended}

    def _entry(
        self,
        action: AuditAction,
        row: Mapping[str, Any],
        number: int,
        before: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        after = {name: row[name] for name in self.contents}
        if before is not None:  # of an update, only what is different
            changed = [name for name in before if before[name] != after.get(name)]
            before = {name: before[name] for name in changed}
            after = {name: after.get(name) for name in changed}
        return audit.entry(
            at=self.run.now,
            actor=self.run.context.actor,
            action=action,
            kind=self.kind,
            key="/".join(str(part) for part in self.key_of(row)),
            before=before,
            after=after,
            reason=self.run.reason,
            import_id=self.run.import_id,
            row_no=number,
        )
