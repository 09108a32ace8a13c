"""The simulated carrier keeps the promises of the port, and is not polite."""

import asyncio
import json
import logging
import multiprocessing
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from survey_pipeline.calendar import SetClock
from survey_pipeline.errors import ConfigurationError, WebhookRefused
from survey_pipeline.gateways.port import (
    Gateway,
    GatewayEnvironment,
    OutgoingMessage,
    Polled,
    SendResult,
    SentState,
    WebhookRequest,
)
from survey_pipeline.gateways.registry import make_gateway
from survey_pipeline.gateways.simulated import SimulatedGateway, phrases
from survey_pipeline.settings import Gateway as GatewaySettings
from survey_pipeline.stages.replies.reading import read_reply
from survey_pipeline.vocabulary import (
    ReceiptState,
    RefusalReason,
    ReplyClass,
    SendOutcome,
)

AT = datetime(2023, 5, 4, 2, 0, tzinfo=UTC)
LATER = AT + timedelta(days=12)


def carrier(home: Path, **own: Any) -> SimulatedGateway:
    settings = GatewaySettings.model_validate({"kind": "simulated", **own})
    return SimulatedGateway(settings, GatewayEnvironment(home, {}, SetClock(AT)))


def text(number: int, *, attempt: str = "", template: str = "survey") -> OutgoingMessage:
    return OutgoingMessage(
        attempt_id=attempt or f"a-{number}-{template}",
        to=f"+86138{number:08d}",
        text="满意回1",
        template=template,
        variables={"office": f"Office {number % 7}"},
    )


def send(gateway: SimulatedGateway, *messages: OutgoingMessage) -> list[SendResult]:
    async def all_of_them() -> list[SendResult]:
        async with gateway:
            return [await gateway.send(message) for message in messages]

    return asyncio.run(all_of_them())


def receipts(gateway: SimulatedGateway) -> list[Any]:
    requests = gateway.poll_receipts(None, LATER)
    return [event for request in requests for event in gateway.read_receipt(request)]


def replies(gateway: SimulatedGateway) -> list[Any]:
    requests = gateway.poll_inbound(None, LATER)
    return [event for request in requests for event in gateway.read_inbound(request)]


def history(home: Path, **own: Any) -> tuple[list[Any], list[Any], list[Any]]:
    gateway = carrier(home, **own)
    sent = send(gateway, *(text(number) for number in range(400)))
    return sent, receipts(gateway), replies(gateway)


def test_it_is_found_by_its_entry_point_and_speaks_the_port(tmp_path: Path) -> None:
    settings = GatewaySettings(kind="simulated")
    made = make_gateway(settings, GatewayEnvironment(tmp_path, {}, SetClock(AT)))
    assert isinstance(made, SimulatedGateway)
    assert isinstance(made, Gateway)
    assert isinstance(made, Polled)


