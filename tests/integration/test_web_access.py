"""Sign-in, origins, headers: what comes in from where, and what goes out with it."""

import http.client
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY, socket
from threading import Thread
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from survey_pipeline.app import App
from survey_pipeline.context import Context
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.sessions import find_session, open_session
from survey_pipeline.store.engine import writing
from survey_pipeline.testing import workspace
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.application import make_web
from survey_pipeline.web.return_path import own_path
from survey_pipeline.web.server.security_headers import HEADERS
from survey_pipeline.web.serving import listen, make_server

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def web(tmp_path: Path) -> FastAPI:
    return make_web(App(workspace(tmp_path), {}))


class Answer(NamedTuple):
    status: int
    said: str
    getheader: Callable[..., str | None]


class Served:
    def __init__(self, web: FastAPI, port: int) -> None:
        self.context, self.port = web.state.context, port

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items() if value}
        connection.request(method, path, body or None, named)
        answer = connection.getresponse()
        said = answer.read().decode()
        connection.close()
        return Answer(answer.status, said, answer.getheader)


@pytest.fixture
def served(web: FastAPI) -> Iterator[Served]:
    with serving(web) as made:
        yield made


@contextmanager
def serving(web: FastAPI) -> Iterator[Served]:
    listening = listen("127.0.0.1", 0)
    server = make_server(web)
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield Served(web, listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec_Fetch_Site": "same-origin"}, 303),
        ({"Sec_Fetch_Site": "none"}, 303),
        ({"Origin": "http://127.0.0.1:PORT"}, 303),
        ({"Origin": "http://survey.example", "Host": "survey.example:80"}, 303),
        ({"Origin": "https://survey.example", "Host": "survey.example:443"}, 303),
        ({"Origin": "https://SURVEY.example", "Host": "survey.example"}, 303),
        ({"Origin": "https://survey.example:8443", "Host": "survey.example:8443"}, 303),
        ({"Origin": "https://survey.example:8443", "Host": "survey.example"}, 403),
        ({"Origin": "https://survey.example.evil", "Host": "survey.example"}, 403),
        ({"Origin": "https://survey.example@evil.example", "Host": "survey.example"}, 403),
        ({"Origin": "http://survey.example", "Host": "127.0.0.1:8000"}, 403),
    ],
)
def test_a_request_that_another_site_made_does_nothing(
    served: Served, headers: dict[str, str], status: int
) -> None:
    add_user(served.context, "li", Role.CALLER, "correct horse battery")
    token = open_session(served.context, "li")
    given = {name: value.replace("PORT", str(served.port)) for name, value in headers.items()}
    answer = served.ask("POST", "/logout", Cookie=f"session={token}", **given)
    assert answer.status == status
    assert (find_session(served.context, token) is None) is (status == 303)


@pytest.mark.parametrize("path", ["/login", "/nowhere", "/static/style.css", "/callbacks"])
def test_every_answer_has_its_security_headers(served: Served, path: str) -> None:
    answer = served.ask("GET", path)
    assert {name: answer.getheader(name) for name in HEADERS} == HEADERS
    policy = answer.getheader("Content-Security-Policy") or ""
    assert "unsafe" not in policy


def test_an_answer_of_two_parts_waits_for_nobody() -> None:
    """RFC 896: with Nagle's rule on, the second part waits for the first to be acknowledged."""
    with closing(listen("127.0.0.1", 0)) as listening, closing(socket()) as visitor:
        visitor.connect(listening.getsockname())
        taken, _ = listening.accept()
        with closing(taken):
            assert taken.getsockopt(IPPROTO_TCP, TCP_NODELAY)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_sign_in_leads_to_no_other_site(served: Served, target: str) -> None:
    add_user(served.context, "li", Role.CALLER, "correct horse battery")
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    form = f"name=li&password=correct+horse+battery&next={target}"
    connection.request(
        "POST",
        "/login",
        form,
        {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"},
    )
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("location")) == (303, "/callbacks")
    assert "HttpOnly" in (answer.getheader("set-cookie") or "")
    connection.close()


def test_behind_tls_the_cookie_is_for_tls_alone(served: Served) -> None:
    """A proxy on this machine says that it speaks TLS."""
    add_user(served.context, "li", Role.CALLER, "correct horse battery")
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    connection.request(
        "POST",
        "/login",
        "name=li&password=correct+horse+battery",
        {
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
            "X-Forwarded-Proto": "https",
        },
    )
    assert "Secure" in (connection.getresponse().getheader("set-cookie") or "")
    connection.close()


def test_behind_a_proxy_that_hides_the_name_the_refusal_says_what_to_set(served: Served) -> None:
    """nginx by itself sends its own name for the program as Host."""
    answer = served.ask("POST", "/login", Origin="http://survey.example", Host="127.0.0.1:8000")
    assert answer.status == 403
    for word in ("http://survey.example", "127.0.0.1:8000", "public_url", "reverse-proxy.md"):
        assert word in answer.said


def test_the_public_address_of_the_settings_is_ours(tmp_path: Path) -> None:
    context = workspace(tmp_path, web={"public_url": "https://survey.example"})
    with serving(make_web(App(context, {}))) as served:
        for origin, status in (
            ("https://survey.example", 422),  # taken; the form is empty
            ("https://survey.example:443", 422),
            ("https://elsewhere.example", 403),
        ):
            answer = served.ask("POST", "/login", Origin=origin, Host="127.0.0.1:8000")
            assert answer.status == status


