"""Migrations: the schema only ever moves by Alembic revisions, from the first version on."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from survey_pipeline.errors import SchemaError
from survey_pipeline.store.engine import reading, writing

DIRECTORY = Path(__file__).parent / "migrations"


def configuration(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(DIRECTORY))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """Return the revision that this program needs."""
    return ScriptDirectory.from_config(configuration()).get_current_head() or ""


def current(engine: Engine) -> str | None:
    """Return the revision of the database, or nothing where it has no tables yet."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Bring the database to this program's revision; return the one before and the one now.

    Raises:
        SchemaError: the database is newer than the program.
    """
    before = current(engine)
    known = {
        script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()
    }
    if before is not None and before not in known:
        raise SchemaError(
            "the database has revision {revision}, which this program does not know. "
            "Use the newer program",
            revision=before,
        )
    with writing(engine) as connection:
        command.upgrade(configuration(connection), "head")
    return before, head()


def check(engine: Engine) -> None:
    """Make sure that the database is of this program's revision.

    Raises:
        SchemaError: it is not; the text says what to do.
    """
    if current(engine) != head():
        raise SchemaError("the database is not up to date. Run: survey-pipeline db upgrade")
