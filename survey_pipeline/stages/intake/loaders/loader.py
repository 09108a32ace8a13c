"""What every kind's keeper shares: its port, what it answers, and the plain one for small kinds.

A keeper holds checked rows against the database and stores them: new ones go in, identical ones
change nothing, others are updates with before and after in the audit log, and what may not be
stored is handed back with the reason.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, Row, Table, bindparam, select

from survey_pipeline.calendar import Calendar
from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.checking import Checked
from survey_pipeline.stages.intake.problems import Found
from survey_pipeline.store import audit, bulk
from survey_pipeline.store.tables import audit_log, offices, parents
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
    updated_at: list[int] = field(default_factory=list)
    """Positions of the updated rows; cases alone are told row by row."""
    unchanged_at: list[int] = field(default_factory=list)


class Run(NamedTuple):
    """The import that rows belong to."""

    context: Context
    import_id: int
    reported_on: date
    now: datetime
    year: int = 0
    """The appraisal year of the yearly kinds."""
    reason: str | None = None
    """Why records are changed: the objection that the import names."""
    barred: "Groups" = MappingProxyType({})
    """Groups of rows that an attempt before this one found not to hold together."""
    office: str | None = None
    """The office that reports for itself alone; nobody's where an operator imports."""


Groups = Mapping[str, Found]
"""A group of rows that stand or fall together -> the column and the reason why they fall."""


class NotTogether(Exception):
    """Ends an attempt: some groups do not hold together. The next attempt refuses their rows."""

    def __init__(self, groups: Groups) -> None:
        self.groups = groups
        super().__init__()


Needed = Iterator[tuple[Table, Sequence[Row[Any]]]]
"""Rows of the database that a chunk is held against."""


class Keeper(Protocol):
    """Stores the rows of one kind."""

    @property
    def in_pieces(self) -> bool:
        """Whether each chunk may be stored for itself; not where rows only stand together."""
        ...

    @property
    def tables(self) -> Sequence[Table]:
        """All tables that it reads or writes."""
        ...

    def needs(self, connection: Connection, checked: Checked) -> Needed:
        """Yield what a rehearsal must know of the database to try a chunk."""
        ...

    def keep(self, connection: Connection, checked: Checked) -> Kept:
        """Store a chunk; every row of it is counted once or refused."""
        ...

    def finish(self, connection: Connection) -> None:
        """Do what is done once per file, or per piece of it.

        Raises:
            NotTogether: rows that only stand together do not; nothing of this attempt is kept.
        """
        ...


DATES = frozenset(
    {"valid_from", "valid_until", "delivered_on", "occurred_on", "filed_on", "issued_on"}
)
"""Columns that come as ISO text and are stored as dates."""
WITHDRAWAL = ("withdrawn_at", "withdrawn_by", "withdrawn_reason")

SAME_KEY = Message(
    "an earlier row of this file has the same key and other contents; that one counts"
)


def withdrawn_reason(record: Row[Any], calendar: Calendar) -> Message:
    """Return why a withdrawn record does not come back by a file."""
    return Message(
        "the record was withdrawn on {day} ({reason}); it stays so. Report it under another key",
        {"day": calendar.day(record.withdrawn_at), "reason": record.withdrawn_reason},
    )


