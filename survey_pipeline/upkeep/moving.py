"""Moves a workspace's database to another engine, by the addresses of both."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, ConfigurationError, UsageError
from survey_pipeline.store import migrate
from survey_pipeline.store.engine import database_file, open_engine
from survey_pipeline.store.files import OWNER_ONLY
from survey_pipeline.upkeep.copying import DatabaseCopy, Progress, copy_database
from survey_pipeline.validation import os_problem


def move_to(
    context: Context, to: str, *, source: str | None = None, progress: Progress | None = None
) -> DatabaseCopy:
    """Copy a database to another address; a SQLite file is made where there is none.

    Args:
        context: the workspace, from which a relative SQLite path counts.
        to: SQLAlchemy's address of the target.
        source: the address of the source; without it the workspace's own database.
        progress: is called again and again.

    Raises:
        CannotProceed: source and target are one, or the target holds other data.
        DatabaseFault: one of them cannot be reached, read or written.
        UsageError: an address is not one of SQLite or PostgreSQL.
        SchemaError: the source is not of this program's revision.
    """
    with _opened(source, context) as taken, _opened(to, context) as given:
        if _place(taken) == _place(given):
            raise CannotProceed("the database cannot be copied to itself. Name another one")
        migrate.check(taken)
        _make_file(given)
        return copy_database(taken, given, progress=progress)


@contextmanager
def _opened(url: str | None, context: Context) -> Iterator[Engine]:
    if url is None:
        yield context.engine
        return
    try:
        engine = open_engine(url, context.home)
    except ConfigurationError as error:
        raise UsageError(
            "an address begins with sqlite:/// or postgresql+psycopg://, and its driver must be "
            "installed"
        ) from error
    try:
        yield engine
    finally:
        engine.dispose()


def _place(engine: Engine) -> object:
    """Return what tells a database from others, however its address is written."""
    file = database_file(engine)
    if file is not None:
        return file.resolve()
    url = engine.url
    return url.host, url.port, url.database, url.query


def _make_file(engine: Engine) -> None:
    """Make the target's file for its owner alone, where it is one of SQLite."""
    file: Path | None = database_file(engine)
    if file is None:
        return
    try:
        file.touch(OWNER_ONLY)
    except OSError as error:
        raise CannotProceed(
            "{directory} cannot be written: {problem}",
            directory=file.parent,
            problem=os_problem(error),
        ) from error
