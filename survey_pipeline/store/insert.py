"""Insert what is not there yet: the two engines spell it alike, SQLAlchemy keeps it apart."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

ROWS_AT_ONCE = 1_000


def conflict_insert(dialect: str, table: Table) -> Any:
    """Return the INSERT of a dialect (`postgresql` or `sqlite`), which has `ON CONFLICT`."""
    own = postgresql if dialect == "postgresql" else sqlite
    return own.insert(table)


def insert_absent(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> int:
    """Insert rows, leaving out those that a unique index already has (another worker was first).

    Returns:
        How many went in.
    """
    statement = conflict_insert(connection.dialect.name, table).on_conflict_do_nothing()
    statement = statement.execution_options(preserve_rowcount=True)  # else unknown on PostgreSQL
    return sum(
        connection.execute(statement, rows[start : start + ROWS_AT_ONCE]).rowcount
        for start in range(0, len(rows), ROWS_AT_ONCE)
    )
