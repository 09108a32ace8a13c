"""Twilio keeps the contract of a gateway: its answers, its callbacks, its signature."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from survey_pipeline.gateways.kit import (
    MESSAGE,
    NOW,
    Contract,
    Fault,
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

SID = "SM" + "0f" * 16
ACCOUNT = "AC" + "1a" * 16
TOKEN = "9d2c4e8b7a6f5d3c1b0a9e8d7c6b5a4f"
PUBLIC = "https://surveys.example.org"
RECEIPT = f"/hooks/twilio/receipt?attempt={MESSAGE.attempt_id}"
ACCEPTED, REFUSED = SendOutcome.ACCEPTED, SendOutcome.REFUSED
CREATED = "Thu, 04 May 2023 04:00:01 +0000"


def made(status: str = "queued", **values: Any) -> str:
    """The Message resource, as far as we read it."""
    known = {"sid": SID, "status": status, "body": MESSAGE.text, "to": MESSAGE.to}
    return json.dumps({**known, "date_created": CREATED, "error_code": None, **values})


def error(code: int, status: int = 400) -> Reply:
    said = f"The number {MESSAGE.to} is not what it should be"
    return Reply(status, json.dumps({"code": code, "message": said, "status": status}))


def listed(*messages: str) -> Reply:
    page = {"messages": [json.loads(one) for one in messages], "next_page_uri": None}
    return Reply(200, json.dumps({**page, "page": 0, "page_size": 100}))


def signed(target: str, *, token: str = TOKEN, **form: str) -> WebhookRequest:
    """A request as Twilio signs it: HMAC-SHA1 over the public address and the sorted form."""
    form = {"AccountSid": ACCOUNT, "MessageSid": SID, **form}
    said = PUBLIC + target + "".join(name + form[name] for name in sorted(form))
    digest = hmac.new(token.encode(), said.encode(), hashlib.sha1).digest()
    headers = {"x-twilio-signature": base64.b64encode(digest).decode()}
    return WebhookRequest(target, urlencode(form).encode(), headers)


def receipt(status: str, **form: str) -> WebhookRequest:
    return signed(RECEIPT, MessageStatus=status, To=MESSAGE.to, **form)


def told(state: ReceiptState, said: str | None = None, reason: RefusalReason | None = None) -> Any:
    return [ReceiptEvent(SID, state, MESSAGE.attempt_id, said, reason)]


def text(body: str, **form: str) -> WebhookRequest:
    return signed("/hooks/twilio/inbound", From="+8613912345678", Body=body, **form)


def heard(body: str, *, opted_out: bool = False) -> list[InboundEvent]:
    return [InboundEvent(SID, "+8613912345678", body, NOW, opted_out=opted_out)]


def code_case(name: str, code: int, outcome: SendOutcome, **more: Any) -> SendCase:
    return SendCase(f"{code}: {name}", error(code), outcome, **more)


CONTRACT = Contract(
    kind="twilio",
    settings={
        "account_sid": ACCOUNT,
        "auth_token_env": "TWILIO_AUTH_TOKEN",
        "messaging_service_sid": "MG" + "2b" * 16,
        "public_url": PUBLIC,
        "api_base": "{double}",
        "timeout": "2s",
    },
    environ={"TWILIO_AUTH_TOKEN": TOKEN},
    sends=[
        SendCase(
            "it is queued",
            Reply(201, made()),
            ACCEPTED,
            SID,
            asked=[
                MESSAGE.to,
                MESSAGE.text,
                f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
                "StatusCallback",
                f"{PUBLIC}{RECEIPT}",
            ],
        ),
        SendCase("201 without a sid", Reply(201, made(sid=None)), SendOutcome.UNKNOWN),
        SendCase("201 with a list", Reply(201, "[]"), SendOutcome.UNKNOWN),
        SendCase("201 cut in the middle", Reply(201, made()[:40]), SendOutcome.UNKNOWN),
        SendCase("a redirect", Reply(303, "", {"Location": "/"}), SendOutcome.UNKNOWN),
        SendCase("408", error(20001, 408), SendOutcome.UNKNOWN),
        SendCase("503 with a known code", error(21211, 503), SendOutcome.UNKNOWN),
        SendCase(
            "429 with Retry-After in seconds",
            Reply(429, error(20429, 429).body, {"Retry-After": "7"}),
            SendOutcome.THROTTLED,
            retry_after=timedelta(seconds=7),
        ),
        SendCase(
            "429 with Retry-After as a date",
            Reply(429, PAGE := "<h1>busy</h1>", {"Retry-After": "Thu, 04 May 2023 04:02:00 GMT"}),
            SendOutcome.THROTTLED,
            retry_after=timedelta(minutes=2),
        ),
        SendCase("429 with nothing more", Reply(429, PAGE), SendOutcome.THROTTLED),
        SendCase(
            "401 without a code", Reply(401, PAGE), REFUSED, reason=RefusalReason.CONFIGURATION
        ),
        SendCase(
            "404 of another server", Reply(404, PAGE), REFUSED, reason=RefusalReason.CONFIGURATION
        ),
        code_case("opted out", 21610, REFUSED, reason=RefusalReason.OPTED_OUT),
        code_case("no valid number", 21211, REFUSED, reason=RefusalReason.BAD_NUMBER),
        code_case("filtered", 30007, REFUSED, reason=RefusalReason.FILTERED),
        code_case("too long", 21617, REFUSED, reason=RefusalReason.TOO_LONG),
        code_case("wrong credentials", 20003, REFUSED, reason=RefusalReason.CONFIGURATION),
        code_case("not in the table", 29999, REFUSED, reason=RefusalReason.OTHER),
        code_case("later", 30008, SendOutcome.NOT_SENT),
        code_case("queue full", 21611, SendOutcome.THROTTLED),
        SendCase(
            "it failed at once",
            Reply(201, made("failed", error_code=30006)),
            REFUSED,
            reason=RefusalReason.BAD_NUMBER,
        ),
    ],
    finds=[
        FindCase(
            "its text is among those to the number",
            [listed(made("delivered", sid="SM9", body="another"), made("delivered"))],
            SentState.FOUND,
            SID,
            ReceiptState.DELIVERED,
        ),
        FindCase("nothing went to the number", [listed()], SentState.ABSENT),
        FindCase(
            "the same text, but of last month",
            [listed(made("delivered", date_created="Tue, 04 Apr 2023 04:00:01 +0000"))],
            SentState.ABSENT,
        ),
        FindCase(
            "more than was looked through",
            [listed(*(made(body=f"{n}", sid=f"SM{n}") for n in range(100)))],
            SentState.CANNOT_TELL,
        ),
        FindCase("it has a fault", [Reply(500, "")], SentState.NO_ANSWER),
        FindCase("it is busy", [Reply(429, "")], SentState.NO_ANSWER),
        FindCase("it hangs", [Fault.HANG], SentState.NO_ANSWER),
        FindCase("nobody is there", [Fault.UNREACHABLE], SentState.NO_ANSWER),
        FindCase("a page instead of data", [Reply(200, PAGE)], SentState.NO_ANSWER),
        FindCase(
            "its sid is known",
            [Reply(200, made("undelivered", error_code=30005))],
            SentState.FOUND,
            SID,
            ReceiptState.UNDELIVERED,
            known_as=SID,
        ),
        FindCase("its sid is gone", [error(20404, 404)], SentState.ABSENT, known_as=SID),
    ],
    receipts=[
        ReceiptCase("sent", receipt("sent"), told(ReceiptState.ACCEPTED)),
        ReceiptCase("delivered", receipt("delivered"), told(ReceiptState.DELIVERED)),
        ReceiptCase(
            "undelivered, unknown handset",
            receipt("undelivered", ErrorCode="30005"),
            told(ReceiptState.UNDELIVERED, "30005 unknown handset", RefusalReason.BAD_NUMBER),
        ),
        ReceiptCase(
            "failed, opted out",
            receipt("failed", ErrorCode="21610"),
            told(
                ReceiptState.UNDELIVERED,
                "21610 the person told Twilio to stop",
                RefusalReason.OPTED_OUT,
            ),
        ),
        ReceiptCase(
            "a blank parameter is signed too",
            receipt("delivered", Unheard="", Blank="  "),
            told(ReceiptState.DELIVERED),
        ),
        ReceiptCase("of a text that came in", receipt("received"), []),
        ReceiptCase("a status of next year", receipt("teleported"), told(ReceiptState.ACCEPTED)),
        ReceiptCase(
            "signed by somebody else", signed(RECEIPT, token="other", MessageStatus="sent"), None
        ),
        ReceiptCase(
            "another account's",
            signed(RECEIPT, MessageStatus="sent", AccountSid="AC" + "9" * 32),
            None,
        ),
        ReceiptCase(
            "another address",
            replace(receipt("sent"), target="/hooks/twilio/receipt?attempt=other"),
            None,
        ),
        ReceiptCase("without a status", signed(RECEIPT), None),
    ],
    inbound=[
        InboundCase("a digit", text("1"), heard("1")),
        InboundCase("blanks stay", text("  不满意，排队太久 \n"), heard("  不满意，排队太久 \n")),
        InboundCase("nothing at all", text(""), heard("")),
        InboundCase(
            "stopped at Twilio", text("Stop", OptOutType="STOP"), heard("Stop", opted_out=True)
        ),
        InboundCase("YES starts nothing", text("Yes", OptOutType="START"), heard("Yes")),
        InboundCase("help", text("HELP", OptOutType="HELP"), heard("HELP")),
        InboundCase("without a sender", signed("/hooks/twilio/inbound", Body="1"), None),
        InboundCase(
            "signed by somebody else",
            signed("/hooks/twilio/inbound", token="other", From="+8613912345678", Body="1"),
            None,
        ),
    ],
    story=[receipt("sending"), receipt("sent"), receipt("undelivered"), receipt("delivered")],
)


@pytest.mark.parametrize("check", checks(CONTRACT), ids=str)
def test_twilio_keeps_the_contract(check: KitCheck) -> None:
    check.run()
