"""Sending paused: no sender on any host hands anything over, and every command says so."""

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from survey_pipeline.cli.main import app
from survey_pipeline.context import Context
from survey_pipeline.edited import shipped
from survey_pipeline.errors import CannotProceed
from survey_pipeline.stages.dispatch import dispatch
from survey_pipeline.store.crypto import derived_keys, write_key_file
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log, pauses
from survey_pipeline.survey.pausing import pause_sending, resume_sending, sending_pause
from survey_pipeline.testing import (
    NOON,
    FakeGateway,
    add_offices,
    add_survey,
    reopened,
    workspace,
)
from survey_pipeline.testing.databases import database_url

pytestmark = pytest.mark.usefixtures("database")

MORNING = NOON.replace(hour=2)  # 10:00 in Shanghai: a sending hour


@pytest.fixture
def context(tmp_path: Path) -> Context:
    shutil.copytree(shipped() / "templates", tmp_path / "templates")
    made = workspace(tmp_path, at=MORNING)
    office = add_offices(made, "agency")[0]
    for number in range(3):
        add_survey(made, office, f"K-{number}", f"+861381234567{number}")
    return made


def test_a_pause_holds_on_every_host_until_somebody_resumes(context: Context) -> None:
    pause_sending(context.acting("wang"))
    elsewhere = reopened(context.home, MORNING)
    gateway = FakeGateway()
    report = dispatch(elsewhere, {"simulated": gateway})
    assert (gateway.calls, report.held, report.left) == (0, 3, 0)
    assert report.paused_by == "wang"
    resume_sending(elsewhere.acting("li"))
    assert dispatch(context, {"simulated": gateway}).held == 0
    assert gateway.calls == 3
    elsewhere.engine.dispose()


def test_a_pause_holds_when_sending_hours_are_ignored(context: Context) -> None:
    pause_sending(context)
    gateway = FakeGateway()
    dispatch(context, {"simulated": gateway}, ignore_hours=True)
    assert gateway.calls == 0


def test_a_pause_stops_a_dispatch_that_is_under_way(context: Context) -> None:
    def first_text(_: object) -> None:
        if sending_pause(context) is None:
            pause_sending(context.acting("wang"))

    gateway = FakeGateway(first_text)
    office = add_offices(context, "agency")[0]
    for number in range(300):
        add_survey(context, office, f"M-{number}", f"+86139{number:08}")
    report = dispatch(context, {"simulated": gateway})
    assert 0 < gateway.calls < 303
    assert report.held == 303 - gateway.calls


def test_the_report_says_who_paused_and_when(context: Context) -> None:
    pause_sending(context.acting("wang"))
    report = dispatch(context, {"simulated": FakeGateway()})
    said = " ".join(str(line) for line in report.lines())
    assert "sending is paused since 2023-05-04 10:00 by wang: 3 texts wait" in said
    assert report.to_json()["paused"] == {"at": "2023-05-04T10:00:00+08:00", "by": "wang"}


def test_pause_and_resume_stand_in_the_audit_log(context: Context) -> None:
    pause_sending(context.acting("wang"))
    resume_sending(context.acting("li"))
    with reading(context.engine) as connection:
        logged = connection.execute(
            select(audit_log.c.actor, audit_log.c.action).where(audit_log.c.kind == "pauses")
        ).all()
        kept = connection.execute(select(pauses.c.by, pauses.c.ended_by)).all()
    assert [tuple(row) for row in logged] == [("wang", "created"), ("li", "withdrawn")]
    assert [tuple(row) for row in kept] == [("wang", "li")]


def test_nobody_pauses_twice_or_resumes_what_runs(context: Context) -> None:
    with pytest.raises(CannotProceed, match="not paused"):
        resume_sending(context)
    pause_sending(context)
    with pytest.raises(CannotProceed, match="paused already"):
        pause_sending(context)


@pytest.fixture
def home(context: Context) -> Path:
    (context.home / "config" / "pipeline.toml").write_text(
        'locale = "en"\n[standards]\n2023 = "wenzhou-2023"\n[[gateway]]\nkind = "simulated"\n'
        f'[database]\nurl = "{database_url(context.home)}"\n'
    )
    write_key_file(context.home / "survey.key", derived_keys("test"))
    return context.home


@pytest.mark.parametrize("command", ["dispatch --now", "day", "status"])
def test_every_command_that_sends_or_tells_says_paused(
    context: Context, home: Path, command: str
) -> None:
    pause_sending(context.acting("wang"))
    done = CliRunner().invoke(app, ["--home", str(home), *command.split()])
    assert done.exit_code == 0, done.output
    assert "sending is paused since 2023-05-04 10:00 by wang" in done.stdout


def test_the_json_of_status_has_the_pause(context: Context, home: Path) -> None:
    pause_sending(context.acting("wang"))
    done = CliRunner().invoke(app, ["--home", str(home), "status", "--json"])
    assert json.loads(done.stdout)["paused"]["by"] == "wang"
