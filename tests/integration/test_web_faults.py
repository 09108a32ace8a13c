"""The disk is full, the database locked, read-only or gone while pages are served; and back."""

import http.client
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import Engine, create_engine, func, make_url, select, text
from sqlalchemy.pool import NullPool

from survey_pipeline.app import App
from survey_pipeline.context import Context
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.sessions import open_session
from survey_pipeline.store.engine import open_engine, reading
from survey_pipeline.store.tables import audit_log
from survey_pipeline.survey.pausing import sending_pause
from survey_pipeline.testing import add_offices, workspace
from survey_pipeline.testing.outages import full, locked, shut_down
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.application import make_web
from survey_pipeline.web.server.security_headers import HEADERS
from survey_pipeline.web.serving import listen, make_server

MANY = 300
"""Forms that fill up the room that is left in a database's pages."""


class City:
    """A served workspace with an operator and an office's person signed in."""

    def __init__(self, context: Context, port: int) -> None:
        self.context, self._port = context, port
        add_offices(context, "agency")
        add_user(context, "wang", Role.OPERATOR, "correct horse battery")
        add_user(context, "office", Role.OFFICE, "correct horse battery", "AG-1")
        self._tokens = {name: open_session(context, name) for name in ("wang", "office")}

    def ask(
        self, method: str, path: str, body: bytes = b"", *, by: str = "wang", kind: str = ""
    ) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = {
            "Sec-Fetch-Site": "same-origin",
            "Accept-Language": "en",
            "Cookie": f"session={self._tokens[by]}",
            "Content-Type": kind or "application/x-www-form-urlencoded",
        }
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        said = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, said

    def press(self, button: str) -> tuple[int, dict[str, str], str]:
        return self.ask("POST", f"/day/{button}", urlencode({"x": "1"}).encode())

    def upload(self, rows: int = 10) -> tuple[int, dict[str, str], str]:
        day = self.context.today()
        lines = "".join(f"AG-1,K-{n},{day},{13800000000 + n},x\r\n" for n in range(rows))
        file = f"office_code,case_no,served_on,phone,item\r\n{lines}"
        body = (
            '--b\r\nContent-Disposition: form-data; name="file"; filename="cases.csv"\r\n'
            f"Content-Type: text/csv\r\n\r\n{file}\r\n--b--\r\n"
        )
        kind = "multipart/form-data; boundary=b"
        return self.ask("POST", "/reports/uploads", body.encode(), by="office", kind=kind)

    @property
    def paused(self) -> bool:
        return sending_pause(self.context) is not None

    def noted(self) -> int:
        """How many changes stand in the audit log."""
        with reading(self.context.engine) as connection:
            return connection.scalar(select(func.count()).select_from(audit_log)) or 0


@pytest.fixture
def city(database: str, tmp_path: Path) -> Iterator[City]:
    context = workspace(tmp_path)
    engine = open_engine(context.settings.database.url, tmp_path, busy=0.2, turn=0.5)
    context.engine.dispose()
    with served(replace(context, engine=engine)) as made:
        yield made


