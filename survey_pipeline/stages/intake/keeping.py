"""What every kind's keeper shares: its port, what it answers, and the plain one for small kinds.

A keeper holds checked rows against the database and stores them: new ones go in, identical ones
change nothing, others are updates with before and after in the audit log, and what may not be
stored is handed back with the reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, Row, Table

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.check import Checked
from survey_pipeline.store import audit, bulk
from survey_pipeline.survey.context import Context
from survey_pipeline.vocabulary import AuditAction, RecordKind


class Objection(NamedTuple):
    """Why a row of a chunk is refused (or warned of)."""

    position: int
    column: str
    reason: Message


@dataclass
class Kept:
    """What became of the rows of one chunk."""

    accepted: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[Objection] = field(default_factory=list)
    warnings: list[Objection] = field(default_factory=list)


class Run(NamedTuple):
    """The import that rows belong to."""

    context: Context
    import_id: int
    reported_on: date
    now: datetime


class Keeper(Protocol):
    """Stores the rows of one kind."""

    def keep(self, connection: Connection, checked: Checked) -> Kept:
        """Store a chunk; every row of it is counted once or refused."""
        ...

    def finish(self, connection: Connection) -> None:
        """Do what is done once per file."""
        ...


SAME_KEY = Message(
    "an earlier row of this file has the same key and other contents; that one counts"
)


def withdrawn_reason(record: Row[Any]) -> Message:
    """Return why a withdrawn record does not come back by a file."""
    return Message(
        "the record was withdrawn on {day} ({reason}); it stays so. Report it under another key",
        {"day": f"{record.withdrawn_at:%Y-%m-%d}", "reason": record.withdrawn_reason},
    )


class RecordKeeper:
    """Keeps kinds of few rows: parents, offices, delivered results."""

    table: Table
    kind: RecordKind
    key: tuple[str, ...]
    contents: tuple[str, ...]
    """Columns of the file that make the record beside its key."""
    provenance = False
    """Whether the table names the import and row of the present contents."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._seen: dict[tuple[Any, ...], tuple[Any, ...]] = {}

    def prepare(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Complete the rows of a chunk, and look up what `objection` needs, set by set."""

    def objection(self, row: Mapping[str, Any]) -> tuple[str, Message] | None:
        """Return why the database does not allow a row."""
        return None

    def warning(self, row: Mapping[str, Any]) -> tuple[str, Message] | None:
        """Return what should be looked at in a row that is stored."""
        return None

    def keep(self, connection: Connection, checked: Checked) -> Kept:
        """Store a chunk."""
        names = list(checked.values)
        rows = [
            dict(zip(names, values, strict=True))
            for values in zip(*checked.values.values(), strict=True)
        ]
        self.prepare(connection, rows)
        stored = {
            tuple(one._mapping[name] for name in self.key): one
            for one in bulk.find_by_key(
                connection, self.table, self.key, {self._key(row) for row in rows}
            )
        }
        writes = _Writes()
        kept = Kept()
        for index, row in enumerate(rows):
            self._sort(kept, writes, stored, index, row, checked.numbers[index])
        self._write(connection, writes)
        return kept

    def finish(self, connection: Connection) -> None:
        """Do nothing more."""

    def _key(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(row[name] for name in self.key)

    def _sort(
        self,
        kept: Kept,
        writes: "_Writes",
        stored: Mapping[tuple[Any, ...], Row[Any]],
        index: int,
        row: dict[str, Any],
        number: int,
    ) -> None:
        key = self._key(row)
        record = stored.get(key)
        contents = tuple(row[name] for name in self.contents)
        if (problem := self._refusal(row, record, contents)) is not None:
            kept.refused.append(Objection(index, *problem))
            return
        if (warning := self.warning(row)) is not None:
            kept.warnings.append(Objection(index, *warning))
        first_time = key not in self._seen
        self._seen[key] = contents
        if not first_time or (record is not None and contents == self._contents_of(record)):
            kept.unchanged += 1
        elif record is None:
            kept.accepted += 1
            writes.new.append((row, number))
        else:
            kept.updated += 1
            writes.changed.append((row, number, record))

    def _refusal(
        self, row: Mapping[str, Any], record: Row[Any] | None, contents: tuple[Any, ...]
    ) -> tuple[str, Message] | None:
        if self._seen.get(self._key(row), contents) != contents:
            return self.key[0], SAME_KEY
        if record is not None and record.withdrawn_at is not None:
            return self.key[0], withdrawn_reason(record)
        return self.objection(row)

    def _contents_of(self, record: Row[Any]) -> tuple[Any, ...]:
        values = (record._mapping[name] for name in self.contents)
        return tuple(one.isoformat() if isinstance(one, date) else one for one in values)

    def _write(self, connection: Connection, writes: "_Writes") -> None:
        if writes.new:
            connection.execute(
                self.table.insert(), [self._stored(row, number) for row, number in writes.new]
            )
        for row, number, _ in writes.changed:
            connection.execute(
                self.table.update()
                .where(*(self.table.c[name] == row[name] for name in self.key))
                .values(**self._stored(row, number))
            )
        audit.append(connection, self._entries(writes))

    def _stored(self, row: Mapping[str, Any], number: int) -> dict[str, Any]:
        values = {
            name: date.fromisoformat(row[name]) if name in self._dates and row[name] else row[name]
            for name in (*self.key, *self.contents, *self.extra)
        }
        if self.provenance:
            values |= {"import_id": self.run.import_id, "row_no": number}
        return values

    extra: tuple[str, ...] = ()
    """Columns that `prepare` adds and that follow from the contents."""

    @property
    def _dates(self) -> frozenset[str]:
        return frozenset({"valid_from", "valid_until", "delivered_on"})

    def _entries(self, writes: "_Writes") -> Iterable[dict[str, Any]]:
        for row, number in writes.new:
            yield self._entry(AuditAction.CREATED, row, number, None)
        for row, number, record in writes.changed:
            before = dict(zip(self.contents, self._contents_of(record), strict=True))
            yield self._entry(AuditAction.UPDATED, row, number, before)

    def _entry(
        self,
        action: AuditAction,
        row: Mapping[str, Any],
        number: int,
        before: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        after = {name: row[name] for name in self.contents}
        return audit.entry(
            at=self.run.now,
            actor=self.run.context.actor,
            action=action,
            kind=self.kind.value,
            key="/".join(str(part) for part in self._key(row)),
            before=before
            and {name: before[name] for name in before if before[name] != after[name]},
            after=after
            if before is None
            else {n: after[n] for n in after if after[n] != before[n]},
            import_id=self.run.import_id,
            row_no=number,
        )


@dataclass
class _Writes:
    new: list[tuple[dict[str, Any], int]] = field(default_factory=list)
    changed: list[tuple[dict[str, Any], int, Row[Any]]] = field(default_factory=list)
