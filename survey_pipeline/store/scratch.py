"""A database of its own in which something is tried: nothing of it touches the real one.

It is SQLite whatever the real one is, has the tables that it is given, and is gone with its last
connection: its file has no name any more when the first row goes in.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, MetaData, Row, Table, create_engine
from sqlalchemy.dialects import sqlite
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable

ROWS_AT_ONCE = 1_000
OWN_IDS = 1 << 40


@contextmanager
def scratch_database(tables: Sequence[Table], *, on_disk: bool) -> Iterator[Connection]:
    """Open a new database with these tables, all empty.

    Args:
        tables: what it holds.
        on_disk: whether it may grow beyond what the memory should hold.
    """
    engine = create_engine(
        "sqlite://", creator=_nameless if on_disk else _in_memory, poolclass=StaticPool
    )
    try:
        with engine.connect() as connection, connection.begin():
            for table in tables:
                _create(connection, table)
            yield connection
    finally:
        engine.dispose()


def _create(connection: Connection, table: Table) -> None:
    """Create a table; ids that it gives are none that the real database has given."""
    copy = table.to_metadata(MetaData())
    numbered = [column.name for column in copy.primary_key] == ["id"]
    copy.dialect_options["sqlite"]["autoincrement"] = numbered
    connection.execute(CreateTable(copy, include_foreign_key_constraints=[]))
    for index in copy.indexes:
        connection.execute(CreateIndex(index))
    if numbered:
        connection.exec_driver_sql(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table.name, OWN_IDS)
        )


def _in_memory() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", check_same_thread=False)


def _nameless() -> sqlite3.Connection:
    handle, name = tempfile.mkstemp(prefix="survey-rehearsal-")  # made with mode 0600
    os.close(handle)
    try:
        connection = sqlite3.connect(name, check_same_thread=False)
        # without a journal there is no second file, and the first is open for good
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
    finally:
        os.unlink(name)  # noqa: PTH108 - the name alone goes
    return connection


def copy_rows(connection: Connection, table: Table, rows: Sequence[Row[Any]]) -> None:
    """Insert rows of the real database; rows that are there already stay as they are."""
    statement = sqlite.insert(table).on_conflict_do_nothing()
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        connection.execute(statement, [dict(row._mapping) for row in part])
