"""Webhooks over a real server: verified, stored raw once, answered at once (section 9)."""

import base64
import hashlib
import hmac
import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, text

from survey_pipeline.app import App, open_app
from survey_pipeline.calendar import SetClock
from survey_pipeline.errors import DatabaseFault
from survey_pipeline.inbound.spool import drain
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import inbound, receipts
from survey_pipeline.testing import NOON
from survey_pipeline.web.application import make_web
from survey_pipeline.web.serving import listen, make_server
from survey_pipeline.workspace import create_workspace

ACCOUNT, TOKEN = "AC" + "1a" * 16, "9d2c4e8b7a6f5d3c1b0a9e8d7c6b5a4f"
PUBLIC = "https://surveys.example.org/city"
CITIZEN = "+8613912345678"
GATEWAYS = f"""
[[gateway]]
kind = "simulated"

[[gateway]]
kind = "twilio"
account_sid = "{ACCOUNT}"
auth_token_env = "TWILIO_AUTH_TOKEN"
from_number = "+15005550006"
public_url = "{PUBLIC}"
"""
Answer = tuple[int, str, str]


class Server:
    """Our web on a free port, and what its callers send it."""

    def __init__(self, app: App, port: int) -> None:
        self.app, self.port = app, port

    def ask(
        self, target: str, body: bytes | Iterator[bytes] = b"", method: str = "POST", **headers: str
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, target, body, named)
            answer = connection.getresponse()
            said = answer.read().decode()
        finally:
            connection.close()
        return answer.status, answer.getheader("content-type") or "", said

    def post(self, target: str, *, token: str = TOKEN, **form: str) -> Answer:
        """POST as Twilio does, signed for our public address."""
        form = {"AccountSid": ACCOUNT, **form}
        said = PUBLIC + target + "".join(name + form[name] for name in sorted(form))
        digest = hmac.new(token.encode(), said.encode(), hashlib.sha1).digest()
        return self.ask(
            target,
            urlencode(form).encode(),
            Content_Type="application/x-www-form-urlencoded",
            X_Twilio_Signature=base64.b64encode(digest).decode(),
        )

    def stored(self) -> tuple[int, int]:
        """How many receipts and texts are on record."""
        with reading(self.app.context.engine) as connection:
            return tuple(
                len(connection.execute(select(table)).all()) for table in (receipts, inbound)
            )  # type: ignore[return-value] # two of them


