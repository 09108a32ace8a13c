"""The order of a day: what came in is heard before anything goes out."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.gateways.port import InboundEvent
from survey_pipeline.inbound.mailbox import store_inbound
from survey_pipeline.pipeline import hear, run_day, tick
from survey_pipeline.stages.dispatch import dispatch
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import calls, draws, surveys
from survey_pipeline.testing import (
    NOON,
    FakeGateway,
    SetContext,
    add_cases,
    add_offices,
    add_survey,
    workspace,
)
from survey_pipeline.vocabulary import CallReason

pytestmark = pytest.mark.usefixtures("database")

TEMPLATES = Path(__file__).parents[2] / "templates"
PHONE = "+8613812345678"


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    made = workspace(tmp_path, at=NOON + timedelta(hours=3), sampling={"rate": "1"})
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    add_offices(made, "agency", "finance")
    return made


def writes(context: SetContext, text: str, number: int = 1) -> None:
    event = InboundEvent(f"in-{number}", PHONE, text, context.now())
    with writing(context.engine) as connection:
        store_inbound(connection, context.keys, "simulated", [event], context.now())


def count(context: SetContext, table: Any) -> int:
    with reading(context.engine) as connection:
        return len(connection.execute(select(table)).all())


def test_a_day_draws_texts_and_queues_calls(context: SetContext) -> None:
    add_cases(context, [("AG-1", "K-1", PHONE), ("FI-2", "K-2", "+8657788886666")])
    gateway = FakeGateway()
    report = run_day(context, {"simulated": gateway}, context.today())
    assert (report.draw.frame, len(report.draw.drawn)) == (2, 2)
    assert [one.to for one in gateway.ledger] == [PHONE]
    assert report.tick.calls.queued[CallReason.LANDLINE] == 1


def test_a_day_may_be_repeated_and_nothing_happens_twice(context: SetContext) -> None:
    add_cases(context, [("AG-1", "K-1", PHONE), ("FI-2", "K-2", "+8657788886666")])
    gateway = FakeGateway()
    for _ in range(3):
        run_day(context, {"simulated": gateway}, context.today())
    assert len(gateway.ledger) == 1
    assert [count(context, table) for table in (draws, surveys, calls)] == [1, 2, 1]


def test_an_opt_out_that_came_is_heard_before_anything_goes_out(context: SetContext) -> None:
    add_survey(context, "AG-1", phone=PHONE)
    writes(context, "退订")
    gateway = FakeGateway()
    tick(context, {"simulated": gateway})
    assert gateway.ledger == []


def test_hearing_alone_stops_a_text_as_well(context: SetContext) -> None:
    add_survey(context, "AG-1", phone=PHONE)
    writes(context, "TD")
    gateway = FakeGateway()
    hear(context, {"simulated": gateway})
    dispatch(context, {"simulated": gateway})
    assert gateway.ledger == []


def test_an_answer_that_waited_while_the_machine_was_off_counts(context: SetContext) -> None:
    add_survey(context, "AG-1", phone=PHONE)
    gateway = FakeGateway()
    tick(context, {"simulated": gateway})
    context.clock.at += timedelta(days=6)
    writes(context, "1")
    context.clock.at += timedelta(days=3)  # the survey's last moment passed meanwhile
    tick(context, {"simulated": gateway})
    with reading(context.engine) as connection:
        survey = connection.execute(select(surveys)).one()
    assert (survey.state, survey.rating) == ("closed", "satisfied")
