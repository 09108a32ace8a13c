"""No citizen is texted twice, whatever breaks: the double's ledger is the only truth.

The sender is killed with SIGKILL a hundred times over 2,000 messages, and the provider misbehaves
in every way that is known of it (specification, sections 5 and 10).
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from survey_pipeline.app import open_app
from survey_pipeline.calendar import SetClock
from survey_pipeline.context import Context
from survey_pipeline.gateways.port import OutgoingMessage, SendResult, unknown
from survey_pipeline.stages.callbacks import queue_calls
from survey_pipeline.stages.dispatch import dispatch
from survey_pipeline.stages.dispatch.outbox import MOST_TRIES
from survey_pipeline.stages.sampling import draw_day
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import calls, messages, send_attempts
from survey_pipeline.testing import NOON, FakeGateway, add_cases, add_offices, workspace
from survey_pipeline.workspace import create_workspace

TEMPLATES = Path(__file__).parents[2] / "templates"
SENDER = Path(__file__).parents[1] / "doubles" / "sender.py"
MORNING = NOON - timedelta(hours=2)
ROUND = timedelta(minutes=40)
"""Between two lives of the sender: leases have run out, and the provider may be asked."""
ACCOUNT, TOKEN = "AC" + "1a" * 16, "9d2c4e8b7a6f5d3c1b0a9e8d7c6b5a4f"
GATEWAY = f"""
[[gateway]]
kind = "twilio"
account_sid = "{ACCOUNT}"
auth_token_env = "TWILIO_AUTH_TOKEN"
messaging_service_sid = "{"MG" + "2b" * 16}"
public_url = "http://127.0.0.1:9"
timeout = "1s"
"""


class City:
    """A workspace that sends over Twilio's double, and its senders."""

    def __init__(self, home: Path, url: str, texts: int, **environ: str) -> None:
        self.home, self.texts, self.at = home, texts, MORNING
        self.environ = {
            "TWILIO_AUTH_TOKEN": TOKEN,
            "SURVEY_GATEWAY__0__API_BASE": url,
            "SURVEY_SAMPLING__RATE": "1",
            "SURVEY_SAMPLING__MAXIMUM": str(texts),
            "SURVEY_SENDING__HOLD_FOR": "60d",
            "SURVEY_SURVEY__CLOSES_AFTER": "60d",
            **environ,
        }
        create_workspace(home)
        config = home / "config" / "pipeline.toml"
        kept = config.read_text(encoding="utf-8").partition("[[gateway]]")[0]
        config.write_text(kept + GATEWAY, encoding="utf-8")
        add_offices(self.context, "agency")
        add_cases(self.context, [("AG-1", f"K-{n}", f"+86138{n:08d}") for n in range(texts)])
        draw_day(self.context, self.context.today())
        self._mother = subprocess.Popen(
            [sys.executable, str(SENDER), str(home)],
            env={**os.environ, **self.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def context(self) -> Context:
        return open_app(self.home, clock=SetClock(self.at), environ=self.environ).context

    def start(self) -> int:
        """Start a sender, some time after the last one; return its process number."""
        assert self._mother.stdin is not None
        self.at += ROUND
        self._mother.stdin.write(f"{self.at.isoformat()}\n")
        self._mother.stdin.flush()
        return int(self._said())

    def ended(self) -> int:
        """Wait for the sender's end; return how it ended."""
        return int(self._said())

    def _said(self) -> str:
        assert self._mother.stdout is not None
        return self._mother.stdout.readline()

    def states(self) -> dict[str, int]:
        with reading(self.context.engine) as connection:
            query = select(messages.c.state, func.count()).group_by(messages.c.state)
            return {row[0]: row[1] for row in connection.execute(query)}

    def outcomes(self) -> Counter[str | None]:
        with reading(self.context.engine) as connection:
            return Counter(connection.scalars(select(send_attempts.c.outcome)))

    def close(self) -> None:
        self._mother.kill()
        self._mother.communicate()


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Callable[..., City]]:
    made: list[City] = []

    def make(url: str, texts: int, **environ: str) -> City:
        made.append(City(tmp_path / "city", url, texts, **environ))
        return made[-1]

    yield make
    for one in made:
        one.close()


def texted(twilio: Any) -> Counter[str]:
    """How many texts each number got."""
    return Counter(number for _, _, number in twilio.taken())


def live_and_die(city: City, twilio: Any, chance: random.Random) -> bool:
    """Let a sender live for a while, and kill it; say whether it was killed before its end.

    Half of them die so long after their start, half so many texts later: in the middle of sending.
    """
    before = len(twilio.taken())
    sender = city.start()
    if chance.random() < 0.5:
        time.sleep(chance.uniform(0.0, 0.25))
    else:
        wanted, until = before + chance.randrange(1, 30), time.monotonic() + 2
        while len(twilio.taken()) < wanted and time.monotonic() < until:
            time.sleep(0.002)
    with suppress(ProcessLookupError):
        os.kill(sender, signal.SIGKILL)
    end = city.ended()
    assert end in (0, -signal.SIGKILL), "it ended by itself, and not well"
    return end == -signal.SIGKILL


def test_killed_a_hundred_times_over_two_thousand_texts_it_texts_everybody_once(
    city: Callable[..., City], double: Callable[..., Any]
) -> None:
    twilio = double("twilio_double", "--latency", "0.02")
    made = city(twilio.url, 2_000, SURVEY_GATEWAY__0__CONCURRENCY="4")
    chance, killed = random.Random(10), 0
    while killed < 100:
        assert len(twilio.taken()) < made.texts, f"all is sent after {killed} kills"
        killed += live_and_die(made, twilio, chance)
    lost_answers = made.outcomes()[None]
    for _ in range(3):
        made.start()
        assert made.ended() == 0
    assert set(texted(twilio).values()) == {1}
    assert len(texted(twilio)) == made.texts
    assert made.states() == {"accepted": made.texts}
    assert lost_answers > 100, "the kills came in the middle of sending"
    attempts = made.outcomes().total()
    print(
        f"killed {killed} times over {made.texts} texts: "
        f"{attempts} attempts, {lost_answers} cut off"
    )


def settle(city: City, rounds: int) -> None:
    """Dispatch again and again, until nothing is under way any more."""
    for _ in range(rounds):
        city.start()
        assert city.ended() == 0
        if set(city.states()) == {"accepted"}:
            return


def test_a_provider_that_misbehaves_in_every_way_texts_everybody_once(
    city: Callable[..., City], double: Callable[..., Any]
) -> None:
    twilio = double("twilio_double", "--faults", "0.4", "--seed", "7")
    made = city(twilio.url, 600, SURVEY_GATEWAY__0__CONCURRENCY="32")
    for _ in range(MOST_TRIES // 2):
        made.start()
        assert made.ended() == 0
        twilio.tell("told", locked_out="40")  # the token is changed in mid-run, and mended
    met = twilio.tell("told", faults="0", locked_out="0")
    settle(made, rounds=4)
    assert made.states() == {"accepted": made.texts}
    assert set(texted(twilio).values()) == {1}
    assert len(texted(twilio)) == made.texts
    assert set(met) == {
        "401", "429", "500_before", "500_after", "hang_before", "hang_after", "cut_before",
        "cut_after", "reset_before", "no_sid", "html_before", "html_after",
    }  # fmt: skip
    outcomes = made.outcomes()
    assert {"accepted", "throttled", "unknown", "refused"} <= set(outcomes)
    print(f"faults met: {dict(sorted(met.items()))}; outcomes: {dict(outcomes)}")


def test_killed_while_the_provider_misbehaves_it_still_texts_everybody_once(
    city: Callable[..., City], double: Callable[..., Any]
) -> None:
    twilio = double("twilio_double", "--latency", "0.01", "--faults", "0.25", "--seed", "3")
    made = city(twilio.url, 300, SURVEY_GATEWAY__0__CONCURRENCY="8")
    chance = random.Random(3)
    for _ in range(12):
        live_and_die(made, twilio, chance)
    twilio.tell("told", faults="0")
    settle(made, rounds=6)
    assert made.states() == {"accepted": made.texts}
    assert set(texted(twilio).values()) == {1}
    assert len(texted(twilio)) == made.texts


@pytest.mark.parametrize("policy", ["phone", "resend"])
def test_where_the_provider_cannot_be_asked_the_policy_decides(tmp_path: Path, policy: str) -> None:
    """`phone`: nobody gets two, and who may have got none is called. `resend`: nobody gets none."""
    texts, chance = 200, random.Random(5)
    context = workspace(
        tmp_path,
        at=MORNING,
        sampling={"rate": "1", "maximum": texts},
        sending={"unknown_policy": policy},
    )
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    add_offices(context, "agency")
    add_cases(context, [("AG-1", f"K-{n}", f"+86138{n:08d}") for n in range(texts)])
    draw_day(context, context.today())

    def lose_answers(_: OutgoingMessage) -> SendResult | None:
        return unknown("lost") if chance.random() < 0.3 else None

    gateway = FakeGateway(lose_answers, can_tell=False, takes=True)
    for _ in range(8):
        dispatch(context, {"simulated": gateway}, ignore_hours=True)
        context.clock.at += ROUND
    got = Counter(message.to for message in gateway.ledger)
    with reading(context.engine) as connection:
        left = connection.scalars(select(messages.c.state).where(messages.c.state == "unknown"))
        doubtful = len(list(left))
    if policy == "phone":
        assert set(got.values()) == {1}
        context.clock.at = MORNING + timedelta(days=3)
        queue_calls(context)
        with reading(context.engine) as connection:
            called = connection.scalars(select(calls.c.reason)).all()
        assert called.count("undelivered") == doubtful > 30
    else:
        assert (len(got), doubtful) == (texts, 0)
        assert max(got.values()) > 1, "what `doctor` warns of"