@contextmanager
def serving(app: App) -> Iterator[Server]:
    listening = listen("127.0.0.1", 0)
    server = make_server(make_web(app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield Server(app, listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    create_workspace(tmp_path)
    config = tmp_path / "config" / "pipeline.toml"
    kept = config.read_text(encoding="utf-8").partition("[[gateway]]")[0]
    config.write_text(kept + GATEWAYS, encoding="utf-8")
    app = open_app(tmp_path, clock=SetClock(NOON), environ={"TWILIO_AUTH_TOKEN": TOKEN})
    with serving(app) as made:
        yield made
    app.close()


RECEIPT, INBOUND = "/hooks/twilio/receipt?attempt=a.1", "/hooks/twilio/inbound"


def receipt(server: Server, status: str = "delivered", **form: str) -> Answer:
    return server.post(RECEIPT, MessageSid="SM1", MessageStatus=status, **form)


def test_a_receipt_is_stored_once_and_answered_as_twilio_wants(server: Server) -> None:
    answers = [receipt(server) for _ in range(3)]
    assert answers == [(200, "text/xml; charset=utf-8", "<Response/>")] * 3
    with reading(server.app.context.engine) as connection:
        (row,) = connection.execute(select(receipts)).all()
    assert (row.gateway, row.provider_id, row.attempt_id) == ("twilio", "SM1", "a.1")
    assert (row.state, row.applied_at) == ("delivered", None), "read later"


def test_a_text_is_stored_raw_with_its_blanks_and_read_later(server: Server) -> None:
    said = "  不满意，\n排队太久 "
    for _ in range(2):
        status, _, _ = server.post(INBOUND, MessageSid="SM2", From=CITIZEN, Body=said, Extra="")
        assert status == 200
    with reading(server.app.context.engine) as connection:
        (row,) = connection.execute(select(inbound)).all()
    assert (row.text, row.use, row.read_at) == (said, "pending", None)
    assert server.app.context.keys.decrypt(row.phone) == CITIZEN
    assert CITIZEN.encode() not in row.phone


@pytest.mark.parametrize(
    "ask",
    [
        lambda server: server.ask(RECEIPT, b"MessageSid=SM1&MessageStatus=delivered"),
        lambda server: server.ask(RECEIPT, b"", method="GET"),
        lambda server: server.ask(RECEIPT, b"\xff\xfe\x00", X_Twilio_Signature="\xe9"),
        lambda server: server.ask(RECEIPT, b"{}", X_Twilio_Signature="A" * 10_000),
        lambda server: server.post(RECEIPT, token="guess", MessageSid="SM1", MessageStatus="sent"),
        lambda server: receipt(server, AccountSid="AC9"),
        lambda server: server.post(INBOUND, MessageSid="SM1", Body="1", From=CITIZEN, token="x"),
    ],
)  # fmt: skip
def test_what_is_not_signed_is_refused_and_leaves_nothing(
    server: Server, ask: Callable[[Server], Answer]
) -> None:
    status, _, said = ask(server)
    assert (status, said) == (403, "")
    assert server.stored() == (0, 0)


@pytest.mark.parametrize(
    "request_text",
    [
        b"Content-Length: 1048577\r\n\r\n",
        b"Content-Length: 99999999999999999999\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n" + b"8000\r\n" + b"x" * 0x8000 + b"\r\n",
    ],
    ids=["declared", "absurd", "in chunks"],
)
def test_a_body_that_is_too_large_is_not_read(server: Server, request_text: bytes) -> None:
    chunk = request_text.partition(b"\r\n\r\n")[2]
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        said = b""
        with suppress(ConnectionError):  # it hangs up on whoever goes on
            connection.sendall(b"POST /hooks/twilio/inbound HTTP/1.1\r\nHost: x\r\n" + request_text)
            for _ in range(64 if chunk else 0):
                connection.sendall(chunk)
        with suppress(ConnectionError):
            said = connection.recv(1000)
    assert said.startswith(b"HTTP/1.1 4") or (chunk and not said)
    assert server.stored() == (0, 0)
    assert server.ask("/healthz", method="GET")[0] == 200


def test_only_gateways_whose_providers_call_have_webhooks(server: Server) -> None:
    """The simulated carrier signs nothing: whoever could post to it could answer for a citizen."""
    body = b'{"inbound": [{"id": "1", "from": "+8613912345678", "text": "1", "at": "2023-05-04"}]}'
    assert server.ask("/hooks/simulated/inbound", body)[0] == 404
    assert server.ask("/hooks/nobody/receipt", b"")[0] == 404
    assert server.stored() == (0, 0)


def reply(server: Server, sid: str = "SM2", body: str = "排队太久") -> int:
    return server.post(INBOUND, MessageSid=sid, From=CITIZEN, Body=body)[0]


def test_while_the_database_is_busy_everything_is_answered_and_stored_soon(server: Server) -> None:
    context = server.app.context
    with writing(context.engine):  # a large import, for instance
        assert [reply(server), reply(server), receipt(server)[0]] == [200, 200, 200]
        assert server.stored() == (0, 0)
        kept = context.home / "webhooks.spool"
        assert kept.stat().st_mode & 0o777 == 0o600
        assert CITIZEN[3:].encode() not in kept.read_bytes()
    drain(context)
    assert server.stored() == (1, 1)
    assert not list(context.home.glob("webhooks.spool*"))
    with reading(context.engine) as connection:
        (row,) = connection.execute(select(inbound)).all()
    assert (row.text, context.keys.decrypt(row.phone)) == ("排队太久", CITIZEN)


def test_a_database_that_is_away_loses_nothing(server: Server) -> None:
    context = server.app.context
    with writing(context.engine) as connection:
        connection.execute(text("ALTER TABLE inbound RENAME TO gone"))
    assert reply(server) == 200
    with pytest.raises(DatabaseFault):
        drain(context)
    with writing(context.engine) as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO inbound"))
    assert drain(context) == 1
    assert server.stored() == (0, 1)


def test_what_can_be_kept_nowhere_is_not_acknowledged(server: Server) -> None:
    with writing(server.app.context.engine) as connection:
        connection.execute(text("ALTER TABLE inbound RENAME TO gone"))
    (server.app.context.home / "webhooks.spool").mkdir()
    assert reply(server) == 503


def test_no_number_text_or_token_is_logged(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        server.post(INBOUND, MessageSid="SM2", From=CITIZEN, Body="排队太久")
        server.post(INBOUND, MessageSid="SM2", From=CITIZEN, Body="排队太久", token="x")
        server.ask("/hooks/twilio/receipt?token=secret-word&from=13912345678", method="GET")
    said = " ".join(repr(vars(record)) for record in caplog.records)
    assert "webhook_stored" in said
    assert "webhook_refused" in said
    for secret in ("13912345678", "排队太久", "secret-word", TOKEN):
        assert secret not in said


def test_it_says_whether_it_lives_and_whether_it_can_work(server: Server) -> None:
    assert server.ask("/healthz", method="GET")[0] == 200
    assert server.ask("/readyz", method="GET")[0] == 200
    with writing(server.app.context.engine) as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    assert server.ask("/readyz", method="GET")[0] == 503
    assert server.ask("/healthz", method="GET")[0] == 200


@pytest.mark.parametrize("target", [RECEIPT, INBOUND])
def test_what_our_own_reader_fails_on_comes_again(
    server: Server, caplog: pytest.LogCaptureFixture, target: str
) -> None:
    """A forgery is 403; a fault of ours is 5xx, on record with its type, and stores nothing."""

    class Faulty:
        label = "faulty"

        def read_receipt(self, request: object) -> list[object]:
            raise KeyError(CITIZEN)

        read_inbound = read_receipt

    app = App(server.app.context, {})
    vars(app)["gateways"] = {"faulty": Faulty()}
    with serving(app) as made, caplog.at_level("INFO"):
        status, _, said = made.ask(target.replace("twilio", "faulty"), b"x=1")
    assert (status, said) == (500, "")
    known = next(one for one in caplog.records if getattr(one, "action", "") == "webhook_fault")
    assert (known.levelname, vars(known)["error"]) == ("ERROR", "KeyError")
    assert CITIZEN not in caplog.text
    assert server.stored() == (0, 0)


@pytest.mark.parametrize(
    ("target", "form"),
    [(RECEIPT, {"MessageSid": "SM1"}), (INBOUND, {"MessageSid": "SM1", "From": CITIZEN})],
)
def test_what_is_signed_and_lacks_a_field_comes_again(
    server: Server, caplog: pytest.LogCaptureFixture, target: str, form: dict[str, str]
) -> None:
    """It is the provider's, so that it is no forgery: a 403 would lose it."""
    with caplog.at_level("INFO"):
        status, _, said = server.post(target, **form)
    assert (status, said) == (500, "")
    known = next(one for one in caplog.records if getattr(one, "action", "") == "webhook_fault")
    assert (known.levelname, vars(known)["error"]) == ("ERROR", "WebhookUnreadable")
    assert CITIZEN not in caplog.text
    assert server.stored() == (0, 0)


@pytest.mark.parametrize("odd", ["a\0b", "\0"])
def test_a_text_that_no_database_takes_as_it_is_is_kept(server: Server, odd: str) -> None:
    assert reply(server, body=odd) == 200
    drain(server.app.context)
    with reading(server.app.context.engine) as connection:
        (row,) = connection.execute(select(inbound)).all()
    assert row.text == odd.replace("\0", "\ufffd")
