"""The whole test of a gateway: its contract."""

import json
from datetime import timedelta

import pytest
from survey_pipeline.gateways.kit import (
    MESSAGE,
    NOW,
    Contract,
    FindCase,
    InboundCase,
    ReceiptCase,
    Reply,
    SendCase,
    checks,
)
from survey_pipeline.gateways.port import InboundEvent, ReceiptEvent, SentState, WebhookRequest
from survey_pipeline.vocabulary import ReceiptState, RefusalReason, SendOutcome

TOKEN = "made-up-token-of-the-example"
HOOK = f"/hooks/example/receipt?attempt={MESSAGE.attempt_id}"


def posted(target, token=TOKEN, **said):
    return WebhookRequest(target, json.dumps(said).encode(), {"token": token})


def receipt(state):
    return posted(HOOK, id="x-1", state=state)


def text(said, token=TOKEN):
    target = "/hooks/example/inbound"
    return posted(target, token, id="i-1", **{"from": "+8613912345678", "text": said})


CONTRACT = Contract(
    kind="example",
    settings={
        "url": "{double}/send",
        "token_env": "EXAMPLE_TOKEN",
        "public_url": "https://surveys.example.org",
        "timeout": "1s",
    },
    environ={"EXAMPLE_TOKEN": TOKEN},
    sends=[
        SendCase(
            "taken",
            Reply(200, '{"id": "x-1"}'),
            SendOutcome.ACCEPTED,
            "x-1",
            asked=[MESSAGE.to, MESSAGE.attempt_id],
        ),
        SendCase("taken, but no id", Reply(200, "{}"), SendOutcome.UNKNOWN),
        SendCase(
            "a wrong number",
            Reply(422, '{"why": "number"}'),
            SendOutcome.REFUSED,
            reason=RefusalReason.BAD_NUMBER,
        ),
        SendCase(
            "a wrong token",
            Reply(401, "{}"),
            SendOutcome.REFUSED,
            reason=RefusalReason.CONFIGURATION,
        ),
        SendCase(
            "too fast",
            Reply(429, "{}", {"Retry-After": "5"}),
            SendOutcome.THROTTLED,
            retry_after=timedelta(seconds=5),
        ),
    ],
    finds=[FindCase("it cannot be asked", [], SentState.CANNOT_TELL)],
    receipts=[
        ReceiptCase(
            "delivered",
            receipt("delivered"),
            [ReceiptEvent("x-1", ReceiptState.DELIVERED, MESSAGE.attempt_id)],
        ),
        ReceiptCase("of a stranger", posted(HOOK, "guess", id="x-1", state="delivered"), None),
    ],
    inbound=[
        InboundCase(
            "a reply with blanks",
            text(" 1 "),
            [InboundEvent("i-1", "+8613912345678", " 1 ", NOW)],
        ),
        InboundCase("of a stranger", text("1", "guess"), None),
    ],
    story=[receipt("accepted"), receipt("undelivered"), receipt("delivered")],
)


@pytest.mark.parametrize("check", checks(CONTRACT), ids=str)
def test_conforms(check):
    check.run()
