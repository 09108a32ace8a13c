"""`status` and `dispatch` say how the gateways stand, in words and as JSON."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from survey_pipeline.cli.main import app
from survey_pipeline.gateways.port import OutgoingMessage, SendResult, not_sent, refused
from survey_pipeline.stages.dispatch import dispatch
from survey_pipeline.store.crypto import derived_keys, write_key_file
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import gateway_states, import_runs
from survey_pipeline.testing import (
    NOON,
    FakeGateway,
    SetContext,
    add_offices,
    add_survey,
    workspace,
)
from survey_pipeline.vocabulary import RefusalReason

TEMPLATES = Path(__file__).parents[2] / "templates"
MORNING = NOON - timedelta(hours=2)
CONFIG = """
locale = "en"
[[gateway]]
kind = "simulated"
name = "a"
[[gateway]]
kind = "simulated"
name = "b"
"""
BOTH = {"gateway": [{"kind": "simulated", "name": name} for name in "ab"]}


@pytest.fixture
def context(tmp_path: Path) -> Iterator[SetContext]:
    made = workspace(tmp_path, at=MORNING, **BOTH)
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config" / "pipeline.toml").write_text(CONFIG)
    write_key_file(tmp_path / "survey.key", derived_keys("test"))
    add_offices(made, "agency")
    with writing(made.engine) as connection:
        connection.execute(
            import_runs.insert().values(
                at=MORNING,
                by="tester",
                kind="cases",
                file_name="cases.csv",
                file_hash="0",
                accepted=1,
                updated=0,
                unchanged=0,
                refused=0,
            )
        )
    yield made
    made.engine.dispose()


def add_texts(context: SetContext, first: int, number: int) -> None:
    for key in range(first, first + number):
        add_survey(context, "AG-1", f"K-{key}", f"+86139{key:08d}")


def broken(_: OutgoingMessage) -> SendResult:
    return refused(RefusalReason.CONFIGURATION, "20003 bad credentials")


def down(_: OutgoingMessage) -> SendResult:
    return not_sent("connection refused")


def sends(context: SetContext, **scripts: Any) -> None:
    found = {label: FakeGateway(one, label=label) for label, one in scripts.items()}
    dispatch(context, found)


def run(context: SetContext, *words: str) -> Result:
    called = ["--home", str(context.home), *words]
    return CliRunner().invoke(app, called, catch_exceptions=False)


def test_status_shows_shares_and_the_moves_with_their_figures(context: SetContext) -> None:
    add_texts(context, 0, 80)
    sends(context, a=down, b=None)
    context.clock.advance(timedelta(minutes=1))
    sends(context, a=down, b=None)
    shown = run(context, "status").stdout
    assert "gateway a: 40.00 of 100 points of traffic, 50.00 by priority" in shown
    assert "gateway b: 60.00 of 100 points of traffic, 50.00 by priority" in shown
    assert "2023-05-04 10:01 a: 50.00 to 40.00 points, too much failed" in shown
    assert "attempts failed, 0 of 0 receipts late" in shown
    document = json.loads(run(context, "status", "--json").stdout)
    assert document["gateways"][0] == {
        "gateway": "a",
        "configured": "50.00",
        "share": "40.00",
        "part": "40.00",
        "stopped_at": None,
        "stopped_why": None,
        "rests_until": None,
    }
    assert [(one["gateway"], one["why"], one["after"]) for one in document["moves"]] == [
        ("b", "relieved", "60.00"),
        ("a", "failing", "40.00"),
    ]
    assert document["moves"][1]["figures"]["failed"] > 20


def test_status_shows_a_stop_with_its_reason_and_who_has_the_part(context: SetContext) -> None:
    add_texts(context, 0, 40)
    sends(context, a=broken, b=None)
    shown = run(context, "status").stdout
    assert "gateway a: 0.00 of 100 points of traffic, 50.00 by priority" in shown
    assert "gateway b: 100.00 of 100 points of traffic, 50.00 by priority" in shown
    assert "stopped since 2023-05-04 10:00: 20003 bad credentials" in shown
    assert "2023-05-04 10:00 a: stopped" in shown
    gateways = json.loads(run(context, "status", "--json").stdout)["gateways"]
    assert [one["part"] for one in gateways] == ["0.00", "100.00"]
    assert gateways[0]["stopped_why"] == "20003 bad credentials"


def test_status_shows_a_rest_until_it_is_over(context: SetContext) -> None:
    sends(context, a=None, b=None)
    later = datetime.now(UTC) + timedelta(days=1)
    rests(context, later)
    assert "rests until" in run(context, "status").stdout
    rests(context, MORNING)
    assert "rests until" not in run(context, "status").stdout


def rests(context: SetContext, until: datetime) -> None:
    with writing(context.engine) as connection:
        connection.execute(
            update(gateway_states).where(gateway_states.c.gateway == "a").values(rests_until=until)
        )


def test_dispatch_says_who_rests(context: SetContext) -> None:
    sends(context, a=None, b=None)
    rests(context, datetime.now(UTC) + timedelta(days=1))
    assert "gateway a rests until" in run(context, "dispatch", "--now").stdout
    document = json.loads(run(context, "dispatch", "--now", "--json").stdout)
    assert list(document["resting"]) == ["a"]


def test_a_single_gateway_is_one_line(context: SetContext) -> None:
    (context.home / "config" / "pipeline.toml").write_text(
        'locale = "en"\n[[gateway]]\nkind = "simulated"\n'
    )
    shown = run(context, "status").stdout
    assert shown.count("gateway") == 1
    assert "gateway simulated: 100.00 of 100 points of traffic" in shown