def withdrawn_for_good(record: Row[Any], calendar: Calendar) -> Message:
    """Return why the same contents do not come back under a key that only one record can have."""
    return Message(
        "the record was withdrawn on {day} ({reason}); the same contents do not come back",
        {"day": calendar.day(record.withdrawn_at), "reason": record.withdrawn_reason},
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
    in_pieces = True
    beside: tuple[Table, ...] = (parents, offices)
    """Tables that rows are held against."""
    revivable = False
    """Whether other contents may come under a key whose record was withdrawn: where there is no
    other key to bring them under."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._seen: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        self._supplied = False

    @property
    def tables(self) -> Sequence[Table]:
        """All tables that it reads or writes."""
        return tuple(dict.fromkeys((self.table, *self.beside, audit_log)))

    def needs(self, connection: Connection, checked: Checked) -> Needed:
        """Yield the tables as they are, once: they are small."""
        if not self._supplied:
            self._supplied = True
            for table in self.tables:
                if table is not audit_log:
                    yield table, connection.execute(select(table)).all()

    def prepare(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Complete the rows of a chunk, and look up what `objection` needs, set by set."""

    def objection(self, row: Mapping[str, Any]) -> Found | None:
        """Return why the database does not allow a row."""
        return None

    def warning(self, row: Mapping[str, Any]) -> Found | None:
        """Return what should be looked at in a row that is stored."""
        return None

    def warnings(self, row: Mapping[str, Any]) -> Iterable[Found]:
        """Return all that should be looked at in a row that is stored."""
        found = self.warning(row)
        return () if found is None else (found,)

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
        writes = Writes()
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
        writes: "Writes",
        stored: Mapping[tuple[Any, ...], Row[Any]],
        index: int,
        row: dict[str, Any],
        number: int,
    ) -> None:
        key = self._key(row)
        record = stored.get(key)
        contents = tuple(row[name] for name in self.contents)
        earlier = self._earlier(key, record)
        if (problem := self._refusal(row, record, contents, earlier)) is not None:
            kept.refused.append(Objection(index, *problem))
            return
        kept.warnings.extend(Objection(index, *found) for found in self.warnings(row))
        self._seen[key] = contents
        if earlier is not None or (record is not None and contents == self._held(record, row)):
            kept.unchanged += 1
            self._leave(record)
        elif record is None:
            kept.accepted += 1
            writes.new.append((row, number))
        else:
            kept.updated += 1
            writes.changed.append((row, number, record))

    def _earlier(self, key: tuple[Any, ...], record: Row[Any] | None) -> tuple[Any, ...] | None:
        """Return the contents that an earlier row of this file gave a key; none if none did."""
        return self._seen.get(key)

    def _leave(self, record: Row[Any] | None) -> None:
        """Note a record that stays as it is."""

    def _refusal(
        self,
        row: Mapping[str, Any],
        record: Row[Any] | None,
        contents: tuple[Any, ...],
        earlier: tuple[Any, ...] | None,
    ) -> Found | None:
        column = next(name for name in self.key if name != "year")
        if earlier is not None and earlier != contents:
            return column, SAME_KEY
        if record is not None and record.withdrawn_at is not None:
            if not self.revivable:
                return column, withdrawn_reason(record, self.run.context.calendar)
            if contents == self._held(record, row):
                return column, withdrawn_for_good(record, self.run.context.calendar)
        return self.objection(row)

    def _held(self, record: Row[Any], row: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return a record's contents as a row is compared with them."""
        return self._contents_of(record)

    def _contents_of(self, record: Row[Any]) -> tuple[Any, ...]:
        values = (record._mapping[name] for name in self.contents)
        return tuple(one.isoformat() if isinstance(one, date) else one for one in values)

    def _write(self, connection: Connection, writes: "Writes") -> None:
        if writes.new:
            connection.execute(
                self.table.insert(), [self._stored(row, number) for row, number in writes.new]
            )
        if writes.changed:
            names = {name: f"key_{name}" for name in self.key}
            connection.execute(
                self.table.update().where(
                    *(self.table.c[name] == bindparam(names[name]) for name in self.key)
                ),
                [
                    self._stored(row, number)
                    | {names[name]: row[name] for name in self.key}
                    | dict.fromkeys(WITHDRAWAL)
                    for row, number, _ in writes.changed
                ],
            )
        audit.append(connection, self._entries(writes))

    def _stored(self, row: Mapping[str, Any], number: int) -> dict[str, Any]:
        values = {
            name: date.fromisoformat(row[name]) if name in DATES and row[name] else row[name]
            for name in (*self.key, *self.contents, *self.extra)
        }
        if self.provenance:
            values |= {"import_id": self.run.import_id, "row_no": number}
        return values

    extra: tuple[str, ...] = ()
    """Columns that `prepare` adds and that follow from the contents."""

    def _entries(self, writes: "Writes") -> Iterable[dict[str, Any]]:
        for row, number in writes.new:
            yield self._entry(AuditAction.CREATED, row, number, None)
        for row, number, record in writes.changed:
            before = dict(zip(self.contents, self._contents_of(record), strict=True))
            if record.withdrawn_at is not None:
                before |= {name: record._mapping[name] for name in WITHDRAWAL}
            yield self._entry(AuditAction.UPDATED, row, number, before)

    def _entry(
        self,
        action: AuditAction,
        row: Mapping[str, Any],
        number: int,
        before: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        after = {name: row[name] for name in self.contents}
        if before is not None:
            changed = [name for name in before if before[name] != after.get(name)]
            before = {name: before[name] for name in changed}
            after = {name: after.get(name) for name in changed}
        return audit.entry(
            at=self.run.now,
            actor=self.run.context.actor,
            action=action,
            kind=self.kind.value,
            key="/".join(str(part) for part in self._key(row)),
            before=before,
            after=after,
            reason=self.run.reason,
            import_id=self.run.import_id,
            row_no=number,
        )


@dataclass
class Writes:
    """What a chunk changes: new rows, and rows that differ from their record."""

    new: list[tuple[dict[str, Any], int]] = field(default_factory=list)
    changed: list[tuple[dict[str, Any], int, Row[Any]]] = field(default_factory=list)


class IdSet:
    """A set of row ids in a few bits each, so that it does not grow like the file."""

    _PAGE = 1 << 12

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}

    def add(self, number: int) -> None:
        """Put an id in."""
        page, bit = divmod(number, self._PAGE)
        bits = self._pages.setdefault(page, bytearray(self._PAGE // 8))
        bits[bit >> 3] |= 1 << (bit & 7)

    def __contains__(self, number: int) -> bool:
        page, bit = divmod(number, self._PAGE)
        bits = self._pages.get(page)
        return bits is not None and bool(bits[bit >> 3] >> (bit & 7) & 1)
