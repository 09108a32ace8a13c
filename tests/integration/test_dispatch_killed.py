"""Killed at any moment, started again, by several workers: one text per question, none lost.

The ledger that the double keeps is the only truth about what a citizen got.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from survey_pipeline.context import Context
from survey_pipeline.stages.sampling import draw_day
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import messages
from survey_pipeline.testing import NOON, add_cases, add_offices, workspace

pytestmark = pytest.mark.usefixtures("database")

TEMPLATES = Path(__file__).parents[2] / "templates"
MORNING = NOON - timedelta(hours=2)
TEXTS = 600

WORKER = """
import asyncio, os, sys
from datetime import datetime
from pathlib import Path
from survey_pipeline.calendar import SetClock
from survey_pipeline.gateways.port import SentAnswer, SentState
from survey_pipeline.stages.dispatch import dispatch
from survey_pipeline.testing import FakeGateway, reopened

home, at, ledger = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), sys.argv[3]

class Carrier(FakeGateway):
    async def send(self, message):
        await asyncio.sleep(0.001)
        with open(ledger, "a") as file:
            file.write(f"{message.attempt_id} {message.to}\\n")
        await asyncio.sleep(0.001)
        return await super().send(message)

    async def find_sent(self, message, since, provider_id=None):
        taken = [line.split()[0] for line in open(ledger)] if os.path.exists(ledger) else []
        if message.attempt_id in taken:
            return SentAnswer(SentState.FOUND, f"p-{message.attempt_id}")
        return SentAnswer(SentState.ABSENT)

print("started", flush=True)
dispatch(reopened(home, at), {"simulated": Carrier()}, ignore_hours=True)
"""


def worker(home: Path, at: datetime) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WORKER, str(home), at.isoformat(), str(home / "ledger")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def context(tmp_path: Path) -> Context:
    made = workspace(tmp_path, at=MORNING, sampling={"rate": "1", "maximum": TEXTS})
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    add_offices(made, "agency")
    add_cases(made, [("AG-1", f"K-{n}", f"+86138{n:08d}") for n in range(TEXTS)])
    draw_day(made, made.today())
    return made


def texted(home: Path) -> Counter[str]:
    return Counter(line.split()[1] for line in (home / "ledger").read_text().splitlines())


def states(context: Context) -> dict[str, int]:
    with reading(context.engine) as connection:
        query = select(messages.c.state, func.count()).group_by(messages.c.state)
        return {row[0]: row[1] for row in connection.execute(query)}


def test_a_sender_killed_again_and_again_texts_everybody_once(context: Context) -> None:
    chance, at = random.Random(4), MORNING
    killed = 0
    for _ in range(15):
        at += timedelta(minutes=40)  # leases have run out, and the provider may be asked
        running = worker(context.home, at)
        assert running.stdout is not None
        assert running.stdout.readline() == "started\n"
        time.sleep(chance.uniform(0.05, 0.6))
        if running.poll() is None:
            os.kill(running.pid, signal.SIGKILL)
            killed += 1
        running.communicate()
    assert killed >= 5
    for _ in range(2):
        at += timedelta(minutes=40)
        last = worker(context.home, at)
        last.communicate()
        assert last.returncode == 0
    assert set(texted(context.home).values()) == {1}
    assert len(texted(context.home)) == TEXTS
    assert states(context) == {"accepted": TEXTS}


def test_three_workers_on_one_database_share_the_texts(context: Context) -> None:
    workers = [worker(context.home, MORNING) for _ in range(3)]
    for one in workers:
        one.communicate()
        assert one.returncode == 0
    assert set(texted(context.home).values()) == {1}
    assert states(context) == {"accepted": TEXTS}
