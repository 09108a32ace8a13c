"""From the simulated carrier to Twilio by the configuration alone: out, receipts, replies, stop.

The product runs as an operator runs it: `serve` for webhooks, commands for the rest; the provider
is a double in a process of its own that signs and calls back as Twilio does.
"""

from collections.abc import Callable
from typing import Any

ACCOUNT, TOKEN = "AC" + "1a" * 16, "9d2c4e8b7a6f5d3c1b0a9e8d7c6b5a4f"


def test_a_day_over_twilio(served_city: Any, double: Callable[..., Any]) -> None:
    city, twilio = served_city, double("twilio_double", "--callbacks")
    gateway = {
        "kind": "twilio",
        "account_sid": ACCOUNT,
        "auth_token_env": "TWILIO_AUTH_TOKEN",
        "messaging_service_sid": "MG" + "2b" * 16,
        "public_url": city.url,
        "api_base": twilio.url,
    }
    city.carried_by(gateway, {"TWILIO_AUTH_TOKEN": TOKEN})
    city.run("sample", "--json")
    city.run("dispatch")
    assert city.heard("delivered") == {"delivered": len(city.phones)}
    assert sorted(number for _, _, number in twilio.taken()) == sorted(city.phones)

    texts = ["1", "  3，排队太久 ", "满意", "退订", "还行吧，就是那样"]
    for phone, text in zip(city.phones, texts, strict=False):
        for _ in range(2):  # Twilio may say everything twice
            url = f"{city.url}/hooks/twilio/inbound"
            answer = twilio.tell("citizen", url=url, From=phone, Body=text)
            assert answer == {"status": 200, "text": "<Response/>"}
    read = city.replies(len(texts))
    assert read["1"] == read["满意"] == "satisfied"
    assert read["  3，排队太久 "] == "dissatisfied", "raw, blanks kept"
    assert read["退订"] == "opt_out"
    assert city.run("doctor")
    city.run("dispatch")
    assert [number for _, _, number in twilio.taken()].count(city.phones[3]) == 1
