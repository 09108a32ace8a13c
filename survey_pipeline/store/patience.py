"""How long one statement may take: bounded while a page waits for it, else not at all.

A page that reads too much must not hold a connection that others need. The bound goes with the
context of the request, into the thread that handles it as well; work in threads of its own (the
day's run, uploads) has none. PostgreSQL keeps it (manual, `statement_timeout`); SQLite cannot.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from sqlalchemy import Connection, text

_LONGEST: ContextVar[timedelta | None] = ContextVar("longest_statement", default=None)


@contextmanager
def bounded_statements(longest: timedelta) -> Iterator[None]:
    """Bound every statement of the transactions that begin meanwhile."""
    token = _LONGEST.set(longest)
    try:
        yield
    finally:
        _LONGEST.reset(token)


def bound_statements(connection: Connection) -> None:
    """Bound the statements of a transaction that has just begun, where they are to be bounded."""
    longest = _LONGEST.get()
    if longest is not None and connection.dialect.name == "postgresql":
        connection.execute(_BOUND, {"most": str(round(longest / timedelta(milliseconds=1)))})


_BOUND = text("SELECT set_config('statement_timeout', :most, true)")
