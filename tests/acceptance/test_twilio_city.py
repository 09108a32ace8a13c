"""From the simulated carrier to Twilio by the configuration alone: out, receipts, replies, stop.

The product runs as an operator runs it: `serve` for webhooks, commands for the rest; the provider
is a double in a process of its own that signs and calls back as Twilio does.
"""

import csv
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

REPORTS = Path(__file__).parents[1] / "data" / "reports"
TODAY = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()
ACCOUNT, TOKEN = "AC" + "1a" * 16, "9d2c4e8b7a6f5d3c1b0a9e8d7c6b5a4f"
PHONES = [f"+86139577100{number:02d}" for number in range(12)]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class City:
    """A workspace that was made for the simulated carrier, and its commands."""

    def __init__(self, home: Path, provider: Any) -> None:
        self.home, self.provider = home, provider
        self.url = f"http://127.0.0.1:{free_port()}"
        self.environ = {
            **os.environ,
            "SURVEY_LOCALE": "en",
            "SURVEY_SENDING__HOURS": '["00:00-23:59"]',
            "SURVEY_SAMPLING__RATE": "1",
            "TWILIO_AUTH_TOKEN": TOKEN,
        }

    def run(self, *words: object) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "survey_pipeline.cli", "--home", self.home, *map(str, words)],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return json.loads(done.stdout) if "--json" in words else done.stdout

    def configure(self) -> None:
        """Change the one table of the configuration that says who carries the texts."""
        config = self.home / "config" / "pipeline.toml"
        kept = config.read_text(encoding="utf-8").partition("[[gateway]]")[0]
        gateway = (
            f'kind = "twilio"\naccount_sid = "{ACCOUNT}"\nauth_token_env = "TWILIO_AUTH_TOKEN"\n'
            f'messaging_service_sid = "{"MG" + "2b" * 16}"\npublic_url = "{self.url}"\n'
            f'api_base = "{self.provider.url}"\n'
        )
        config.write_text(f"{kept}[[gateway]]\n{gateway}", encoding="utf-8")

    def serve(self) -> "subprocess.Popen[str]":
        port = self.url.rpartition(":")[2]
        words = [sys.executable, "-m", "survey_pipeline.cli", "--home", str(self.home), "serve"]
        serving = subprocess.Popen(
            [*words, "--port", port], env=self.environ, stderr=subprocess.PIPE, text=True
        )
        assert serving.stderr is not None
        assert re.search(self.url, serving.stderr.readline())
        return serving

    def hear(self, phone: str, text: str) -> dict[str, Any]:
        """Let a citizen write."""
        url = f"{self.url}/hooks/twilio/inbound"
        return self.provider.tell("citizen", url=url, From=phone, Body=text)


@pytest.fixture
def city(tmp_path: Path, double: Callable[..., Any]) -> Iterator[City]:
    made = City(tmp_path / "city", double("twilio_double", "--callbacks"))
    made.run("init", made.home)
    for kind in ("parents", "offices"):
        made.run("import", kind, shutil.copy(REPORTS / f"{kind}.csv", tmp_path))
    cases = tmp_path / "cases.csv"
    with cases.open("w", newline="", encoding="utf-8") as file:
        rows = [("WZ-SS-001", f"K-{n}", TODAY, phone, "咨询") for n, phone in enumerate(PHONES)]
        csv.writer(file).writerows(
            [("office_code", "case_no", "served_on", "phone", "item"), *rows]
        )
    made.run("import", "cases", cases)
    made.configure()
    serving = made.serve()
    yield made
    serving.send_signal(signal.SIGTERM)
    said = serving.communicate()[1]
    assert serving.returncode == 0, said
    assert "Traceback" not in said
    assert not [phone for phone in PHONES if phone[3:] in said], "no number in the log"


def settled(city: City) -> dict[str, int]:
    """Hear what came back, again and again until every text has its receipt."""
    for _ in range(30):
        city.run("dispatch", "--json")
        states: dict[str, int] = city.run("status", "--json")["messages"]
        if set(states) == {"delivered"}:
            break
        time.sleep(0.3)
    return states


def test_a_day_over_twilio(city: City) -> None:
    city.run("sample", "--json")
    city.run("dispatch")
    assert settled(city) == {"delivered": len(PHONES)}
    assert sorted(number for _, _, number in city.provider.taken()) == sorted(PHONES)

    replies = {
        PHONES[0]: "1",
        PHONES[1]: "  3，排队太久 ",
        PHONES[2]: "满意",
        PHONES[3]: "退订",
        PHONES[4]: "还行吧，就是那样",
    }
    for phone, text in replies.items():
        for _ in range(2):  # Twilio may say everything twice
            assert city.hear(phone, text) == {"status": 200, "text": "<Response/>"}
    city.run("dispatch")
    listed = city.run("replies", "list", "--json")["replies"]
    read = {one["text"]: one["reply_class"] for one in listed}
    assert len(listed) == len(replies)
    assert read["1"] == read["满意"] == "satisfied"
    assert read["  3，排队太久 "] == "dissatisfied", "raw, blanks kept"
    assert read["退订"] == "opt_out"
    assert city.run("doctor")
    assert [number for _, _, number in city.provider.taken()].count(PHONES[3]) == 1
