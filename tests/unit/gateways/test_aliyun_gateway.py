"""Aliyun: signed requests, approved templates, lists and pushes, against a double that checks."""

import asyncio
import importlib.util
import json
import logging
import shutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from survey_pipeline.calendar import SetClock
from survey_pipeline.errors import ConfigurationError, WebhookRefused
from survey_pipeline.gateways.aliyun import AliyunGateway
from survey_pipeline.gateways.aliyun.texts import wording
from survey_pipeline.gateways.port import (
    Acknowledging,
    Checkable,
    Finding,
    Gateway,
    GatewayEnvironment,
    OutgoingMessage,
    Reachable,
    SendResult,
    SentAnswer,
    SentState,
    WebhookRequest,
)
from survey_pipeline.gateways.registry import make_gateway
from survey_pipeline.settings import Gateway as GatewaySettings
from survey_pipeline.stages.dispatch.templates import load_templates
from survey_pipeline.testing import NOON
from survey_pipeline.vocabulary import ReceiptState, RefusalReason, SendOutcome

ROOT = Path(__file__).parents[3]
SPEC = importlib.util.spec_from_file_location(
    "aliyun_double", ROOT / "tests/doubles/aliyun_double.py"
)
assert SPEC is not None
assert SPEC.loader is not None
double = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(double)

TOKEN = "w3bh00k-t0ken-that-nobody-guesses"
ENVIRON = {"ID": double.KEY_ID, "SECRET": double.SECRET, "TOKEN": TOKEN}
TEMPLATES = {
    "survey": "SMS_1",
    "survey_short": "SMS_2",
    "reason": "SMS_3",
    "survey.health": "SMS_4",
    "survey_short.health": "SMS_5",
    "reason.health": "SMS_6",
    "survey.education": "SMS_7",
    "survey_short.education": "SMS_8",
    "reason.education": "SMS_9",
}
KEYS = {
    "access_key_id_env": "ID",
    "access_key_secret_env": "SECRET",
    "webhook_token_env": "TOKEN",
    "sign_name": double.SIGN,
    "templates": TEMPLATES,
    "public_url": "https://surveys.example.org",
    "timeout": "1s",
}
NUMBER = "13812345678"
CASE = {
    "office": "市民中心",
    "parent": "市政务服务局",
    "item": "企业设立登记",
    "served_on": date(2023, 5, 3),
    "organisation": "市评议办",
}
MIDNIGHT = NOON + timedelta(hours=12)

