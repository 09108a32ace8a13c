"""Encrypts everything that is under one data key anew under another one, batch by batch.

What is encrypted, the tables say themselves: every column of a sealed type (`store.sealed`), and
ciphertexts inside personal columns of text or JSON, such as the journal's values. A ciphertext is
told from other bytes by its own seal: AES-SIV opens what it made under the very key, and nothing
else (RFC 5297, section 5). So what is done already is passed over, and it may be begun again after
each batch.
"""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Engine,
    LargeBinary,
    Row,
    String,
    Table,
    bindparam,
    func,
    select,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.types import TypeDecorator

from survey_pipeline.errors import KeyFileError
from survey_pipeline.store.crypto import VERSION, Keys
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.key_changes import Change, hold_change, was_changed
from survey_pipeline.store.personal import Personal, declared, has_to_say, is_sealed
from survey_pipeline.store.sealed import MARK
from survey_pipeline.store.tables import cases

ROWS_AT_ONCE = 2_000
"""Rows in one transaction: a tenth of a second."""
_KEY, _NEW = "pk", "new_"
"""What the names of keys and of new values begin with in statements."""
_LEAST = len(VERSION) + 16
"""Bytes of the shortest ciphertext: the version and the tag."""

Progress = Callable[[int, int], None]


class SealedPlace(NamedTuple):
    """A table, and its columns that may hold ciphertexts."""

    table: Table
    columns: Sequence[Column[Any]]

    def stored(self) -> list[ColumnElement[Any]]:
        """Return what is read of a row: its key, and its values as they are stored."""
        key = [part.label(f"{_KEY}{n}") for n, part in enumerate(self.table.primary_key)]
        return key + [
            type_coerce(column, _plain(column)).label(column.name) for column in self.columns
        ]


def places() -> Iterator[SealedPlace]:
    """Yield every table with columns that may hold ciphertexts."""
    for _, table in sorted(cases.metadata.tables.items()):
        columns = [column for column in table.columns if _may_hold(column)]
        if columns:
            yield SealedPlace(table, columns)


def _may_hold(column: Column[Any]) -> bool:
    personal = isinstance(declared(column), Personal) and has_to_say(column)
    return is_sealed(column) or (personal and not column.primary_key)


class Resealed(NamedTuple):
    """What was done."""

    values: int
    """Values that were written under the new key."""
    unreadable: int
    """Values that neither key opens: nobody could read them before, and they stay as they are."""


def reseal(
    engine: Engine, change: Change, old: Keys, new: Keys, progress: Progress | None = None
) -> Resealed:
    """Encrypt all values under the new key.

    Args:
        engine: of the database, not guarded.
        change: the mark that stands.
        old: the keys before.
        new: the keys from now on.
        progress: is told how many rows of how many were looked at.

    Raises:
        DatabaseFault: the database cannot be written; what is done stays done.
        DataKeyChanged: another process has finished the change.
    """
    resealer, everywhere = Resealer(old, new), list(places())
    whole, done = _count(engine, everywhere) if progress else 0, 0
    for place in everywhere:
        for rows in _batches(engine, change, place, resealer):
            done += rows
            if progress:
                progress(done, max(whole, done))
    return Resealed(resealer.values, resealer.unreadable)


def _count(engine: Engine, everywhere: Sequence[SealedPlace]) -> int:
    with reading(engine) as connection:
        counts = [
            connection.scalar(select(func.count()).select_from(place.table)) or 0
            for place in everywhere
        ]
    return sum(counts)


def _batches(
    engine: Engine, change: Change, place: SealedPlace, resealer: "Resealer"
) -> Iterator[int]:
    """Go through a table in the order of its key; yield how many rows each batch has."""
    last: Row[Any] | None = None
    while True:
        with writing(engine) as connection:
            if not hold_change(connection, change):
                raise was_changed()
            rows = connection.execute(_next_rows(place, last)).all()
            _write(connection, place, [resealer.changes(place, row) for row in rows])
        if not rows:
            return
        last = rows[-1]
        yield len(rows)


