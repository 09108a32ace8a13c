"""What Kannel's settings may say, what `doctor` finds, and how addresses are written for it."""

import asyncio
import logging
import textwrap
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from survey_pipeline.calendar import SetClock
from survey_pipeline.errors import ConfigurationError, WebhookRefused
from survey_pipeline.gateways.kannel import KannelGateway
from survey_pipeline.gateways.kannel_tables import GSM_7, STATUSES
from survey_pipeline.gateways.kit import MESSAGE, NOW, Double, Reply
from survey_pipeline.gateways.port import (
    Checkable,
    Finding,
    GatewayEnvironment,
    Reachable,
    WebhookRequest,
)
from survey_pipeline.settings import Gateway as GatewaySettings
from survey_pipeline.stages.dispatch.segments import BASIC, EXTENSION
from survey_pipeline.vocabulary import SendOutcome

HOWTO = Path(__file__).parents[3] / "docs/howto"
TOKEN = "pF4uZ8sQ2mX6vB1nK9rT3wY7"
ENVIRON = {"PASSWORD": "secret-1", "TOKEN": TOKEN}
OWN = {
    "sendsms_url": "http://127.0.0.1:1/cgi-bin/sendsms",
    "username": "survey",
    "password_env": "PASSWORD",
    "from_number": "1069000000",
    "public_url": "http://127.0.0.1:8000/",
    "webhook_token_env": "TOKEN",
}
TAKEN = Reply(202, "0: Accepted for delivery")
KNOWS_US = Reply(400, "Missing receiver number, rejected")


def made(home: Path = Path(), environ: dict[str, str] | None = None, **own: Any) -> KannelGateway:
    """A gateway whose settings differ by `own`; None leaves a key out."""
    keys = {key: value for key, value in {**OWN, **own}.items() if value is not None}
    settings = GatewaySettings.model_validate({"kind": "kannel", **keys})
    environment = GatewayEnvironment(home, ENVIRON if environ is None else environ, SetClock(NOW))
    return KannelGateway(settings, environment)


