"""The databases of tests' workspaces: SQLite files, or copies in a PostgreSQL of the tests' own."""

import hashlib
import os
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from survey_pipeline.store import migrate
from survey_pipeline.store.engine import open_engine

POSTGRESQL = "TESTS_POSTGRESQL"
"""Environment variable with the address of an up-to-date PostgreSQL database: where it is set,
`workspace` makes a copy of that database, and no SQLite file."""


def new_database(home: Path, *, empty: bool = False) -> str:
    """Make a workspace's database with up-to-date tables, or with none; return its address."""
    url = database_url(home)
    if POSTGRESQL in os.environ:
        _copy_database(url, "template1" if empty else None)
    else:
        (home / "survey.db").write_bytes(b"" if empty else _migrated())
    return url


def database_url(home: Path) -> str:
    """Return the address of the database that a workspace of tests has."""
    template = os.environ.get(POSTGRESQL)
    if template is None:
        return "sqlite:///survey.db"
    name = f"w_{hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:16]}"
    return make_url(template).set(database=name).render_as_string(hide_password=False)


def _copy_database(url: str, source: str | None) -> None:
    name, given = make_url(url).database, make_url(os.environ[POSTGRESQL])
    server = create_engine(
        given.set(database="postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    # copying the files is the faster strategy where nothing waits for the disk
    copied = f'TEMPLATE "{source or given.database}" STRATEGY FILE_COPY'
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}" {copied}'))


@cache
def _migrated() -> bytes:
    """Return a database file with up-to-date tables; migrating anew for each test takes long."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "survey.db").touch()
        engine = open_engine("sqlite:///survey.db", Path(folder))
        migrate.upgrade(engine)
        engine.dispose()
        return (Path(folder) / "survey.db").read_bytes()
