"""PostgreSQL goes away, takes no more writes, and comes back: the work goes on by itself."""

import http.client
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, select, text
from sqlalchemy.pool import NullPool

from survey_pipeline.app import App
from survey_pipeline.checks.durability import look_at_durability
from survey_pipeline.context import Context
from survey_pipeline.errors import DatabaseFault
from survey_pipeline.gateways.port import InboundEvent
from survey_pipeline.inbound.mail_room import MailRoom
from survey_pipeline.store.engine import reading, try_writing, writing
from survey_pipeline.store.patience import bounded_statements
from survey_pipeline.store.tables import inbound
from survey_pipeline.testing import NOON, workspace
from survey_pipeline.testing.databases import database_url
from survey_pipeline.troubles import WEBHOOKS
from survey_pipeline.web.access import COOKIE
from survey_pipeline.web.application import make_web
from survey_pipeline.web.serving import listen, make_server

pytestmark = [
    pytest.mark.parametrize("database", ["postgresql"], indirect=True),
    pytest.mark.usefixtures("database"),
]


@pytest.fixture
def server(tmp_path: Path) -> tuple[Context, Callable[[str], None]]:
    """A workspace, and what its database's administrator tells the server."""
    context = workspace(tmp_path)
    url = make_url(str(context.engine.url)).set(database="postgres")
    admin: Engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def tell(statement: str) -> None:
        with admin.connect() as connection:
            connection.execute(text(statement.format(name=context.engine.url.database)))

    return context, tell


END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"


def test_connections_that_the_server_has_closed_are_opened_anew(
    server: tuple[Context, Callable[[str], None]],
) -> None:
    context, tell = server
    for _ in range(3):
        try_writing(context.engine)
        tell(END_ALL)
    with reading(context.engine) as connection:
        assert connection.scalar(select(1)) == 1


def test_a_server_that_takes_no_more_writes_is_told_and_taken_up_again(
    server: tuple[Context, Callable[[str], None]],
) -> None:
    context, tell = server
    room = MailRoom(context)
    wrote = InboundEvent("in-1", "+8613912345678", "1", NOON)
    tell('ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    tell(END_ALL)
    assert isinstance(room.store("simulated", [wrote]).exception(timeout=60), DatabaseFault)
    assert context.troubles.of(WEBHOOKS)
    tell('ALTER DATABASE "{name}" SET default_transaction_read_only = off')
    tell(END_ALL)
    assert room.store("simulated", [wrote]).exception(timeout=60) is None
    assert not context.troubles.of(WEBHOOKS)
    with reading(context.engine) as connection:
        assert connection.scalars(select(inbound.c.provider_id)).all() == ["in-1"]


def test_commits_wait_for_the_disk_whatever_the_server_is_set_to(
    server: tuple[Context, Callable[[str], None]],
) -> None:
    context, tell = server
    tell('ALTER DATABASE "{name}" SET synchronous_commit = off')
    tell(END_ALL)
    with reading(context.engine) as connection:
        assert connection.scalar(text("SHOW synchronous_commit")) == "on"


def test_a_page_gives_up_a_statement_that_takes_too_long(tmp_path: Path) -> None:
    """A page must not hold its connection while others wait for one; other work has no bound."""
    context = workspace(tmp_path, database={"url": database_url(tmp_path), "page_timeout": "1s"})
    listening = listen("127.0.0.1", 0)
    server = make_server(make_web(App(context, {})))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    with writing(context.engine) as connection:
        connection.execute(text("LOCK TABLE web_sessions IN ACCESS EXCLUSIVE MODE"))
        client = http.client.HTTPConnection("127.0.0.1", listening.getsockname()[1], timeout=20)
        client.request("GET", "/account", headers={"Cookie": f"{COOKIE}=unknown"})
        answer = client.getresponse()
        client.close()
    server.should_exit = True
    thread.join()
    listening.close()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    slow = text("SELECT pg_sleep(0.2)")
    with (
        bounded_statements(timedelta(milliseconds=50)),
        reading(context.engine) as connection,
        pytest.raises(DatabaseFault, match="broke"),
    ):
        connection.execute(slow)
    with reading(context.engine) as connection:
        connection.execute(slow)


def test_doctor_tells_a_server_that_does_not_wait_for_its_disk(tmp_path: Path) -> None:
    """The tests' own server does not; `synchronous_commit` is on for our connections."""
    context = workspace(tmp_path)
    with reading(context.engine) as connection:
        told = [str(check.found) for check in look_at_durability(connection)]
    names = [re.findall(r"(\w+) = off", line) for line in told]
    assert names == [["fsync"], ["full_page_writes"]]
