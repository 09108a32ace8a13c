"""The database engine: SQLite in WAL mode, or PostgreSQL.

Writers on SQLite begin with `BEGIN IMMEDIATE`: two processes that both read first and write later
would otherwise fail with "database is locked" however long they are willing to wait.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from survey_pipeline.errors import ConfigurationError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.store.faults import (
    CROWDED,
    FULL,
    READ_ONLY,
    border,
    is_full,
    said,
    translate_faults,
)
from survey_pipeline.store.patience import bound_statements
from survey_pipeline.store.sealed import read_json

BUSY_SECONDS = 60
"""How long a writer waits for another one."""
CONNECTIONS, KEPT = 15, 5
"""Connections that a process may hold at once unless `database.connections` says otherwise, and
those that stay open when idle."""
TURN_SECONDS = 10
"""How long to wait for one of them to become free."""
CONNECT_SECONDS = 10
"""How long PostgreSQL may take to answer a new connection."""
HIDDEN = "[values hidden]"
"""Stands in an error for the values that PostgreSQL would tell."""


def open_engine(
    url: str,
    home: Path,
    *,
    connections: int = CONNECTIONS,
    turn: float = TURN_SECONDS,
    busy: float = BUSY_SECONDS,
) -> Engine:
    """Open the database; a relative SQLite path counts from the workspace.

    SQLite's file must be there when it is connected to (`workspace.create_workspace` makes it).

    Args:
        url: SQLAlchemy's address of it.
        home: the workspace.
        connections: at most so many at the same time.
        turn: seconds to wait for one of them.
        busy: seconds that a writer waits for another one.

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
        event.listen(engine, "connect", _configure_postgresql(busy))
        return engine
    if parsed.get_backend_name() != "sqlite":
        raise ConfigurationError(
            "config/pipeline.toml: database.url must begin with sqlite:/// or postgresql+psycopg://"
        )
    in_file = bool(parsed.database) and parsed.database != ":memory:"
    if in_file:
        parsed = parsed.set(database=str(home / str(parsed.database)))
    else:
        pool = {}  # it lives in the one connection that it has
    engine = _create(parsed, connect_args={"timeout": busy}, json_deserializer=read_json, **pool)
    if in_file:
        _keep_to_its_file(engine)
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


def _configure_postgresql(busy: float) -> Callable[[Any, object], None]:
    def configure(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {round(busy * 1000)}")
            cursor.execute(_ON_THE_DISK)
        connection.commit()

    return configure


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


def _keep_to_its_file(engine: Engine) -> None:
    """Make no file where there is none, and use no connection whose file is gone or replaced.

    SQLite goes on with a deleted file as if nothing had happened: what it is told then is lost.
    """
    file = Path(str(engine.url.database)).absolute()

    def connect(_dialect: object, _record: object, args: list[Any], options: Any) -> None:
        args[0], options["uri"] = f"{file.as_uri()}?mode=rw", True

    def note(_connection: object, record: Any) -> None:
        record.info["file"] = _identity(file)

    def look(_connection: object, record: Any, _proxy: object) -> None:
        if record.info.get("file") != _identity(file):
            raise InvalidatePoolError

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "connect", note)
    event.listen(engine, "checkout", look)


def _identity(file: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one of the same name; nothing where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, not guessed by the driver
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",  # zeros over what is deleted, or moved to another page
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
    with border(engine), connected(engine, writing=True) as connection, connection.begin():
        bound_statements(connection)
        yield connection


PROBE_SECONDS = 2.0
"""How long `require_writable` waits for another writer."""
_WRITES_NOTHING = text("UPDATE alembic_version SET version_num = version_num")
NO_WRITES = N_("the server takes no writes")


def require_writable(engine: Engine) -> None:
    """Make sure that the database takes writes now; nothing is left behind, nothing is synced.

    Raises:
        DatabaseFault: it is gone, read-only or damaged, its disk is full, or a writer has held it
            for `PROBE_SECONDS`.
    """
    if (file := database_file(engine)) is not None:
        _require_writable_file(file)
    elif engine.dialect.name == "postgresql":
        with reading(engine) as connection:
            if connection.scalar(text("SHOW transaction_read_only")) == "on":
                raise said(READ_ONLY, problem=Message(NO_WRITES))


def _require_writable_file(file: Path) -> None:
    """Open SQLite's file anew: an open descriptor may write what another one may not."""
    if is_full(file.parent):
        raise said(FULL)
    url = URL.create("sqlite", database=file.name)
    probe = open_engine(str(url), file.parent, connections=1, busy=PROBE_SECONDS)
    try:
        with border(probe), connected(probe, writing=True) as connection:
            connection.execute(_WRITES_NOTHING)
            connection.rollback()
    finally:
        probe.dispose()


def try_writing(engine: Engine) -> None:
    """Write, and change nothing.

    Raises:
        DatabaseFault: nothing can be written: the disk is full, the file read-only.
    """
    with writing(engine) as connection:
        connection.execute(_WRITES_NOTHING)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads: one consistent view, no writer waits for it.

    PostgreSQL gives each statement a view of its own unless told (manual, "Repeatable Read
    Isolation Level").
    """
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ"}
    with border(engine), connected(engine, **options) as connection, connection.begin():
        bound_statements(connection)
        yield connection


def connected(engine: Engine, **options: Any) -> Connection:
    """Return a connection with these options.

    Raises:
        DatabaseFault: none has become free in time.
    """
    try:
        return engine.connect().execution_options(**options)
    except NoConnectionFree as error:
        raise said(CROWDED) from error
