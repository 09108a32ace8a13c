"""Backups: a consistent copy of the database in one SQLite file, whichever engine it runs on.

The copy is made from one view of the database while everything runs on, checked before it gets its
name, and for its owner alone. No key is in it: the data key is kept apart from the data, and the
key of an open review is in no backup.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, select
from sqlalchemy.pool import NullPool

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.privacy.held_files import BACKED_UP, BACKUPS
from survey_pipeline.store import audit, migrate
from survey_pipeline.store.ballot_key import has_key, key_path
from survey_pipeline.store.engine import database_file, open_engine, reading, writing
from survey_pipeline.store.faults import border, translate_faults
from survey_pipeline.store.files import (
    OWNER_ONLY,
    OWNER_ONLY_FOLDER,
    remove_abandoned,
    sync,
    temporary_folder,
)
from survey_pipeline.store.tables import reviews
from survey_pipeline.upkeep.copying import compare, fill
from survey_pipeline.upkeep.soundness import broken_pages
from survey_pipeline.upkeep.stored_tables import count, stored_tables
from survey_pipeline.validation import os_problem
from survey_pipeline.vocabulary import AuditAction, Audited

PAGES_AT_ONCE = 2_000
Progress = Callable[[int, int], None]
"""Is told how much of how much is copied: pages of SQLite, rows of PostgreSQL."""


@dataclass(frozen=True)
class Backup:
    """A backup that was made and checked."""

    file: Path
    size: int
    """In bytes."""
    sha256: str
    revision: str
    tables: Mapping[str, int]
    """Rows of each table."""
    keys: Sequence[str]
    """The keys that are not in it, by the names of their files."""
    removed: Sequence[Path]
    """Older backups that `keep` removed."""


def make_backup(
    context: Context,
    target: Path | None = None,
    *,
    keep: int | None = None,
    progress: Progress | None = None,
) -> Backup:
    """Copy the database into a new file while everything runs.

    Args:
        context: the workspace.
        target: a file that does not exist yet, or a folder; without it the workspace's `backups/`.
        keep: how many of the folder's backups to keep, with this one; None keeps them all.
        progress: is called again and again.

    Raises:
        CannotProceed: the file exists, cannot be written, or is not equal to the database.
        DatabaseFault: the database cannot be read.
    """
    file = _place(context, target)
    try:
        with temporary_folder(file.parent, file.name) as folder:
            made = folder / file.name
            with whole_database(context.engine, made, progress) as connection:
                tables = _checked(connection, made)
            publish(made, file)
    except OSError as error:
        raise CannotProceed(
            "the backup {file} cannot be written ({problem}). Make room, or name another place",
            file=file,
            problem=os_problem(error),
        ) from error
    return Backup(
        file,
        file.stat().st_size,
        _sha256(file),
        migrate.head(),
        tables,
        _keys(context),
        _remove_older(file.parent, keep),
    )


def note_backup(context: Context, made: Backup) -> None:
    """Put on record who made a backup; the whole database is in it."""
    noted = audit.entry(
        at=context.now(),
        actor=context.actor,
        action=AuditAction.EXPORTED,
        kind=Audited.BACKUPS,
        key=made.file.name,
        after={"sha256": made.sha256, "size": made.size},
    )
    with writing(context.engine) as connection:
        audit.append(connection, [noted])


def backups_in(folder: Path) -> list[Path]:
    """Return the backups that the program named itself, oldest first; `keep` knows no others."""
    return sorted(path for path in folder.glob(BACKED_UP) if path.is_file())


@contextmanager
def whole_database(
    engine: Engine, made: Path, progress: Progress | None = None
) -> Iterator[Connection]:
    """Copy a database into a new SQLite file; yield the view of the source that was copied."""
    made.touch(OWNER_ONLY)
    with reading(engine) as connection:
        if database_file(engine) is None:
            _copy_rows(connection, made, progress)
        else:
            with border(engine):
                _copy_pages(connection, made, progress)
        yield connection


def _copy_pages(connection: Connection, made: Path, progress: Progress | None) -> None:
    """Copy the pages of SQLite's file as the open transaction sees them; writers do not wait."""
    connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema")  # the view begins here

    def tell(_status: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(total - remaining, total)

    source = connection.connection.driver_connection
    with closing(sqlite3.connect(made)) as target:
        source.backup(target, pages=PAGES_AT_ONCE, progress=tell)  # type: ignore[union-attr] # sqlite3's
        target.execute("PRAGMA journal_mode = DELETE")  # one file, with no log beside it


def _copy_rows(connection: Connection, made: Path, progress: Progress | None) -> None:
    """Copy the rows of another engine's tables, and compare them.

    Raises:
        CannotProceed: a table came out otherwise.
    """
    target = open_engine(f"sqlite:///{made.name}", made.parent)
    try:
        migrate.upgrade(target)
        fill(connection, target, progress=progress)
        _, differing = compare(connection, target)
    finally:
        target.dispose()
    if differing:
        raise _unequal(differing)
    with closing(sqlite3.connect(made)) as file:
        file.execute("PRAGMA journal_mode = DELETE")


def _checked(source: Connection, made: Path) -> Mapping[str, int]:
    """Read the whole copy again, and count its rows beside the source's.

    Raises:
        CannotProceed: its file is damaged, or a table has not as many rows.
    """
    with only_read(made) as connection:
        for problem in broken_pages(connection):
            raise CannotProceed("{problem}", problem=problem)
        copied = {table.name: count(connection, table) for table in stored_tables()}
    found = {table.name: count(source, table) for table in stored_tables()}
    if unequal := [name for name, rows in found.items() if copied[name] != rows]:
        raise _unequal(unequal)
    return copied


def _unequal(tables: Sequence[str]) -> CannotProceed:
    return CannotProceed(
        "the backup is not equal to the database (tables {tables}), and was not kept. Look for "
        "faults of the disk, then run db check",
        tables=", ".join(tables),
    )


@contextmanager
def only_read(file: Path) -> Iterator[Connection]:
    """Open a SQLite file without writing a byte, nor a file beside it.

    Raises:
        DatabaseFault: it is damaged, or no database at all.
    """

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)

    url = URL.create("sqlite", database=str(file))
    engine = create_engine(url, creator=connect, poolclass=NullPool, hide_parameters=True)
    translate_faults(engine)
    with engine.connect() as connection:
        yield connection


