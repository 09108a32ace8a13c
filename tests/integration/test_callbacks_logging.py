"""What callers log, what becomes of it, and whose result is refused (specification, section 7)."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.errors import CallHeld, CannotProceed, UnknownRecord, UsageError
from survey_pipeline.stages.callbacks import (
    CallResult,
    Logged,
    log_result,
    next_call,
    queue_calls,
)
from survey_pipeline.stages.intake import withdraw
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import call_attempts, calls, surveys
from survey_pipeline.survey.closing import close_due
from survey_pipeline.survey.opt_outs import opt_out
from survey_pipeline.testing import NOON, SetContext, add_offices, add_survey, workspace
from survey_pipeline.vocabulary import (
    CallOutcome,
    CallState,
    DissatisfactionReason,
    Rating,
    RecordKind,
)

pytestmark = pytest.mark.usefixtures("database")

MORNING = NOON - timedelta(hours=2)
"""Thursday 4 May 2023, 10:00 in Shanghai."""
LANDLINE = "+8657788886666"
NOBODY = CallResult(CallOutcome.NO_ANSWER)
BUSY = CallResult(CallOutcome.BUSY)
CONTENT = CallResult(CallOutcome.ANSWERED, Rating.SATISFIED)


def queue_one(
    folder: Path, *, callbacks: dict[str, Any] | None = None, **survey: Any
) -> SetContext:
    context = workspace(folder, at=MORNING, callbacks=callbacks or {})
    add_offices(context, "agency")
    add_survey(context, "AG-1", "L-1", LANDLINE, **survey)
    queue_calls(context)
    return context


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    return queue_one(tmp_path)


def take(context: SetContext, by: str = "Li") -> int:
    call = next_call(context, by).call
    assert call is not None
    return call.id


def take_and_log(context: SetContext, result: CallResult, by: str = "Li") -> Logged:
    return log_result(context, take(context, by), by, result)


def survey_of(context: SetContext) -> Any:
    with reading(context.engine) as connection:
        return connection.execute(select(surveys)).one()


def call_of(context: SetContext) -> Any:
    with reading(context.engine) as connection:
        return connection.execute(select(calls)).one()


def attempts(context: SetContext) -> list[Any]:
    with reading(context.engine) as connection:
        return list(connection.execute(select(call_attempts).order_by(call_attempts.c.id)))


def local(context: SetContext, moment: datetime | None) -> str:
    assert moment is not None
    return f"{context.calendar.local(moment):%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("outcome", "code", "reached"),
    [
        (CallOutcome.REFUSED, "2.112", True),
        (CallOutcome.NOT_MY_CASE, "3.90", True),
        (CallOutcome.WRONG_NUMBER, "3.90", True),
        (CallOutcome.INVALID_NUMBER, "3.90", False),
        (CallOutcome.LANGUAGE, "2.332", True),
        (CallOutcome.HUNG_UP, "2.12", True),
    ],
)
def test_an_outcome_that_ends_the_calling(
    context: SetContext, outcome: CallOutcome, code: str, reached: bool
) -> None:
    logged = take_and_log(context, CallResult(outcome))
    assert (logged.state, logged.next_at, logged.rating) == (CallState.DONE, None, None)
    survey = survey_of(context)
    assert (survey.disposition, survey.called, survey.reached, survey.attempts) == (
        code,
        True,
        reached,
        1,
    )
    assert call_of(context).why == outcome
    assert next_call(context, "Wang").call is None


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (CallOutcome.NO_ANSWER, "3.13"),
        (CallOutcome.BUSY, "3.12"),
        (CallOutcome.SWITCHED_OFF, "3.16"),
    ],
)
def test_an_outcome_after_which_the_plan_goes_on(
    context: SetContext, outcome: CallOutcome, code: str
) -> None:
    logged = take_and_log(context, CallResult(outcome))
    assert logged.state is CallState.OPEN
    assert logged.next_at is not None
    survey = survey_of(context)
    assert (survey.disposition, survey.called, survey.reached) == (code, True, False)


def test_an_answer_is_the_rating_by_phone_with_its_reason(context: SetContext) -> None:
    result = CallResult(
        CallOutcome.ANSWERED,
        Rating.DISSATISFIED,
        DissatisfactionReason.ATTITUDE,
        note="  sent away twice ",
    )
    logged = take_and_log(context, result)
    assert (logged.rating, logged.rated_by, logged.state) == ("dissatisfied", "phone", "done")
    survey = survey_of(context)
    assert (survey.reason, survey.disposition, survey.reached) == ("attitude", "1.1", True)
    assert [one.note for one in attempts(context)] == ["sent away twice"]


def test_the_first_retry_is_not_skipped(context: SetContext) -> None:
    assert local(context, take_and_log(context, NOBODY).next_at) == "05-04 14:00"
    context.clock.at = MORNING + timedelta(hours=4)
    assert local(context, take_and_log(context, NOBODY).next_at) == "05-05 15:45"
    context.clock.at = MORNING + timedelta(days=1, hours=5, minutes=45)
    last = take_and_log(context, NOBODY)
    assert (last.state, last.next_at, last.attempt) == (CallState.EXHAUSTED, None, 3)
    assert [one.slot for one in attempts(context)] == ["a", "c", "d"]


def test_busy_is_tried_again_after_half_an_hour(context: SetContext) -> None:
    assert take_and_log(context, BUSY).next_at == MORNING + timedelta(minutes=30)


def test_after_the_last_attempt_nobody_calls_again(tmp_path: Path) -> None:
    context = queue_one(tmp_path, callbacks={"max_attempts": 1})
    logged = take_and_log(context, NOBODY)
    assert (logged.state, call_of(context).why) == (CallState.EXHAUSTED, "attempts_used")
    context.clock.advance(timedelta(days=1))
    queue_calls(context)
    assert next_call(context, "Li").call is None


def test_no_attempt_is_planned_after_the_surveys_last_day(tmp_path: Path) -> None:
    context = queue_one(tmp_path, closes_at=MORNING + timedelta(hours=3))
    logged = take_and_log(context, NOBODY)
    assert (logged.state, call_of(context).why) == (CallState.CLOSED, "no_time_left")
    assert survey_of(context).disposition == "3.13"


def again(moment: datetime) -> CallResult:
    return CallResult(CallOutcome.AGAIN, again_at=moment)


def test_an_appointment_is_kept_and_counts_as_reached(context: SetContext) -> None:
    asked = MORNING + timedelta(hours=5)
    logged = take_and_log(context, again(asked))
    assert (logged.next_at, logged.notes) == (asked, ())
    call, survey = call_of(context), survey_of(context)
    assert call.appointment_until == asked + timedelta(minutes=30)
    assert (survey.disposition, survey.reached) == ("2.21", True)


def test_an_appointment_outside_hours_moves_and_says_so(context: SetContext) -> None:
    logged = take_and_log(context, again(MORNING + timedelta(hours=3)))
    assert local(context, logged.next_at) == "05-04 14:00"
    assert "outside calling hours" in str(logged.notes[0])


def test_a_due_appointment_may_add_one_attempt_and_no_second(tmp_path: Path) -> None:
    context = queue_one(tmp_path, callbacks={"max_attempts": 1})
    states = []
    for _ in range(2):
        logged = take_and_log(context, again(context.now() + timedelta(minutes=10)))
        states.append(logged.state)
        context.clock.advance(timedelta(minutes=10))
    assert states == [CallState.OPEN, CallState.EXHAUSTED]


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        (MORNING, UsageError, "has passed"),
        (MORNING + timedelta(days=9), CannotProceed, "the survey ends on 2023-05-11 10:00"),
    ],
)
def test_an_impossible_appointment_is_refused_and_keeps_the_call(
    context: SetContext, asked: datetime, error: type[Exception], words: str
) -> None:
    call = take(context)
    with pytest.raises(error, match=words):
        log_result(context, call, "Li", again(asked))
    assert attempts(context) == []
    assert take(context) == call


def test_a_late_result_is_kept_if_nobody_has_taken_the_call(context: SetContext) -> None:
    call = take(context)
    context.clock.advance(timedelta(hours=6))
    logged = log_result(context, call, "Li", CONTENT)
    assert (logged.late, logged.rating, logged.state) == (True, "satisfied", CallState.DONE)
    assert [one.late for one in attempts(context)] == [True]


def test_a_late_result_is_refused_if_somebody_has_taken_it(context: SetContext) -> None:
    call = take(context)
    context.clock.advance(timedelta(minutes=15))
    assert take(context, "Wang") == call
    with pytest.raises(CallHeld, match="held by Wang") as refused:
        log_result(context, call, "Li", CONTENT)
    assert refused.value.exit_code == 4
    assert attempts(context) == []
    assert log_result(context, call, "Wang", NOBODY).attempt == 1


def test_a_late_result_is_refused_also_when_the_next_lease_ran_out_too(context: SetContext) -> None:
    call = take(context)
    context.clock.advance(timedelta(minutes=15))
    take(context, "Wang")
    context.clock.advance(timedelta(hours=1))
    with pytest.raises(CallHeld, match="went back to the queue and was taken by Wang"):
        log_result(context, call, "Li", CONTENT)
    assert attempts(context) == []


def test_what_somebody_else_finished_is_not_logged_over(context: SetContext) -> None:
    call = take(context)
    context.clock.advance(timedelta(minutes=15))
    take_and_log(context, CallResult(CallOutcome.REFUSED), "Wang")
    with pytest.raises(CannotProceed, match="has ended"):
        log_result(context, call, "Li", CONTENT)
    assert survey_of(context).rating is None


def test_a_call_never_taken_is_not_anybodys_to_log(context: SetContext) -> None:
    call = call_of(context).id
    with pytest.raises(CallHeld, match="nobody's hands"):
        log_result(context, call, "Li", CONTENT)
    with pytest.raises(UnknownRecord, match="no call 99"):
        log_result(context, 99, "Li", CONTENT)
    assert attempts(context) == []


@pytest.mark.parametrize(
    "result",
    [
        NOBODY,
        BUSY,
        CONTENT,
        CallResult(CallOutcome.REFUSED, note="no"),
        again(NOON + timedelta(hours=3)),
    ],
)
def test_a_double_enter_changes_nothing(context: SetContext, result: CallResult) -> None:
    call = take(context)
    first = log_result(context, call, "Li", result)
    before = (call_of(context), survey_of(context))
    context.clock.advance(timedelta(seconds=1))
    second = log_result(context, call, "Li", result)
    assert (second.repeated, second.attempt, second.next_at) == (True, 1, first.next_at)
    assert (call_of(context), survey_of(context)) == before
    assert len(attempts(context)) == 1


def test_a_double_enter_is_harmless_after_a_colleague_took_the_call(context: SetContext) -> None:
    call = take(context)
    log_result(context, call, "Li", BUSY)
    context.clock.advance(timedelta(minutes=30))
    assert take(context, "Wang") == call
    assert log_result(context, call, "Li", BUSY).repeated
    assert call_of(context).lease_by == "Wang"


def test_another_result_after_the_first_is_no_double_enter(context: SetContext) -> None:
    call = take(context)
    log_result(context, call, "Li", BUSY)
    with pytest.raises(CallHeld):
        log_result(context, call, "Li", CONTENT)
    assert len(attempts(context)) == 1


def test_a_colleagues_result_is_not_taken_for_ones_own(context: SetContext) -> None:
    call = take(context)
    log_result(context, call, "Li", NOBODY)
    with pytest.raises(CallHeld):
        log_result(context, call, "Wang", NOBODY)


def test_the_same_outcome_of_the_next_attempt_is_a_new_attempt(context: SetContext) -> None:
    take_and_log(context, BUSY)
    context.clock.advance(timedelta(minutes=30))
    assert take_and_log(context, BUSY).attempt == 2
    assert [one.number for one in attempts(context)] == [1, 2]


def opt_out_now(context: SetContext) -> None:
    with writing(context.engine) as connection:
        opt_out(connection, context.keys.phone_hash(LANDLINE), "simulated", None, context.now())


def test_who_opts_out_while_the_call_is_held_is_never_called_again(context: SetContext) -> None:
    call = take(context)
    opt_out_now(context)
    logged = log_result(context, call, "Li", BUSY)
    assert (logged.state, logged.next_at) == (CallState.CLOSED, None)
    assert "opted out" in str(logged.notes[-1])
    assert len(attempts(context)) == 1
    context.clock.advance(timedelta(days=1))
    queue_calls(context)
    assert next_call(context, "Li").call is None


def test_who_opts_out_while_queued_is_taken_out(context: SetContext) -> None:
    opt_out_now(context)
    assert (call_of(context).state, call_of(context).why) == ("closed", "opted_out")


def withdraw_case(context: SetContext) -> None:
    withdraw(context, RecordKind.CASES, "AG-1/L-1", reason="reported twice")


def test_a_case_withdrawn_while_queued_is_taken_out(context: SetContext) -> None:
    withdraw_case(context)
    assert next_call(context, "Li").call is None
    assert (call_of(context).state, call_of(context).why) == ("closed", "withdrawn")


def test_a_case_withdrawn_while_held_keeps_the_attempt_and_counts_nothing(
    context: SetContext,
) -> None:
    call = take(context)
    withdraw_case(context)
    logged = log_result(context, call, "Li", CONTENT)
    assert (logged.state, logged.rating) == (CallState.CLOSED, None)
    assert "does not count" in str(logged.notes[0])
    assert [one.rating for one in attempts(context)] == ["satisfied"]
    assert survey_of(context).disposition == "4.10"


def test_a_survey_that_ended_while_the_call_was_held_counts_nothing_more(
    context: SetContext,
) -> None:
    context.clock.at = survey_of(context).closes_at - timedelta(seconds=30)
    call = take(context)
    context.clock.advance(timedelta(minutes=1))
    with writing(context.engine) as connection:
        assert close_due(connection, context.now()) == 1
    logged = log_result(context, call, "Li", CONTENT)
    assert (logged.state, logged.rating) == (CallState.CLOSED, None)
    assert len(attempts(context)) == 1
    assert survey_of(context).rating is None


def test_attempts_outlive_whatever_becomes_of_the_case(context: SetContext) -> None:
    take_and_log(context, NOBODY)
    context.clock.advance(timedelta(hours=4))
    take_and_log(context, BUSY, "Wang")
    withdraw_case(context)
    with writing(context.engine) as connection:
        close_due(connection, context.now() + timedelta(days=30))
    assert [(one.number, one.by, one.outcome) for one in attempts(context)] == [
        (1, "Li", "no_answer"),
        (2, "Wang", "busy"),
    ]


def test_a_senseless_result_is_refused_before_anything_is_looked_up(context: SetContext) -> None:
    call = take(context)
    with pytest.raises(UsageError, match="--answer"):
        log_result(context, call, "Li", CallResult(CallOutcome.ANSWERED))
    with pytest.raises(UsageError, match="not satisfied"):
        log_result(
            context,
            call,
            "Li",
            CallResult(CallOutcome.ANSWERED, Rating.SATISFIED, DissatisfactionReason.OTHER),
        )
    assert attempts(context) == []
