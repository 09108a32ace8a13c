"""`gateway test`: one text, on record, counted nowhere, never to somebody who has opted out."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from survey_pipeline.cli.main import app
from survey_pipeline.context import Context
from survey_pipeline.edited import shipped
from survey_pipeline.errors import CannotProceed, UnknownRecord
from survey_pipeline.gateways.port import OutgoingMessage, SendResult, refused
from survey_pipeline.stages.dispatch.trial_text import send_test
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import audit_log, messages, send_attempts, surveys
from survey_pipeline.survey.opt_outs import opt_out
from survey_pipeline.testing import FakeGateway, add_offices, add_survey, workspace
from survey_pipeline.vocabulary import RefusalReason
from survey_pipeline.workspace import create_workspace

pytestmark = pytest.mark.usefixtures("database")

NUMBER = "+8613912345678"


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    shutil.copytree(shipped() / "templates", tmp_path / "templates")
    made = workspace(tmp_path).acting("wang")
    yield made
    made.engine.dispose()


def test_one_text_goes_out_and_nothing_counts_it(context: Context) -> None:
    first, second = FakeGateway(label="a"), FakeGateway(label="b")
    label, result = send_test(context, {"a": first, "b": second}, NUMBER)
    assert (label, result.outcome) == ("a", "accepted")
    assert [one.to for one in first.ledger] == [NUMBER]
    assert "满意回1" in first.ledger[0].text
    assert send_test(context, {"a": first, "b": second}, NUMBER, "b")[0] == "b"
    assert len(first.ledger) == len(second.ledger) == 1
    with reading(context.engine) as connection:
        for table in (messages, send_attempts, surveys):
            assert connection.execute(select(table)).all() == []


def test_it_is_on_record_before_and_after_without_the_number(context: Context) -> None:
    gateway = FakeGateway(lambda _: refused(RefusalReason.CONFIGURATION, "20003: no"), label="a")
    send_test(context, {"a": gateway}, NUMBER)
    with reading(context.engine) as connection:
        kept = connection.execute(
            select(audit_log).where(audit_log.c.kind == "gateway_tests").order_by(audit_log.c.id)
        ).all()
    assert [(row.actor, row.action) for row in kept] == [("wang", "created"), ("wang", "updated")]
    assert kept[1].after["outcome"] == "refused"
    assert "12345678" not in json.dumps([dict(row.after) for row in kept])


def test_nobody_who_opted_out_and_no_open_survey_is_texted(context: Context) -> None:
    gateway = FakeGateway(label="a")
    at: datetime = context.now()
    with writing(context.engine) as connection:
        opt_out(connection, context.keys.phone_hash(NUMBER), "a", None, at)
    with pytest.raises(CannotProceed, match="opted out"):
        send_test(context, {"a": gateway}, NUMBER)
    add_survey(context, add_offices(context, "agency")[0], "K-1", "+8613812345678")
    with pytest.raises(CannotProceed, match="open survey"):
        send_test(context, {"a": gateway}, "+8613812345678")
    with pytest.raises(UnknownRecord, match="there are: a"):
        send_test(context, {"a": gateway}, NUMBER, "z")
    with pytest.raises(CannotProceed, match="no gateway"):
        send_test(context, {}, NUMBER)
    assert gateway.calls == 0


def test_a_gateway_that_never_answers_is_waited_for_a_while(context: Context) -> None:
    class Silent(FakeGateway):
        async def send(self, message: OutgoingMessage) -> SendResult:
            await asyncio.Event().wait()
            return await super().send(message)

    soon = timedelta(seconds=0.1)
    _, result = send_test(context, {"a": Silent(label="a")}, NUMBER, longest=soon)
    assert (result.outcome, result.error) == ("unknown", "no answer within 0.1 s")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_command_says_what_came_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create_workspace(tmp_path / "W")
    monkeypatch.setenv("SURVEY_LOCALE", "en")

    def call(*words: str) -> Result:
        home = ("--home", str(tmp_path / "W"))
        return CliRunner().invoke(app, [*home, "gateway", "test", *words])

    done = call("139 1234 5678")
    assert done.exit_code == 0
    assert "simulated took the text" in done.stdout
    assert "139****5678" in done.stdout
    assert json.loads(call("13912345678", "--json").stdout)["outcome"] == "accepted"
    for wrong in ("139****5678", "0577-88966822", "12", ""):
        refusal = call(wrong)
        assert refusal.exit_code == 2
    assert call("13912345678", "--gateway", "nope").exit_code == 4
