"""Tables as their values are stored: copied, counted and compared without any key.

What is encrypted stays so, and JSON is its own text, so a value comes out of the other engine as it
went in.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Select,
    String,
    Table,
    cast,
    delete,
    func,
    inspect,
    select,
    text,
    type_coerce,
)

from survey_pipeline.store.sealed import SealedDocument, SealedText
from survey_pipeline.store.tables import cases

READ_AT_ONCE = 5_000
"""Rows of a table that are in memory together."""
_DIGEST_BYTES = 32
_WRAP = 1 << (8 * _DIGEST_BYTES)


class TableSum(NamedTuple):
    """What two copies of a table have in common: their rows, in whatever order."""

    rows: int
    digest: int
    """The sum of the rows' BLAKE2b digests, modulo 2**256."""


@dataclass(frozen=True)
class StoredTable:
    """One table, without the types that encrypt or interpret what is stored."""

    declared: Table
    plain: Table

    @property
    def name(self) -> str:
        """The table's name."""
        return self.declared.name

    @property
    def refers_to(self) -> set[str]:
        """The names of the tables that its rows refer to."""
        return {key.column.table.name for key in self.declared.foreign_keys}

    def ordered(self, dialect: str) -> Select[Any]:
        """Return the query of all rows in the order of their keys."""
        columns = [_stored(column, dialect) for column in self.declared.columns]
        return select(*columns).order_by(*self.declared.primary_key.columns)


def stored_tables() -> Sequence[StoredTable]:
    """Return every table; each stands after those that it refers to."""
    return [StoredTable(table, _plain(table)) for table in cases.metadata.sorted_tables]


def in_portions(rows: Iterator[tuple[Any, ...]], most: int) -> Iterator[list[tuple[Any, ...]]]:
    """Yield rows in lists of at most so many."""
    while portion := list(islice(rows, most)):
        yield portion


def count(connection: Connection, table: StoredTable) -> int:
    """Return how many rows a table has."""
    return connection.scalar(select(func.count()).select_from(table.declared)) or 0


def first_with_rows(connection: Connection) -> str | None:
    """Return the name of a table that holds anything; None where no table does, or none exists."""
    there = set(inspect(connection).get_table_names())
    for table in stored_tables():
        if table.name in there and connection.execute(select(table.plain).limit(1)).first():
            return table.name
    return None


def rows_of(
    connection: Connection, table: StoredTable, *, skip: int = 0, most: int | None = None
) -> Iterator[tuple[Any, ...]]:
    """Yield a table's rows in the order of their keys, as values that any engine takes.

    Args:
        connection: in a transaction.
        table: which table.
        skip: rows to pass over.
        most: at most so many rows after those; all where it is None.
    """
    query = table.ordered(connection.dialect.name)
    if skip:
        query = query.offset(skip)
    options = {"yield_per": READ_AT_ONCE}
    with connection.execute(query, execution_options=options) as found:
        for row in islice(found, most):
            yield tuple(row)


def sum_of(connection: Connection, table: StoredTable, *, most: int | None = None) -> TableSum:
    """Return the sum over a table's rows, or over the first of them."""
    rows = total = 0
    for row in rows_of(connection, table, most=most):
        rows += 1
        written = repr(row).encode("utf-8", "surrogatepass")
        total += int.from_bytes(hashlib.blake2b(written, digest_size=_DIGEST_BYTES).digest())
    return TableSum(rows, total % _WRAP)


def add_rows(connection: Connection, table: StoredTable, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add rows to a table, by the fastest way that the engine has."""
    if connection.dialect.name != "postgresql":
        names = [column.name for column in table.plain.columns]
        values = [dict(zip(names, row, strict=True)) for row in rows]
        connection.execute(table.plain.insert(), values)
        return
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(column.name) for column in table.plain.columns)
    into = f"COPY {quote(table.name)} ({columns}) FROM STDIN"
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(into) as copy:
        for row in rows:
            copy.write_row(row)


def empty_tables(connection: Connection, names: set[str]) -> None:
    """Empty tables, and those whose rows refer to them."""
    emptied = with_dependents(names)
    for table in reversed(stored_tables()):
        if table.name in emptied:
            connection.execute(delete(table.plain))


def with_dependents(names: set[str]) -> set[str]:
    """Return these tables and all whose rows refer to them, directly or not."""
    found = set(names)
    for table in stored_tables():  # each stands after those that it refers to
        if table.refers_to & found:
            found.add(table.name)
    return found


def number_on(connection: Connection) -> None:
    """Let the next ids follow the greatest ones: PostgreSQL counts them apart from the rows."""
    if connection.dialect.name != "postgresql":
        return
    for table in stored_tables():
        sequence = connection.scalar(_SEQUENCE, {"name": table.name}) if _is_numbered(table) else ""
        if sequence:
            greatest = connection.scalar(select(func.max(table.declared.c.id)))
            place = {"sequence": sequence, "last": greatest or 1, "used": greatest is not None}
            connection.execute(_NEXT, place)


_SEQUENCE = text("SELECT pg_get_serial_sequence(:name, 'id')")
_NEXT = text("SELECT setval(CAST(:sequence AS regclass), :last, :used)")


def _is_numbered(table: StoredTable) -> bool:
    return [column.name for column in table.declared.primary_key] == ["id"]


def _plain(table: Table) -> Table:
    columns = [Column(column.name, _plain_type(column)) for column in table.columns]
    return Table(table.name, MetaData(), *columns)


def _plain_type(column: Column[Any]) -> Any:
    if isinstance(column.type, SealedText | SealedDocument | JSON):
        return String()
    return column.type


def _stored(column: Column[Any], dialect: str) -> ColumnElement[Any]:
    """Return a column as it is stored; PostgreSQL gives JSON's own text only when asked for it."""
    if isinstance(column.type, SealedDocument | JSON) and dialect == "postgresql":
        return cast(column, String).label(column.name)
    return type_coerce(column, _plain_type(column)).label(column.name)
