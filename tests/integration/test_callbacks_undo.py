"""A caller takes back, within a minute, what they logged by a slip of the hand."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.errors import CannotProceed, UnknownRecord
from survey_pipeline.reports.day_course import read_day_course
from survey_pipeline.stages.callbacks import (
    CallResult,
    held_call,
    last_attempt,
    log_result,
    next_call,
    queue_calls,
    undo_attempt,
)
from survey_pipeline.stages.intake import withdraw
from survey_pipeline.stages.replies import code_reply
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    answers,
    audit_log,
    call_attempts,
    calls,
    survey_events,
    surveys,
)
from survey_pipeline.survey.opt_outs import opt_out
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
    CallOutcome,
    DissatisfactionReason,
    Mode,
    Rating,
    ReaderDecision,
    RecordKind,
)

pytestmark = pytest.mark.usefixtures("database")

MORNING = NOON - timedelta(hours=2)
"""Thursday 4 May 2023, 10:00 in Shanghai."""
LANDLINE = "+8657788886666"
BUSY = CallResult(CallOutcome.BUSY)
UNHAPPY = CallResult(
    CallOutcome.ANSWERED, Rating.DISSATISFIED, DissatisfactionReason.ATTITUDE, note="sent away"
)
CONTENT = CallResult(CallOutcome.ANSWERED, Rating.SATISFIED)
DERIVED = (
    "rating", "rated_by", "rated_at", "corrected", "verification", "reason", "called", "reached",
    "attempts", "denied", "disposition", "contact_data_bad",
)  # fmt: skip


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    made = workspace(tmp_path, at=MORNING)
    add_offices(made, "agency")
    add_survey(made, "AG-1", "L-1", LANDLINE)
    queue_calls(made)
    return made


def take(context: SetContext, by: str = "li") -> int:
    call = next_call(context, by).call
    assert call is not None
    return call.id


def take_and_log(context: SetContext, result: CallResult, by: str = "li") -> int:
    call = take(context, by)
    log_result(context, call, by, result)
    context.clock.advance(timedelta(seconds=20))
    return call


def survey_of(context: SetContext) -> dict[str, Any]:
    with reading(context.engine) as connection:
        row = connection.execute(select(surveys).where(surveys.c.id == 1)).one()
    return {name: getattr(row, name) for name in DERIVED}


def call_of(context: SetContext, call: int = 1) -> Any:
    with reading(context.engine) as connection:
        return connection.execute(select(calls).where(calls.c.id == call)).one()


@pytest.mark.parametrize(
    "result",
    [
        UNHAPPY,
        CONTENT,
        BUSY,
        *(
            CallResult(outcome)
            for outcome in CallOutcome
            if outcome not in {CallOutcome.ANSWERED, CallOutcome.AGAIN, CallOutcome.BUSY}
        ),
        CallResult(CallOutcome.AGAIN, again_at=NOON + timedelta(hours=3)),
    ],
    ids=lambda result: f"{result.outcome}-{result.answer}",
)
def test_case_and_call_are_as_they_were_before(context: SetContext, result: CallResult) -> None:
    call = take(context)
    survey, before = survey_of(context), call_of(context)
    log_result(context, call, "li", result)
    context.clock.advance(timedelta(seconds=59))
    undo_attempt(context, call, "li")
    assert survey_of(context) == survey
    after = call_of(context)
    for name in (
        "state", "attempts", "extra_attempts", "slots", "due_at", "appointment_from",
        "appointment_until", "lease_by", "leased_at", "ended_at", "why",
    ):  # fmt: skip
        assert getattr(after, name) == getattr(before, name), name
    card = held_call(context, "li")
    assert card is not None
    assert (card.id, card.attempt) == (call, 1)


def test_what_was_logged_stays_on_record_and_counts_no_more(context: SetContext) -> None:
    call = take_and_log(context, UNHAPPY)
    undo_attempt(context, call, "li")
    log_result(context, call, "li", CONTENT)
    with reading(context.engine) as connection:
        kept = connection.execute(select(call_attempts).order_by(call_attempts.c.id)).all()
        heard = connection.execute(select(answers.c.rating)).scalars().all()
        event = connection.execute(
            select(survey_events).where(survey_events.c.what == "undone")
        ).one()
        entry = connection.execute(
            select(audit_log).where(audit_log.c.kind == "call_attempts")
        ).one()
    assert [(one.number, one.rating, one.note) for one in kept] == [
        (1, "dissatisfied", "sent away"),
        (1, "satisfied", None),
    ]
    assert heard == ["dissatisfied", "satisfied"]
    assert (event.before, event.after, event.by) == ("dissatisfied", None, "li")
    assert (entry.action, entry.actor, entry.key) == ("withdrawn", "li", f"{call}/1")
    survey = survey_of(context)
    assert (survey["rating"], survey["verification"], survey["attempts"]) == ("satisfied", None, 1)
    assert survey["reason"] is None
    assert read_day_course(context, context.today()).activity.calls == 1


def test_the_card_shows_what_was_taken_back(context: SetContext) -> None:
    call = take_and_log(context, UNHAPPY)
    undo_attempt(context, call, "li")
    card = held_call(context, "li")
    assert card is not None
    assert [(one.number, one.outcome, one.undone) for one in card.history] == [
        (1, "answered", True)
    ]


def test_an_earlier_attempt_and_its_appointment_stand(context: SetContext) -> None:
    asked = MORNING + timedelta(hours=5)
    take_and_log(context, CallResult(CallOutcome.AGAIN, again_at=asked))
    context.clock.at = asked
    call = take(context)
    before, survey = call_of(context), survey_of(context)
    log_result(context, call, "li", CallResult(CallOutcome.NOT_MY_CASE))
    undo_attempt(context, call, "li")
    after = call_of(context)
    assert (after.appointment_from, after.appointment_until) == (asked, before.appointment_until)
    assert (after.slots, after.attempts) == (before.slots, 1)
    assert survey_of(context) == survey
    assert log_result(context, call, "li", CONTENT).attempt == 2


def test_after_a_minute_it_stays(context: SetContext) -> None:
    call = take(context)
    log_result(context, call, "li", UNHAPPY)
    assert last_attempt(context, "li") is not None
    context.clock.advance(timedelta(minutes=1))
    assert last_attempt(context, "li") is None
    with pytest.raises(CannotProceed, match="more than a minute"):
        undo_attempt(context, call, "li")
    assert survey_of(context)["rating"] == "dissatisfied"


def test_nobody_takes_back_what_a_colleague_logged(context: SetContext) -> None:
    call = take_and_log(context, UNHAPPY)
    with pytest.raises(CannotProceed, match="nothing of yours"):
        undo_attempt(context, call, "wang")
    with pytest.raises(UnknownRecord):
        undo_attempt(context, 99, "li")
    assert last_attempt(context, "wang") is None


def test_it_is_taken_back_once(context: SetContext) -> None:
    call = take_and_log(context, UNHAPPY)
    undo_attempt(context, call, "li")
    with pytest.raises(CannotProceed, match="nothing of yours"):
        undo_attempt(context, call, "li")
    assert last_attempt(context, "li") is None


def a_text_comes(context: SetContext) -> None:
    add_inbound(context, 1, "hm")


def a_reader_decides(context: SetContext) -> None:
    code_reply(context, 1, ReaderDecision.NEUTRAL, "chen")


def the_case_is_withdrawn(context: SetContext) -> None:
    withdraw(context, RecordKind.CASES, "AG-1/L-1", reason="reported twice")


def the_citizen_opts_out(context: SetContext) -> None:
    with writing(context.engine) as connection:
        opt_out(connection, context.keys.phone_hash(LANDLINE), "simulated", None, context.now())


def an_sms_answer_comes(context: SetContext) -> None:
    answer = GivenAnswer(AnswerRole.RATING, Mode.SMS, Rating.NEUTRAL, context.now())
    with writing(context.engine) as connection:
        record_answer(connection, 1, answer, context.now())


@pytest.mark.parametrize(
    "happens",
    [a_text_comes, a_reader_decides, the_case_is_withdrawn, the_citizen_opts_out,
     an_sms_answer_comes],
)  # fmt: skip
def test_it_stays_once_something_else_has_happened(
    context: SetContext, happens: Callable[[SetContext], None]
) -> None:
    call = take(context)
    if happens is a_reader_decides:
        add_inbound(context, 1, "hm")
    log_result(context, call, "li", CONTENT)
    context.clock.advance(timedelta(seconds=10))
    happens(context)
    with pytest.raises(CannotProceed, match="something else has happened"):
        undo_attempt(context, call, "li")


def test_it_stays_once_a_colleague_has_the_call(context: SetContext) -> None:
    call = take_and_log(context, BUSY)
    with writing(context.engine) as connection:
        connection.execute(calls.update().values(due_at=context.now()))
    assert take(context, "wang") == call
    with pytest.raises(CannotProceed, match="something else has happened"):
        undo_attempt(context, call, "li")
    assert call_of(context).lease_by == "wang"


def test_the_call_taken_since_goes_back_to_the_queue(context: SetContext) -> None:
    add_survey(context, "AG-1", "L-2", "+8657788886667")
    queue_calls(context)
    first = take_and_log(context, UNHAPPY)
    second = take(context)
    undo_attempt(context, first, "li")
    card = held_call(context, "li")
    assert card is not None
    assert card.id == first
    assert call_of(context, second).lease_by is None
    assert take(context, "wang") == second


def test_beside_an_sms_rating_a_correction_is_taken_back_whole(tmp_path: Path) -> None:
    context = workspace(tmp_path, at=MORNING, callbacks={"verify_satisfied": "1"})
    add_offices(context, "agency")
    survey = add_survey(context, "AG-1", reply_until=MORNING)
    add_text(context, survey, accepted_at=MORNING - timedelta(days=2))
    with writing(context.engine) as connection:
        given = GivenAnswer(AnswerRole.RATING, Mode.SMS, Rating.SATISFIED, MORNING)
        record_answer(connection, survey, given, MORNING)
        connection.execute(surveys.update().values(reply_until=MORNING))
    queue_calls(context)
    before = survey_of(context)
    result = CallResult(CallOutcome.ANSWERED, Rating.DISSATISFIED, correct_why="took 1 for bad")
    call = take_and_log(context, result)
    assert survey_of(context)["corrected"]
    undo_attempt(context, call, "li")
    assert survey_of(context) == before
    log_result(context, call, "li", CallResult(CallOutcome.ANSWERED, Rating.NEUTRAL))
    after = survey_of(context)
    assert (after["rating"], after["corrected"], after["verification"]) == (
        "satisfied",
        False,
        "neutral",
    )
