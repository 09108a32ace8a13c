"""A real Kannel between us and a carrier: every text whole, every receipt, every reply.

Nothing here pretends to be Kannel: bearerbox and smsbox run as docs/howto/kannel.conf has them.
The carrier is fakesmsc, or an SMS centre that speaks SMPP.
"""

import asyncio
import importlib.util
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from survey_pipeline.calendar import SetClock
from survey_pipeline.gateways.kannel import KannelGateway
from survey_pipeline.gateways.port import (
    Finding,
    GatewayEnvironment,
    InboundEvent,
    OutgoingMessage,
    ReceiptEvent,
    SendResult,
    WebhookRequest,
)
from survey_pipeline.settings import Gateway as GatewaySettings
from survey_pipeline.testing import NOON
from survey_pipeline.vocabulary import ReceiptState, RefusalReason, SendOutcome

DOUBLES = Path(__file__).parents[1] / "doubles"


def double(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, DOUBLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


boxes_of, carrier = double("kannel_boxes"), double("smpp_centre")

TO = "+8613800138000"
SEGMENTS_2 = (
    "您好！您昨日在市行政服务中心（社保窗口）办理了“养老保险关系转移”业务，请对我们的服务作出评价："
    "满意请回复1，一般请回复2，不满意请回复3。您的意见将用于改进服务，感谢支持！【市评议办】"
)
GSM = "1+1 & 100% {é} £$@ ~|^ €"
GSM_OCTETS = bytes.fromhex("312b3120262031303025201b28051b2920010200 20 1b3d1b401b14 20 1b65")
"""The same in septets, one to an octet, as SMPP carries them (3GPP TS 23.038)."""


class Pages:
    """Our web pages, as far as Kannel knows them: they keep what is called, and answer nothing."""

    def __init__(self, port: int) -> None:
        self.called: list[WebhookRequest] = []
        pages = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                pages.called.append(
                    WebhookRequest(self.path, method="GET", peer=self.client_address[0])
                )
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer((boxes_of.LOOPBACK, port), Handler)
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait_for(self, page: str, holds: str, times: int = 1) -> list[WebhookRequest]:
        def found() -> list[WebhookRequest]:
            hits = [one for one in self.called if f"/{page}?" in one.target and holds in one.target]
            return hits if len(hits) >= times else []

        return boxes_of.until(found, f"{times} of {page} with {holds}")


@contextmanager
def pages(port: int = 0) -> Iterator[Pages]:
    made = Pages(port)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def installed(need: Callable[[str], None]) -> None:
    need("bearerbox")
    need("fakesmsc")


@pytest.fixture(scope="module")
def ours(installed: None) -> Iterator[Pages]:
    with pages() as made:
        yield made


@pytest.fixture(scope="module")
def kannel(tmp_path_factory: pytest.TempPathFactory, ours: Pages) -> Iterator[Any]:
    with boxes_of.kannel(tmp_path_factory.mktemp("kannel"), ours.port) as running:
        yield running


def gateway(boxes: Any, webhooks: int, environ: dict[str, str] | None = None, **own: Any) -> Any:
    settings = GatewaySettings.model_validate(boxes.keys(webhooks, **own))
    variables = {**boxes.environ, **(environ or {})}
    return KannelGateway(settings, GatewayEnvironment(Path(), variables, SetClock(NOON)))


def sent(
    made: KannelGateway, *texts: str, to: str = TO, name: str = "a1"
) -> SendResult | list[SendResult]:
    """Hand texts over, one after the other; their attempts are `name`.0, `name`.1, ..."""

    async def go() -> list[SendResult]:
        async with made:
            messages = [OutgoingMessage(f"{name}.{n}", to, text) for n, text in enumerate(texts)]
            return [await made.send(one) for one in messages]

    done = asyncio.run(go())
    return done if len(texts) > 1 else done[0]


def checked(made: KannelGateway) -> Sequence[Finding]:
    async def go() -> Sequence[Finding]:
        async with made:
            return await made.check()

    return asyncio.run(go())


def states(made: KannelGateway, requests: Sequence[WebhookRequest]) -> set[ReceiptState]:
    return {event.state for one in requests for event in made.read_receipt(one)}


def test_a_chinese_text_of_two_segments_arrives_whole(kannel: Any, ours: Pages) -> None:
    with boxes_of.phones(kannel) as phones:
        result = sent(gateway(kannel, ours.port), SEGMENTS_2, name="whole")
        assert (result.outcome, result.provider_id) == (SendOutcome.ACCEPTED, "whole.0")
        assert phones.wait_for(2) == [(TO, "UCS-2", SEGMENTS_2)]


def test_a_text_of_gsm_7_arrives_as_such(kannel: Any, ours: Pages) -> None:
    with boxes_of.phones(kannel) as phones:
        sent(gateway(kannel, ours.port), GSM, name="gsm")
        assert phones.wait_for(1) == [(TO, "GSM-7", GSM)]


def test_one_receipt_of_each_kind_comes_back_with_our_attempt(kannel: Any, ours: Pages) -> None:
    made = gateway(kannel, ours.port, allow_from=[boxes_of.LOOPBACK])
    with boxes_of.phones(kannel):
        sent(made, SEGMENTS_2, name="told")
        called = ours.wait_for("receipt", "told.0", times=2)
    assert [made.read_receipt(one)[0].attempt_id for one in called] == ["told.0"] * 2
    assert states(made, called) == {ReceiptState.ACCEPTED, ReceiptState.DELIVERED}
    delivered = [event for one in called for event in made.read_receipt(one)]
    assert ReceiptEvent("told.0", ReceiptState.DELIVERED, "told.0") in delivered


def test_any_token_and_name_comes_back_as_it_is(kannel: Any, ours: Pages) -> None:
    token = "t/+ =&%d%s%%#?'\"é令牌 0123456789"
    made = gateway(kannel, ours.port, {"KANNEL_WEBHOOK_TOKEN": token}, name="网关 %d")
    with boxes_of.phones(kannel):
        sent(made, "1", name="odd&%d")
        called = ours.wait_for("receipt", "odd", times=2)
    assert called[0].target.startswith(f"/hooks/{quote('网关 %d')}/receipt?")
    assert [made.read_receipt(one)[0].attempt_id for one in called] == ["odd&%d.0"] * 2


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("text 1", "1"),
        ("text   1 +1 & 100% ok?  ", "  1 +1 & 100% ok?  "),
        ("text  满意 ", " 满意 "),
        ("text ", ""),
        (f"ucs2 {quote('  不满意，排队太久😀 '.encode('utf-16-be'))}", "  不满意，排队太久😀 "),
        (f"ucs2 {quote('ok'.encode('utf-16-be'))}", "ok"),
        ("ucs2 %6E%E1%61%0F%D8%3D", "满意\ufffd"),
        (f"data {quote('满意')}", "满意"),
    ],
)
def test_a_reply_comes_in_to_the_letter(kannel: Any, ours: Pages, said: str, text: str) -> None:
    made = gateway(kannel, ours.port, allow_from=[boxes_of.LOOPBACK])
    before = len(ours.called)
    with boxes_of.phones(kannel, f"{TO} 1069000000 {said}"):
        boxes_of.until(lambda: len(ours.called) > before, said)
    (event,) = made.read_inbound(ours.called[before])
    assert event == InboundEvent(event.provider_id, TO, text, NOON)
    assert len(event.provider_id) == 36
    assert "/hooks/kannel/inbound?" in ours.called[before].target


