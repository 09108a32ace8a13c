"""Kannel keeps the contract of a gateway: its answers, its receipts, its texts, its token.

The answers are those of the real smsbox (tests/integration/test_kannel_real.py).
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from survey_pipeline.gateways.kit import (
    MESSAGE,
    NOW,
    Contract,
    FindCase,
    InboundCase,
    KitCheck,
    ReceiptCase,
    Reply,
    SendCase,
    checks,
)
from survey_pipeline.gateways.port import InboundEvent, ReceiptEvent, SentState, WebhookRequest
from survey_pipeline.vocabulary import ReceiptState, RefusalReason, SendOutcome

TOKEN = "pF4uZ8sQ2mX6vB1nK9rT3wY7"
PASSWORD = "k4nne1 & s0n=%d"
PUBLIC = "http://surveys.example.org:8000"
SENDER = "+8613912345678"
PAGE = "<h1>It works!</h1>"
ACCEPTED, REFUSED = SendOutcome.ACCEPTED, SendOutcome.REFUSED
UNKNOWN, THROTTLED = SendOutcome.UNKNOWN, SendOutcome.THROTTLED


def said(status: int, body: str, **headers: str) -> Reply:
    """An answer as smsbox gives it: plain words that it calls HTML."""
    return Reply(status, body, headers, media_type="text/html")


def refusal(name: str, status: int, body: str, reason: RefusalReason) -> SendCase:
    return SendCase(name, said(status, body), REFUSED, reason=reason)


def called(page: str, token: str = TOKEN, **query: str | bytes) -> WebhookRequest:
    """A request as smsbox makes it."""
    target = f"/hooks/kannel/{page}?{urlencode({'token': token, **query})}"
    return WebhookRequest(target, method="GET", peer="10.0.0.7")


def receipt(status: str, **more: str) -> WebhookRequest:
    return called("receipt", attempt=MESSAGE.attempt_id, status=status, **more)


def told(state: ReceiptState, error: str | None = None, reason: RefusalReason | None = None) -> Any:
    name = MESSAGE.attempt_id
    return [ReceiptEvent(name, state, name, error, reason)]


def text(body: str, charset: str = "UTF-8", **more: str | bytes) -> WebhookRequest:
    codec = {"8-BIT": "utf-8", "": "utf-8"}.get(charset, charset)
    query: dict[str, Any] = {
        "from": SENDER,
        "to": "1069000000",
        "text": body.encode(codec),
        "id": "a-1",
    }
    return called("inbound", **{**query, "time": "1683172800", "charset": charset, **more})


def heard(body: str, name: str = "a-1") -> list[InboundEvent]:
    return [InboundEvent(name, SENDER, body, NOW)]


CONTRACT = Contract(
    kind="kannel",
    settings={
        "sendsms_url": "{double}/cgi-bin/sendsms",
        "username": "survey",
        "password_env": "KANNEL_PASSWORD",
        "from_number": "1069000000",
        "public_url": PUBLIC,
        "webhook_token_env": "KANNEL_WEBHOOK_TOKEN",
        "allow_from": ["10.0.0.0/24"],
        "timeout": "2s",
    },
    environ={"KANNEL_PASSWORD": PASSWORD, "KANNEL_WEBHOOK_TOKEN": TOKEN},
    sends=[
        SendCase(
            "it takes a text",
            said(202, "0: Accepted for delivery"),
            ACCEPTED,
            MESSAGE.attempt_id,
            asked=[
                "/cgi-bin/sendsms?",
                "username=survey",
                f"password={PASSWORD}",
                "from=1069000000",
                f"to={MESSAGE.to}",
                f"text={MESSAGE.text}",
                "charset=UTF-8",
                "coding=2",
                "dlr-mask=31",
                f"{PUBLIC}/hooks/kannel/receipt?token={TOKEN}&attempt={MESSAGE.attempt_id}",
                "&status=%d",
            ],
        ),
        SendCase(
            "a text of GSM-7",
            said(202, "0: Accepted for delivery"),
            ACCEPTED,
            message=replace(MESSAGE, text="1+1 & 100% {é} €"),
            asked=["coding=0", "text=1+1 & 100% {é} €"],
        ),
        SendCase("it queues", said(202, "3: Queued for later delivery"), ACCEPTED),
        SendCase("it answers before it knows", said(202, "Sent. Message splits: 2"), ACCEPTED),
        SendCase("a page with 202", said(202, PAGE), UNKNOWN),
        SendCase("another code with 202", said(202, "7: Whatever"), UNKNOWN),
        SendCase("a redirect", said(302, "", Location="/"), UNKNOWN),
        SendCase("it failed to send", said(500, "Sending failed."), UNKNOWN),
        SendCase("a proxy waited in vain", said(504, PAGE), UNKNOWN),
        SendCase("408", said(408, PAGE), UNKNOWN),
        SendCase(
            "its queue is full",
            said(503, "Temporal failure, try again later."),
            THROTTLED,
            retry_after=timedelta(seconds=30),
        ),
        SendCase(
            "a proxy says when",
            said(503, PAGE, **{"Retry-After": "7"}),
            THROTTLED,
            retry_after=timedelta(seconds=7),
        ),
        refusal(
            "wrong credentials",
            403,
            "Authorization failed for sendsms",
            RefusalReason.CONFIGURATION,
        ),
        refusal("no route", 403, "Not routable. Do not try again.", RefusalReason.OTHER),
        refusal("another address", 404, "Unknown request.", RefusalReason.CONFIGURATION),
        refusal(
            "no sender",
            400,
            "Sender missing and no global set, rejected",
            RefusalReason.CONFIGURATION,
        ),
        refusal(
            "no address for receipts",
            400,
            "DLR-URL field misformed, rejected",
            RefusalReason.CONFIGURATION,
        ),
        refusal(
            "a black list",
            400,
            "Number(s) has/have been denied by white- and/or black-lists.",
            RefusalReason.FILTERED,
        ),
        refusal(
            "not to be encoded", 400, "Charset or body misformed, rejected", RefusalReason.OTHER
        ),
        refusal("a text that quotes", 400, f"{MESSAGE.to}: {MESSAGE.text}?", RefusalReason.OTHER),
    ],
    finds=[FindCase("nobody can say", [], SentState.CANNOT_TELL)],
    receipts=[
        ReceiptCase("delivered", receipt("1"), told(ReceiptState.DELIVERED)),
        ReceiptCase(
            "not delivered",
            receipt("2"),
            told(ReceiptState.UNDELIVERED, "2 not delivered to the phone"),
        ),
        ReceiptCase("queued", receipt("4"), told(ReceiptState.ACCEPTED)),
        ReceiptCase("handed over", receipt("8"), told(ReceiptState.ACCEPTED)),
        ReceiptCase(
            "refused by the SMS centre",
            receipt("16"),
            told(ReceiptState.UNDELIVERED, "16 refused by the SMS centre", RefusalReason.OTHER),
        ),
        ReceiptCase(
            "a parameter of next year", receipt("1", more=""), told(ReceiptState.DELIVERED)
        ),
        ReceiptCase("a status that is none", receipt("3"), None),
        ReceiptCase("not filled in", receipt("%d"), None),
        ReceiptCase("without an attempt", called("receipt", status="1"), None),
        ReceiptCase("an empty attempt", called("receipt", status="1", attempt=""), None),
        ReceiptCase("bytes that are no text", called("receipt", status="1", attempt=b"\xff"), None),
        ReceiptCase("without a status", called("receipt", attempt=MESSAGE.attempt_id), None),
        ReceiptCase("a wrong token", called("receipt", "x" + TOKEN, attempt="a", status="1"), None),
        ReceiptCase("no token", called("receipt", "", attempt="a", status="1"), None),
        ReceiptCase("a token in Chinese", called("receipt", "令牌", attempt="a", status="1"), None),
        ReceiptCase(
            "two tokens",
            replace(receipt("1"), target=f"{receipt('1').target}&token={TOKEN}"),
            None,
        ),
        ReceiptCase("from elsewhere", replace(receipt("1"), peer="10.0.1.7"), None),
        ReceiptCase("from nowhere", replace(receipt("1"), peer=""), None),
        ReceiptCase("from no address", replace(receipt("1"), peer="localhost"), None),
        ReceiptCase(
            "by a dual-stack socket",
            replace(receipt("1"), peer="::ffff:10.0.0.7"),
            told(ReceiptState.DELIVERED),
        ),
        ReceiptCase("from IPv6", replace(receipt("1"), peer="::1"), None),
    ],
    inbound=[
        InboundCase("a digit", text("1"), heard("1")),
        InboundCase("blanks stay", text("  不满意，排队太久 \n"), heard("  不满意，排队太久 \n")),
        InboundCase("signs stay", text("1+1=2 & 100%?#"), heard("1+1=2 & 100%?#")),
        InboundCase("nothing at all", text(""), heard("")),
        InboundCase("UCS-2", text(" 不满意 ", "UTF-16BE"), heard(" 不满意 ")),
        InboundCase("UCS-2 beyond its plane", text("满意😀", "UTF-16BE"), heard("满意😀")),
        InboundCase(
            "half of a sign is kept, not refused",
            text("", "UTF-16BE", text=b"\x6e\xe1\x61\x0f\xd8\x3d"),
            heard("满意\ufffd"),
        ),
        InboundCase("Latin-1", text("déjà vu", "ISO-8859-1"), heard("déjà vu")),
        InboundCase("a carrier's Chinese", text("不满意", "GBK"), heard("不满意")),
        InboundCase("8-bit that is a text", text("满意", "8-BIT"), heard("满意")),
        InboundCase(
            "8-bit that is none", text("", "8-BIT", text=b"1\x00\xff"), heard("1\ufffd\ufffd")
        ),
        InboundCase("without a charset", text("满意", ""), heard("满意")),
        InboundCase("another id", text("1", id="a-2"), heard("1", "a-2")),
        InboundCase("without an id", text("1", id=""), None),
        InboundCase("without a text", called("inbound", **{"from": SENDER, "id": "a-1"}), None),
        InboundCase("without a sender", text("1", **{"from": ""}), None),
        InboundCase("a wrong token", text("1", token=TOKEN[:-1]), None),
        InboundCase("from elsewhere", replace(text("1"), peer="192.0.2.1"), None),
    ],
    story=[receipt("4"), receipt("8"), receipt("2"), receipt("1")],
)


@pytest.mark.parametrize("check", checks(CONTRACT), ids=str)
def test_kannel_keeps_the_contract(check: KitCheck) -> None:
    check.run()