def _next_rows(place: SealedPlace, last: Row[Any] | None) -> Any:
    key = list(place.table.primary_key)
    query = select(*place.stored())
    if last is not None:
        query = query.where(tuple_(*key) > tuple_(*last[: len(key)]))
    return query.order_by(*key).limit(ROWS_AT_ONCE)


def _plain(column: Column[Any]) -> Any:
    """Return the type that reads and writes what is stored as it stands."""
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(kind, JSON):
        return JSON()
    return LargeBinary() if isinstance(kind, LargeBinary) else String()


def _write(
    connection: Connection, place: SealedPlace, changes: Sequence[Mapping[str, Any]]
) -> None:
    """Write the changed values, rows with the same columns changed in one statement."""
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for values in changes:
        names = tuple(column.name for column in place.columns if _NEW + column.name in values)
        if names:
            alike.setdefault(names, []).append(values)
    for names, rows in alike.items():
        connection.execute(_rewrite(place, names), rows)


def _rewrite(place: SealedPlace, names: Sequence[str]) -> Any:
    statement = update(place.table)
    for n, part in enumerate(place.table.primary_key):
        statement = statement.where(part == bindparam(f"{_KEY}{n}"))
    columns = (place.table.c[name] for name in names)
    return statement.values(
        {column: bindparam(_NEW + column.name, type_=_plain(column)) for column in columns}
    )


class Resealer:
    """Encrypts values anew that are under the old key, and counts them."""

    def __init__(self, old: Keys, new: Keys) -> None:
        self._old, self._new = old, new
        self.values, self.unreadable = 0, 0

    def changes(self, place: SealedPlace, row: Row[Any]) -> dict[str, Any]:
        """Return a row's key, and those of its values that have to be written anew."""
        stored = row._mapping
        changed = {f"{_KEY}{n}": stored[f"{_KEY}{n}"] for n in range(len(place.table.primary_key))}
        for column in place.columns:
            value = stored[column.name]
            anew = self._anew(value, sealed=is_sealed(column))
            if anew is not value:
                changed[_NEW + column.name] = anew
        return changed

    def _anew(self, value: Any, *, sealed: bool = False) -> Any:
        """Return a stored value under the new key; the very same where nothing is to be done."""
        if isinstance(value, bytes):
            return self._bytes_anew(value, sealed=sealed)
        if isinstance(value, str):
            return self._text_anew(value, sealed=sealed)
        if isinstance(value, dict):
            return _rebuilt(value, {name: self._anew(part) for name, part in value.items()})
        if isinstance(value, list):
            return _rebuilt(value, [self._anew(part) for part in value])
        return value

    def _text_anew(self, text: str, *, sealed: bool) -> str:
        marked = text.startswith(MARK)
        try:
            stored = base64.b64decode(text.removeprefix(MARK), validate=True)
        except (binascii.Error, ValueError):
            return text
        anew = self._bytes_anew(stored, sealed=sealed and marked)
        if anew is stored:
            return text
        return (MARK if marked else "") + base64.b64encode(anew).decode()

    def _bytes_anew(self, stored: bytes, *, sealed: bool) -> bytes:
        if len(stored) < _LEAST or not stored.startswith(VERSION):
            return stored
        if (text := _opened(self._old, stored)) is not None:
            self.values += 1
            return self._new.encrypt(text)
        if sealed and _opened(self._new, stored) is None:
            self.unreadable += 1
        return stored


def _opened(keys: Keys, stored: bytes) -> str | None:
    try:
        return keys.decrypt(stored)
    except (KeyFileError, UnicodeDecodeError):
        return None


def _rebuilt(value: Any, anew: Any) -> Any:
    """Return the very same value where none of its parts was written anew."""
    parts = zip(value.values(), anew.values(), strict=True) if isinstance(value, dict) else None
    same = all(a is b for a, b in parts or zip(value, anew, strict=True))
    return value if same else anew
