"""Whether the program can do its work now: what `/readyz` answers, and `/metrics` shows by part."""

import shutil
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from survey_pipeline.context import Context
from survey_pipeline.errors import DatabaseFault, SchemaError
from survey_pipeline.inbound.spool import MOST_BYTES, waiting
from survey_pipeline.reports.alerts import LITTLE_ROOM
from survey_pipeline.stage_counting import worker_is_silent
from survey_pipeline.store import migrate
from survey_pipeline.store.engine import reading, require_writable
from survey_pipeline.store.tables import audit_entries
from survey_pipeline.troubles import STORAGE

CLOCKS_DIFFER = timedelta(seconds=90)
"""Records of other hosts may be so much ahead of our clock; more is a clock that is wrong."""


def readiness(context: Context) -> dict[str, bool]:
    """Return what works: `database`, `spool`, `disk`, `clock`, `worker`.

    Clock and worker are judged by records of the database: while it does not answer, nothing is
    known of them, and they count as working.
    """
    found = {
        "database": _database_works(context),
        "spool": not context.troubles.of(*STORAGE) and waiting(context.home) < MOST_BYTES,
        "disk": _disk_has_room(context.home),
        "clock": True,
        "worker": True,
    }
    if found["database"]:
        found |= _judged_by_records(context)
    return found


def _database_works(context: Context) -> bool:
    try:
        migrate.check(context.engine)
        require_writable(context.engine)
    except (DatabaseFault, SQLAlchemyError, SchemaError):
        return False
    return True


def _disk_has_room(home: Path) -> bool:
    try:
        return shutil.disk_usage(home).free >= LITTLE_ROOM
    except OSError:
        return False


def _judged_by_records(context: Context) -> dict[str, bool]:
    """Return whether the clock is not behind the last record, and whether a worker is at work."""
    now = context.now()
    try:
        with reading(context.engine) as connection:
            latest = connection.scalar(select(func.max(audit_entries.c.at)))
            silent = worker_is_silent(connection, now)
    except (DatabaseFault, SQLAlchemyError):
        return {"database": False}
    return {"clock": latest is None or latest <= now + CLOCKS_DIFFER, "worker": not silent}
