"""Sign-in, origins, headers: what comes in from where, and what goes out with it."""

import http.client
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY, socket
from threading import Thread

import pytest
from fastapi import FastAPI

from survey_pipeline.app import App
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.sessions import find_session, open_session
from survey_pipeline.testing import workspace
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.application import make_web
from survey_pipeline.web.border import HEADERS
from survey_pipeline.web.serving import listen, make_server

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def web(tmp_path: Path) -> FastAPI:
    return make_web(App(workspace(tmp_path), {}))


class Served:
    def __init__(self, web: FastAPI, port: int) -> None:
        self.context, self.port = web.state.context, port

    def ask(self, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=named)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer


@pytest.fixture
def served(web: FastAPI) -> Iterator[Served]:
    listening = listen("127.0.0.1", 0)
    server = make_server(web)
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield Served(web, listening.getsockname()[1])
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
