"""What SQLite keeps of deleted rows, and how it is made to keep nothing.

Deleted contents stay in freed pages and in the write-ahead log until something else overwrites
them. Sources: SQLite, "PRAGMA secure_delete" and "PRAGMA wal_checkpoint". PostgreSQL offers
neither: there a deleted row is gone after a vacuum, and from the log when that is recycled.
"""

from contextlib import closing

from sqlalchemy import Connection, Engine

from survey_pipeline.store.faults import border


def leave_no_trace(connection: Connection) -> None:
    """Have SQLite overwrite with zeros what this connection deletes or frees."""
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
        busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.close()
    return not busy
