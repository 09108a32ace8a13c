"""Puts a backup back into an empty workspace, so that nobody is texted again.

The backup is copied into a file of its own, brought to this program's revision and looked into;
sending is paused there, and what may have gone out since is doubted. Only then does it become the
workspace's database: killed before that, the workspace is as empty as it was.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.privacy.sealing import seal_stored
from survey_pipeline.store import migrate
from survey_pipeline.store.engine import database_file, open_engine, reading, writing
from survey_pipeline.store.files import OWNER_ONLY, temporary_folder
from survey_pipeline.store.key_changes import check_keys, keys_in_force
from survey_pipeline.store.tables import audit_log, import_runs, message_events, reviews
from survey_pipeline.survey.pausing import begin_pause
from survey_pipeline.survey.restored import note_restore
from survey_pipeline.upkeep.backing_up import only_read, publish
from survey_pipeline.upkeep.copying import Progress, copy_database
from survey_pipeline.upkeep.soundness import broken_pages, look_into
from survey_pipeline.upkeep.stored_tables import first_with_rows
from survey_pipeline.validation import os_problem

_LOGS = ("-wal", "-shm")


@dataclass(frozen=True)
class Restored:
    """A database that was put back; sending is paused in it."""

    rows: int
    last_entry: datetime | None
    """The latest moment that the copy has on record."""
    until: date | None
    """The last day on which the lost database may have drawn or sent; None: not since the copy."""
    doubted: int
    """Texts that may have gone out since, and are not sent again."""
    open_reviews: list[int]
    """Years whose reviews are open: their keys are in no copy."""


def restore(
    context: Context, file: Path, *, until: date | None, progress: Progress | None = None
) -> Restored:
    """Make a backup the database of an empty workspace.

    Args:
        context: the workspace, with configuration and keys in their places.
        file: a backup.
        until: the last day on which the lost database may have drawn or sent; None if it did
            neither since the copy was made.
        progress: is called again and again, where rows are copied.

    Raises:
        CannotProceed: the database is not empty, or the backup is not sound.
        DatabaseFault: the backup is no database, or the database cannot be written.
        KeyFileError: the keys are not those of the backup.
    """
    target = database_file(context.engine)
    if target is not None:
        _require_empty(context.engine, target)
    _require_backup(file)
    folder = context.home if target is None else target.parent
    try:
        with temporary_folder(folder, "restore") as beside:
            made = beside / "restored.db"
            _copy_file(file, made)
            with _opened(context, made) as staged:
                found = _prepare(staged, until)
                if target is None:
                    copy_database(staged.engine, context.engine, progress=progress)
            if target is not None:
                _take_place(context.engine, made, target)
    except OSError as error:
        raise CannotProceed(
            "the backup cannot be put into {folder} ({problem})",
            folder=folder,
            problem=os_problem(error),
        ) from error
    return found


def _require_empty(engine: Engine, file: Path) -> None:
    if not file.exists():
        return
    with reading(engine) as connection:
        filled = first_with_rows(connection)
    if filled is not None:
        raise CannotProceed(
            "the workspace is not empty: its table {table} holds data. A backup is put back into a "
            "new workspace",
            table=filled,
        )


def _require_backup(file: Path) -> None:
    """Check that a file is a sound database of a revision that this program knows."""
    if not file.is_file():
        raise CannotProceed("there is no file {file}", file=file)
    with only_read(file) as connection:
        for problem in broken_pages(connection):
            raise CannotProceed("{problem}", problem=problem)
        names = connection.exec_driver_sql("SELECT name FROM sqlite_schema").scalars().all()
    if "alembic_version" not in names:
        raise CannotProceed("{file} is no backup of this program", file=file)


def _copy_file(file: Path, made: Path) -> None:
    made.touch(OWNER_ONLY)
    address = f"{file.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True)) as source,
        closing(sqlite3.connect(made)) as target,
    ):
        source.backup(target)


@contextmanager
def _opened(context: Context, made: Path) -> Iterator[Context]:
    """Open the copy with the workspace's settings and keys; it is one file again at the end."""
    engine = open_engine(f"sqlite:///{made.name}", made.parent)
    try:
        yield replace(context, engine=engine)
    finally:
        engine.dispose()


def _prepare(staged: Context, until: date | None) -> Restored:
    """Bring the copy up to date, look into it, pause sending in it and doubt its texts."""
    migrate.upgrade(staged.engine)
    keys = keys_in_force(staged.engine, staged.keys)
    check_keys(staged.engine, keys)
    staged = replace(staged, keys=keys)
    seal_stored(staged)
    found = look_into(staged.engine)
    for problem in found.problems:
        raise CannotProceed("{problem}", problem=problem)
    with reading(staged.engine) as connection:
        last, unclosed = _last_entry(connection), _open_reviews(connection)
    with writing(staged.engine) as connection:
        begin_pause(connection, staged)
        doubted = 0 if until is None else note_restore(connection, staged, until)
    return Restored(sum(found.tables.values()), last, until, doubted, unclosed)


def _last_entry(connection: Connection) -> datetime | None:
    columns = (audit_log.c.at, import_runs.c.at, message_events.c.at)
    moments = [connection.scalar(select(func.max(column))) for column in columns]
    return max((moment for moment in moments if moment is not None), default=None)


def _open_reviews(connection: Connection) -> list[int]:
    unclosed = reviews.c.opened_at.is_not(None), reviews.c.closed_at.is_(None)
    return list(connection.scalars(select(reviews.c.year).where(*unclosed).order_by("year")))


def _take_place(engine: Engine, made: Path, target: Path) -> None:
    """Put the file in the place of the empty database, whose logs must not be read with it."""
    with closing(sqlite3.connect(made)) as file:
        file.execute("PRAGMA journal_mode = DELETE")
    engine.dispose()
    for ending in _LOGS:
        target.with_name(target.name + ending).unlink(missing_ok=True)
    publish(made, target)