def test_one_seed_gives_one_history_and_another_seed_another(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
    first = history(tmp_path / "one", seed="7")
    assert first == history(tmp_path / "two", seed="7")
    assert first != history(tmp_path / "three", seed="8")


def test_the_attempt_has_no_part_in_what_happens(tmp_path: Path) -> None:
    outcomes = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        gateway = carrier(tmp_path / name)
        sent = send(gateway, *(text(n, attempt=f"{name}-{n:08d}") for n in range(300)))
        said = [(event.sender, event.text) for event in replies(gateway)]
        outcomes.append(([one.outcome for one in sent], said))
    assert outcomes[0] == outcomes[1]


def test_every_outcome_of_the_closed_list_happens(tmp_path: Path) -> None:
    sent = send(carrier(tmp_path), *(text(number) for number in range(3_000)))
    count = Counter(one.outcome for one in sent)
    assert set(count) == set(SendOutcome)
    assert count[SendOutcome.ACCEPTED] > 2_600
    reasons = {one.reason for one in sent if one.outcome is SendOutcome.REFUSED}
    assert reasons == {RefusalReason.BAD_NUMBER, RefusalReason.FILTERED}


def test_receipts_come_twice_out_of_order_late_and_never(tmp_path: Path) -> None:
    gateway = carrier(tmp_path)
    sent = send(gateway, *(text(number) for number in range(3_000)))
    told: dict[str, list[ReceiptState]] = {}
    for event in receipts(gateway):
        told.setdefault(event.provider_id, []).append(event.state)
    accepted = {one.provider_id for one in sent if one.outcome is SendOutcome.ACCEPTED}
    assert accepted - told.keys(), "never"
    assert any(states.count(ReceiptState.DELIVERED) > 1 for states in told.values()), "twice"
    late = [ReceiptState.DELIVERED, ReceiptState.ACCEPTED]
    assert any(states == late for states in told.values()), "out of order"
    assert any(ReceiptState.UNDELIVERED in states for states in told.values())
    soon = gateway.poll_receipts(None, AT + timedelta(hours=1))
    assert sum(len(gateway.read_receipt(one)) for one in soon) < sum(map(len, told.values()))


def test_an_unknown_text_was_taken_or_not_and_the_carrier_can_tell(tmp_path: Path) -> None:
    gateway = carrier(tmp_path)
    messages = [text(number) for number in range(3_000)]
    pairs = zip(messages, send(gateway, *messages), strict=True)
    lost = [message for message, result in pairs if result.outcome is SendOutcome.UNKNOWN]
    states = {asyncio.run(gateway.find_sent(message, AT)).state for message in lost}
    assert states == {SentState.FOUND, SentState.ABSENT}


def test_citizens_write_in_many_forms_and_not_all_of_them(tmp_path: Path) -> None:
    gateway = carrier(tmp_path)
    send(gateway, *(text(number) for number in range(3_000)))
    said = replies(gateway)
    classes = {read_reply(event.text).reply_class for event in said}
    assert classes == set(ReplyClass)
    assert 800 < len({event.sender for event in said}) < 1_100
    assert len({event.text for event in said}) > 60
    ids = Counter(event.provider_id for event in said)
    assert max(ids.values()) == 2, "the carrier brings some texts twice"


def test_what_happened_is_asked_for_from_a_moment_on(tmp_path: Path) -> None:
    gateway = carrier(tmp_path)
    send(gateway, *(text(number) for number in range(200)))
    everything = [event.provider_id for event in replies(gateway)]
    middle = AT + timedelta(hours=3)
    early = gateway.poll_inbound(None, middle)
    late = gateway.poll_inbound(middle, LATER)
    parts = [event.provider_id for r in (*early, *late) for event in gateway.read_inbound(r)]
    assert parts == everything


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    gateway = carrier(tmp_path)
    send(gateway, *(text(number) for number in range(200)))
    again = carrier(tmp_path)
    assert receipts(again) == receipts(gateway)
    assert replies(again) == replies(gateway)


def _send_from_a_process(home: Path, first: int) -> None:
    send(carrier(home), *(text(number) for number in range(first, first + 200)))


def test_two_processes_share_one_carrier(tmp_path: Path) -> None:
    start = multiprocessing.get_context("spawn")
    both = [start.Process(target=_send_from_a_process, args=(tmp_path, n)) for n in (0, 200)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    lines = (tmp_path / "simulated-simulated.jsonl").read_text().splitlines()
    taken = {json.loads(line)["attempt"] for line in lines}
    (tmp_path / "alone").mkdir()
    gateway = carrier(tmp_path / "alone")
    send(gateway, *(text(number) for number in range(400)))
    alone = (tmp_path / "alone" / "simulated-simulated.jsonl").read_text().splitlines()
    assert taken == {json.loads(line)["attempt"] for line in alone}


def test_half_a_line_of_a_killed_sender_harms_nothing(tmp_path: Path) -> None:
    gateway = carrier(tmp_path, manners="polite")
    send(gateway, text(1))
    ledger = tmp_path / "simulated-simulated.jsonl"
    ledger.write_bytes(ledger.read_bytes() + ledger.read_bytes()[:40])
    send(gateway, text(2))
    found = [asyncio.run(gateway.find_sent(text(n), AT)).state for n in (1, 2)]
    assert found == [SentState.FOUND, SentState.FOUND]
    assert len(receipts(gateway)) == 2


def test_the_ledger_is_its_owners_and_holds_no_text(tmp_path: Path) -> None:
    send(carrier(tmp_path, manners="polite"), text(1))
    ledger = tmp_path / "simulated-simulated.jsonl"
    assert ledger.stat().st_mode & 0o777 == 0o600
    assert "满意" not in json.dumps(json.loads(ledger.read_text()), ensure_ascii=False)


def test_a_polite_carrier_takes_delivers_and_stays_silent(tmp_path: Path) -> None:
    gateway = carrier(tmp_path, manners="polite")
    sent = send(gateway, *(text(number) for number in range(300)))
    assert {one.outcome for one in sent} == {SendOutcome.ACCEPTED}
    assert Counter(event.state for event in receipts(gateway)) == {ReceiptState.DELIVERED: 300}
    assert replies(gateway) == []


def test_no_number_and_no_text_in_any_log_or_repr(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway = carrier(tmp_path)
    shown = repr([*send(gateway, *(text(n) for n in range(300))), *replies(gateway)])
    shown += repr(receipts(gateway)) + repr(text(1)) + caplog.text
    assert "+86138" not in shown
    assert "满意" not in shown


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{}", b'{"receipts": 1}', b'{"receipts": [{"id": "x"}]}', b"\xff",
        b"[" * 100_000,
    ],
    ids=lambda body: repr(body[:20]),
)  # fmt: skip
def test_a_malformed_request_is_refused(tmp_path: Path, body: bytes) -> None:
    gateway = carrier(tmp_path)
    for read in (gateway.read_receipt, gateway.read_inbound):
        with pytest.raises(WebhookRefused):
            read(WebhookRequest("/hooks/simulated/receipt", body))


@pytest.mark.parametrize(
    "own",
    [{"seeds": "1"}, {"manners": "rude"}, {"latency": "soon"}, {"seed": ""}, {"seed": True}],
)
def test_a_wrong_key_of_its_own_stops_the_program(tmp_path: Path, own: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="gateway simulated"):
        carrier(tmp_path, **own)


def test_the_phrases_mean_what_they_stand_under() -> None:
    for rating, words in phrases.RATED.items():
        wrong = [word for word, _ in words if read_reply(word).rating is not rating]
        assert not wrong
    read = {word: read_reply(word).reply_class for word, _ in phrases.UNCLEAR}
    assert [word for word, found in read.items() if found is not ReplyClass.UNCLEAR] == []
    assert {read_reply(word).reply_class for word in phrases.DENIED} == {ReplyClass.NOT_MY_CASE}
    stops = [*phrases.OPTED_OUT, *(w for ws in phrases.OPTED_OUT_RATED.values() for w in ws)]
    assert {read_reply(word).reply_class for word in stops} == {ReplyClass.OPT_OUT}
    assert {read_reply(word).reply_class for word in phrases.OPTED_IN} == {ReplyClass.OPT_IN}
