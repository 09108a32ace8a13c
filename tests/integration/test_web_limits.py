"""Half headers, idle bodies, floods: bounded, answered in words, and no one else waits for them."""

import asyncio
import http.client
import json
import logging
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import FileResponse, StreamingResponse

from survey_pipeline.app import App
from survey_pipeline.context import Context
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.api_keys import add_key
from survey_pipeline.people.sessions import open_session
from survey_pipeline.testing import add_offices, workspace
from survey_pipeline.testing.asgi_client import AsgiClient
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.api.endpoints import LARGEST_BODY, MOST_OF_OFFICE
from survey_pipeline.web.application import make_web
from survey_pipeline.web.pages.upload_queue import MOST_EACH
from survey_pipeline.web.server.body_reader import BodyTimeouts
from survey_pipeline.web.server.connections import bounded_connections
from survey_pipeline.web.server.log_limit import INTERVAL, RepeatFilter
from survey_pipeline.web.server.security_headers import HEADERS
from survey_pipeline.web.serving import listen, make_server

PASSWORD = "correct horse battery"
PATIENT = 60
"""Seconds after which a test gives up; nothing takes so long."""
HALF = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "


class Served:
    def __init__(self, context: Context, web: Any, port: int) -> None:
        self.context, self.web, self.port = context, web, port

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENT)

    def ask(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENT)
        named = {"Sec-Fetch-Site": "same-origin"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        said = answer.read().decode()
        connection.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, said

    def person(self, name: str, role: Role, office: str | None = None) -> str:
        add_user(self.context, name, role, PASSWORD, office)
        return f"session={open_session(self.context, name)}"


@contextmanager
def serving(home: Path, patience: BodyTimeouts | None = None, **bounds: Any) -> Iterator[Served]:
    context = workspace(home)
    add_offices(context, "agency", "agency")
    web = make_web(App(context, {}))
    web.state.body_timeouts = patience or BodyTimeouts()
    listening = listen("127.0.0.1", 0)
    server = make_server(web, bounded_connections(**bounds))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield Served(context, web, listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
        context.engine.dispose()


def until_closed(connection: socket.socket) -> bytes:
    said = b""
    try:
        while part := connection.recv(65_536):
            said += part
    except ConnectionError:
        pass
    return said


def until(connection: socket.socket, end: bytes) -> str:
    said = b""
    while end not in said and (part := connection.recv(65_536)):
        said += part
    return said.decode()


def test_half_a_header_is_waited_for_no_longer_than_its_deadline(tmp_path: Path) -> None:
    with serving(tmp_path, header_seconds=0.3) as served, ExitStack() as opened:
        for begin in (b"", b"G", HALF):
            connection = opened.enter_context(served.connect())
            connection.sendall(begin)
            said = until_closed(connection)
            assert said.startswith(b"HTTP/1.1 408 ") or not begin
            assert not said or b"Content-Security-Policy: " in said
        assert served.ask("GET", "/healthz")[0] == 200


def test_a_header_that_trickles_is_no_header_in_time(tmp_path: Path) -> None:
    with serving(tmp_path, header_seconds=0.5) as served, served.connect() as connection:
        connection.sendall(HALF)
        connection.settimeout(0.05)
        said = b""
        for _ in range(PATIENT * 20):
            try:
                connection.sendall(b"x")
                said = connection.recv(1_000)
                break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        else:
            pytest.fail("it trickles on")
        assert not said or said.startswith(b"HTTP/1.1 408 ")


def test_a_second_request_has_a_deadline_too(tmp_path: Path) -> None:
    with serving(tmp_path, header_seconds=0.3) as served, served.connect() as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        first = connection.recv(65_536)
        assert first.startswith(b"HTTP/1.1 200 ")
        connection.sendall(HALF)
        assert b"HTTP/1.1 408 " in until_closed(connection)


def test_three_hundred_half_headers_keep_nobody_out(tmp_path: Path) -> None:
    with serving(tmp_path, most=50) as served, ExitStack() as opened:
        for _ in range(300):
            opened.enter_context(served.connect()).sendall(HALF)
        for _ in range(5):
            assert served.ask("GET", "/healthz")[0] == 200


def test_where_all_connections_are_at_work_another_is_told_to_come_again(tmp_path: Path) -> None:
    patience = BodyTimeouts(stall=PATIENT)
    with serving(tmp_path, patience, most=3) as served, ExitStack() as opened:
        for _ in range(3):
            connection = opened.enter_context(served.connect())
            connection.sendall(
                b"POST /login HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n"
                b"Content-Length: 9\r\nExpect: 100-continue\r\n\r\n"
            )
            assert connection.recv(1_000).startswith(b"HTTP/1.1 100 ")  # it waits for the body
        assert until_closed(opened.enter_context(served.connect())).startswith(b"HTTP/1.1 503 ")


def test_an_answer_that_nobody_reads_is_given_up(tmp_path: Path) -> None:
    gone = threading.Event()

    async def much() -> Any:
        try:
            while True:
                yield b"x" * 65_536
                await asyncio.sleep(0)
        finally:
            gone.set()

    with serving(tmp_path, reader_seconds=0.3) as served:
        served.web.add_route("/much", lambda _: StreamingResponse(much()))
        with served.connect() as connection:
            connection.sendall(b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n")
            assert gone.wait(PATIENT)


def test_what_is_no_http_is_refused_with_every_header(tmp_path: Path) -> None:
    with serving(tmp_path) as served, served.connect() as connection:
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        said = until_closed(connection).decode().lower()
    assert said.startswith("http/1.1 400 ")
    for name, value in HEADERS.items():
        assert f"{name}: {value}\r\n".lower() in said


@pytest.mark.parametrize(
    "path", ["/login", "/reports/uploads", "/api/v1/cases", "/hooks/x/inbound"]
)
def test_a_body_that_stops_is_given_up(tmp_path: Path, path: str) -> None:
    with serving(tmp_path, BodyTimeouts(stall=0.3)) as served, served.connect() as connection:
        session = served.person("li", Role.OFFICE, "AG-1")
        _, key = add_key(served.context, "AG-1", "")
        connection.sendall(
            f"POST {path} HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n"
            f"Cookie: {session}\r\nAuthorization: Bearer {key}\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n"
            "Content-Length: 900\r\n\r\n--b\r\n".encode()
        )
        said = until_closed(connection)
    wanted = b"HTTP/1.1 404 " if "hooks" in path else b"HTTP/1.1 408 "
    assert said.startswith(wanted)


def test_a_body_that_trickles_is_given_up(tmp_path: Path) -> None:
    patience = BodyTimeouts(stall=PATIENT, grace=0.3)
    with serving(tmp_path, patience) as served, served.connect() as connection:
        connection.sendall(
            b"POST /login HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n"
            b"Content-Length: 900\r\n\r\nname="
        )
        assert until_closed(connection).startswith(b"HTTP/1.1 408 ")


def idle_report(served: Served, key: str) -> socket.socket:
    connection = served.connect()
    connection.sendall(
        f"POST /api/v1/cases HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        "Expect: 100-continue\r\nContent-Length: 900\r\n\r\n".encode()
    )
    return connection


def test_one_key_does_not_keep_the_others_out(tmp_path: Path) -> None:
    with serving(tmp_path, BodyTimeouts(stall=PATIENT)) as served, ExitStack() as opened:
        _, mine = add_key(served.context, "AG-1", "")
        _, other = add_key(served.context, "AG-2", "")
        for _ in range(MOST_OF_OFFICE):
            held = opened.enter_context(idle_report(served, mine))
            assert held.recv(1_000).startswith(b"HTTP/1.1 100 ")
        refused = opened.enter_context(idle_report(served, mine)).recv(65_536).decode()
        assert refused.startswith("HTTP/1.1 503 ")
        assert "retry-after: " in refused.lower()
        status, _, said = served.ask(
            "POST", "/api/v1/cases", b"[]", Authorization=f"Bearer {other}"
        )
        assert status == 200, said


def test_values_are_counted_before_they_are_made(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        _, key = add_key(served.context, "AG-1", "")
        for body in (b"[" + b"[]," * (LARGEST_BODY // 3 - 9) + b"[]]", b"[" * (LARGEST_BODY - 9)):
            status, _, said = served.ask(
                "POST", "/api/v1/cases", body, Authorization=f"Bearer {key}", Accept_Language="en"
            )
            assert status == 413
            assert "too many values" in json.loads(said)["detail"]


def test_a_document_with_a_number_that_json_does_not_have_is_none(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        _, key = add_key(served.context, "AG-1", "")
        for value in (b"NaN", b"-Infinity"):
            body = b'[{"case_no": ' + value + b"}]"
            status, _, said = served.ask(
                "POST", "/api/v1/cases", body, Authorization=f"Bearer {key}"
            )
            assert (status, value.decode() in said) == (422, True)


def idle_upload(served: Served, session: str) -> socket.socket:
    connection = served.connect()
    connection.sendall(
        "POST /reports/uploads HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n"
        f"Cookie: {session}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        "Expect: 100-continue\r\nContent-Length: 900\r\n\r\n".encode()
    )
    return connection


def test_a_person_has_a_few_uploads_at_a_time_and_pages_go_on(tmp_path: Path) -> None:
    with serving(tmp_path, BodyTimeouts(stall=PATIENT)) as served, ExitStack() as opened:
        mine = served.person("li", Role.OFFICE, "AG-1")
        other = served.person("wang", Role.OFFICE, "AG-2")
        for _ in range(MOST_EACH):
            held = opened.enter_context(idle_upload(served, mine))
            assert held.recv(1_000).startswith(b"HTTP/1.1 100 ")
        refused = until(opened.enter_context(idle_upload(served, mine)), b"</html>")
        assert refused.startswith("HTTP/1.1 503 ")
        assert "of your files are still being read" in refused
        held = opened.enter_context(idle_upload(served, other))
        assert held.recv(1_000).startswith(b"HTTP/1.1 100 ")
        assert served.ask("GET", "/reports", Cookie=mine)[0] == 200


def test_forty_sign_ins_at_once_are_all_answered(tmp_path: Path) -> None:
    with serving(tmp_path) as served, ThreadPoolExecutor(40) as threads:
        add_user(served.context, "boss", Role.ADMIN, PASSWORD)
        form = b"name=boss&password=correct+horse+battery"
        kind = {"Content_Type": "application/x-www-form-urlencoded"}

        def sign_in(number: int) -> tuple[int, dict[str, str], str]:
            return served.ask("POST", "/login", form, X_Forwarded_For=f"192.0.2.{number}", **kind)

        answers = list(threads.map(sign_in, range(40)))
        assert [status for status, _, _ in answers] == [303] * 40

        def guess(_: int) -> tuple[int, dict[str, str], str]:
            return served.ask("POST", "/login", b"name=x&password=y", **kind)

        tried = list(threads.map(guess, range(24)))
    assert sorted({status for status, _, _ in tried}) == [403, 429]
    assert sum(status == 403 for status, _, _ in tried) == 5
    assert all(int(headers["retry-after"]) >= 1 for status, headers, _ in tried if status == 429)


def test_the_first_admins_link_posted_three_times_at_once_makes_one(tmp_path: Path) -> None:
    with serving(tmp_path) as served, ThreadPoolExecutor(3) as threads:
        token = served.web.state.first_admin.path.partition("=")[2]

        def use(number: int) -> int:
            form = f"token={token}&name=boss{number}x&password=correct+horse+battery".encode()
            kind = "application/x-www-form-urlencoded"
            return served.ask("POST", "/first", form, Content_Type=kind)[0]

        assert sorted(threads.map(use, range(3))) == [303, 403, 403]


def record(name: str, message: str, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.WARNING, "", 0, message, (), None)
    vars(made).update(more)
    return made


def test_what_strangers_cause_is_logged_once_a_minute() -> None:
    now = 0.0
    sparing = RepeatFilter(lambda: now)
    refused = {"action": "webhook_refused", "gateway": "twilio"}
    written = [sparing.filter(record("hooks", "refused", **refused)) for _ in range(10_000)]
    assert written.count(True) == 1
    assert sparing.filter(record("hooks", "refused", **{**refused, "gateway": "kannel"}))
    assert sparing.filter(record("uvicorn.error", "Invalid HTTP request received."))
    assert not sparing.filter(record("uvicorn.error", "Invalid HTTP request received."))
    assert all(sparing.filter(record("hooks", "stored", action="webhook_stored")) for _ in range(9))
    now = INTERVAL
    later = record("hooks", "refused", **refused)
    assert sparing.filter(later)
    assert later.getMessage() == "refused (9999 more of this kind since then)"


def test_a_download_that_is_long_in_the_making_is_not_taken_for_a_slow_body(tmp_path: Path) -> None:
    """A server listens for the client's end while it sends a file: after the bound, here none."""
    web = make_web(App(workspace(tmp_path), {}))
    file = tmp_path / "large.csv"
    file.write_bytes(b"x" * 100_000)
    web.add_api_route("/large", lambda: FileResponse(file))
    web.state.body_timeouts = BodyTimeouts(stall=0, grace=0)
    answer = AsgiClient(web).get("/large")
    assert (answer.status, len(answer.content)) == (200, 100_000)
