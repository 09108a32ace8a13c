"""Work that one process does at a time, on any number of hosts, and that outlives no process.

A lease in a row runs out by the clock; this lock goes the moment its process is gone, killed too.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from survey_pipeline.store.engine import connected, database_file
from survey_pipeline.store.faults import border

_TRY = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")


@contextmanager
def sole_worker(engine: Engine, name: str) -> Iterator[bool]:
    """Try to hold a name as long as the block runs; yield whether this process holds it.

    On PostgreSQL it is an advisory lock of a session of its own, which the server ends when the
    client is gone (manual, "Advisory Locks"). SQLite has one host: the kernel locks the folder of
    the database (`flock(2)`), for one name at a time.

    Raises:
        DatabaseFault: the database cannot be reached.
    """
    if engine.dialect.name == "postgresql":
        with _advisory_lock(engine, name) as ours:
            yield ours
    elif (file := database_file(engine)) is not None:
        with _folder_lock(file.parent) as ours:
            yield ours
    else:
        yield True  # a database in memory belongs to this process


@contextmanager
def _advisory_lock(engine: Engine, name: str) -> Iterator[bool]:
    with connected(engine, isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # closing it ends the session, and the lock with it
        with border(engine):
            ours = bool(connection.scalar(_TRY, {"name": name}))
        yield ours


@contextmanager
def _folder_lock(folder: Path) -> Iterator[bool]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)
