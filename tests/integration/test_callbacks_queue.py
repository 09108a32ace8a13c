"""Who is queued, for which reason, and who never is (specification, section 7)."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from survey_pipeline.stages.callbacks import (
    CallResult,
    forecast_load,
    log_result,
    next_call,
    queue_calls,
)
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import calls, inbound, messages, send_attempts, surveys
from survey_pipeline.survey.closing import close_calls
from survey_pipeline.survey.opt_outs import opt_in, opt_out
from survey_pipeline.survey.rating import GivenAnswer, record_answer
from survey_pipeline.testing import (
    NOON,
    SetContext,
    add_inbound,
    add_offices,
    add_survey,
    add_text,
    workspace,
)
from survey_pipeline.vocabulary import (
    AnswerRole,
    CallEnd,
    CallOutcome,
    CallReason,
    CallState,
    InboundUse,
    MessagePurpose,
    MessageState,
    Mode,
    Rating,
)

pytestmark = pytest.mark.usefixtures("database")

MORNING = NOON - timedelta(hours=2)
"""Thursday 4 May 2023, 10:00 in Shanghai."""
LANDLINE = "+8657788886666"


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    made = workspace(tmp_path, at=MORNING, callbacks={"verify_satisfied": "1"})
    add_offices(made, "agency", "health", "finance")
    return made


def rated(context: SetContext, rating: Rating, **values: Any) -> int:
    """A survey whose text was answered at once."""
    survey = add_survey(context, "AG-1", **values)
    add_text(context, survey)
    answer(context, survey, rating)
    return survey


def answer(context: SetContext, survey: int, rating: Rating) -> None:
    with writing(context.engine) as connection:
        record_answer(
            connection,
            survey,
            GivenAnswer(AnswerRole.RATING, Mode.SMS, rating, context.now()),
            context.now(),
        )


def advance(context: SetContext, **by: float) -> datetime:
    return context.clock.advance(timedelta(**by))


def queued(context: SetContext) -> list[CallReason]:
    """Run the queue; the reasons of the calls now open."""
    queue_calls(context)
    with reading(context.engine) as connection:
        rows = connection.scalars(
            select(calls.c.reason).where(calls.c.state == CallState.OPEN).order_by(calls.c.id)
        )
        return [CallReason(reason) for reason in rows]


def test_a_landline_is_queued_at_the_draw_and_once(context: SetContext) -> None:
    add_survey(context, "AG-1", phone=LANDLINE)
    assert queue_calls(context).queued[CallReason.LANDLINE] == 1
    assert queue_calls(context).total == 0
    assert queued(context) == [CallReason.LANDLINE]


def test_a_call_is_due_in_hours_and_ends_with_the_survey(context: SetContext) -> None:
    context.clock.at = NOON
    add_survey(context, "AG-1", phone=LANDLINE)
    queue_calls(context)
    with reading(context.engine) as connection:
        call = connection.execute(select(calls)).one()
    assert call.due_at == NOON + timedelta(hours=2)
    assert call.last_at == NOON + timedelta(days=7)


@pytest.mark.parametrize(
    "state", [MessageState.FAILED, MessageState.EXPIRED, MessageState.UNDELIVERED]
)
def test_a_text_that_did_not_arrive_becomes_a_call(
    context: SetContext, state: MessageState
) -> None:
    add_text(context, add_survey(context, "AG-1"), state=state, reason="too_long")
    assert queued(context) == [CallReason.UNDELIVERED]


@pytest.mark.parametrize("reason", ["opted_out", "withdrawn", "survey_closed"])
def test_a_text_cancelled_for_a_reason_that_forbids_calls_is_none(
    context: SetContext, reason: str
) -> None:
    add_text(context, add_survey(context, "AG-1"), state=MessageState.FAILED, reason=reason)
    assert queued(context) == []


@pytest.mark.parametrize("state", [MessageState.QUEUED, MessageState.SENDING])
def test_a_text_still_on_its_way_is_waited_for(context: SetContext, state: MessageState) -> None:
    add_text(context, add_survey(context, "AG-1"), state=state)
    advance(context, days=2)
    assert queued(context) == []


def test_an_unknown_text_is_called_after_unknown_after(context: SetContext) -> None:
    attempt_unknown(context)
    advance(context, minutes=29)
    assert queued(context) == []
    advance(context, minutes=1)
    assert queued(context) == [CallReason.UNDELIVERED]


def test_under_resend_an_unknown_text_is_left_to_the_dispatch(tmp_path: Path) -> None:
    context = workspace(tmp_path, at=MORNING, sending={"unknown_policy": "resend"})
    add_offices(context, "agency")
    attempt_unknown(context)
    advance(context, hours=3)
    assert queued(context) == []


def attempt_unknown(context: SetContext) -> None:
    text = add_text(
        context, add_survey(context, "AG-1"), state=MessageState.UNKNOWN, attempt_id="t-1"
    )
    with writing(context.engine) as connection:
        connection.execute(
            send_attempts.insert().values(
                id="t-1", message_id=text, gateway="simulated", started_at=context.now()
            )
        )


def test_a_text_that_arrives_late_takes_the_unmade_call_back(context: SetContext) -> None:
    survey = add_survey(context, "AG-1")
    text = add_text(context, survey, state=MessageState.UNDELIVERED)
    queue_calls(context)
    with writing(context.engine) as connection:
        connection.execute(
            update(messages).where(messages.c.id == text).values(state=MessageState.DELIVERED)
        )
    assert queue_calls(context).not_needed == 1
    assert queued(context) == []
    advance(context, days=2)
    context.clock.at = max(context.now(), MORNING + timedelta(days=4))
    assert queued(context) == [CallReason.NO_REPLY]


def test_silence_is_called_after_the_reply_window(context: SetContext) -> None:
    add_text(context, add_survey(context, "AG-1"))
    advance(context, hours=47)
    assert queued(context) == []
    advance(context, hours=3)
    assert queued(context) == [CallReason.NO_REPLY]


def test_an_unclear_reply_waits_for_its_reader_and_then_is_called(context: SetContext) -> None:
    survey = add_survey(context, "AG-1")
    add_text(context, survey)
    reply = add_inbound(context, survey, "hm?")
    advance(context, hours=23)
    assert queued(context) == []
    advance(context, hours=1)
    assert queue_calls(context).unread == 1
    assert queued(context) == [CallReason.UNCLEAR]
    with reading(context.engine) as connection:
        use = connection.scalar(select(inbound.c.use).where(inbound.c.id == reply))
    assert use == InboundUse.CANNOT_TELL


def test_what_a_reader_cannot_tell_is_called_at_once(context: SetContext) -> None:
    survey = add_survey(context, "AG-1")
    add_text(context, survey)
    add_inbound(context, survey, "hm?", use=InboundUse.CANNOT_TELL)
    assert queued(context) == [CallReason.UNCLEAR]


def test_an_unclear_reply_with_an_opt_out_is_never_called(context: SetContext) -> None:
    survey = add_survey(context, "AG-1")
    add_text(context, survey)
    reply = add_inbound(context, survey, "满意 TD", opted_out=True)
    advance(context, days=5)
    assert queued(context) == []
    with reading(context.engine) as connection:
        use = connection.scalar(select(inbound.c.use).where(inbound.c.id == reply))
    assert use == InboundUse.READER


def test_a_health_office_is_never_queued(context: SetContext) -> None:
    add_text(context, add_survey(context, "HE-2"), state=MessageState.UNDELIVERED)
    advance(context, days=3)
    assert queued(context) == []


def test_who_opted_out_is_never_queued_not_even_after_coming_back(context: SetContext) -> None:
    survey = add_survey(context, "AG-1", phone=LANDLINE)
    phone = context.keys.phone_hash(LANDLINE)
    with writing(context.engine) as connection:
        opt_out(connection, phone, "simulated", None, context.now())
    assert queued(context) == []
    with writing(context.engine) as connection:
        assert opt_in(connection, phone, survey, context.now())
    assert queued(context) == []


def test_an_opt_out_on_the_list_alone_is_enough(context: SetContext) -> None:
    with writing(context.engine) as connection:
        opt_out(connection, context.keys.phone_hash(LANDLINE), "simulated", None, context.now())
    add_survey(context, "AG-1", phone=LANDLINE)
    assert queued(context) == []


@pytest.mark.parametrize(
    "values", [{"withdrawn": True}, {"denied": True}, {"state": "closed"}, {"phone": None}]
)
def test_nobody_is_called_whose_survey_forbids_it(
    context: SetContext, values: dict[str, Any]
) -> None:
    survey = add_survey(context, "AG-1", phone=LANDLINE)
    with writing(context.engine) as connection:
        connection.execute(update(surveys).where(surveys.c.id == survey).values(**values))
    assert queued(context) == []


def test_nothing_is_queued_that_could_not_be_made_before_the_end(context: SetContext) -> None:
    context.clock.at = NOON
    add_survey(context, "AG-1", phone=LANDLINE, closes_at=NOON + timedelta(hours=2))
    assert queued(context) == []


def test_the_dissatisfied_are_asked_why_when_no_follow_up_was_sent(tmp_path: Path) -> None:
    context = workspace(tmp_path, at=MORNING, survey={"ask_reason": False})
    add_offices(context, "agency")
    rated(context, Rating.DISSATISFIED)
    assert queued(context) == []
    advance(context, days=2)
    assert queued(context) == [CallReason.DISSATISFIED]


def test_the_follow_up_gets_its_own_window(context: SetContext) -> None:
    survey = rated(context, Rating.DISSATISFIED)
    advance(context, days=1)
    add_text(context, survey, purpose=MessagePurpose.REASON)
    advance(context, hours=47)
    assert queued(context) == []
    advance(context, hours=1)
    assert queued(context) == [CallReason.DISSATISFIED]


def test_a_follow_up_that_failed_is_not_waited_for(context: SetContext) -> None:
    survey = rated(context, Rating.DISSATISFIED)
    add_text(context, survey, purpose=MessagePurpose.REASON, state=MessageState.FAILED)
    advance(context, days=2)
    assert queued(context) == [CallReason.DISSATISFIED]


def test_a_reason_by_sms_saves_the_call(context: SetContext) -> None:
    survey = rated(context, Rating.DISSATISFIED)
    add_text(context, survey, purpose=MessagePurpose.REASON)
    add_inbound(context, survey, "三次都没办成", use=InboundUse.COMMENT)
    advance(context, days=4)
    assert queued(context) == []


def test_the_dissatisfied_are_left_alone_when_the_office_wants_it(tmp_path: Path) -> None:
    context = workspace(tmp_path, at=MORNING, callbacks={"dissatisfied": False})
    add_offices(context, "agency")
    rated(context, Rating.DISSATISFIED)
    advance(context, days=4)
    assert queued(context) == []


def test_the_neutral_are_not_called(context: SetContext) -> None:
    rated(context, Rating.NEUTRAL)
    advance(context, days=4)
    assert queued(context) == []


def test_a_share_of_the_satisfied_is_verified_once_the_rating_stands(context: SetContext) -> None:
    rated(context, Rating.SATISFIED)
    assert queued(context) == []
    advance(context, days=2)
    assert queued(context) == [CallReason.VERIFY]


def test_nobody_gets_a_second_call_beside_the_rating(context: SetContext) -> None:
    survey = rated(context, Rating.SATISFIED)
    advance(context, days=4)
    queue_calls(context)
    with writing(context.engine) as connection:
        close_calls(connection, [survey], CallEnd.SMS_REPLY, context.now())
        connection.execute(update(surveys).values(rating=Rating.DISSATISFIED))
    assert queued(context) == []


def test_whose_call_was_done_is_not_called_again(context: SetContext) -> None:
    survey = add_survey(context, "AG-1")
    add_text(context, survey, state=MessageState.UNDELIVERED)
    queue_calls(context)
    call = next_call(context, "Li").call
    assert call is not None
    log_result(context, call.id, "Li", CallResult(CallOutcome.REFUSED))
    answer(context, survey, Rating.SATISFIED)
    advance(context, days=4)
    assert queued(context) == []


def test_exhausted_attempts_are_not_begun_anew_except_for_a_later_text(tmp_path: Path) -> None:
    context = workspace(tmp_path, at=MORNING, callbacks={"max_attempts": 1})
    add_offices(context, "agency")
    survey = add_survey(context, "AG-1", closes_at=MORNING + timedelta(days=12))
    add_text(context, survey)
    advance(context, days=4)
    queue_calls(context)
    call = next_call(context, "Li").call
    assert call is not None
    log_result(context, call.id, "Li", CallResult(CallOutcome.NO_ANSWER))
    with writing(context.engine) as connection:
        connection.execute(update(messages).values(state=MessageState.UNDELIVERED))
    assert queued(context) == []
    add_inbound(context, survey, "?", use=InboundUse.CANNOT_TELL)
    assert queued(context) == [CallReason.UNCLEAR]


def silent_surveys(context: SetContext, office: str, count: int) -> None:
    for number in range(count):
        survey = add_survey(context, office, f"S-{number}", f"+86138{office[-1]}{number:07d}")
        add_text(context, survey)


def test_no_more_silent_cases_enter_than_the_capacity_leaves(tmp_path: Path) -> None:
    context = workspace(tmp_path, at=MORNING, callbacks={"daily_capacity": 5})
    add_offices(context, "agency", "finance")
    silent_surveys(context, "AG-1", 6)
    silent_surveys(context, "FI-2", 2)
    add_survey(context, "AG-1", "L-1", LANDLINE)
    context.clock.at = MORNING + timedelta(days=4)
    done = queue_calls(context)
    assert (done.queued[CallReason.LANDLINE], done.queued[CallReason.NO_REPLY]) == (1, 4)
    assert done.no_room == 4
    with reading(context.engine) as connection:
        offices = list(
            connection.scalars(
                select(surveys.c.office_code)
                .join(calls, calls.c.survey_id == surveys.c.id)
                .where(calls.c.reason == CallReason.NO_REPLY)
            )
        )
    assert sorted(offices) == ["AG-1", "AG-1", "FI-2", "FI-2"]


def test_work_done_today_leaves_no_room_for_more_today_but_for_tomorrow(tmp_path: Path) -> None:
    context = workspace(tmp_path, at=MORNING, callbacks={"daily_capacity": 2})
    add_offices(context, "agency")
    silent_surveys(context, "AG-1", 5)
    context.clock.at = MORNING + timedelta(days=4)
    assert queue_calls(context).queued[CallReason.NO_REPLY] == 2
    for _ in range(2):
        call = next_call(context, "Li").call
        assert call is not None
        log_result(context, call.id, "Li", CallResult(CallOutcome.REFUSED))
    assert queue_calls(context).total == 0
    context.clock.at = MORNING + timedelta(days=5)
    assert queue_calls(context).queued[CallReason.NO_REPLY] == 2


def test_the_hour_of_the_run_does_not_decide_who_enters(tmp_path: Path) -> None:
    context = workspace(tmp_path, at=MORNING)
    add_offices(context, "agency")
    add_text(context, add_survey(context, "AG-1"))
    context.clock.at = MORNING + timedelta(hours=48, minutes=5)  # a Saturday that is worked
    assert queued(context) == []
    context.clock.at = NOON + timedelta(hours=48)
    assert queued(context) == [CallReason.NO_REPLY]


def test_the_forecast_counts_what_is_due_and_what_may_enter(tmp_path: Path) -> None:
    context = workspace(tmp_path, at=MORNING, callbacks={"daily_capacity": 3})
    add_offices(context, "agency")
    silent_surveys(context, "AG-1", 4)
    add_survey(context, "AG-1", "L-1", LANDLINE)
    queue_calls(context)
    load = forecast_load(context, days=4)
    assert [(f"{one.day:%m-%d}", one.due, one.no_reply, one.left_out) for one in load] == [
        ("05-04", 1, 0, 0),
        ("05-05", 0, 0, 0),
        ("05-06", 0, 3, 1),
        ("05-08", 0, 1, 0),
    ]
    assert [one.calls for one in load] == [1, 0, 3, 1]
    assert not any(one.over_capacity for one in load)


def test_the_forecast_says_when_the_staff_cannot_make_them_all(tmp_path: Path) -> None:
    context = workspace(tmp_path, at=MORNING, callbacks={"daily_capacity": 1})
    add_offices(context, "agency")
    for number in range(3):
        add_survey(context, "AG-1", f"L-{number}", f"+865778888666{number}")
    queue_calls(context)
    assert forecast_load(context, days=1)[0].over_capacity == 2