Scene = Callable[[AliyunGateway, Any], Awaitable[Any]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    return tmp_path


@pytest.fixture(autouse=True)
def discreet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test does, no log of any level holds a secret, a number or a text."""
    caplog.set_level(logging.DEBUG)
    yield
    said = [f"{record.getMessage()} {vars(record)}" for record in caplog.records]
    hidden = [*ENVIRON.values(), NUMBER, CASE["office"], quote(str(CASE["office"]))]
    assert [(line, one) for line in said for one in hidden if str(one) in line] == []


def alarms(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR]


def message(name: str = "survey", home: Path = ROOT, **more: Any) -> OutgoingMessage:
    """A message as the outbox hands it over, with the text that its row keeps."""
    values = {
        "attempt_id": "5f0c1d9be3a24876.41",
        "to": f"+86{NUMBER}",
        "text": load_templates(home / "templates/sms")[name].render(CASE),
        "template": name,
        "variables": {key: str(value) for key, value in CASE.items()},
    }
    return OutgoingMessage(**{**values, **more})


def made(home: Path, clock: SetClock | None = None, **own: Any) -> AliyunGateway:
    settings = GatewaySettings.model_validate({"kind": "aliyun", **KEYS, **own})
    clock = clock or SetClock(NOON)
    gateway = make_gateway(settings, GatewayEnvironment(home, ENVIRON, clock))
    assert isinstance(gateway, AliyunGateway)
    return gateway


def play(home: Path, scene: Scene, clock: SetClock | None = None, **own: Any) -> Any:
    """Let the gateway and the platform, with our texts approved, play a scene."""
    clock = clock or SetClock(NOON)
    approved = {
        code: wording(home, name, double.SIGN, "市评议办") for name, code in TEMPLATES.items()
    }

    async def play_it() -> Any:
        async with double.Aliyun(lambda: NOON, approved) as aliyun:
            aliyun.now = clock.now
            gateway = made(home, clock, **{"endpoint": aliyun.url, **own})
            async with gateway:
                return await scene(gateway, aliyun)

    return asyncio.run(play_it())


def sent(home: Path, *tricks: Any, words: str = "", **own: Any) -> tuple[SendResult, Any]:
    """Send one text while the platform does what it is told; return the platform too."""

    async def scene(gateway: AliyunGateway, aliyun: Any) -> Any:
        aliyun.next.extend(tricks)
        aliyun.words = words or aliyun.words
        return await gateway.send(message()), aliyun

    result: tuple[SendResult, Any] = play(home, scene, **own)
    assert NUMBER not in str(result[0])
    return result


def test_it_is_found_by_its_entry_point_and_speaks_the_port(home: Path) -> None:
    gateway = made(home)
    for port in (Gateway, Acknowledging, Checkable, Reachable):
        assert isinstance(gateway, port)
    assert json.loads(gateway.acknowledgement.body) == {"code": 0, "msg": "成功"}
    assert gateway.acknowledgement.media_type == "application/json"
    assert gateway.public_url == "https://surveys.example.org"


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_the_citizen_gets_the_very_text_that_we_keep(home: Path, name: str) -> None:
    async def scene(gateway: AliyunGateway, aliyun: Any) -> None:
        result = await gateway.send(message(name))
        assert result.outcome is SendOutcome.ACCEPTED
        [one] = aliyun.ledger
        assert one["Content"] == message(name).text
        assert (one["PhoneNum"], one["OutId"]) == (NUMBER, message().attempt_id)
        assert one["TemplateCode"] == TEMPLATES[name]
        assert result.provider_id == one["BizId"]

    play(home, scene)


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_the_page_has_the_shipped_texts_as_they_are_to_be_approved(name: str) -> None:
    page = (ROOT / "docs/howto/aliyun.md").read_text("utf-8")
    assert f"| `{name}.txt` | `{wording(ROOT, name, double.SIGN, '市评议办')}` |" in page


def test_variables_are_json_with_chinese_as_it_is(home: Path) -> None:
    _, aliyun = sent(home)
    assert "市民中心" in aliyun.ledger[0]["json"]
    assert json.loads(aliyun.ledger[0]["json"]) == {
        "office": "市民中心",
        "item": "企业设立登记",
        "servedOnMonth": "5",
        "servedOnDay": "3",
    }


def test_a_text_of_ours_without_a_template_stops_the_gateway_unasked(home: Path) -> None:
    result, aliyun = sent(home, templates={"reason": "SMS_3"})
    assert (result.outcome, result.reason) == (SendOutcome.REFUSED, RefusalReason.CONFIGURATION)
    assert aliyun.asked == []


def test_a_variable_that_is_too_long_is_a_text_that_is_too_long(home: Path) -> None:
    async def scene(gateway: AliyunGateway, aliyun: Any) -> SendResult:
        long = {**message().variables, "item": "证" * 36}
        return await gateway.send(replace(message(), variables=long))

    assert play(home, scene).reason is RefusalReason.TOO_LONG


def test_every_request_has_a_nonce_of_its_own(home: Path) -> None:
    async def scene(gateway: AliyunGateway, aliyun: Any) -> list[SendOutcome]:
        return [(await gateway.send(message())).outcome for _ in range(20)]

    assert set(play(home, scene)) == {SendOutcome.ACCEPTED}


@pytest.mark.parametrize("minutes", [-14, 14])
def test_a_clock_that_is_a_little_off_does_not_matter(home: Path, minutes: int) -> None:
    assert skewed(home, minutes).outcome is SendOutcome.ACCEPTED


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_clock_that_is_far_off_stops_the_gateway(home: Path, minutes: int) -> None:
    assert skewed(home, minutes).reason is RefusalReason.CONFIGURATION


def skewed(home: Path, minutes: int) -> SendResult:
    clock = SetClock(NOON)

    async def scene(gateway: AliyunGateway, aliyun: Any) -> SendResult:
        aliyun.now = lambda: NOON
        clock.advance(timedelta(minutes=minutes))
        return await gateway.send(message())

    result: SendResult = play(home, scene, clock)
    return result


@pytest.mark.parametrize("wrong", ["ID", "SECRET"])
def test_wrong_credentials_stop_the_gateway(home: Path, wrong: str) -> None:
    async def scene(_: AliyunGateway, aliyun: Any) -> SendResult:
        settings = GatewaySettings.model_validate(
            {"kind": "aliyun", **KEYS, "endpoint": aliyun.url}
        )
        environ = {**ENVIRON, wrong: "somebody-elses"}
        async with AliyunGateway(settings, GatewayEnvironment(home, environ, SetClock(NOON))) as it:
            result = await it.send(message())
        assert aliyun.ledger == []
        return result

    assert play(home, scene).reason is RefusalReason.CONFIGURATION


@pytest.mark.parametrize("trick", [one for one in double.TRICKS if one != "429"])
def test_an_answer_that_does_not_say_is_unknown_and_nothing_is_asked_again(
    home: Path, trick: str
) -> None:
    result, aliyun = sent(home, trick)
    assert result.outcome is SendOutcome.UNKNOWN
    assert len(aliyun.asked) == 1
    assert len(aliyun.ledger) == (0 if trick.endswith("_before") else 1)


def test_a_platform_that_nobody_reaches_got_nothing(home: Path) -> None:
    result, _ = sent(home, endpoint="http://127.0.0.1:9")
    assert result.outcome is SendOutcome.NOT_SENT


def test_retry_after_is_honoured(home: Path) -> None:
    result, _ = sent(home, "429")
    assert (result.outcome, result.retry_at) == (
        SendOutcome.THROTTLED,
        NOON + timedelta(seconds=7),
    )


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        ("isv.MOBILE_NUMBER_ILLEGAL", SendOutcome.REFUSED, RefusalReason.BAD_NUMBER),
        ("isv.BLACK_KEY_CONTROL_LIMIT", SendOutcome.REFUSED, RefusalReason.FILTERED),
        ("isv.CUSTOMER_REFUSED", SendOutcome.REFUSED, RefusalReason.OPTED_OUT),
        ("isv.PARAM_LENGTH_LIMIT", SendOutcome.REFUSED, RefusalReason.TOO_LONG),
        ("isv.OUT_OF_SERVICE", SendOutcome.REFUSED, RefusalReason.CONFIGURATION),
        ("isv.AMOUNT_NOT_ENOUGH", SendOutcome.REFUSED, RefusalReason.CONFIGURATION),
        ("isv.SMS_SIGNATURE_ILLEGAL", SendOutcome.REFUSED, RefusalReason.CONFIGURATION),
        ("isv.SMS_TEMPLATE_ILLEGAL", SendOutcome.REFUSED, RefusalReason.CONFIGURATION),
        ("isp.RAM_PERMISSION_DENY", SendOutcome.REFUSED, RefusalReason.CONFIGURATION),
        ((403, "Forbidden.RAM"), SendOutcome.REFUSED, RefusalReason.CONFIGURATION),
        ((404, "InvalidAccessKeyId.Inactive"), SendOutcome.REFUSED, RefusalReason.CONFIGURATION),
        ("isv.INVALID_JSON_PARAM", SendOutcome.REFUSED, RefusalReason.OTHER),
        ("isp.SYSTEM_ERROR", SendOutcome.UNKNOWN, None),
        ("isp.NEXT_YEARS_ERROR", SendOutcome.UNKNOWN, None),
        ((400, "SignatureNonceUsed"), SendOutcome.UNKNOWN, None),
        ((503, "ServiceUnavailable"), SendOutcome.UNKNOWN, None),
        ((500, "isv.MOBILE_NUMBER_ILLEGAL"), SendOutcome.UNKNOWN, None),
        ((400, "Throttling.User"), SendOutcome.THROTTLED, None),
        ((400, "Throttling.NextYears"), SendOutcome.THROTTLED, None),
        ("isv.DAY_LIMIT_CONTROL", SendOutcome.THROTTLED, None),
    ],
    ids=str,
)
def test_a_code_means_what_the_table_says(
    home: Path, answer: Any, outcome: SendOutcome, reason: RefusalReason | None
) -> None:
    result, aliyun = sent(home, answer)
    assert (result.outcome, result.reason) == (outcome, reason)
    if result.outcome is SendOutcome.THROTTLED:
        assert result.retry_at is not None
        assert result.retry_at > NOON
    assert len(aliyun.asked) == 1


@pytest.mark.parametrize("answer", ["isv.NEXT_YEARS_ERROR", (400, "MissingSomething")], ids=str)
def test_a_code_that_is_not_listed_is_refused_with_an_alarm(
    home: Path, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    result, _ = sent(home, answer)
    assert (result.outcome, result.reason) == (SendOutcome.REFUSED, RefusalReason.OTHER)
    assert "not in our table" in alarms(caplog)[0]


def test_what_the_platform_calls_a_code_is_not_quoted_unless_it_is_one(home: Path) -> None:
    result, _ = sent(home, f"号码{NUMBER}")
    assert result.outcome is SendOutcome.UNKNOWN


@pytest.mark.parametrize(
    ("words", "wait"),
    [
        ("触发分钟级流控Permits:1", timedelta(minutes=1)),
        ("触发小时级流控Permits:5", timedelta(hours=1)),
        ("触发天级流控Permits:10", timedelta(days=1)),
        ("", timedelta(days=1)),
    ],
)
def test_a_limit_per_number_waits_as_long_as_it_lasts(
    home: Path, words: str, wait: timedelta
) -> None:
    result, _ = sent(home, "isv.BUSINESS_LIMIT_CONTROL", words=words)
    assert (result.outcome, result.retry_at) == (SendOutcome.THROTTLED, NOON + wait)


@pytest.mark.parametrize(
    ("status", "code", "receipt", "reason"),
    [
        (1, "", ReceiptState.ACCEPTED, None),
        (2, "MOBILE_IN_BLACK", ReceiptState.UNDELIVERED, RefusalReason.OPTED_OUT),
        (2, "MK:0001", ReceiptState.UNDELIVERED, RefusalReason.BAD_NUMBER),
        (2, "XY:9999", ReceiptState.UNDELIVERED, None),
        (3, "DELIVERED", ReceiptState.DELIVERED, None),
        (3, "UNDELIV", ReceiptState.DELIVERED, None),
    ],
)
def test_a_lost_text_is_found_by_our_attempt_id(
    home: Path, status: int, code: str, receipt: ReceiptState, reason: RefusalReason | None
) -> None:
    async def scene(gateway: AliyunGateway, aliyun: Any) -> SentAnswer:
        await gateway.send(message(attempt_id="another"))
        aliyun.next.append("cut_after")
        assert (await gateway.send(message())).outcome is SendOutcome.UNKNOWN
        aliyun.ledger[1] |= {"SendStatus": status, "ErrCode": code}
        return await gateway.find_sent(message(), NOON)

    assert play(home, scene) == SentAnswer(SentState.FOUND, None, receipt, reason)


def test_a_text_that_was_never_taken_is_absent(home: Path) -> None:
    async def scene(gateway: AliyunGateway, aliyun: Any) -> SentState:
        await gateway.send(message(attempt_id="another"))
        aliyun.next.append("cut_before")
        await gateway.send(message())
        return (await gateway.find_sent(message(), NOON)).state

    assert play(home, scene) is SentState.ABSENT


@pytest.mark.parametrize("minutes", [-2, 0, 2, 300])
def test_a_text_is_found_on_the_day_after(home: Path, minutes: int) -> None:
    """Begun before midnight; taken then, after it, or much later, after a review."""
    clock = SetClock(MIDNIGHT + timedelta(minutes=minutes))

    async def scene(gateway: AliyunGateway, aliyun: Any) -> SentState:
        await gateway.send(message())
        clock.at = MIDNIGHT + timedelta(hours=9)
        return (await gateway.find_sent(message(), MIDNIGHT - timedelta(minutes=3))).state

    assert play(home, scene, clock) is SentState.FOUND


def test_a_text_is_found_on_the_day_before_by_a_clock_that_is_behind(home: Path) -> None:
    clock = SetClock(MIDNIGHT - timedelta(minutes=2))

    async def scene(gateway: AliyunGateway, aliyun: Any) -> SentState:
        await gateway.send(message())
        clock.at = MIDNIGHT + timedelta(minutes=40)
        return (await gateway.find_sent(message(), MIDNIGHT + timedelta(minutes=1))).state

    assert play(home, scene, clock) is SentState.FOUND


def test_a_day_that_has_not_begun_is_not_asked_for(home: Path) -> None:
    """The platform refuses such a date; the text is absent, not unanswered."""

    async def scene(gateway: AliyunGateway, aliyun: Any) -> SentState:
        return (await gateway.find_sent(message(), NOON)).state

    assert play(home, scene) is SentState.ABSENT


@pytest.mark.parametrize("more", [49, 50, 120])
def test_every_page_is_looked_through(home: Path, more: int) -> None:
    async def scene(gateway: AliyunGateway, aliyun: Any) -> list[SentState]:
        await gateway.send(message())
        aliyun.ledger += [{**aliyun.ledger[0], "OutId": str(one)} for one in range(more)]
        looked_for = (message(), message(attempt_id="never"))
        return [(await gateway.find_sent(one, NOON)).state for one in looked_for]

    assert play(home, scene) == [SentState.FOUND, SentState.ABSENT]


def test_a_list_without_end_does_not_tell(home: Path) -> None:
    async def scene(gateway: AliyunGateway, aliyun: Any) -> SentState:
        await gateway.send(message())
        aliyun.ledger += [{**aliyun.ledger[0], "OutId": str(one)} for one in range(2_000)]
        return (await gateway.find_sent(message(), NOON)).state

    assert play(home, scene) is SentState.CANNOT_TELL


@pytest.mark.parametrize(
    "trick",
    ["500_before", "hang_before", "cut_before", "html_after", "empty_after", "list_after", "429",
     "isv.NEXT_YEARS_ERROR", (400, "Throttling.User")],
    ids=str,
)  # fmt: skip
def test_a_platform_that_does_not_say_is_asked_again_later(home: Path, trick: Any) -> None:
    async def scene(gateway: AliyunGateway, aliyun: Any) -> SentState:
        aliyun.next.append(trick)
        return (await gateway.find_sent(message(), NOON)).state

    assert play(home, scene) is SentState.NO_ANSWER


def test_an_empty_list_does_not_disprove_an_id_that_the_platform_gave(home: Path) -> None:
    async def scene(gateway: AliyunGateway, aliyun: Any) -> list[SentAnswer]:
        biz_id = (await gateway.send(message())).provider_id
        found = await gateway.find_sent(message(), NOON, biz_id)
        aliyun.ledger.clear()
        return [found, await gateway.find_sent(message(), NOON, biz_id)]

    found, lost = play(home, scene)
    assert found == SentAnswer(SentState.FOUND, "900600000000^0", ReceiptState.ACCEPTED)
    assert lost.state is SentState.NO_ANSWER


def test_after_a_month_it_cannot_be_asked(home: Path) -> None:
    async def scene(gateway: AliyunGateway, aliyun: Any) -> SentState:
        answer = await gateway.find_sent(message(), NOON - timedelta(days=30))
        assert aliyun.asked == []
        return answer.state

    assert play(home, scene) is SentState.CANNOT_TELL


def checked(home: Path, change: Callable[[Any], object] = lambda _: None, **own: Any) -> list[str]:
    """Return what `doctor` would say, wrong things with their remedy."""

    async def scene(gateway: AliyunGateway, aliyun: Any) -> list[str]:
        change(aliyun)
        return [said(one) for one in await gateway.check()]

    found: list[str] = play(home, scene, **own)
    return found


def said(finding: Finding) -> str:
    assert finding.ok is (finding.remedy is None)
    return str(finding.found) if finding.ok else f"{finding.found}: {finding.remedy}"


def test_a_gateway_in_order_says_so(home: Path) -> None:
    token, credentials, *texts = checked(home)
    assert token == "the webhook token is long enough"
    assert credentials == "the credentials are right, and the signature 市评议办 is approved"
    assert sorted(texts) == [
        f"the template {code} is approved and says what templates/sms/{name}.txt says"
        for name, code in sorted(TEMPLATES.items(), key=lambda template: template[1])
    ]


def other_digits(aliyun: Any) -> None:
    aliyun.templates["SMS_1"] = aliyun.templates["SMS_1"].replace("满意回1", "满意回3", 1)


@pytest.mark.parametrize(
    ("change", "own", "expected"),
    [
        (lambda a: a.approval.update(SignStatus=0), {}, "the signature 市评议办 is not approved"),
        (lambda a: a.approval.update(TemplateStatus="2"), {}, "the template SMS_2 is not approved"),
        (other_digits, {}, "the template SMS_1 says something else than templates/sms/survey.txt"),
        (lambda a: a.templates.pop("SMS_3"), {}, "Aliyun does not know templates.reason SMS_3"),
        (lambda _: None, {"sign_name": "别人"}, "Aliyun does not know sign_name 别人"),
        (lambda _: None, {"templates": {"survey": "SMS_1"}}, "templates has no code for reason"),
        (lambda _: None, {"webhook_token_env": "ID"}, "the webhook token has fewer than 20"),
        (lambda _: None, {"endpoint": "http://127.0.0.1:9"}, "http://127.0.0.1:9 does not answer"),
        (lambda a: a.next.append((500, "X")), {}, "does not answer: HTTP 500 X"),
        (lambda a: a.next.append((400, "Throttling.User")), {}, "Aliyun does not say now"),
        (
            lambda a: a.next.append((403, "Forbidden.RAM")),
            {},
            "the access key may not call GetSmsSign (Forbidden.RAM)",
        ),
        (
            lambda a: setattr(a, "now", lambda: NOON + timedelta(hours=8)),
            {},
            "this machine's clock is more than 15 minutes off Aliyun's",
        ),
    ],
)
def test_the_check_says_what_to_mend(
    home: Path, change: Callable[[Any], object], own: dict[str, Any], expected: str
) -> None:
    assert [one for one in checked(home, change, **own) if expected in one and ": " in one]


def test_wrong_credentials_are_said_once(home: Path) -> None:
    codes = ((404, "InvalidAccessKeyId.NotFound"),) * (1 + len(TEMPLATES))
    _, one = checked(home, lambda aliyun: aliyun.next.extend(codes))
    assert one == (
        "Aliyun refuses the credentials (InvalidAccessKeyId.NotFound): set the access key's id and "
        "secret as Aliyun's console shows them"
    )


@pytest.mark.parametrize(
    "text",
    ["满意回1", "【别人】满意回1", "【市评议办】{% if item %}满意回1{% endif %}",
     "【市评议办】{{ item | upper }}满意回1"],
)  # fmt: skip
def test_a_text_that_no_template_can_say_is_wrong(home: Path, text: str) -> None:
    (home / "templates/sms/reason.txt").write_text(text, "utf-8")

    def approve(aliyun: Any) -> None:
        aliyun.templates["SMS_3"] = text

    assert any("templates/sms/reason.txt cannot be sent" in said for said in checked(home, approve))


@pytest.mark.parametrize(
    ("own", "named"),
    [
        ({"no_such_key": 1}, "no_such_key"),
        ({"sign_name": ""}, "sign_name"),
        ({"templates": {"survey": ""}}, "templates.survey"),
        ({"endpoint": "dysmsapi.aliyuncs.com"}, "endpoint"),
        ({"allow_from": ["47.0.0.300"]}, "allow_from"),
        ({"access_key_secret_env": "NOT_SET"}, "NOT_SET"),
        ({"webhook_token_env": ""}, "webhook_token_env"),
    ],
)
def test_a_wrong_key_is_named(home: Path, own: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        made(home, **own)


def test_secrets_may_lie_in_files(home: Path) -> None:
    (home / "secret.txt").write_text(f"{double.SECRET}\n", "utf-8")
    result, _ = sent(home, access_key_secret_env="", access_key_secret_file="secret.txt")
    assert result.outcome is SendOutcome.ACCEPTED


def push(rows: object, kind: str = "inbound", *, peer: str = "", **query: str) -> WebhookRequest:
    asked = "&".join(f"{name}={quote(value)}" for name, value in ({"token": TOKEN} | query).items())
    body = json.dumps(rows).encode()
    return WebhookRequest(f"/hooks/aliyun/{kind}?{asked}", body, peer=peer)


def text(content: object = "1", **row: Any) -> dict[str, object]:
    known = {"phone_number": NUMBER, "content": content, "send_time": "2023-05-04 11:59:58"}
    return {**known, "dest_code": "1234", "sequence_id": "77", **row}


@pytest.mark.parametrize(
    ("peer", "welcome"),
    [
        ("47.0.0.1", True),
        ("::ffff:47.0.0.1", True),
        ("10.9.8.7", True),
        ("2001:db8::5", True),
        ("47.0.0.2", False),
        ("", False),
        ("unix", False),
    ],
)
def test_pushes_may_be_bound_to_addresses(home: Path, peer: str, *, welcome: bool) -> None:
    gateway = made(home, allow_from=["47.0.0.1", "10.0.0.0/8", "2001:db8::/32"])
    request = push([text()], peer=peer)
    if welcome:
        assert len(gateway.read_inbound(request)) == 1
    else:
        with pytest.raises(WebhookRefused):
            gateway.read_inbound(request)


@pytest.mark.parametrize(
    "target",
    [
        "/hooks/aliyun/inbound",
        "/hooks/aliyun/inbound?token=",
        f"/hooks/aliyun/inbound?token={TOKEN[:-1]}",
        f"/hooks/aliyun/inbound?token={TOKEN}x",
        f"/hooks/aliyun/inbound?token={TOKEN}&token={TOKEN}",
        f"/hooks/aliyun/inbound?Token={TOKEN}",
        f"/hooks/aliyun/{TOKEN}/inbound",
        "/hooks/aliyun/inbound?token=%ff",
    ],
)
def test_without_the_token_nothing_is_read_and_nothing_quoted(home: Path, target: str) -> None:
    request = replace(push([text("退订")]), target=target)
    with pytest.raises(WebhookRefused) as refusal:
        made(home).read_inbound(request)
    assert not any(one in str(refusal.value) for one in (NUMBER, "退订", TOKEN[:8]))


@pytest.mark.parametrize("token", ["", "x"])
def test_a_gateway_without_a_token_takes_no_push(home: Path, token: str) -> None:
    gateway = made(home, public_url=None, webhook_token_env="")
    with pytest.raises(WebhookRefused):
        gateway.read_inbound(push([text()], token=token))


def test_what_no_database_takes_is_replaced(home: Path) -> None:
    [one] = made(home).read_inbound(push([text("1\0\ud83d2\U0001f600")]))
    assert one.text == "1\ufffd?2\U0001f600"


def test_a_text_without_a_number_of_its_own_keeps_one_name(home: Path) -> None:
    gateway = made(home)
    nameless = [
        text(sequence_id=None),
        {name: value for name, value in text().items() if name != "sequence_id"},
        text("2", sequence_id=""),
    ]
    first, again = (
        [one.provider_id for one in gateway.read_inbound(push(nameless))] for _ in range(2)
    )
    assert first == again
    assert len(set(first)) == 3
    assert not any(NUMBER in one for one in first)


def test_a_bad_row_does_not_cost_the_good_ones(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows: list[Any] = [
        text("1"),
        None,
        text(None),
        {"content": "2"},
        text("3", sequence_id="78"),
        [],
        text([]),
    ]
    heard = made(home).read_inbound(push(rows))
    assert [one.text for one in heard] == ["1", "3"]
    assert alarms(caplog) == ["aliyun: 5 rows of a push cannot be read"]


def test_a_push_of_bad_rows_alone_is_refused_so_that_it_comes_again(home: Path) -> None:
    with pytest.raises(WebhookRefused):
        made(home).read_inbound(push([text(None), 7]))


@pytest.mark.parametrize(
    ("written", "ago"),
    [
        ("2023-05-04 11:59:58", timedelta(seconds=2)),
        ("2023-05-04T03:59:58+00:00", timedelta(seconds=2)),
        ("2023-05-04 12:03:00", timedelta(0)),
        ("0001-01-01 00:00:00", timedelta(0)),
        ("yesterday", timedelta(0)),
        (None, timedelta(0)),
        (20230504, timedelta(0)),
    ],
)
def test_a_text_came_when_it_says_in_shanghai_but_not_after_now(
    home: Path, written: object, ago: timedelta
) -> None:
    [one] = made(home).read_inbound(push([text(send_time=written)]))
    assert one.received_at == NOON - ago
    assert one.received_at.utcoffset() == timedelta(0)