def test_two_replies_have_two_ids(kannel: Any, ours: Pages) -> None:
    made = gateway(kannel, ours.port)
    before = len(ours.called)
    for n in (1, 2):
        with boxes_of.phones(kannel, f"{TO} 1069000000 text 1"):
            boxes_of.until(lambda n=n: len(ours.called) >= before + n, "a reply")
    events = [made.read_inbound(one)[0] for one in ours.called[before:]]
    assert len({event.provider_id for event in events}) == 2


def test_no_text_goes_back_to_the_citizen(kannel: Any, ours: Pages) -> None:
    said = "No reply sent, denied"
    before = sum(said in line for line in kannel.smsbox.lines)
    with boxes_of.phones(kannel, f"{TO} 1069000000 text 2") as phones:
        kannel.smsbox.wait_for(said, before + 1)
        sent(gateway(kannel, ours.port), "the only one")
        assert phones.wait_for(1) == [(TO, "GSM-7", "the only one")]


def test_a_wrong_password_is_a_fault_of_the_configuration(kannel: Any, ours: Pages) -> None:
    made = gateway(kannel, ours.port, {"KANNEL_PASSWORD": "wrong"})
    result = sent(made, "1")
    assert (result.outcome, result.reason) == (SendOutcome.REFUSED, RefusalReason.CONFIGURATION)
    assert [one.ok for one in checked(made)] == [False, True]


