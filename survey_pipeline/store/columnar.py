"""Reading millions of rows as plain values: a row object each would cost more than the work."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Select


def fetch_tuples(connection: Connection, query: Select[Any]) -> list[tuple[Any, ...]]:
    """Return the rows as the driver gives them: plain tuples, no conversion of values.

    For text, whole numbers and bytes only: dates and moments would come as the engine stores them.
    """
    cursor = connection.execute(query).cursor
    return [] if cursor is None else list(cursor.fetchall())


@contextmanager
def collector_off() -> Iterator[None]:
    """Stop the cyclic garbage collector while millions of values are made that have no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