def problem(**own: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        made(**own)
    return str(caught.value)


def asked_for(**own: Any) -> dict[str, str]:
    """The parameters of the request that hands over a text."""

    async def go() -> dict[str, str]:
        async with Double([TAKEN]) as double:
            gateway = made(sendsms_url=f"{double.url}/cgi-bin/sendsms", **own)
            async with gateway:
                assert (await gateway.send(MESSAGE)).outcome is SendOutcome.ACCEPTED
            return dict(parse_qsl(urlsplit(double.asked[0].target).query, strict_parsing=True))

    return asyncio.run(go())


def checked(answer: Reply, **own: Any) -> list[Finding]:
    async def go() -> list[Finding]:
        async with Double([answer]) as double:
            gateway = made(sendsms_url=f"{double.url}/cgi-bin/sendsms", **own)
            async with gateway:
                found = list(await gateway.check())
            double.verify()
            assert "to=" not in double.asked[0].target
            return found

    return asyncio.run(go())


def test_it_can_be_checked_and_has_a_public_address() -> None:
    assert isinstance(made(), Checkable)
    assert isinstance(made(), Reachable)
    assert made().public_url == "http://127.0.0.1:8000"


def test_secrets_come_from_files_too(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("from-a-file\n")
    own: dict[str, Any] = {
        "password_env": None,
        "password_file": "password",
        "environ": {"TOKEN": TOKEN},
    }

    async def go() -> str:
        async with Double([TAKEN]) as double:
            gateway = made(tmp_path, sendsms_url=double.url, **own)
            async with gateway:
                await gateway.send(MESSAGE)
            return double.asked[0].plain

    assert "password=from-a-file&" in asyncio.run(go())


@pytest.mark.parametrize(
    ("own", "key"),
    [
        ({"sendsms_url": None}, "sendsms_url"),
        ({"sendsms_url": "localhost:13013"}, "sendsms_url"),
        ({"username": ""}, "username"),
        ({"from_number": "+86 1069"}, "from_number"),
        ({"password_env": None}, "password_env"),
        ({"webhook_token_env": None}, "webhook_token_env"),
        ({"allow_from": ["10.0.0.300"]}, "allow_from"),
        ({"allow_from": ["10.0.0.7/24"]}, "allow_from"),
        ({"allow_from": "10.0.0.7"}, "allow_from"),
        ({"timeout": "15"}, "timeout"),
    ],
)
def test_a_wrong_key_is_named(own: dict[str, object], key: str) -> None:
    assert key in problem(**own)


def test_without_a_public_address_no_token_is_needed_and_no_receipt_asked_for() -> None:
    asked = asked_for(public_url=None, webhook_token_env=None)
    assert {"dlr-mask", "dlr-url"}.isdisjoint(asked)


def test_without_a_token_every_webhook_is_refused() -> None:
    gateway = made(public_url=None, webhook_token_env=None)
    target = "/hooks/kannel/inbound?token=&from=%2B8613912345678&id=1&text=1"
    with pytest.raises(WebhookRefused):
        gateway.read_inbound(WebhookRequest(target, method="GET"))


def filled(address: str, status: str) -> str:
    """A `dlr-url` as Kannel calls it: `%%` becomes `%`, `%d` the status."""
    parts = address.split("%%")
    return "%".join(part.replace("%d", status) for part in parts)


@pytest.mark.parametrize("token", [TOKEN, "t/+ =&%d%s#?'\"é令牌 0123456789"])
def test_kannel_can_fill_the_address_of_receipts(token: str) -> None:
    label = "kannel 二%d"
    environ = {**ENVIRON, "TOKEN": token}
    address = asked_for(name=label, environ=environ)["dlr-url"]
    called = urlsplit(filled(address, "1"))
    assert called.path == "/hooks/kannel%20%E4%BA%8C%25d/receipt"
    assert parse_qs(called.query) == {
        "token": [token],
        "attempt": [MESSAGE.attempt_id],
        "status": ["1"],
    }
    request = WebhookRequest(f"{called.path}?{called.query}", method="GET")
    assert made(name=label, environ=environ).read_receipt(request)[0].attempt_id == (
        MESSAGE.attempt_id
    )


def test_gsm_7_is_what_segments_are_counted_by() -> None:
    """Else a text would be sent in another encoding than it was counted in."""
    assert GSM_7 == BASIC | EXTENSION


def test_our_own_fault_is_an_alarm_that_quotes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def go() -> None:
        async with Double([Reply(400, f"Coding field misformed for {MESSAGE.to}")]) as double:
            gateway = made(sendsms_url=double.url)
            async with gateway:
                await gateway.send(MESSAGE)

    with caplog.at_level(logging.ERROR, "survey_pipeline"):
        asyncio.run(go())
    alarm = caplog.records[0]
    assert (alarm.action, alarm.gateway) == ("gateway_alarm", "kannel")  # type: ignore[attr-defined]
    assert MESSAGE.to not in caplog.text


def test_right_settings_are_found_right() -> None:
    assert [one.ok for one in checked(KNOWS_US)] == [True, True]


@pytest.mark.parametrize(
    ("answer", "found", "remedy"),
    [
        (Reply(403, "Authorization failed for sendsms"), "credentials", "username"),
        (Reply(404, "Unknown request."), "HTTP 404", "sendsms_url"),
        (Reply(400, "<h1>Bad Request</h1>"), "HTTP 400", "sendsms_url"),
        (Reply(202, "0: Accepted for delivery"), "HTTP 202", "sendsms_url"),
    ],
)
def test_wrong_credentials_and_addresses_are_found(answer: Reply, found: str, remedy: str) -> None:
    first = checked(answer)[0]
    assert not first.ok
    assert found in str(first.found)
    assert remedy in str(first.remedy)


def test_a_kannel_that_is_away_is_found() -> None:
    async def go() -> list[Finding]:
        gateway = made()
        async with gateway:
            return list(await gateway.check())

    first = asyncio.run(go())[0]
    assert not first.ok
    assert "sendsms_url" in str(first.remedy)


def test_a_token_that_can_be_guessed_is_found() -> None:
    findings = checked(KNOWS_US, environ={**ENVIRON, "TOKEN": TOKEN[:19]})
    assert [one.ok for one in findings] == [True, False]
    assert TOKEN[:19] not in f"{findings[1].found} {findings[1].remedy}"
    assert checked(KNOWS_US, environ={**ENVIRON, "TOKEN": TOKEN[:20]})[1].ok


def test_a_missing_token_is_found() -> None:
    findings = checked(KNOWS_US, public_url=None, webhook_token_env=None)
    assert [one.ok for one in findings] == [True, False]


def test_the_page_for_operators_has_settings_that_work() -> None:
    page = (HOWTO / "kannel.md").read_text("utf-8")
    block = textwrap.dedent(page.partition("`config/pipeline.toml`:\n\n")[2].partition("\n\n")[0])
    settings = GatewaySettings.model_validate(tomllib.loads(block)["gateway"][0])
    environ = {"KANNEL_PASSWORD": "p", "KANNEL_WEBHOOK_TOKEN": TOKEN}
    made = KannelGateway(settings, GatewayEnvironment(Path(), environ, SetClock(NOW)))
    conf = (HOWTO / "kannel.conf").read_text("utf-8")
    assert f"{made.public_url}/hooks/{made.label}/inbound?token=" in conf
    assert settings.own["sendsms_url"].endswith(":13013/cgi-bin/sendsms")
    assert "sendsms-port = 13013\n" in conf


def test_the_page_for_operators_names_every_status() -> None:
    page = (HOWTO / "kannel.md").read_text("utf-8")
    rows = page.partition("| receipt (`%d`)")[2].partition("\n\n")[0].splitlines()[2:]
    named = {
        code.strip().encode(): row.split("|")[3].strip()
        for row in rows
        for code in row.split("|")[1].split(",")
    }
    assert {code: said.split(",")[0] for code, said in named.items()} == {
        code: status.state.value for code, status in STATUSES.items()
    }
