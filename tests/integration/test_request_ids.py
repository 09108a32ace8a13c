"""Each request has an id: in its log lines, on its error page, in its answer."""

import asyncio
import http.client
import io
import json
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from survey_pipeline.app import App
from survey_pipeline.cli.logs import LogJson
from survey_pipeline.testing import workspace
from survey_pipeline.web.application import make_web
from survey_pipeline.web.server.request_ids import (
    current_request_id,
    logged_request_ids,
    under_request_id,
)
from survey_pipeline.web.server.work_pools import WorkPool
from survey_pipeline.web.serving import listen, make_server

Answer = tuple[int, str, str]


class Served:
    """A served workspace whose faults are asked for, and its log."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.said = io.StringIO()

    def ask(self, path: str, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers={"Accept-Language": "en", **named})
        answer = connection.getresponse()
        page = answer.read().decode()
        connection.close()
        return answer.status, answer.getheader("X-Request-ID") or "", page

    @property
    def lines(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.said.getvalue().splitlines()]


@contextmanager
def serving(home: Path, proxies: list[str]) -> Iterator[Served]:
    context = workspace(home, web={"proxies": proxies})
    web = make_web(App(context, {}))

    @web.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError

    listening = listen("127.0.0.1", 0)
    server = make_server(web)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    served = Served(listening.getsockname()[1])
    handler = logging.StreamHandler(served.said)
    handler.setFormatter(LogJson())
    logging.getLogger().addHandler(handler)
    try:
        with logged_request_ids():
            try:
                yield served
            finally:
                server.should_exit = True
                thread.join()
    finally:
        logging.getLogger().removeHandler(handler)
        listening.close()


def test_a_fault_can_be_found_in_the_log_by_what_the_page_shows(tmp_path: Path) -> None:
    with serving(tmp_path, ["10.0.0.0/8"]) as served:
        answers = [served.ask("/broken", X_Request_ID="from-a-stranger") for _ in range(2)]
    lines = served.lines  # after the server's end: it logs a fault when it has answered
    for status, request_id, page in answers:
        assert status == 500
        assert re.fullmatch(r"[0-9a-f]{16}", request_id), "a stranger's word is not taken"
        assert request_id in page
        own = [line for line in lines if line.get("request_id") == request_id]
        assert {"request_failed"} <= {line.get("action") for line in own}
        assert any("ZeroDivisionError" in line.get("traceback", "") for line in own)
    assert answers[0][1] != answers[1][1]


@pytest.mark.parametrize(
    ("given", "taken"),
    [("c0ffee-0123456789", True), ("x", False), ("a" * 65, False), ("forged=yes level", False)],
)
def test_a_trusted_proxy_may_name_requests(tmp_path: Path, given: str, *, taken: bool) -> None:
    with serving(tmp_path, ["127.0.0.0/8"]) as served:
        status, request_id, page = served.ask(
            "/nowhere", X_Request_ID=given, X_Forwarded_For="192.0.2.7"
        )
    assert status == 404
    assert (request_id == given) is taken
    assert request_id in page


def test_work_in_a_pools_thread_is_under_the_requests_id() -> None:
    async def go() -> tuple[str, str]:
        pool = WorkPool("test", threads=1, most=2, most_each=2)
        with under_request_id("named-0001"):
            first = await pool.run(current_request_id)
        return first, await pool.run(current_request_id)

    assert asyncio.run(go()) == ("named-0001", "")