def test_a_wrong_address_is_one_too(kannel: Any, ours: Pages) -> None:
    made = gateway(kannel, ours.port, sendsms_url=kannel.sendsms_url + "s")
    result = sent(made, "1")
    assert (result.outcome, result.reason) == (SendOutcome.REFUSED, RefusalReason.CONFIGURATION)
    assert [one.ok for one in checked(made)] == [False, True]


def test_right_credentials_are_found_right_and_nothing_is_sent(kannel: Any, ours: Pages) -> None:
    made = gateway(kannel, ours.port)
    with boxes_of.phones(kannel) as phones:
        assert [one.ok for one in checked(made)] == [True, True]
        sent(made, "the only one")
        assert phones.wait_for(1) == [(TO, "GSM-7", "the only one")]


def test_a_kannel_that_was_stopped_has_certainly_not_sent(
    installed: None, tmp_path: Path, ours: Pages
) -> None:
    with boxes_of.kannel(tmp_path, ours.port) as running:
        made = gateway(running, ours.port)
        running.smsbox.stop()
        assert sent(made, "1").outcome is SendOutcome.NOT_SENT
        assert [one.ok for one in checked(made)] == [False, True]


def test_a_full_queue_a_missing_route_and_a_black_list_are_told_apart(
    installed: None, tmp_path: Path, ours: Pages
) -> None:
    changes = {
        "core": {"sms-outgoing-queue-limit": 1},
        "sendsms-user": {"black-list-regex": '"^.86139"'},
        "smsc": {"allowed-prefix": '"+8613"'},
    }
    with boxes_of.kannel(tmp_path, ours.port, changes=changes) as running:
        made = gateway(running, ours.port)
        listed = sent(made, "1", to="+8613912345678")
        nowhere = sent(made, "1", to="+85212345678", name="nowhere")
        queued = [one.outcome for one in sent(made, *"123456789")]
        called = ours.wait_for("receipt", "nowhere.0")
    assert (listed.outcome, listed.reason) == (SendOutcome.REFUSED, RefusalReason.FILTERED)
    assert (nowhere.outcome, nowhere.reason) == (SendOutcome.REFUSED, RefusalReason.OTHER)
    assert states(made, called) == {ReceiptState.UNDELIVERED}
    assert queued[0] is SendOutcome.ACCEPTED
    assert set(queued) == {SendOutcome.ACCEPTED, SendOutcome.THROTTLED}


def test_what_comes_while_our_pages_are_away_is_brought_again(
    installed: None, tmp_path: Path
) -> None:
    port = boxes_of.free_port()
    with boxes_of.kannel(tmp_path, port) as running:
        made = gateway(running, port)
        with boxes_of.phones(running, f"{TO} 1069000000 text 3"):
            sent(made, SEGMENTS_2, name="away")
            running.smsbox.wait_for("HTTP: Retrying request", 3)
        with pages(port) as back:
            receipts = back.wait_for("receipt", "away.0", times=2)
            reply = back.wait_for("inbound", "text=3")
    assert states(made, receipts) == {ReceiptState.ACCEPTED, ReceiptState.DELIVERED}
    assert made.read_inbound(reply[0])[0].text == "3"


