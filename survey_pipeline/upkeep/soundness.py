"""Whether a database is sound: its file, what its rows refer to, its revision and its keys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, ForeignKey, and_, func, select

from survey_pipeline.i18n import N_, Message
from survey_pipeline.store import migrate
from survey_pipeline.store.engine import reading
from survey_pipeline.upkeep.stored_tables import count, stored_tables

PROBLEMS = 10
"""Faults of a file that are told; there may be thousands."""


@dataclass(frozen=True)
class Soundness:
    """What was found in a database."""

    revision: str
    tables: Mapping[str, int]
    """Rows of each table."""
    problems: list[Message]
    """What is wrong; empty: it is sound."""


def look_into(engine: Engine) -> Soundness:
    """Look into every table of a database; nothing is changed.

    Raises:
        DatabaseFault: it cannot be read at all.
        SchemaError: it is not of this program's revision.
    """
    migrate.check(engine)
    with reading(engine) as connection:
        problems = [*broken_pages(connection), *_dangling(connection)]
        rows = {table.name: count(connection, table) for table in stored_tables()}
    return Soundness(migrate.head(), rows, problems)


def broken_pages(connection: Connection) -> Iterator[Message]:
    """Yield what is wrong with SQLite's file; PostgreSQL looks after its pages itself."""
    if connection.dialect.name != "sqlite":
        return
    for (found,) in connection.exec_driver_sql(f"PRAGMA integrity_check({PROBLEMS})"):
        if found != "ok":
            yield Message(N_("the database file is damaged: {problem}"), {"problem": found})


def _dangling(connection: Connection) -> Iterator[Message]:
    """Yield how many rows of a table refer to a row that is not there."""
    for table in stored_tables():
        for key in sorted(table.declared.foreign_keys, key=lambda key: key.parent.name):
            if missing := _count_dangling(connection, key):
                yield Message(
                    N_("{count} rows of {table} refer to rows of {other} that are not there"),
                    {"count": missing, "table": table.name, "other": key.column.table.name},
                )


def _count_dangling(connection: Connection, key: ForeignKey) -> int:
    refers: Any = key.parent
    found = select(key.column).where(key.column == refers).exists()
    query = select(func.count()).select_from(refers.table).where(and_(refers.is_not(None), ~found))
    return connection.scalar(query) or 0
