"""What is sent to us, however hostile, takes 300 MiB at most (specification, section 3).

Each server is a process of its own, whose highest memory the system has counted; what it is sent
comes from here, piece by piece.
"""

import http.client
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from survey_pipeline.web.api.endpoints import MOST_OF_OFFICE
from survey_pipeline.web.pages.upload_queue import MOST_EACH

ALLOWED_MIB = 300
PROGRAM = """
import json, resource, sys, threading
from pathlib import Path
from survey_pipeline.app import App
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.api_keys import add_key
from survey_pipeline.people.sessions import open_session
from survey_pipeline.testing import add_offices, workspace
from survey_pipeline.vocabulary import Category, Role
from survey_pipeline.web.application import make_web
from survey_pipeline.web.serving import listen, make_server

context = workspace(Path(sys.argv[1]))
(office,) = add_offices(context, Category.AGENCY)
add_user(context, "zhao", Role.OFFICE, "correct horse battery", office)
listening = listen("127.0.0.1", 0)
server = make_server(make_web(App(context, {})))
thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
thread.start()
told = [listening.getsockname()[1], open_session(context, "zhao"), add_key(context, office, "x")[1]]
print(json.dumps(told), flush=True)
sys.stdin.readline()
server.should_exit = True
thread.join()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
MIB = 1 << 20
Pieces = Iterator[bytes]


class Server:
    def __init__(self, port: int, session: str, key: str) -> None:
        self.port, self.session, self.key = port, session, key

    def post(self, path: str, size: int, pieces: Pieces, kind: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        headers = {
            "Cookie": f"session={self.session}",
            "Authorization": f"Bearer {self.key}",
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": kind,
            "Content-Length": str(size),
        }
        try:
            connection.request("POST", path, pieces, headers)
            answer = connection.getresponse()
            answer.read()
        finally:
            connection.close()
        return answer.status

    def upload(self, unit: bytes, times: int, start: bytes = b"") -> int:
        """Send a file that is a start and a long repetition."""
        head = (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + start
        )
        foot = b"\r\n--b--\r\n"
        size = len(head) + len(unit) * times + len(foot)
        pieces = repeated(head, unit, times, foot)
        return self.post("/reports/uploads", size, pieces, "multipart/form-data; boundary=b")


def repeated(head: bytes, unit: bytes, times: int, foot: bytes) -> Pieces:
    yield head
    at_once = max(1, MIB // max(1, len(unit)))
    for done in range(0, times, at_once):
        yield unit * min(at_once, times - done)
    yield foot


@contextmanager
def server(home: Path) -> Iterator[tuple[Server, list[int]]]:
    """A server; its highest memory in MiB is in the list when it has ended."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    peak: list[int] = []
    try:
        yield Server(*json.loads(process.stdout.readline())), peak
        said, _ = process.communicate("\n", timeout=60)
        peak.append(int(said))
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> int:
    with server(tmp_path_factory.mktemp("small")) as (one, peak):
        assert one.upload(b"", 0, b"office_code,case_no,served_on,phone,item\n") == 303
    return peak[0]


MIDWAY = suppress(ConnectionError, http.client.HTTPException)
"""The answer, and the end of the connection, may come while we are still sending."""
HEADER = b"office_code,case_no,served_on,phone,item,remark\n"
LONG = b"AG-1,A-1,2023-05-04,13857710001,L," + "漢".encode() * 300_000 + b"\n"


def wide(one: Server) -> None:
    assert one.upload(LONG, 60 * MIB // len(LONG), HEADER) == 303


def binary(one: Server) -> None:
    assert one.upload(b"\0", 63 * MIB) == 400


def several_at_once(one: Server) -> None:
    with ThreadPoolExecutor(MOST_EACH) as senders:
        list(senders.map(wide, [one] * MOST_EACH))


def larger_than_it_may_be(one: Server) -> None:
    size = 65 * MIB
    with MIDWAY:
        status = one.post("/reports/uploads", size, iter([b"x"]), "multipart/form-data; boundary=b")
        assert status == 413


def one_endless_field(one: Server) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="day"\r\n\r\n'
    size = len(head) + 60 * MIB
    pieces = repeated(head, b"x" * MIB, 60, b"")
    with MIDWAY:
        assert one.post("/reports/uploads", size, pieces, "multipart/form-data; boundary=b") == 400


def a_sign_in_without_end(one: Server) -> None:
    pieces = repeated(b"name=", b"x" * MIB, 400, b"")
    kind = "application/x-www-form-urlencoded"
    with MIDWAY:
        assert one.post("/login", 5 + 400 * MIB, pieces, kind) == 413


def what_is_not_even_read(one: Server) -> None:
    binary(one)
    larger_than_it_may_be(one)
    one_endless_field(one)
    a_sign_in_without_end(one)


def at_once(one: Server, body: bytes, status: int) -> None:
    def send(_: int) -> int:
        return one.post("/api/v1/cases", len(body), iter([body]), "application/json")

    with ThreadPoolExecutor(MOST_OF_OFFICE) as senders:
        assert set(senders.map(send, range(MOST_OF_OFFICE))) == {status}


def many_small_objects(one: Server) -> None:
    at_once(one, b"[" + b"{}," * (4 * MIB // 3 - 2) + b"{}]", 413)


def many_small_lists(one: Server) -> None:
    at_once(one, b"[" + b"[]," * (4 * MIB // 3 - 2) + b"[]]", 413)


def many_columns(one: Server) -> None:
    row = b"{" + b",".join(b'"%x":12345678' % number for number in range(70)) + b"},"
    rows = row * (4 * MIB // len(row) - 1)
    at_once(one, b"[" + rows + row[:-1] + b"]", 200)


def one_row_of_columns(one: Server) -> None:
    row = b",".join(b'"%x":1' % number for number in range(300_000))
    at_once(one, b"[{" + row + b"}]", 200)


@pytest.mark.parametrize(
    "act",
    [
        wide,
        several_at_once,
        what_is_not_even_read,
        many_small_objects,
        many_small_lists,
        many_columns,
        one_row_of_columns,
    ],
)
def test_what_is_sent_takes_no_more_than_it_may(
    tmp_path: Path, usual: int, act: Callable[[Server], None]
) -> None:
    with server(tmp_path) as (one, peak):
        act(one)
    print(act.__name__, peak[0] - usual)
    assert peak[0] <= usual + ALLOWED_MIB


def test_many_sound_rows_take_no_more_than_they_may(tmp_path: Path, usual: int) -> None:
    """A hundred thousand new cases in one file, and every one of them refused in another."""
    with server(tmp_path) as (one, peak):
        row = b"AG-1,%07d,2023-05-04,13857710001,L,\n"
        rows = b"".join(row % number for number in range(100_000))
        assert one.upload(b"", 0, HEADER + rows) == 303
        assert one.upload(b"", 0, HEADER + rows.replace(b"13857710001", b"138****0001")) == 303
    print("rows", peak[0] - usual)
    assert peak[0] <= usual + ALLOWED_MIB
