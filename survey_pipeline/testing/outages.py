"""Ways in which a database goes away while the program works, and comes back."""

import sqlite3
from collections.abc import Callable

from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.pool import NullPool

from survey_pipeline.context import Context


class Outage:
    """The database goes away when `begin` is called, and comes back when `end` is."""

    def __init__(self, begin: Callable[[], object], end: Callable[[], object]) -> None:
        self.begin, self.end = begin, end


def shut_down(context: Context) -> Outage:
    """PostgreSQL ends every connection to the database, and takes no new ones."""
    url = make_url(str(context.engine.url)).set(database="postgres")
    server = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    name = context.engine.url.database

    def allow(answer: str) -> None:
        with server.connect() as connection:
            connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {answer}'))

    def begin() -> None:
        allow("false")
        with server.connect() as connection:
            connection.execute(_END_ALL, {"name": name})

    return Outage(begin, lambda: allow("true"))


_END_ALL = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")


def locked(context: Context) -> Outage:
    """Another program holds SQLite's file."""
    other = sqlite3.connect(
        context.home / "survey.db", check_same_thread=False, isolation_level=None
    )

    def end() -> None:
        other.execute("ROLLBACK")
        other.close()

    return Outage(lambda: other.execute("BEGIN IMMEDIATE"), end)


def full(context: Context) -> Outage:
    """SQLite's file cannot grow."""

    def limit(pages: int) -> Callable[..., None]:
        return lambda connection, *_: connection.execute(f"PRAGMA max_page_count = {pages}")

    none, any_number = limit(1), limit(1 << 30)

    def end() -> None:
        event.remove(context.engine, "checkout", none)
        event.listen(context.engine, "checkout", any_number)

    return Outage(lambda: event.listen(context.engine, "checkout", none), end)
