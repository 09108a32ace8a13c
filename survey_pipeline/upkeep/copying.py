"""Copies a database into another one, of the same engine or not; may be killed and run again.

A target says in `alembic_version` that a copy into it has begun: no command works with it until the
copy has ended. What it holds is taken over if it is what the source begins with; every table is
compared with the source at the end.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, text

from survey_pipeline.errors import CannotProceed
from survey_pipeline.store import migrate
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.upkeep.stored_tables import (
    StoredTable,
    TableSum,
    add_rows,
    count,
    empty_tables,
    first_with_rows,
    in_portions,
    number_on,
    rows_of,
    stored_tables,
    sum_of,
)

ROWS_AT_ONCE = 5_000
"""Rows that one transaction adds."""
ROUNDS = 2
"""How often tables are copied that changed meanwhile, before the copy gives up."""
Progress = Callable[[int, int], None]
"""Is told how many rows of how many are there."""


@dataclass(frozen=True)
class DatabaseCopy:
    """A copy that is complete, and equal to its source."""

    tables: Mapping[str, TableSum]

    @property
    def rows(self) -> int:
        """How many rows all tables have together."""
        return sum(table.rows for table in self.tables.values())


def copy_database(
    source: Engine,
    target: Engine,
    *,
    rows_at_once: int = ROWS_AT_ONCE,
    progress: Progress | None = None,
) -> DatabaseCopy:
    """Copy every table into a new database, or go on with a copy that was cut off.

    What is written to the source meanwhile is copied in a second round. The program may run on;
    it is better to stop it, for what it writes after the copy is missing there.

    Args:
        source: a database of this program's revision.
        target: an empty one, or one with a copy that was begun.
        rows_at_once: rows that one transaction adds.
        progress: is called after each of them.

    Raises:
        CannotProceed: the target holds other data, or tables still differ after the last round.
    """
    _begin(target)
    differing: Sequence[str] = ()
    for _ in range(ROUNDS):
        with reading(source) as connection:
            fill(connection, target, rows_at_once=rows_at_once, progress=progress)
        with reading(source) as connection:  # as the source is now
            found, differing = compare(connection, target)
        if not differing:
            _finish(target)
            return DatabaseCopy(found)
    raise CannotProceed(
        "these tables differ from their copies: {tables}. They are written to meanwhile: stop the "
        "program, then run the same command again",
        tables=", ".join(differing),
    )


def fill(
    source: Connection,
    target: Engine,
    *,
    rows_at_once: int = ROWS_AT_ONCE,
    progress: Progress | None = None,
) -> None:
    """Add to the target what it lacks, and first take out of it what the source does not have."""
    tables = stored_tables()
    with writing(target) as connection:
        others = {table.name for table in tables if not _is_beginning(source, connection, table)}
        empty_tables(connection, others)
    total, done = sum(count(source, table) for table in tables), 0
    for table in tables:
        with reading(target) as connection:
            there = count(connection, table)
        done += there
        for rows in in_portions(rows_of(source, table, skip=there), rows_at_once):
            with writing(target) as connection:
                add_rows(connection, table, rows)
            done += len(rows)
            if progress is not None:
                progress(done, total)


def compare(source: Connection, target: Engine) -> tuple[Mapping[str, TableSum], Sequence[str]]:
    """Return the sums of the source's tables, and the names of those that the target has not so."""
    found: dict[str, TableSum] = {}
    differing = []
    with reading(target) as connection:
        for table in stored_tables():
            found[table.name] = sum_of(source, table)
            if sum_of(connection, table) != found[table.name]:
                differing.append(table.name)
    return found, differing


def _is_beginning(source: Connection, target: Connection, table: StoredTable) -> bool:
    """Return whether a table holds nothing but the first rows of its source."""
    there = sum_of(target, table)
    return not there.rows or sum_of(source, table, most=there.rows) == there


def _begin(target: Engine) -> None:
    """Make the tables of an empty database, and mark it as a copy that was begun.

    Raises:
        CannotProceed: it holds data, or a copy that another version of the program began.
    """
    found = migrate.current(target)
    if found == migrate.begun_copy():
        return
    if found is not None and migrate.is_begun_copy(found):
        raise CannotProceed(
            "another version of the program began the copy. Empty the database, then copy again"
        )
    with reading(target) as connection:
        filled = first_with_rows(connection)
    if filled is not None:
        raise CannotProceed(
            "the database to copy to is not empty: its table {table} holds data. Name another one",
            table=filled,
        )
    migrate.upgrade(target)
    _mark(target, migrate.begun_copy())


def _finish(target: Engine) -> None:
    with writing(target) as connection:
        number_on(connection)
        _set_revision(connection, migrate.head())


def _mark(target: Engine, revision: str) -> None:
    with writing(target) as connection:
        _set_revision(connection, revision)


def _set_revision(connection: Connection, revision: str) -> Any:
    return connection.execute(_REVISION, {"revision": revision})


_REVISION = text("UPDATE alembic_version SET version_num = :revision")