def publish(made: Path, file: Path) -> None:
    """Give a file that was made in a folder of its own its name; it is on the disk then."""
    made.chmod(OWNER_ONLY)
    sync(made)
    made.rename(file)
    sync(file.parent)


def _place(context: Context, target: Path | None) -> Path:
    """Return the file to make: the target itself, or a name by the time in its folder.

    Raises:
        CannotProceed: it is there already, or its folder is not and cannot be made.
    """
    folder = context.home / BACKUPS if target is None else target
    if target is None:
        try:
            folder.mkdir(OWNER_ONLY_FOLDER, exist_ok=True)
        except OSError as error:
            raise CannotProceed(
                "{folder} cannot be made ({problem}). Name another place",
                folder=folder,
                problem=os_problem(error),
            ) from error
    file = folder / f"survey-{context.now():%Y%m%dT%H%M%SZ}.backup" if folder.is_dir() else folder
    if file.exists():
        raise CannotProceed("{file} is there already, and is not overwritten", file=file)
    remove_abandoned(file.parent)
    return file


def _keys(context: Context) -> list[str]:
    """Return the names of the keys that are needed beside the backup."""
    settings = context.settings.privacy
    names = ["SURVEY_PRIVACY__KEY" if settings.key else str(settings.key_file)]
    with reading(context.engine) as connection:
        unclosed = select(reviews.c.year).where(reviews.c.closed_at.is_(None))
        years = sorted(connection.scalars(unclosed))
    home = context.home
    return names + [key_path(home, year).name for year in years if has_key(home, year)]


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _remove_older(folder: Path, keep: int | None) -> list[Path]:
    """Remove all but the newest of the folder's backups; return those removed."""
    older = [] if keep is None else backups_in(folder)[:-keep]
    for path in older:
        path.unlink(missing_ok=True)
    return older
