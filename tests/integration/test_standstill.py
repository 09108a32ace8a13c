"""Nothing takes texts: said with its reason, since when, how many wait and what to do."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from survey_pipeline.gateways.port import OutgoingMessage, SendResult, not_sent, refused, unknown
from survey_pipeline.reports.day_course import DayCourse, read_day_course
from survey_pipeline.reports.measures import Measures
from survey_pipeline.reports.standstill import Obstacle, stands_still, standstill
from survey_pipeline.reports.status import read_status
from survey_pipeline.stages.dispatch import DispatchReport, dispatch
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import gateway_states
from survey_pipeline.survey.pausing import pause_sending, resume_sending
from survey_pipeline.testing import (
    NOON,
    FakeGateway,
    SetContext,
    add_offices,
    add_survey,
    workspace,
)
from survey_pipeline.vocabulary import RefusalReason

pytestmark = pytest.mark.usefixtures("database")

TEMPLATES = Path(__file__).parents[2] / "templates"
MORNING = NOON - timedelta(hours=2)
MINUTE = timedelta(minutes=1)
Script = Callable[[OutgoingMessage], SendResult | None]
UNTRUE = ("within a minute or so", "Nothing:")
"""What must not be said of texts that no gateway takes."""


def made(home: Path, *names: str) -> SetContext:
    gateways: Any = [{"kind": "simulated", "name": name} for name in names]
    context = workspace(home, at=MORNING, gateway=gateways)
    shutil.copytree(TEMPLATES, home / "templates")
    add_offices(context, "agency")
    for number in range(20):
        add_survey(context, "AG-1", f"K-{number}", f"+86139{number:08d}")
    return context


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    return made(tmp_path, "only")


def broken(_: OutgoingMessage) -> SendResult:
    return refused(RefusalReason.CONFIGURATION, "20003 bad credentials")


def sends(context: SetContext, **scripts: Script | None) -> DispatchReport:
    found = {label: FakeGateway(script, label=label) for label, script in scripts.items()}
    return dispatch(context, found)


def measured(context: SetContext) -> dict[str, float]:
    measures = Measures(context).take()
    return {one.name: next(iter(one.values.values())) for one in measures if one.values}


def course(context: SetContext) -> DayCourse:
    return read_day_course(context, context.today())


def test_bad_credentials_of_the_only_gateway_are_an_alarm_everywhere(context: SetContext) -> None:
    report = sends(context, only=broken)
    since = context.now()
    context.clock.advance(5 * MINUTE)
    found = standstill(context)
    assert found is not None
    assert (found.obstacle, found.since, found.waiting) == (Obstacle.STOPPED, since, 20)
    assert found.given_up_from == since + context.settings.sending.hold_for
    assert "20003 bad credentials" in str(found.why)
    assert "doctor" in str(found.remedy)
    assert stands_still(context)
    document = read_status(context).to_json()
    assert document["standstill"]["obstacle"] == "stopped"
    assert document["standstill"]["waiting"] == 20
    assert measured(context)["sending_stands_still"] == 1
    assert "19 texts wait until a gateway takes them" in "\n".join(map(str, report.lines()))


def test_a_stopped_gateway_has_no_share_of_the_traffic(context: SetContext) -> None:
    sends(context, only=broken)
    (view,) = course(context).gateways
    assert (view.share, view.part) == (0, 0)
    assert measured(context)["gateway_share"] == 0


def test_remedies_know_that_nothing_goes_out(context: SetContext) -> None:
    sends(context, only=broken)
    groups = {one.name: one for one in course(context).texts}
    assert groups["held"].bad
    said = [str(text) for one in groups.values() for text in (one.meaning, one.remedy)]
    assert not [text for text in said for untrue in UNTRUE if untrue in text]


def test_texts_of_unknown_fate_are_not_called_sent(context: SetContext) -> None:
    sends(context, only=lambda _: unknown("timed out"))
    chain = course(context).chain
    assert (chain.drawn, chain.sent, chain.unknown) == (20, 0, 20)


def test_an_unknown_text_cannot_be_asked_after_at_a_stopped_gateway(context: SetContext) -> None:
    answers = iter([unknown("timed out")])
    sends(context, only=lambda message: next(answers, None) or broken(message))
    (fate,) = (one for one in course(context).texts if one.name == "unknown")
    assert "cannot be asked" in str(fate.remedy)


def test_the_alarm_ends_when_the_gateway_takes_texts_again(context: SetContext) -> None:
    sends(context, only=broken)
    context.clock.advance(MINUTE)
    sends(context, only=None)
    assert standstill(context) is None
    assert not stands_still(context)
    assert course(context).chain.sent == 20


def test_while_one_gateway_takes_texts_nothing_stands_still(tmp_path: Path) -> None:
    context = made(tmp_path, "a", "b")
    sends(context, a=broken, b=None)
    assert standstill(context) is None
    sends(context, a=broken, b=broken)
    assert standstill(context) is None, "b was given nothing, so nobody knows"


def test_two_stopped_gateways_are_both_named(tmp_path: Path) -> None:
    context = made(tmp_path, "a", "b")
    sends(context, a=broken, b=broken)
    found = standstill(context)
    assert found is not None
    assert str(found.why).count("20003 bad credentials") == 2


def test_a_pause_says_who_paused(context: SetContext) -> None:
    pause_sending(context)
    found = standstill(context)
    assert found is not None
    assert found.obstacle is Obstacle.PAUSED
    assert context.actor in str(found.why)
    resume_sending(context)
    assert standstill(context) is None


def test_a_stop_matters_more_than_a_pause(context: SetContext) -> None:
    sends(context, only=broken)
    pause_sending(context)
    found = standstill(context)
    assert found is not None
    assert found.obstacle is Obstacle.STOPPED


@pytest.mark.parametrize(("minutes", "stands"), [(2, False), (60, True)])
def test_a_short_rest_is_no_standstill(context: SetContext, minutes: int, stands: bool) -> None:
    sends(context, only=broken)
    rests = {"stopped_at": None, "rests_until": context.now() + minutes * MINUTE}
    with writing(context.engine) as connection:
        connection.execute(update(gateway_states).values(**rests))
    assert stands_still(context) is stands


def test_a_gateway_that_cannot_be_reached_is_told_from_one_that_refuses(
    context: SetContext,
) -> None:
    since = context.now()
    sends(context, only=lambda _: not_sent("connection refused"))
    found = standstill(context)
    assert found is not None
    assert (found.obstacle, found.since) == (Obstacle.FAILING, since)
    (later,) = (one for one in course(context).texts if one.name == "later")
    assert not str(later.remedy).startswith("Nothing:")


def test_due_texts_that_no_sender_tries_are_an_alarm_in_sending_hours(context: SetContext) -> None:
    sends(context, only=broken)
    with writing(context.engine) as connection:
        connection.execute(update(gateway_states).values(stopped_at=None))
    context.clock.advance(9 * MINUTE)
    assert standstill(context) is None
    context.clock.advance(2 * MINUTE)
    found = standstill(context)
    assert found is not None
    assert found.obstacle is Obstacle.NO_SENDER
    context.clock.advance(timedelta(hours=2))
    assert standstill(context) is None, "outside sending hours nothing is expected"


def test_without_a_gateway_nothing_takes_texts(tmp_path: Path) -> None:
    found = standstill(made(tmp_path))
    assert found is not None
    assert found.obstacle is Obstacle.NO_GATEWAY
    assert "[[gateway]]" in str(found.remedy)