@pytest.mark.parametrize(("scheme", "there"), [("https", True), ("http", False), ("", False)])
def test_browsers_are_told_to_stay_with_tls_where_there_is_tls(
    served: Served, scheme: str, there: bool
) -> None:
    answer = served.ask("GET", "/login", X_Forwarded_Proto=scheme)
    assert (answer.getheader("Strict-Transport-Security") is not None) is there


def test_only_a_known_proxys_word_is_taken(tmp_path: Path) -> None:
    context = workspace(tmp_path, web={"proxies": ["192.0.2.0/24"]})
    with serving(make_web(App(context, {}))) as served:
        answer = served.ask("GET", "/login", X_Forwarded_Proto="https")
        assert answer.getheader("Strict-Transport-Security") is None


@pytest.mark.parametrize(
    ("method", "path", "headers", "way"),
    [
        ("GET", "/scores?month=2023-05&sort=rate", {}, "/scores?month=2023-05&sort=rate"),
        ("GET", "/scores?name=%E5%A4%84", {}, "/scores?name=%E5%A4%84"),
        ("GET", "/", {}, "/"),
        ("POST", "/reports/zero", {"Referer": "http://x/reports?month=2023-05"},
         "/reports?month=2023-05"),
        ("POST", "/reports/zero", {}, ""),
        ("GET", "/callbacks/waiting",
         {"HX_Request": "true", "HX_Current_URL": "http://x/callbacks?a=1"}, "/callbacks?a=1"),
        ("GET", "//evil.example/", {}, None),
        ("GET", "/day/course", {"HX_Request": "true", "HX_Current_URL": "http://x//evil.example"},
         ""),
    ],
)  # fmt: skip
def test_a_sign_in_that_interrupts_leads_back_with_the_query(
    served: Served, method: str, path: str, headers: dict[str, str], way: str | None
) -> None:
    answer = served.ask(method, path, **{"Sec_Fetch_Site": "same-origin", **headers})
    if way is None:
        assert answer.status == 404
        return
    led = answer.getheader("location") or answer.getheader("HX-Redirect") or ""
    assert parse_qs(urlsplit(led).query, keep_blank_values=True) == {"next": [way]}
    add_user(served.context, "boss", Role.ADMIN, "correct horse battery")
    signed = served.ask(
        "POST",
        "/login",
        urlencode({"name": "boss", "password": "correct horse battery", "next": way}),
        Sec_Fetch_Site="same-origin",
        Content_Type="application/x-www-form-urlencoded",
    )
    assert (signed.status, signed.getheader("location")) == (303, way or "/")


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "evil",
     "/\n//evil.example", "javascript:alert(1)", "/" + "x" * 3000, "http:evil.example"],
)  # fmt: skip
def test_no_way_back_leads_elsewhere(target: str) -> None:
    assert own_path(target) == ""


@pytest.mark.parametrize("fault", ["gone", "emptied", "no database"])
def test_a_database_that_fails_is_a_page_that_says_to_come_again(
    database: str, served: Served, fault: str
) -> None:
    add_user(served.context, "li", Role.OPERATOR, "correct horse battery")
    token = open_session(served.context, "li")
    _break(served.context, database, fault)
    for path in ("/", "/account", "/login"):
        answer = served.ask("GET", path, Cookie=f"session={token}")
        assert answer.status == 503, path
        assert answer.getheader("Retry-After")
        assert {name: answer.getheader(name) for name in HEADERS} == HEADERS
        assert "does not answer at the moment" in answer.said
        assert "survey.db" not in answer.said, "where it lies is for the log"
    api = served.ask("GET", "/api/v1/scores?month=2023-05", Authorization="Bearer x")
    assert (api.status, api.getheader("content-type")) == (503, "application/json")
    assert served.ask("GET", "/readyz").status == 503
    assert served.ask("GET", "/healthz").status == 200
    assert served.ask("GET", "/nowhere", Cookie=f"session={token}").status == 404


def _break(context: Context, database: str, fault: str) -> None:
    url = context.engine.url
    if fault == "emptied":
        with writing(context.engine) as connection:
            for table in ("web_sessions", "api_keys", "alembic_version"):
                connection.execute(text(f"DROP TABLE {table}"))
        return
    context.engine.dispose()
    if database == "postgresql":
        server = create_engine(
            url.set(database="postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )
        with server.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{url.database}" WITH (FORCE)'))
        return
    for path in context.home.glob("survey.db*"):
        path.unlink()
    if fault == "no database":
        (context.home / "survey.db").write_bytes(b"this is no database, but long enough " * 99)


def test_an_unexpected_fault_is_a_page_of_ours(served: Served, web: FastAPI) -> None:
    def fail() -> None:
        raise RuntimeError("secret words")

    web.add_api_route("/fails", fail)
    answer = served.ask("GET", "/fails")
    assert answer.status == 500
    assert {name: answer.getheader(name) for name in HEADERS} == HEADERS
    assert "<h1>" in answer.said
    assert "secret words" not in answer.said