def test_the_logs_of_kannel_hold_no_number_and_no_text(
    installed: None, tmp_path: Path, ours: Pages
) -> None:
    changes = {"smsc": {"allowed-prefix": '"+8613"'}}  # no route is a warning with the number
    with boxes_of.kannel(tmp_path, ours.port, changes=changes) as running:
        made = gateway(running, ours.port)
        with boxes_of.phones(running, f"{TO} 1069000000 text well-done") as phones:
            ours.wait_for("inbound", "well-done")
            sent(made, "how-was-it", name="logged")
            sent(made, "how-was-it", to="+85212345678", name="unrouted")
            phones.wait_for(1)
            ours.wait_for("receipt", "unrouted.0")
    printed = "\n".join(running.bearerbox.lines + running.smsbox.lines)
    logs = "".join((tmp_path / f"{box}.log").read_text("utf-8") for box in ("bearerbox", "smsbox"))
    for personal in (TO[1:], "85212345678", "well-done", "how-was-it"):
        assert personal in printed  # where nothing is kept back
        assert personal not in logs


@contextmanager
def smpp(folder: Path, **ends: str) -> Iterator[tuple[Any, Any, Pages]]:
    """Kannel between our pages and an SMS centre; what becomes of the numbers 86138..."""
    with (
        carrier.smpp_centre({number.lstrip("_"): end for number, end in ends.items()}) as centre,
        pages() as ours,
        boxes_of.kannel(folder, ours.port, smpp=centre.port) as running,
    ):
        yield centre, running, ours


def test_a_carrier_of_smpp_gets_whole_texts_and_tells_every_end(
    installed: None, tmp_path: Path
) -> None:
    lost, barred = "8613800138001", "8613800138002"
    with smpp(tmp_path, _8613800138001="UNDELIV", _8613800138002=carrier.REJECTED) as parts:
        centre, running, ours = parts
        made = gateway(running, ours.port)
        for number, name in ((TO, "good"), (f"+{lost}", "lost"), (f"+{barred}", "barred")):
            assert sent(made, SEGMENTS_2, to=number, name=name).outcome is SendOutcome.ACCEPTED
        ends = {
            name: states(made, ours.wait_for("receipt", f"{name}.0&status={status}"))
            for name, status in (("good", 1), ("lost", 2), ("barred", 16))
        }
        sent(made, GSM, to="+8613800138003", name="gsm")
        ours.wait_for("receipt", "gsm.0&status=1")
    assert ends == {
        "good": {ReceiptState.DELIVERED},
        "lost": {ReceiptState.UNDELIVERED},
        "barred": {ReceiptState.UNDELIVERED},
    }
    assert centre.text_to(TO[1:]) == SEGMENTS_2
    assert [one.header[4:] for one in centre.submitted if one.to == TO[1:]] == [b"\2\1", b"\2\2"]
    assert (centre.submitted[-1].coding, centre.submitted[-1].body) == (carrier.GSM_7, GSM_OCTETS)


def test_a_long_reply_over_smpp_comes_in_whole(installed: None, tmp_path: Path) -> None:
    said = f"  不满意！{SEGMENTS_2}😀 \n"
    with smpp(tmp_path) as (centre, running, ours):
        sent(gateway(running, ours.port), "1")
        ours.wait_for("receipt", "a1.0&status=1")
        centre.say(TO[1:], "1069000000", said)
        (request,) = ours.wait_for("inbound", "")
        (event,) = gateway(running, ours.port).read_inbound(request)
    assert (event.sender, event.text) == (TO, said)
