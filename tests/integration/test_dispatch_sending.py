"""Texts go out once, in hours, in the form that fits; every outcome has its consequence."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from survey_pipeline.gateways.port import (
    InboundEvent,
    OutgoingMessage,
    SendResult,
    not_sent,
    refused,
    throttled,
    unknown,
)
from survey_pipeline.inbound.mailbox import store_inbound
from survey_pipeline.stages.callbacks import queue_calls
from survey_pipeline.stages.dispatch import DispatchReport, dispatch, preview
from survey_pipeline.stages.dispatch.outbox import MOST_TRIES
from survey_pipeline.stages.replies import read_inbound
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    cases,
    message_events,
    messages,
    opt_outs,
    send_attempts,
    surveys,
)
from survey_pipeline.survey.closing import close_due
from survey_pipeline.survey.opt_outs import opt_out
from survey_pipeline.survey.rating import GivenAnswer, record_answer
from survey_pipeline.testing import (
    NOON,
    FakeGateway,
    SetContext,
    add_offices,
    add_survey,
    workspace,
)
from survey_pipeline.vocabulary import (
    AnswerRole,
    CallReason,
    MessagePurpose,
    MessageState,
    Mode,
    Rating,
    RefusalReason,
    SendOutcome,
)

pytestmark = pytest.mark.usefixtures("database")

TEMPLATES = Path(__file__).parents[2] / "templates"
MORNING = NOON - timedelta(hours=2)
"""Thursday 4 May 2023, 10:00 in Shanghai."""


def made(home: Path, **sections: Any) -> SetContext:
    context = workspace(home, at=MORNING, **sections)
    shutil.copytree(TEMPLATES, home / "templates")
    add_offices(context, "agency", "health")
    return context


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    return made(tmp_path)


def send(context: SetContext, gateway: FakeGateway, **options: Any) -> DispatchReport:
    return dispatch(context, {gateway.label: gateway}, **options)


def rows(context: SetContext, table: Any) -> list[Any]:
    with reading(context.engine) as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def text_of(context: SetContext) -> Any:
    (found,) = rows(context, messages)
    return found


def advance(context: SetContext, **by: float) -> None:
    context.clock.advance(timedelta(**by))


def once(result: SendResult) -> Any:
    """A script that gives the result to the first attempt alone."""
    results = [result]

    def script(_: OutgoingMessage) -> SendResult | None:
        return results.pop() if results else None

    return script


def test_a_question_goes_out_once_however_often_dispatch_runs(context: SetContext) -> None:
    add_survey(context, "AG-1")
    gateway = FakeGateway()
    assert send(context, gateway).outcomes == {SendOutcome.ACCEPTED: 1}
    for _ in range(3):
        assert not send(context, gateway).outcomes
    (sent,) = gateway.ledger
    assert sent.to == "+8613812345678"
    assert sent.text == (
        "【市评议办】您5月4日在Office 1办理“Licence”，请评价本次服务："
        "满意回1，一般回2，不满意回3。退订回T"
    )
    assert sent.template == "survey"
    assert sent.variables == {
        "organisation": "市评议办",
        "office": "Office 1",
        "parent": "Bureau",
        "item": "Licence",
        "served_on": "2023-05-04",
    }


def test_a_sent_question_keeps_its_text_version_and_digits(context: SetContext) -> None:
    add_survey(context, "AG-1")
    gateway = FakeGateway()
    send(context, gateway)
    text = text_of(context)
    assert text.text == gateway.ledger[0].text
    assert (text.template, len(text.template_version)) == ("survey.txt", 12)
    assert text.digits == {"1": "satisfied", "2": "neutral", "3": "dissatisfied"}
    assert (text.encoding, text.segments, text.state) == ("UCS-2", 1, "accepted")


def test_an_accepted_question_starts_the_reply_window(context: SetContext) -> None:
    add_survey(context, "AG-1")
    send(context, FakeGateway())
    (survey,) = rows(context, surveys)
    assert survey.texted
    assert not survey.delivered
    assert survey.reply_until == MORNING + timedelta(hours=48)
    assert survey.disposition == "3.19"


def test_every_move_stands_in_the_journal(context: SetContext) -> None:
    add_survey(context, "AG-1")
    send(context, FakeGateway())
    assert [(row.before, row.after) for row in rows(context, message_events)] == [
        ("queued", "sending"),
        ("sending", "accepted"),
    ]
    (attempt,) = rows(context, send_attempts)
    assert (attempt.outcome, attempt.provider_id) == ("accepted", f"p-{attempt.id}")


def test_a_landline_gets_no_text(context: SetContext) -> None:
    add_survey(context, "AG-1", phone="+8657788886666")
    gateway = FakeGateway()
    send(context, gateway)
    assert gateway.ledger == []


def test_no_text_goes_out_at_noon_and_it_goes_when_hours_open(context: SetContext) -> None:
    context.clock.at = NOON
    add_survey(context, "AG-1")
    gateway = FakeGateway()
    report = send(context, gateway)
    assert (gateway.ledger, report.held) == ([], 1)
    assert f"{report.opens_at:%H:%M}" == "14:00"
    advance(context, hours=2)
    assert send(context, gateway).outcomes == {SendOutcome.ACCEPTED: 1}


def test_now_ignores_the_sending_hours(context: SetContext) -> None:
    context.clock.at = NOON
    add_survey(context, "AG-1")
    assert send(context, FakeGateway(), ignore_hours=True).outcomes == {SendOutcome.ACCEPTED: 1}


def test_a_text_held_too_long_expires_and_becomes_a_call(context: SetContext) -> None:
    context.clock.at = NOON
    add_survey(context, "AG-1")
    send(context, FakeGateway())
    advance(context, days=3)
    assert send(context, FakeGateway()).expired == 1
    assert text_of(context).state == MessageState.EXPIRED
    assert queue_calls(context).queued[CallReason.UNDELIVERED] == 1


def test_a_text_held_for_days_leaves_three_working_days_of_calling(context: SetContext) -> None:
    context.clock.at = NOON
    survey = add_survey(context, "AG-1", closes_at=NOON + timedelta(days=3))
    send(context, FakeGateway())
    advance(context, days=2, hours=2)  # Saturday 6 May, a day that is worked in 2023
    send(context, FakeGateway())
    with reading(context.engine) as connection:
        closes = connection.scalar(select(surveys.c.closes_at).where(surveys.c.id == survey))
    # the window ends on Monday at 14:00; Monday, Tuesday and Wednesday are left for calling
    assert closes is not None
    assert f"{context.calendar.local(closes):%Y-%m-%d %H:%M}" == "2023-05-10 17:30"


def test_a_long_item_gives_way_to_the_short_text(context: SetContext) -> None:
    add_survey(context, "AG-1")
    with writing(context.engine) as connection:
        connection.execute(update(cases).values(item="办" * 200))
    send(context, FakeGateway())
    text = text_of(context)
    assert (text.template, text.state) == ("survey_short.txt", "accepted")


def test_a_text_too_long_in_every_form_becomes_a_call(tmp_path: Path) -> None:
    context = made(tmp_path)
    add_survey(context, "AG-1")
    for name in ("survey", "survey_short"):
        path = tmp_path / "templates" / "sms" / f"{name}.txt"
        path.write_text(path.read_text("utf-8") + "长" * 200, "utf-8")
    gateway = FakeGateway()
    assert send(context, gateway).composed.too_long == 1
    text = text_of(context)
    assert (gateway.ledger, text.state, text.reason) == ([], "failed", "too_long")
    assert queue_calls(context).queued[CallReason.UNDELIVERED] == 1


def test_a_refused_number_becomes_a_call_and_is_not_tried_again(context: SetContext) -> None:
    add_survey(context, "AG-1")
    gateway = FakeGateway(lambda _: refused(RefusalReason.BAD_NUMBER, "21211"))
    send(context, gateway)
    send(context, gateway)
    assert (gateway.calls, text_of(context).reason) == (1, "bad_number")
    (survey,) = rows(context, surveys)
    assert (survey.texted, survey.disposition, survey.contact_data_bad) == (False, "3.90", True)
    assert queue_calls(context).queued[CallReason.UNDELIVERED] == 1


def test_a_carriers_opt_out_is_one_with_us(context: SetContext) -> None:
    add_survey(context, "AG-1")
    send(context, FakeGateway(lambda _: refused(RefusalReason.OPTED_OUT, "21610")))
    assert len(rows(context, opt_outs)) == 1
    assert queue_calls(context).total == 0


def test_a_throttled_text_waits_as_long_as_the_provider_says(context: SetContext) -> None:
    add_survey(context, "AG-1")
    gateway = FakeGateway(once(throttled(MORNING + timedelta(minutes=7))))
    send(context, gateway)
    advance(context, minutes=6)
    send(context, gateway)
    assert gateway.ledger == []
    advance(context, minutes=1)
    send(context, gateway)
    assert len(gateway.ledger) == 1


def test_three_throttled_texts_in_a_row_end_the_run(context: SetContext) -> None:
    for number in range(200):
        add_survey(context, "AG-1", f"K-{number}", f"+8613900000{number:03d}")
    gateway = FakeGateway(lambda _: throttled(context.now() + timedelta(minutes=1)))
    send(context, gateway)
    assert gateway.calls < 200
    gateway = FakeGateway()
    advance(context, minutes=2)
    send(context, gateway)
    assert len(gateway.ledger) == 200


def test_what_was_not_sent_is_tried_with_backoff_and_an_end(context: SetContext) -> None:
    add_survey(context, "AG-1")
    gateway = FakeGateway(lambda _: not_sent("connection refused"))
    send(context, gateway)
    send(context, gateway)
    assert gateway.calls == 1
    advance(context, minutes=1)
    send(context, gateway)
    advance(context, minutes=1)
    send(context, gateway)
    assert gateway.calls == 2
    for _ in range(MOST_TRIES):
        advance(context, hours=1)
        send(context, gateway, ignore_hours=True)
    assert gateway.calls == MOST_TRIES
    assert (text_of(context).state, text_of(context).reason) == ("failed", "not_sent")
    assert queue_calls(context).queued[CallReason.UNDELIVERED] == 1


def test_a_broken_configuration_stops_the_gateway_and_spends_no_try(context: SetContext) -> None:
    for number in range(100):
        add_survey(context, "AG-1", f"K-{number}", f"+86139000000{number:02d}")
    broken = FakeGateway(lambda _: refused(RefusalReason.CONFIGURATION, "20003 bad credentials"))
    report = send(context, broken)
    assert report.stopped == {"simulated": "20003 bad credentials"}
    assert broken.calls <= 16
    assert report.left == 100 - broken.calls  # those that were refused wait for a minute
    assert {row.tries for row in rows(context, messages)} == {0}
    before = broken.calls
    send(context, broken)
    assert broken.calls == before + 1  # one message, to see whether it works again
    advance(context, minutes=1)
    mended = FakeGateway()
    assert send(context, mended).left == 0
    assert len({one.to for one in mended.ledger}) == len(mended.ledger) == 100


def test_one_text_that_always_looks_like_a_broken_configuration_holds_up_nobody(
    context: SetContext,
) -> None:
    for number in range(100):
        add_survey(context, "AG-1", f"K-{number}", f"+86139000000{number:02d}")
    cursed = "+8613900000000"  # the first in the queue

    def script(message: OutgoingMessage) -> SendResult | None:
        if message.to == cursed:
            return refused(RefusalReason.CONFIGURATION, "21408 not this region")
        return None

    gateway = FakeGateway(script)
    for _ in range(3):
        send(context, gateway)
        advance(context, minutes=1)
    assert {one.to for one in gateway.ledger} == {
        f"+86139000000{number:02d}" for number in range(1, 100)
    }
    assert {row.tries for row in rows(context, messages)} == {0}


def test_an_opt_out_that_comes_while_texts_go_out_is_heard(context: SetContext) -> None:
    for number in range(200):
        add_survey(context, "AG-1", f"K-{number}", f"+86139000{number:05d}")
    late = "+8613900000199"  # the last in the queue

    def script(message: OutgoingMessage) -> None:
        if message.to.endswith("00000"):
            context.clock.advance(timedelta(minutes=1))
            event = InboundEvent("in-1", late, "退订", context.now())
            with writing(context.engine) as connection:
                store_inbound(connection, context.keys, "simulated", [event], context.now())

    gateway = FakeGateway(script)
    dispatch(context, {"simulated": gateway}, meanwhile=lambda: read_inbound(context))
    assert late not in {one.to for one in gateway.ledger}
    assert len(gateway.ledger) == 199


def test_another_gateway_takes_over_from_a_stopped_one(tmp_path: Path) -> None:
    two = [{"kind": "simulated", "name": name, "priority": 50} for name in ("a", "b")]
    context = made(tmp_path, gateway=two)
    for number in range(40):
        add_survey(context, "AG-1", f"K-{number}", f"+86139000000{number:02d}")
    broken = FakeGateway(lambda _: refused(RefusalReason.CONFIGURATION), label="a")
    well = FakeGateway(label="b")
    report = dispatch(context, {"a": broken, "b": well})
    assert (len(well.ledger), report.left, list(report.stopped)) == (40, 0, ["a"])


def test_traffic_is_shared_by_priority(tmp_path: Path) -> None:
    three = [
        {"kind": "simulated", "name": name, "priority": priority}
        for name, priority in (("a", 3), ("b", 1), ("c", 0))
    ]
    context = made(tmp_path, gateway=three)
    for number in range(80):
        add_survey(context, "AG-1", f"K-{number}", f"+86139000000{number:02d}")
    gateways = {label: FakeGateway(label=label) for label in "abc"}
    dispatch(context, gateways)
    a, b, c = (len(gateways[label].ledger) for label in "abc")
    assert (a + b, c) == (80, 0)
    assert abs(a - 60) <= 2


def test_a_gateway_that_raises_leaves_an_unknown_text(context: SetContext) -> None:
    def raises(_: OutgoingMessage) -> SendResult | None:
        raise RuntimeError("+8613812345678")

    add_survey(context, "AG-1")
    assert send(context, FakeGateway(raises)).outcomes == {SendOutcome.UNKNOWN: 1}
    (attempt,) = rows(context, send_attempts)
    assert attempt.error == "the gateway raised RuntimeError"


def test_date_limits_a_dispatch_to_what_was_drawn_that_day(context: SetContext) -> None:
    add_survey(context, "AG-1", "K-1")
    advance(context, days=1)
    add_survey(context, "AG-1", "K-2", "+8613900000002")
    gateway = FakeGateway()
    send(context, gateway, day=context.today())
    assert [one.to for one in gateway.ledger] == ["+8613900000002"]


def test_a_dry_run_shows_texts_segments_and_cost_and_stores_nothing(tmp_path: Path) -> None:
    priced = [{"kind": "simulated", "price_per_segment": "0.045"}]
    context = made(tmp_path, gateway=priced)
    add_survey(context, "AG-1")
    add_survey(context, "AG-1", "K-2", "+8613900000002")
    planned = preview(context)
    assert [one.phone for one in planned.texts] == ["138****5678", "139****0002"]
    assert (planned.segments, str(planned.cost)) == (2, "0.090")
    assert rows(context, messages) == []


def rate(context: SetContext, survey: int, rating: Rating) -> None:
    given = GivenAnswer(AnswerRole.RATING, Mode.SMS, rating, context.now())
    with writing(context.engine) as connection:
        record_answer(connection, survey, given, context.now())


@pytest.mark.parametrize("rating", [Rating.NEUTRAL, Rating.DISSATISFIED])
def test_one_follow_up_asks_the_unhappy_for_the_reason(context: SetContext, rating: Rating) -> None:
    survey = add_survey(context, "AG-1")
    gateway = FakeGateway()
    send(context, gateway)
    rate(context, survey, rating)
    for _ in range(3):
        send(context, gateway)
    assert [one.template for one in gateway.ledger] == ["survey", "reason"]
    assert "哪里还做得不够好" in gateway.ledger[1].text


def test_the_satisfied_get_no_follow_up(context: SetContext) -> None:
    survey = add_survey(context, "AG-1")
    gateway = FakeGateway()
    send(context, gateway)
    rate(context, survey, Rating.SATISFIED)
    send(context, gateway)
    assert len(gateway.ledger) == 1


def test_no_follow_up_where_the_setting_says_so(tmp_path: Path) -> None:
    context = made(tmp_path, survey={"ask_reason": False})
    survey = add_survey(context, "AG-1")
    gateway = FakeGateway()
    send(context, gateway)
    rate(context, survey, Rating.DISSATISFIED)
    send(context, gateway)
    assert len(gateway.ledger) == 1


def test_a_held_follow_up_is_called_off_when_the_citizen_is_satisfied_after_all(
    context: SetContext,
) -> None:
    survey = add_survey(context, "AG-1")
    gateway = FakeGateway()
    send(context, gateway)
    advance(context, hours=2)
    rate(context, survey, Rating.DISSATISFIED)
    send(context, gateway)
    rate(context, survey, Rating.SATISFIED)
    advance(context, hours=2)
    send(context, gateway)
    assert len(gateway.ledger) == 1
    assert [row.state for row in rows(context, messages)] == ["accepted", "failed"]


def test_an_opt_out_stops_texts_that_wait(context: SetContext) -> None:
    context.clock.at = NOON
    add_survey(context, "AG-1")
    gateway = FakeGateway()
    send(context, gateway)
    with writing(context.engine) as connection:
        opt_out(connection, text_of(context).phone_hash, "simulated", None, context.now())
    advance(context, hours=3)
    send(context, gateway)
    assert gateway.ledger == []
    assert queue_calls(context).total == 0


def test_a_closed_survey_sends_nothing_more(context: SetContext) -> None:
    context.clock.at = NOON
    add_survey(context, "AG-1", closes_at=NOON + timedelta(hours=1))
    gateway = FakeGateway()
    send(context, gateway)
    advance(context, hours=2)
    with writing(context.engine) as connection:
        close_due(connection, context.now())
    send(context, gateway)
    assert gateway.ledger == []


def test_no_survey_gets_two_texts_of_one_purpose(context: SetContext) -> None:
    survey = add_survey(context, "AG-1")
    send(context, FakeGateway(once(unknown("timeout"))))
    with writing(context.engine) as connection:
        connection.execute(update(surveys).where(surveys.c.id == survey).values(asked_at=None))
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        send(context, FakeGateway())
    assert [row.purpose for row in rows(context, messages)] == [MessagePurpose.SURVEY]


def test_whoever_watches_hears_of_every_text(context: SetContext) -> None:
    for number in range(30):
        add_survey(context, "AG-1", f"K-{number}", f"+86139000000{number:02d}")
    heard: list[tuple[int, int]] = []
    send(context, FakeGateway(), progress=lambda done, total: heard.append((done, total)))
    assert heard[-1] == (30, 30)
    assert heard == sorted(heard)
