"""Aliyun keeps the contract of a gateway: its answers, its lists, its pushes."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

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

BIZ_ID = "900619746936498440^0"
TOKEN = "w3bh00k-t0ken-that-nobody-guesses"
RECEIPT = f"/hooks/aliyun/receipt?token={TOKEN}"
INBOUND = f"/hooks/aliyun/inbound?token={TOKEN}"
NUMBER = MESSAGE.to.removeprefix("+86")
ACCEPTED, REFUSED, UNKNOWN = SendOutcome.ACCEPTED, SendOutcome.REFUSED, SendOutcome.UNKNOWN
PAGE = "<h1>busy</h1>"


def said(code: str = "OK", status: int = 200, **more: Any) -> Reply:
    """An answer; its words name the number, as the platform's sometimes do."""
    words = {"Message": f"{NUMBER}: {code}", "RequestId": "CC89A90C-978F-46AC"}
    return Reply(status, json.dumps({"Code": code, **words, **more}, ensure_ascii=False))


def code_case(code: str, outcome: SendOutcome, status: int = 200, **more: Any) -> SendCase:
    return SendCase(f"{status} {code}", said(code, status), outcome, **more)


def row(
    out_id: str = MESSAGE.attempt_id, status: int = 3, code: str = "DELIVERED"
) -> dict[str, object]:
    known = {"PhoneNum": NUMBER, "Content": MESSAGE.text, "TemplateCode": "SMS_1"}
    return {**known, "OutId": out_id, "SendStatus": status, "ErrCode": code}


def listed(*rows: dict[str, object], total: int | None = None) -> Reply:
    count = len(rows) if total is None else total
    return said(TotalCount=str(count), SmsSendDetailDTOs={"SmsSendDetailDTO": rows})


def report(**more: Any) -> dict[str, object]:
    """A row of SmsReport, as its page shows it."""
    times = {"send_time": "2023-05-04 11:59:00", "report_time": "2023-05-04 11:59:03"}
    known = {"phone_number": NUMBER, "sms_size": "1", "biz_id": BIZ_ID, **times}
    told = {"success": True, "err_code": "DELIVERED", "err_msg": "用户接收成功"}
    return {**known, "out_id": MESSAGE.attempt_id, **told, **more}


def failed(code: object, **more: Any) -> dict[str, object]:
    return report(success=False, err_code=code, err_msg=f"{NUMBER}发送失败", **more)


def receipts(*rows: object) -> WebhookRequest:
    return WebhookRequest(RECEIPT, json.dumps(rows, ensure_ascii=False).encode())


def told(
    state: ReceiptState,
    error: str | None = None,
    reason: RefusalReason | None = None,
    attempt: str | None = MESSAGE.attempt_id,
) -> ReceiptEvent:
    return ReceiptEvent(BIZ_ID, state, attempt, error, reason)


def text(content: object, **more: Any) -> dict[str, object]:
    """A row of SmsUp, as its page shows it."""
    known = {"phone_number": "13912345678", "content": content, "dest_code": "1234"}
    return {**known, "send_time": "2023-05-04 11:58:00", "sequence_id": "1234567890", **more}


def texts(*rows: object) -> WebhookRequest:
    return WebhookRequest(INBOUND, json.dumps(rows, ensure_ascii=False).encode())


def heard(content: str, name: str = "1234567890", sender: str = "+8613912345678") -> InboundEvent:
    return InboundEvent(name, sender, content, NOW - timedelta(minutes=2))


def one_text(name: str, content: str) -> InboundCase:
    return InboundCase(name, texts(text(content)), [heard(content)])


def many_texts(count: int) -> InboundCase:
    names: Sequence[str] = [str(number) for number in range(count)]
    rows = [text("1", sequence_id=name) for name in names]
    return InboundCase(f"{count} in one push", texts(*rows), [heard("1", name) for name in names])


DELIVERED, UNDELIVERED = ReceiptState.DELIVERED, ReceiptState.UNDELIVERED
CONFIGURATION = RefusalReason.CONFIGURATION

