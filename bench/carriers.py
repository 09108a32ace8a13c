"""The sender over Twilio's own package against that package alone, both towards one double."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.measure import ROOT

DOUBLE = ROOT / "tests" / "doubles" / "twilio_double.py"
ACCOUNT, TOKEN = "AC" + "1a" * 16, "9d2c4e8b7a6f5d3c1b0a9e8d7c6b5a4f"
ENVIRON = {"TWILIO_AUTH_TOKEN": TOKEN}
CONCURRENCY = 64
GATEWAY = """
[[gateway]]
kind = "twilio"
account_sid = "{account}"
auth_token_env = "TWILIO_AUTH_TOKEN"
from_number = "+15005550006"
public_url = "http://127.0.0.1:9"
api_base = "{url}"
concurrency = {concurrency}
"""


@dataclass(frozen=True)
class Asked:
    """One setting: the server's latency in seconds, and the share of the bare speed asked for."""

    latency: str
    share: float
    texts: int


SETTINGS = (Asked("0.08", 0.9, 5_000), Asked("0", 0.5, 10_000))


@contextmanager
def carrier(folder: Path, latency: str) -> Iterator[str]:
    """Run the double with a latency; give its address."""
    words = [sys.executable, str(DOUBLE), "--ledger", str(folder / "ledger"), "--latency", latency]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    assert process.stdout is not None  # noqa: S101 - PIPE was asked for; for the type checker
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.communicate()


def configure(home: Path, url: str) -> Path:
    """Let a workspace send over the double."""
    config = home / "config" / "pipeline.toml"
    kept = config.read_text(encoding="utf-8").partition("[[gateway]]")[0]
    gateway = GATEWAY.format(account=ACCOUNT, url=url, concurrency=CONCURRENCY)
    config.write_text(kept + gateway, encoding="utf-8")
    return home
