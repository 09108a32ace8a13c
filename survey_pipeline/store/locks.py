"""Let one transaction at a time do something for one name.

Nothing is stored: the lock goes with its transaction, also where the program dies.
"""

from sqlalchemy import Connection, text


def lock_name(connection: Connection, what: str, name: str) -> None:
    """Wait until no other transaction holds this name, and hold it until this one ends.

    On SQLite there is nothing to do: a transaction that writes is alone already (`writing`). On
    PostgreSQL it is an advisory lock (manual, "Advisory Locks"). Two names may share one by chance
    of their hash: then one waits for the other for a moment, and nothing else.

    Args:
        connection: a transaction that writes.
        what: what the name is locked for, so that different matters do not wait for each other.
        name: whose turn it is.
    """
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
        connection.execute(lock, {"key": f"{what}:{name}"})
