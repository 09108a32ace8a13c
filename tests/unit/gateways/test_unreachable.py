"""A provider that cannot be reached has taken nothing: every gateway says *not sent*, never more.

*Not sent* is retried, moves traffic and raises the alarm (`stages/dispatch`); *unknown* would make
a call of each text, and *refused* would give it up.
"""

import asyncio
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from survey_pipeline.calendar import SetClock
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.gateways.http import Http, NotReached
from survey_pipeline.gateways.kit import MESSAGE, NOW
from survey_pipeline.gateways.port import GatewayEnvironment
from survey_pipeline.gateways.registry import make_gateway
from survey_pipeline.settings import Gateway as GatewaySettings
from survey_pipeline.vocabulary import SendOutcome

ENVIRON = {"NAME": "name-1", "SECRET": "secret-1"}
GATEWAYS: Mapping[str, Mapping[str, Any]] = {
    "kannel": {
        "sendsms_url": "{address}/cgi-bin/sendsms",
        "username": "survey",
        "password_env": "SECRET",
        "from_number": "1069000000",
    },
    "twilio": {
        "account_sid": "AC0123456789",
        "auth_token_env": "SECRET",
        "from_number": "+15005550006",
        "api_base": "{address}",
    },
    "aliyun": {
        "access_key_id_env": "NAME",
        "access_key_secret_env": "SECRET",
        "sign_name": "市评议办",
        "templates": {"survey": "SMS_1"},
        "endpoint": "{address}",
    },
}


@pytest.fixture(scope="module")
def full_queue() -> Iterator[str]:
    """A port whose queue of connections is full: the system lets each further one wait."""
    with ExitStack() as opened:
        door = opened.enter_context(socket.socket())
        door.bind(("127.0.0.1", 0))
        door.listen(0)
        for _ in range(8):
            waiting = opened.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(door.getsockname())
        yield f"http://127.0.0.1:{door.getsockname()[1]}"


@pytest.fixture(scope="module")
def no_tls() -> Iterator[str]:
    """A port that takes a connection and never speaks TLS."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(8)
        yield f"https://127.0.0.1:{door.getsockname()[1]}"


def outcome(kind: str, address: str) -> tuple[SendOutcome, str]:
    keys = {
        key: value.replace("{address}", address) if isinstance(value, str) else value
        for key, value in GATEWAYS[kind].items()
    }
    settings = GatewaySettings.model_validate({"kind": kind, "timeout": "2s", **keys})
    gateway = make_gateway(settings, GatewayEnvironment(Path(), ENVIRON, SetClock(NOW)))

    async def send() -> tuple[SendOutcome, str]:
        async with gateway:
            result = await gateway.send(MESSAGE)
        assert result.reason is None
        return result.outcome, result.error or ""

    return asyncio.run(send())


@pytest.mark.parametrize("kind", GATEWAYS)
@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1",
        "http://no-such-name.invalid",
        "http://255.255.255.255:81",
        "http://[fe80::1]:81",
    ],
    ids=["refused", "no such name", "unroutable", "unroutable, IPv6"],
)
def test_what_was_never_reached_is_not_sent(kind: str, address: str) -> None:
    found, why = outcome(kind, address)
    assert found is SendOutcome.NOT_SENT
    assert why
    assert "secret-1" not in why


@pytest.mark.parametrize("kind", GATEWAYS)
def test_a_connection_that_is_not_made_in_time_is_not_sent(kind: str, full_queue: str) -> None:
    assert outcome(kind, full_queue)[0] is SendOutcome.NOT_SENT


@pytest.mark.parametrize("kind", GATEWAYS)
def test_a_connection_without_tls_is_not_sent(kind: str, no_tls: str) -> None:
    assert outcome(kind, no_tls)[0] is SendOutcome.NOT_SENT


BAD = ["http://127.0.0.1:99999", "http://a..b", f"http://{'a' * 70}.example", "http://:80"]


@pytest.mark.parametrize("address", BAD)
def test_an_address_that_cannot_be_was_not_reached(address: str) -> None:
    async def ask() -> None:
        async with Http(timedelta(seconds=2), 1) as http:
            await http.request("GET", f"{address}/x")

    with pytest.raises(NotReached, match="the address is not valid"):
        asyncio.run(ask())


@pytest.mark.parametrize("kind", GATEWAYS)
@pytest.mark.parametrize("address", BAD)
def test_the_configuration_takes_no_such_address(kind: str, address: str) -> None:
    with pytest.raises(ConfigurationError, match="write an address"):
        outcome(kind, address)
