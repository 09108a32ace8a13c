"""The simulated carrier keeps the contract of a gateway, by chance's leave."""

import asyncio
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from survey_pipeline.calendar import SetClock
from survey_pipeline.gateways.kit import (
    MESSAGE,
    NOW,
    Contract,
    FindCase,
    InboundCase,
    KitCheck,
    ReceiptCase,
    SendCase,
    checks,
)
from survey_pipeline.gateways.port import (
    GatewayEnvironment,
    InboundEvent,
    OutgoingMessage,
    ReceiptEvent,
    SentState,
    WebhookRequest,
)
from survey_pipeline.gateways.simulated import SimulatedGateway
from survey_pipeline.settings import Gateway as GatewaySettings
from survey_pipeline.vocabulary import ReceiptState, SendOutcome

SETTINGS = {"seed": "kit"}
DELIVERED = {"id": "s-1", "attempt": MESSAGE.attempt_id, "state": "delivered"}
TEXT = {"id": "s-2", "from": "+8613912345678", "text": " 不满意 ", "at": NOW.isoformat()}


def fates() -> Iterator[tuple[OutgoingMessage, SendOutcome]]:
    """Texts to one number after the other, and what chance has for each."""
    with tempfile.TemporaryDirectory() as home:
        environment = GatewayEnvironment(Path(home), {}, SetClock(NOW))
        settings = GatewaySettings.model_validate({"kind": "simulated", **SETTINGS})
        gateway = SimulatedGateway(settings, environment)
        for number in range(5_000):
            message = replace(MESSAGE, to=f"+86138{number:08d}")
            yield message, asyncio.run(gateway.send(message)).outcome


def one_of_each() -> dict[SendOutcome, OutgoingMessage]:
    found: dict[SendOutcome, OutgoingMessage] = {}
    for message, outcome in fates():
        found.setdefault(outcome, message)
        if len(found) == len(SendOutcome):
            break
    return found


def posted(kind: str, *events: dict[str, str]) -> WebhookRequest:
    return WebhookRequest(f"/hooks/simulated/{kind}", json.dumps({kind: events}).encode())


def receipt(state: str) -> WebhookRequest:
    return posted("receipts", {**DELIVERED, "state": state})


CONTRACT = Contract(
    kind="simulated",
    settings=SETTINGS,
    sends=[
        SendCase(f"chance has {outcome}", None, outcome, message=message)
        for outcome, message in one_of_each().items()
    ],
    finds=[FindCase("it never had it", [], SentState.ABSENT)],
    receipts=[
        ReceiptCase(
            "delivered",
            posted("receipts", DELIVERED),
            [ReceiptEvent("s-1", ReceiptState.DELIVERED, MESSAGE.attempt_id)],
        ),
        ReceiptCase("of texts", posted("inbound", TEXT), None),
    ],
    inbound=[
        InboundCase(
            "a reply with blanks",
            posted("inbound", TEXT),
            [InboundEvent("s-2", "+8613912345678", " 不满意 ", NOW)],
        ),
        InboundCase("without a number", posted("inbound", {**TEXT, "from": None}), None),  # type: ignore[dict-item]
    ],
    story=[receipt("accepted"), receipt("undelivered"), receipt("delivered")],
    http=False,
    signed=False,
)


@pytest.mark.parametrize("check", checks(CONTRACT), ids=str)
def test_the_simulated_carrier_keeps_the_contract(check: KitCheck) -> None:
    check.run()
