"""Migrations: the schema only ever moves by Alembic revisions, from the first version on.

Every command looks at the revision, so that is done without Alembic, which takes longer to load
than most commands take to run.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from survey_pipeline.errors import SchemaError
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.faults import GONE, NOT_OPENED, said

if TYPE_CHECKING:
    from alembic.config import Config

DIRECTORY = Path(__file__).parent / "migrations"
_COPYING = "copying-"


def configuration(connection: Connection | None = None) -> "Config":
    """Return Alembic's configuration; there is no alembic.ini."""
    from alembic.config import Config  # noqa: PLC0415 - loads where it is used

    config = Config()
    config.set_main_option("script_location", str(DIRECTORY))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def revisions() -> list[str]:
    """Return every revision that this program knows, oldest first: the number of its file."""
    return sorted(path.stem.split("_")[0] for path in (DIRECTORY / "versions").glob("[0-9]*.py"))


def head() -> str:
    """Return the revision that this program needs."""
    return revisions()[-1]


def current(engine: Engine) -> str | None:
    """Return the revision of the database, or nothing where it has no tables yet."""
    with reading(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).first()
        return None if found is None else str(found[0])


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Bring the database to this program's revision; return the one before and the one now.

    Raises:
        DatabaseFault: the database cannot be opened or written.
        SchemaError: the database is newer than the program.
    """
    from alembic import command  # noqa: PLC0415 - loads where it is used

    before = current(engine)
    if before is not None and is_begun_copy(before):
        raise _half_copied()
    if before is not None and before not in revisions():
        raise _newer(before)
    with writing(engine) as connection:
        command.upgrade(configuration(connection), "head")
    return before, head()


def check(engine: Engine) -> None:
    """Make sure that the database is of this program's revision.

    Raises:
        DatabaseFault: its file is gone; looking would make a new, empty one.
        SchemaError: it is not; the text says what to do.
    """
    require_file(engine)
    found = current(engine)
    if found is None:
        raise SchemaError(
            "the database has no tables. Did it have some? Put back the last backup. Is it new? "
            "Run: survey-pipeline db upgrade"
        )
    if is_begun_copy(found):
        raise _half_copied()
    if found > head():
        raise _newer(found)
    if found != head():
        raise SchemaError("the database is not up to date. Run: survey-pipeline db upgrade")


def begun_copy() -> str:
    """Return what stands for the revision in a database into which a copy was begun."""
    return f"{_COPYING}{head()}"


def is_begun_copy(revision: str) -> bool:
    """Return whether it stands for a copy that was begun and has not ended."""
    return revision.startswith(_COPYING)


def require_file(engine: Engine) -> None:
    """Make sure that SQLite's file is there: to open it would make a new one.

    Raises:
        DatabaseFault: it is not there, nor its folder.
    """
    file = engine.url.database
    if engine.dialect.name != "sqlite" or not file or file == ":memory:":
        return
    if not Path(file).parent.is_dir():
        raise said(NOT_OPENED, file=file)
    if not Path(file).exists():
        raise said(GONE, file=file)


def _half_copied() -> SchemaError:
    return SchemaError(
        "a copy into this database was begun and has not ended. Run the same db copy or db "
        "restore again"
    )


def _newer(revision: str) -> SchemaError:
    return SchemaError(
        "the database has revision {revision}, which this program does not know. "
        "Use the newer program",
        revision=revision,
    )
