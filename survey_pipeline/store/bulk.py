"""Many rows at once: the statements that SQLAlchemy's own executemany is too slow for.

Rows are tuples of what the driver stores: text, numbers, bytes, None, and dates as ISO text, which
both engines take. Dialects differ here and nowhere else.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Row,
    Table,
    and_,
    bindparam,
    column,
    select,
    values,
)
from sqlalchemy.types import TypeEngine

from survey_pipeline.store.insert import conflict_insert

STREAMING_CACHE_KIB = 16_384


@contextmanager
def streaming(connection: Connection) -> Iterator[None]:
    """Let a transaction write millions of rows without the memory growing with them.

    SQLite's page cache is kept small meanwhile.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    usual = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{STREAMING_CACHE_KIB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {usual}")


ROWS_A_STATEMENT = 50
"""Rows in one INSERT: a third faster than one row each, and more of them gain nothing."""
KEYS_AT_ONCE = 1_000
"""Keys in one look-up; two parameters each stay far below every engine's limit."""


def insert_new(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> int:
    """Insert the rows whose unique keys are free, pass over the others.

    Args:
        connection: a transaction that writes.
        table: where to.
        columns: what the tuples hold, in the table's own order.
        rows: values as the driver takes them.

    Returns:
        How many went in.
    """
    whole = len(rows) - len(rows) % ROWS_A_STATEMENT
    return _insert_many(connection, table, columns, rows[:whole], ROWS_A_STATEMENT) + _insert_many(
        connection, table, columns, rows[whole:], 1
    )


def _insert_many(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    at_once: int,
) -> int:
    """Insert rows with statements of `at_once` rows each; their number is a multiple of it."""
    if not rows:
        return 0
    dialect: Any = type(connection.dialect)  # SQLAlchemy leaves what dialects are made with untyped
    statement = _insert_statement(dialect, table, tuple(columns), at_once)
    # The driver takes the values of all rows of a statement as one flat tuple. SQLAlchemy's own
    # execution would name and convert each value, which costs more than the insert itself.
    flat = [
        tuple(chain.from_iterable(rows[start : start + at_once]))
        for start in range(0, len(rows), at_once)
    ]
    return connection.exec_driver_sql(statement, flat).rowcount


@lru_cache(maxsize=16)
def _insert_statement(dialect: Any, table: Table, columns: tuple[str, ...], at_once: int) -> str:
    """Return the text of an INSERT of so many rows, its values marked by position.

    It has hundreds of places for values, so compiling it takes some milliseconds: it is kept for
    the next chunk.

    Raises:
        ValueError: the columns are not in the table's order, in which the text has the values.
    """
    places = [
        {name: bindparam(f"{name}_{row}", type_=table.c[name].type) for name in columns}
        for row in range(at_once)
    ]
    marks = "format" if dialect.name == "postgresql" else "qmark"  # the drivers' own
    into = conflict_insert(dialect.name, table).values(places).on_conflict_do_nothing()
    compiled = into.compile(dialect=dialect(paramstyle=marks))
    if compiled.positiontup != [place.key for row in places for place in row.values()]:
        raise ValueError("columns must be in the table's order: so the statement has them")
    return str(compiled)


def find_by_key(
    connection: Connection, table: Table, key: Sequence[str], wanted: Collection[tuple[Any, ...]]
) -> Iterator[Row[Any]]:
    """Yield the stored rows whose key columns are among the wanted tuples, in no order."""
    ordered = sorted(wanted)
    for start in range(0, len(ordered), KEYS_AT_ONCE):
        names = [column(name, table.c[name].type) for name in key]
        keys = values(*names, name="wanted").data(ordered[start : start + KEYS_AT_ONCE]).cte()
        # a join: SQLite answers `(a, b) IN (VALUES ...)` by reading the whole table
        matches = and_(*(table.c[name] == keys.c[name] for name in key))
        yield from connection.execute(select(table).join_from(keys, table, matches))


def add_up(
    connection: Connection, table: Table, key: Mapping[str, Any], column: str, number: int
) -> None:
    """Add a number to a counter, making its row where there is none."""
    connection.execute(
        conflict_insert(connection.dialect.name, table)
        .values({**key, column: number})
        .on_conflict_do_update(index_elements=list(key), set_={column: table.c[column] + number})
    )


@contextmanager
def scratch(
    connection: Connection,
    name: str,
    columns: Mapping[str, type[TypeEngine[Any]]],
    rows: Sequence[tuple[Any, ...]],
) -> Iterator[Table]:
    """Put rows into a temporary table for the length of the block, so that a query can join it.

    Args:
        connection: a transaction that writes.
        name: the table's name.
        columns: names and types of what the tuples hold, in order.
        rows: values as the driver takes them.
    """
    held = Table(
        name,
        MetaData(),
        *(Column(column, kind) for column, kind in columns.items()),
        prefixes=["TEMPORARY"],
    )
    held.create(connection)
    insert_new(connection, held, list(columns), rows)
    yield held
    held.drop(connection)  # after a fault the transaction's end takes it away
