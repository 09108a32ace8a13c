"""The database engine: SQLite in WAL mode, or PostgreSQL.

Writers on SQLite begin with `BEGIN IMMEDIATE`: two processes that both read first and write later
would otherwise fail with "database is locked" however long they are willing to wait.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from survey_pipeline.errors import ConfigurationError
from survey_pipeline.store.faults import CROWDED, border, said, translate_faults

BUSY_SECONDS = 60
"""How long a writer waits for another one."""
CONNECTIONS, KEPT = 15, 5
"""Connections that a process may hold at once, and those that stay open when idle."""
TURN_SECONDS = 10
"""How long to wait for one of them to become free."""
CONNECT_SECONDS = 10
"""How long PostgreSQL may take to answer a new connection."""
HIDDEN = "[values hidden]"
"""Stands in an error for the values that PostgreSQL would tell."""


def open_engine(
    url: str, home: Path, *, connections: int = CONNECTIONS, turn: float = TURN_SECONDS
) -> Engine:
    """Open the database; a relative SQLite path counts from the workspace.

    Args:
        url: SQLAlchemy's address of it.
        home: the workspace.
        connections: at most so many at the same time.
        turn: seconds to wait for one of them.

    Raises:
        ConfigurationError: the address is not one of SQLite or PostgreSQL (psycopg), or its
            driver is not installed.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError(
            "config/pipeline.toml: database.url is no database address"
        ) from error
    kept = min(connections, KEPT)
    pool = {"pool_size": kept, "max_overflow": connections - kept, "pool_timeout": turn}
    if parsed.get_backend_name() == "postgresql":
        # a server that was started anew has closed the connections that wait in the pool
        engine = _create(parsed, connect_args=_bounded(parsed), pool_pre_ping=True, **pool)
        event.listen(engine, "handle_error", _hide_values)
        event.listen(engine, "connect", _configure_postgresql)
        return engine
    if parsed.get_backend_name() != "sqlite":
        raise ConfigurationError(
            "config/pipeline.toml: database.url must begin with sqlite:/// or postgresql+psycopg://"
        )
    if parsed.database and parsed.database != ":memory:":
        parsed = parsed.set(database=str(home / parsed.database))
    else:
        pool = {}  # it lives in the one connection that it has
    engine = _create(parsed, connect_args={"timeout": BUSY_SECONDS}, **pool)
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def database_file(engine: Engine) -> Path | None:
    """Return the file of a SQLite database; nothing for other engines, or one in memory."""
    name = engine.url.database if engine.dialect.name == "sqlite" else None
    return Path(name) if name and name != ":memory:" else None


def _create(url: URL, **options: Any) -> Engine:
    try:
        # parameters hold numbers and texts: no error message may show them
        engine = create_engine(url, hide_parameters=True, **options)
    except (ArgumentError, ImportError) as error:
        raise ConfigurationError(
            "config/pipeline.toml: database.url needs the driver {driver}, which is not installed",
            driver=url.drivername,
        ) from error
    translate_faults(engine)
    return engine


def _bounded(url: URL) -> dict[str, Any]:
    """Bound the wait for a server that does not answer, unless the address says otherwise."""
    return {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}


_ON_THE_DISK = """
SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') = 'off'
"""
"""A server may be set to answer commits before they are on its disk: not ours."""


def _configure_postgresql(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
        cursor.execute(_ON_THE_DISK)
    connection.commit()


def _hide_values(context: ExceptionContext) -> None:
    """Take out of an error which values a row has: PostgreSQL tells them in its DETAIL.

    They may be texts and numbers of citizens, and an error may end in a log (manual, "Error Message
    Fields"; `hide_parameters` covers what we have sent alone).
    """
    detail = getattr(getattr(context.original_exception, "diag", None), "message_detail", None)
    if detail is None:
        return
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None:
            error.args = tuple(str(part).replace(detail, HIDDEN) for part in error.args)


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, not guessed by the driver
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        "cache_size = -65536",
        "wal_autocheckpoint = 8000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    mode = "IMMEDIATE" if connection.get_execution_options().get("writing") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {mode}")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that writes; commits at the end, rolls back on any exception."""
    with border(engine), _connected(engine, writing=True) as connection, connection.begin():
        yield connection


def try_writing(engine: Engine) -> None:
    """Write, and change nothing.

    Raises:
        DatabaseFault: nothing can be written: the disk is full, the file read-only.
    """
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = version_num"))


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads: one consistent view, no writer waits for it.

    PostgreSQL gives each statement a view of its own unless told (manual, "Repeatable Read
    Isolation Level").
    """
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ"}
    with border(engine), _connected(engine, **options) as connection, connection.begin():
        yield connection


def _connected(engine: Engine, **options: Any) -> Connection:
    try:
        return engine.connect().execution_options(**options)
    except NoConnectionFree as error:
        raise said(CROWDED) from error