@contextmanager
def served(context: Context) -> Iterator[City]:
    listening = listen("127.0.0.1", 0)
    server = make_server(make_web(App(context, {})))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield City(context, listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
        context.engine.dispose()


def is_a_page_of_ours(answer: tuple[int, dict[str, str], str], words: str) -> None:
    status, headers, said = answer
    assert status == 503
    assert headers["retry-after"]
    assert {name: headers.get(name.lower()) for name in HEADERS} == HEADERS
    assert "<h1>" in said
    assert words in " ".join(said.split())
    assert "survey.db" not in said


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_form_on_a_full_disk_is_stored_whole_or_not_at_all(city: City) -> None:
    outage, before = full(city.context), city.noted()
    outage.begin()
    taken = 0
    answer: Any = (303, {}, "")
    for number in range(MANY):
        answer = city.press("resume" if number % 2 else "pause")
        if answer[0] != 303:
            break
        taken += 1
    is_a_page_of_ours(answer, "The disk is full, so nothing was stored.")
    assert city.noted() == before + taken
    assert city.paused is (taken % 2 == 1)
    assert city.ask("GET", "/")[0] == 200, "what is there can be read"
    outage.end()
    assert city.press("resume" if taken % 2 else "pause")[0] == 303
    assert city.noted() == before + taken + 1
    assert city.paused is (taken % 2 == 0)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_finds_no_room_beside_the_database_is_not_kept(city: City) -> None:
    """The system refuses to make any file longer, as on a full disk."""
    assert city.upload()[0] == 303
    kept = sorted((city.context.home / "uploads").rglob("*"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        answer = city.upload(200)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    is_a_page_of_ours(answer, "The disk is full, so nothing was stored.")
    assert sorted((city.context.home / "uploads").rglob("*")) == kept
    assert city.upload(200)[0] == 303


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_database_that_is_locked_for_long_is_said_and_waited_for(city: City) -> None:
    outage, before = locked(city.context), city.noted()
    outage.begin()
    is_a_page_of_ours(city.press("pause"), "The database is busy with another piece of work")
    assert city.ask("GET", "/")[0] == 200, "readers wait for no writer"
    assert city.ask("GET", "/readyz")[0] == 503
    outage.end()
    assert city.noted() == before
    assert city.ask("GET", "/readyz")[0] == 200
    assert city.press("pause")[0] == 303
    assert city.paused


@pytest.fixture
def administrator(city: City) -> Iterator[Engine]:
    url = make_url(str(city.context.engine.url))
    engine = create_engine(url, poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
class TestPostgreSQL:
    def test_a_table_that_is_locked_for_long(self, city: City, administrator: Engine) -> None:
        with administrator.begin() as connection:
            connection.execute(text("LOCK TABLE audit_log IN ACCESS EXCLUSIVE MODE"))
            is_a_page_of_ours(city.press("pause"), "The database is busy with another piece")
        assert not city.paused
        assert city.press("pause")[0] == 303
        assert city.paused

    def test_a_server_that_is_gone_for_a_while(self, city: City) -> None:
        outage, before = shut_down(city.context), city.noted()
        outage.begin()
        is_a_page_of_ours(city.press("pause"), "The database does not answer at the moment")
        is_a_page_of_ours(city.ask("GET", "/"), "The database does not answer at the moment")
        assert city.ask("GET", "/readyz")[0] == 503
        outage.end()
        assert city.ask("GET", "/readyz")[0] == 200
        assert city.noted() == before
        assert city.press("pause")[0] == 303

    def test_a_server_that_takes_no_writes(self, city: City) -> None:
        url = make_url(str(city.context.engine.url))
        server = create_engine(url.set(database="postgres"), poolclass=NullPool)
        for answer, status in (("on", 503), ("off", 200)):
            setting = f"default_transaction_read_only = {answer}"
            with server.begin() as connection:
                connection.execute(text(f'ALTER DATABASE "{url.database}" SET {setting}'))
            city.context.engine.dispose()
            assert city.ask("GET", "/readyz")[0] == status
            assert city.press("pause")[0] == (503 if status == 503 else 303)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_is_gone_is_not_made_anew_by_a_page(city: City) -> None:
    home, aside = city.context.home, city.context.home / "aside"
    aside.mkdir()
    for path in home.glob("survey.db*"):
        path.rename(aside / path.name)
    for answer in (city.ask("GET", "/"), city.ask("GET", "/login"), city.press("pause")):
        is_a_page_of_ours(answer, "The database does not answer at the moment")
    assert city.ask("GET", "/readyz")[0] == 503
    assert not list(home.glob("survey.db*"))
    for path in aside.iterdir():
        path.rename(home / path.name)
    assert city.ask("GET", "/readyz")[0] == 200
    assert city.press("pause")[0] == 303
    assert city.paused


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_may_only_be_read_is_told_before_a_webhook_meets_it(city: City) -> None:
    file = city.context.home / "survey.db"

    def mark(version: int) -> None:  # file format, offset 18: above 2, this version only reads it
        city.context.engine.dispose()
        with file.open("r+b") as opened:
            opened.seek(18)
            opened.write(bytes([version]))

    mark(3)
    assert city.ask("GET", "/readyz")[0] == 503
    is_a_page_of_ours(city.press("pause"), "The database takes no changes at the moment")
    mark(2)
    assert city.ask("GET", "/readyz")[0] == 200
    assert city.press("pause")[0] == 303
