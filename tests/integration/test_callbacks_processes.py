"""Many callers at once, each a process of its own on one database file.

Source: specification, section 7.
"""

import json
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from survey_pipeline.context import Context
from survey_pipeline.stages.callbacks import queue_calls
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import answers, audit_log, call_attempts, calls, surveys
from survey_pipeline.testing import NOON, add_offices, add_survey, workspace
from survey_pipeline.vocabulary import AuditAction

pytestmark = pytest.mark.usefixtures("database")

MORNING = NOON - timedelta(hours=2)
CALLERS = ("Li", "Wang", "Chen", "Zhao", "Huang", "Zhou")
CALLS = 200
SCRIPT = Path(__file__).with_name("one_caller.py")


@pytest.fixture(scope="module")
def worked(
    database: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Context, list[dict[str, Any]]]:
    """Six people who start at the same moment and call until nobody is left."""
    home = tmp_path_factory.mktemp("callers")
    context = workspace(home, at=MORNING)
    add_offices(context, "agency")
    for number in range(CALLS):
        add_survey(context, "AG-1", f"L-{number}", f"+86577{88000000 + number}")
    assert queue_calls(context).total == CALLS
    context.engine.dispose()
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", str(SCRIPT), str(home), name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in CALLERS
    ]
    done = []
    for process in processes:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        done.append(json.loads(out))
    return context, done


Worked = tuple[Context, list[dict[str, Any]]]


def test_every_call_is_logged_once_by_one_person(worked: Worked) -> None:
    _, done = worked
    logged = Counter(call for one in done for call in one["logged"])
    assert len(logged) == CALLS
    assert set(logged.values()) == {1}
    assert sum(1 for one in done if one["logged"]) > 1, "one caller did it all: nothing was tested"


def test_nobody_met_an_error_but_a_call_held_by_somebody(worked: Worked) -> None:
    _, done = worked
    words = {text.split(" ", 1)[-1] for one in done for text in one["held"]}
    assert words <= {"put back"}


def test_the_database_holds_each_attempt_once_and_whole(worked: Worked) -> None:
    context, _ = worked
    with reading(context.engine) as connection:
        rows = list(connection.execute(select(call_attempts)))
        assert len(rows) == CALLS
        assert len({row.call_id for row in rows}) == CALLS
        assert {row.number for row in rows} == {1}
        assert not any(row.late for row in rows)
        given = connection.scalar(select(func.count()).select_from(answers))
        rated = connection.scalar(select(func.count()).where(surveys.c.rating.is_not(None)))
        called = connection.scalar(select(func.sum(surveys.c.attempts)))
        leased = connection.scalar(select(func.count()).where(calls.c.lease_by.is_not(None)))
    answered = sum(1 for row in rows if row.outcome == "answered")
    assert given == rated == answered > 0
    assert (called, leased) == (CALLS, 0)


def test_every_look_at_a_number_is_logged(worked: Worked) -> None:
    context, done = worked
    put_back = sum(text.endswith("put back") for one in done for text in one["held"])
    with reading(context.engine) as connection:
        looks = connection.scalar(
            select(func.count()).where(audit_log.c.action == AuditAction.LOOKED)
        )
    assert looks is not None
    # who puts a call back and takes it again in the same moment looks once
    assert CALLS <= looks <= CALLS + put_back
