"""The process that runs the day is killed: the next that asks takes its place at once.

Its lease has hours to go; what tells its death is the lock that went with it.
"""

import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from survey_pipeline import day_runs
from survey_pipeline.catching_up import run_missed_days
from survey_pipeline.edited import shipped
from survey_pipeline.store.engine import reading
from survey_pipeline.testing import NOON, FakeGateway, add_case, add_offices, reopened, workspace

pytestmark = pytest.mark.usefixtures("database")

LEADER = """
import sys, time
from datetime import datetime
from pathlib import Path
from survey_pipeline.catching_up import run_missed_days
from survey_pipeline.testing import FakeGateway, reopened

def hang(_message):
    print("sending", flush=True)
    time.sleep(600)

context = reopened(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), sampling={"rate": "1"})
run_missed_days(context, {"simulated": FakeGateway(hang)}, due_today=True)
"""
EVENING = NOON + timedelta(hours=4)
"""16:00 in Shanghai: texts may go out."""
ALL = {"sampling": {"rate": "1"}}
WITHIN = 60.0
"""Seconds in which a killed leader is replaced; a worker asks every minute."""


def test_a_killed_leader_is_replaced(tmp_path: Path) -> None:
    shutil.copytree(shipped() / "templates", tmp_path / "templates")
    context = workspace(tmp_path, at=EVENING, **ALL)
    add_offices(context, "agency")
    add_case(context, "AG-1", "K-1", "+8613800000001")
    command = [sys.executable, "-c", LEADER, str(tmp_path), EVENING.isoformat()]
    other, carrier = reopened(tmp_path, EVENING, **ALL), FakeGateway()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as leader:
        assert leader.stdout is not None
        assert leader.stdout.readline() == "sending\n"
        assert run_missed_days(other, {"simulated": carrier}, due_today=True) == [], "it lives"
        leader.kill()
    until = time.monotonic() + WITHIN
    reports = run_missed_days(other, {"simulated": carrier}, due_today=True)
    while not reports and time.monotonic() < until:  # a server sees a lost client in a moment
        time.sleep(0.05)
        reports = run_missed_days(other, {"simulated": carrier}, due_today=True)

    assert [report.day for report in reports] == [context.today()]
    assert carrier.ledger == [], "the text that the leader had in hand is not sent again"
    with reading(other.engine) as connection:
        assert day_runs.finished(connection, context.today())
    for opened in (context, other):
        opened.engine.dispose()
