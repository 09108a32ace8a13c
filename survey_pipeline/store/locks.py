"""Locks: one transaction at a time works for a name, or with some rows.

Nothing is stored: the lock goes with its transaction, also where the program dies. On SQLite there
is nothing to do: a transaction that writes is alone already (`writing`).
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, select, text

RECORDS = "records"
"""What the names of `RecordKind` are locked for: one file of a kind is brought in at a time."""


def lock_name(connection: Connection, what: str, name: str) -> None:
    """Wait until no other transaction holds this name, and hold it until this one ends.

    On PostgreSQL it is an advisory lock (manual, "Advisory Locks"). Two names may share one by
    chance of their hash: then one waits for the other for a moment, and nothing else.

    Args:
        connection: a transaction that writes.
        what: what the name is locked for, so that different matters do not wait for each other.
        name: whose turn it is.
    """
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
        connection.execute(lock, {"key": f"{what}:{name}"})


def hold_rows(connection: Connection, key: Any, *where: ColumnElement[bool]) -> None:
    """Wait until no other transaction changes these rows, and hold them until this one ends.

    What is read of them afterwards stays true until the commit. Surveys are held before their
    messages, calls and texts, and rows of a table in the order of their keys, so that two
    transactions never wait for each other.

    Args:
        connection: a transaction that writes.
        key: the primary key's column.
        where: which rows.
    """
    if connection.dialect.name == "postgresql":
        query = select(key).where(*where).order_by(key)
        # not the keys: rows that refer to these may be inserted meanwhile
        connection.execute(query.with_for_update(of=key.table, key_share=True))