CONTRACT = Contract(
    kind="aliyun",
    settings={
        "access_key_id_env": "ALIYUN_KEY_ID",
        "access_key_secret_env": "ALIYUN_KEY_SECRET",
        "webhook_token_env": "ALIYUN_WEBHOOK_TOKEN",
        "sign_name": "市评议办",
        "templates": {"survey": "SMS_1", "reason": "SMS_3"},
        "public_url": "https://surveys.example.org",
        "endpoint": "{double}",
        "timeout": "1s",
    },
    environ={
        "ALIYUN_KEY_ID": "LTAI5tExampleKeyId",
        "ALIYUN_KEY_SECRET": "yo7dRk2mExampleSecretOfTheKey0",
        "ALIYUN_WEBHOOK_TOKEN": TOKEN,
    },
    sends=[
        SendCase(
            "it is taken",
            said(BizId=BIZ_ID),
            ACCEPTED,
            BIZ_ID,
            asked=[
                f"PhoneNumbers={NUMBER}",
                "SignName=市评议办",
                "TemplateCode=SMS_1",
                '{"office": "市民中心", "item": "业务"}',
                f"OutId={MESSAGE.attempt_id}",
            ],
        ),
        SendCase("OK without a BizId", said(), UNKNOWN),
        SendCase("OK with an empty BizId", said(BizId=""), UNKNOWN),
        SendCase("a list", Reply(200, "[]"), UNKNOWN),
        SendCase("an answer that breaks off", Reply(200, '{"Code":"OK","Biz'), UNKNOWN),
        SendCase("no code", Reply(200, '{"BizId":"1"}'), UNKNOWN),
        SendCase("a code that is none", Reply(200, f'{{"Code":"{NUMBER}"}}'), UNKNOWN),
        SendCase("a redirect", Reply(302, "", {"Location": "/"}), UNKNOWN),
        SendCase("408", Reply(408, PAGE), UNKNOWN),
        code_case("isp.SYSTEM_ERROR", UNKNOWN),
        code_case("SignatureNonceUsed", UNKNOWN, 400),
        code_case("isv.MOBILE_NUMBER_ILLEGAL", UNKNOWN, 503),
        code_case("isv.MOBILE_NUMBER_ILLEGAL", REFUSED, reason=RefusalReason.BAD_NUMBER),
        code_case("isv.CUSTOMER_REFUSED", REFUSED, reason=RefusalReason.OPTED_OUT),
        code_case("isv.BLACK_KEY_CONTROL_LIMIT", REFUSED, reason=RefusalReason.FILTERED),
        code_case("isv.PARAM_LENGTH_LIMIT", REFUSED, reason=RefusalReason.TOO_LONG),
        code_case("isv.AMOUNT_NOT_ENOUGH", REFUSED, reason=CONFIGURATION),
        code_case("isv.SMS_TEMPLATE_ILLEGAL", REFUSED, reason=CONFIGURATION),
        code_case("SignatureDoesNotMatch", REFUSED, 400, reason=CONFIGURATION),
        code_case("InvalidAccessKeyId.NotFound", REFUSED, 404, reason=CONFIGURATION),
        code_case("isv.NEXT_YEARS", REFUSED, reason=RefusalReason.OTHER),
        code_case("MissingTemplateCode", REFUSED, 400, reason=RefusalReason.OTHER),
        SendCase("404 of another server", Reply(404, PAGE), REFUSED, reason=CONFIGURATION),
        SendCase("400 of another server", Reply(400, PAGE), REFUSED, reason=RefusalReason.OTHER),
        SendCase(
            "a text of ours without a template",
            None,
            REFUSED,
            reason=CONFIGURATION,
            message=replace(MESSAGE, template="survey_short"),
        ),
        code_case("Throttling.User", SendOutcome.THROTTLED, 400),
        code_case(
            "isv.BUSINESS_LIMIT_CONTROL", SendOutcome.THROTTLED, retry_after=timedelta(days=1)
        ),
        SendCase(
            "429 with Retry-After",
            Reply(429, PAGE, {"Retry-After": "7"}),
            SendOutcome.THROTTLED,
            retry_after=timedelta(seconds=7),
        ),
        SendCase("429 with nothing more", Reply(429, PAGE), SendOutcome.THROTTLED),
    ],
    finds=[
        FindCase(
            "our attempt is among those to the number",
            [listed(row("another", 2, "MK:0001"), row())],
            SentState.FOUND,
            receipt=DELIVERED,
        ),
        FindCase(
            "it waits for its receipt",
            [listed(row(status=1, code=""))],
            SentState.FOUND,
            receipt=ReceiptState.ACCEPTED,
        ),
        FindCase(
            "it failed", [listed(row(status=2, code="X"))], SentState.FOUND, receipt=UNDELIVERED
        ),
        FindCase("nothing went to the number", [listed()], SentState.ABSENT),
        FindCase("no list where nothing is listed", [said(TotalCount="0")], SentState.ABSENT),
        FindCase("only others went to the number", [listed(row("another"))], SentState.ABSENT),
        FindCase(
            "it is on the second page",
            [listed(*[row("another")] * 50, total=51), listed(row(), total=51)],
            SentState.FOUND,
            receipt=DELIVERED,
        ),
        FindCase(
            "a list that ends before it says",
            [listed(row("another"), total=3), listed(total=3)],
            SentState.CANNOT_TELL,
        ),
        FindCase("it has a fault", [Reply(500, "")], SentState.NO_ANSWER),
        FindCase("it is busy", [Reply(429, "")], SentState.NO_ANSWER),
        FindCase("it may not be asked", [said("isp.RAM_PERMISSION_DENY")], SentState.NO_ANSWER),
        FindCase("it hangs", [Fault.HANG], SentState.NO_ANSWER),
        FindCase("nobody is there", [Fault.UNREACHABLE], SentState.NO_ANSWER),
        FindCase("a page instead of data", [Reply(200, PAGE)], SentState.NO_ANSWER),
        FindCase("a list of something else", [said(TotalCount="x")], SentState.NO_ANSWER),
        FindCase("its BizId is known", [listed(row())], SentState.FOUND, BIZ_ID, DELIVERED, BIZ_ID),
        FindCase(
            "its BizId is known, and not listed", [listed()], SentState.NO_ANSWER, known_as=BIZ_ID
        ),
    ],
    receipts=[
        ReceiptCase("delivered", receipts(report()), [told(DELIVERED)]),
        ReceiptCase(
            "opted out",
            receipts(failed("USER_REJECT")),
            [told(UNDELIVERED, "USER_REJECT the person has opted out", RefusalReason.OPTED_OUT)],
        ),
        ReceiptCase(
            "no such subscriber",
            receipts(failed("MK:0001")),
            [told(UNDELIVERED, "MK:0001 no such subscriber", RefusalReason.BAD_NUMBER)],
        ),
        ReceiptCase(
            "switched off, or out of use",
            receipts(failed("MOBILE_NOT_ON_SERVICE")),
            [
                told(
                    UNDELIVERED,
                    "MOBILE_NOT_ON_SERVICE out of use, suspended, switched off or out of reach",
                    RefusalReason.OTHER,
                )
            ],
        ),
        ReceiptCase(
            "a carrier's code", receipts(failed("XY:9999")), [told(UNDELIVERED, "XY:9999")]
        ),
        ReceiptCase("a code that is none", receipts(failed(f"x{NUMBER}")), [told(UNDELIVERED)]),
        ReceiptCase("no code", receipts(failed(None)), [told(UNDELIVERED)]),
        ReceiptCase(
            "by the code alone",
            receipts(report(success=None), report(success=None, err_code="EXPIRED")),
            [
                told(DELIVERED),
                told(UNDELIVERED, "EXPIRED not delivered in time", RefusalReason.OTHER),
            ],
        ),
        ReceiptCase(
            "another program's text",
            receipts(report(out_id=None)),
            [told(DELIVERED, attempt=None)],
        ),
        ReceiptCase(
            "several in one push",
            receipts(report(), failed("XY:1", out_id="7.8")),
            [told(DELIVERED), told(UNDELIVERED, "XY:1", attempt="7.8")],
        ),
        ReceiptCase(
            "a bad one among good ones",
            receipts({}, report(biz_id=None), report()),
            [told(DELIVERED)],
        ),
        ReceiptCase("none at all", receipts(), []),
        ReceiptCase("bad ones alone", receipts({}, report(success=None, err_code=None)), None),
        ReceiptCase("an object", replace(receipts(), body=b'{"biz_id":"1"}'), None),
        ReceiptCase("another token", replace(receipts(report()), target=f"{RECEIPT[:-1]}X"), None),
    ],
    inbound=[
        one_text("a digit", "1"),
        one_text("blanks stay", "  不满意，排队太久 \r\n"),
        one_text("nothing at all", ""),
        one_text("a way out", "TD"),
        InboundCase("a digit that is a number", texts(text(1)), [heard("1")]),
        InboundCase("an id that is a number", texts(text("1", sequence_id=77)), [heard("1", "77")]),
        InboundCase(
            "numbers as they may be written",
            texts(
                *(text("1", phone_number=f"{code}13912345678") for code in ("86", "+86", "0086"))
            ),
            [heard("1")] * 3,
        ),
        InboundCase(
            "a number of another form",
            texts(text("1", phone_number="1069000012345")),
            [heard("1", sender="1069000012345")],
        ),
        many_texts(200),
        InboundCase("without a sender", texts(text("1", phone_number=None)), None),
        InboundCase("without a text", texts(text(None)), None),
        InboundCase("another token", replace(texts(text("1")), target=f"{INBOUND[:-1]}X"), None),
    ],
    story=[
        receipts(failed("SP_UNKNOWN_ERROR")),
        receipts(failed("REQUEST_SUCCESS")),
        receipts(report()),
    ],
)


@pytest.mark.parametrize("check", checks(CONTRACT), ids=str)
def test_aliyun_keeps_the_contract(check: KitCheck) -> None:
    check.run()
