"""The pages' side of the figure `page`: served as they are, asked again and again over HTTP.

Imported by child processes alone.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bench.asking import ask, served, timed
from survey_pipeline.app import App, open_app
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.sessions import open_session
from survey_pipeline.reports import ranking
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.application import make_web

PERSON, PASSWORD = "bench", "a password of the bench"


def prepare(home: str) -> None:
    """Make whoever asks, and a queue of calls of which they hold the first."""
    with closing(open_app(Path(home))) as app:
        add_user(app.context, PERSON, Role.ADMIN, PASSWORD)
    with closing(sqlite3.connect(Path(home) / "survey.db")) as connection, connection:
        connection.execute(
            "INSERT INTO calls (survey_id, reason, priority, state, queued_at, due_at, last_at,"
            " attempts, extra_attempts, slots)"
            " SELECT id, 'no_reply', 4, 'open', opened_at, opened_at, closes_at, 0, 0, ''"
            " FROM surveys WHERE state = 'open'"
        )
        connection.execute(
            "UPDATE calls SET lease_by = ?, leased_at = queued_at,"
            " lease_until = '2999-01-01 00:00:00.000000'"
            " WHERE id = (SELECT min(id) FROM calls)",
            (PERSON,),
        )


def queries(home: str, path: str, file: str) -> None:
    """Write down which queries a page makes when it is first asked for: a line each, as Python.

    Nothing of it is kept from an earlier time: these are the queries for all that it shows.
    """
    with closing(open_app(Path(home))) as app:
        cookie = _session(app)
        seen: list[tuple[str, Any]] = []

        def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
            seen.append((statement, tuple(map(_plain, values))))

        with served(make_web(app)) as port:
            ask(port, ["/healthz"], cookie, 1)
            event.listen(app.context.engine, "before_cursor_execute", note)
            ask(port, [path], cookie, 1)
    made = [one for one in seen if one[0].split()[0] in ("SELECT", "WITH")]
    if not made:
        raise SystemExit(f"{path} asked nothing of the database")
    Path(file).write_text("\n".join(map(repr, made)), encoding="utf-8")


def ours(home: str, path: str, among: str) -> dict[str, float]:
    """Time a page: again and again, or (`sorted`) in another order with every request."""
    paths = [path]
    if among == "sorted":
        paths = [_in_order(path, key, order) for key in ranking.KEYS for order in ("up", "down")]
    with closing(open_app(Path(home))) as app:
        cookie = _session(app)
        with served(make_web(app)) as port:
            return timed(port, paths, cookie)


def _in_order(path: str, key: str, order: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}sort={key}&order={order}"


def _plain(value: Any) -> Any:
    """Return a value that Python reads back: no view, no member of an enumeration."""
    if isinstance(value, memoryview):
        return bytes(value)
    return str(value) if isinstance(value, str) else value


def _session(app: App) -> str:
    return f"session={open_session(app.context, PERSON)}"
