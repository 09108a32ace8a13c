"""What SQLite keeps of deleted rows outside its tables, and how that is emptied.

Deleted contents would stay in freed pages: every connection overwrites them (`engine`, PRAGMA
secure_delete). They stay in the write-ahead log until it is carried over. Sources: SQLite, "PRAGMA
secure_delete" and "PRAGMA wal_checkpoint". PostgreSQL offers neither: there a deleted row is gone
after a vacuum, and from the log when that is recycled.
"""

import time
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, Engine

from survey_pipeline.store.faults import border

TRIES, PAUSE = 5, 0.5
"""How often a reader in the way is waited for, and for how many seconds: writers wait as well."""


def leave_no_trace(connection: Connection) -> None:
    """Let SQLite overwrite what this connection deletes, however the library was built."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def empty_log(engine: Engine) -> bool:
    """Carry SQLite's write-ahead log over into the database, and cut it to nothing.

    Returns:
        Whether it was done; another process that is reading may be in the way.
    """
    if engine.dialect.name != "sqlite":
        return True
    with border(engine), closing(engine.raw_connection()) as connection:  # in no transaction
        cursor = connection.cursor()
        usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {round(PAUSE * 1000)}")
        try:
            return any(_truncated(cursor, attempt) for attempt in range(TRIES))
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")
            cursor.close()


def _truncated(cursor: Any, attempt: int) -> bool:
    if attempt:
        time.sleep(PAUSE)  # other writers have their turn
    busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
