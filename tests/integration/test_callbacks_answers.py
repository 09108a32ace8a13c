"""Two answers of one citizen, by text and by phone: which one counts (specification, section 7)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.errors import UsageError
from survey_pipeline.stages.callbacks import (
    CallResult,
    Logged,
    log_result,
    next_call,
    queue_calls,
)
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import answers, calls, surveys
from survey_pipeline.survey.closing import close_calls
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
    DissatisfactionReason,
    InboundUse,
    MessageState,
    Mode,
    Rating,
)

pytestmark = pytest.mark.usefixtures("database")

MORNING = NOON - timedelta(hours=2)
"""Thursday 4 May 2023, 10:00 in Shanghai."""


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    made = workspace(
        tmp_path, at=MORNING, callbacks={"verify_satisfied": "1"}, survey={"ask_reason": False}
    )
    add_offices(made, "agency")
    return made


def undelivered(context: SetContext) -> int:
    survey = add_survey(context, "AG-1")
    add_text(context, survey, state=MessageState.UNDELIVERED)
    queue_calls(context)
    return survey


def by_sms(context: SetContext, survey: int, rating: Rating) -> None:
    """A clear reply comes in, as the reading of replies books it."""
    answer = GivenAnswer(AnswerRole.RATING, Mode.SMS, rating, context.now())
    with writing(context.engine) as connection:
        record_answer(connection, survey, answer, context.now())
        close_calls(connection, [survey], CallEnd.SMS_REPLY, context.now())


def rated_by_sms(context: SetContext, rating: Rating) -> CallReason:
    """A survey answered by text, whose call beside the rating is queued; its reason."""
    survey = add_survey(context, "AG-1")
    add_text(context, survey)
    by_sms(context, survey, rating)
    context.clock.at = MORNING + timedelta(days=4)
    queue_calls(context)
    with reading(context.engine) as connection:
        return CallReason(connection.scalars(select(calls.c.reason)).one())


def take(context: SetContext, by: str = "Li") -> int:
    call = next_call(context, by).call
    assert call is not None
    return call.id


def answered(rating: Rating, **values: Any) -> CallResult:
    return CallResult(CallOutcome.ANSWERED, rating, **values)


def log(context: SetContext, result: CallResult, by: str = "Li") -> Logged:
    return log_result(context, take(context, by), by, result)


def survey_of(context: SetContext) -> Any:
    with reading(context.engine) as connection:
        return connection.execute(select(surveys)).one()


def kept(context: SetContext) -> list[tuple[str, str, str]]:
    """Every answer on record: (role, mode, rating)."""
    with reading(context.engine) as connection:
        rows = connection.execute(select(answers).order_by(answers.c.id))
        return [(row.role, row.mode, row.rating) for row in rows]


def test_a_text_that_comes_while_the_call_is_queued_closes_it(context: SetContext) -> None:
    survey = undelivered(context)
    by_sms(context, survey, Rating.NEUTRAL)
    assert next_call(context, "Li").call is None
    with reading(context.engine) as connection:
        assert connection.execute(select(calls.c.state, calls.c.why)).one() == (
            "closed",
            "sms_reply",
        )


def test_a_text_before_the_phone_answer_is_the_rating_and_both_are_kept(
    context: SetContext,
) -> None:
    survey = undelivered(context)
    call = take(context)
    context.clock.advance(timedelta(minutes=2))
    by_sms(context, survey, Rating.NEUTRAL)
    context.clock.advance(timedelta(minutes=2))
    logged = log_result(context, call, "Li", answered(Rating.SATISFIED))
    assert (logged.rating, logged.rated_by, logged.verification) == ("neutral", "sms", "satisfied")
    assert "SMS answer stands" in str(logged.notes[0])
    assert kept(context) == [
        ("rating", "sms", "neutral"),
        ("rating", "phone", "satisfied"),
    ]


def test_a_text_after_the_phone_answer_does_not_replace_it(context: SetContext) -> None:
    survey = undelivered(context)
    log(context, answered(Rating.SATISFIED))
    context.clock.advance(timedelta(minutes=2))
    by_sms(context, survey, Rating.DISSATISFIED)
    after = survey_of(context)
    assert (after.rating, after.rated_by) == ("satisfied", "phone")
    assert len(kept(context)) == 2


@pytest.mark.parametrize("outcome", [CallOutcome.NO_ANSWER, CallOutcome.BUSY])
def test_an_unanswered_call_ends_when_a_text_came_meanwhile(
    context: SetContext, outcome: CallOutcome
) -> None:
    survey = undelivered(context)
    call = take(context)
    by_sms(context, survey, Rating.SATISFIED)
    logged = log_result(context, call, "Li", CallResult(outcome))
    assert (logged.state, logged.next_at) == (CallState.CLOSED, None)
    assert "nobody calls again" in str(logged.notes[0])
    assert survey_of(context).attempts == 1


def test_an_unclear_text_that_came_meanwhile_waits_for_its_reader(context: SetContext) -> None:
    survey = undelivered(context)
    call = take(context)
    add_inbound(context, survey, "hm?")
    assert log_result(context, call, "Li", CallResult(CallOutcome.BUSY)).state is CallState.CLOSED
    context.clock.advance(timedelta(hours=1))
    assert queue_calls(context).total == 0
    context.clock.advance(timedelta(hours=25))
    assert queue_calls(context).queued[CallReason.UNCLEAR] == 1


def test_a_late_result_on_a_call_closed_by_a_text_is_kept_beside(context: SetContext) -> None:
    survey = undelivered(context)
    call = take(context)
    context.clock.advance(timedelta(hours=1))
    by_sms(context, survey, Rating.NEUTRAL)
    logged = log_result(context, call, "Li", answered(Rating.SATISFIED))
    assert (logged.late, logged.state, logged.rating) == (True, CallState.CLOSED, "neutral")
    assert logged.verification == "satisfied"


@pytest.mark.parametrize(
    ("rating", "reason"),
    [
        (Rating.DISSATISFIED, CallReason.DISSATISFIED),
        (Rating.SATISFIED, CallReason.VERIFY),
    ],
)
def test_an_answer_to_a_call_beside_the_rating_does_not_change_it(
    context: SetContext, rating: Rating, reason: CallReason
) -> None:
    assert rated_by_sms(context, rating) is reason
    logged = log(context, answered(Rating.NEUTRAL, reason=DissatisfactionReason.RULES))
    assert (logged.rating, logged.rated_by, logged.verification) == (rating, "sms", "neutral")
    survey = survey_of(context)
    assert (survey.reason, survey.corrected, survey.disposition) == ("rules", False, "1.1")
    assert kept(context)[1] == ("verification", "phone", "neutral")


@pytest.mark.parametrize(
    "outcome", [CallOutcome.REFUSED, CallOutcome.WRONG_NUMBER, CallOutcome.NOT_MY_CASE]
)
def test_a_call_beside_the_rating_never_takes_it_away(
    context: SetContext, outcome: CallOutcome
) -> None:
    rated_by_sms(context, Rating.DISSATISFIED)
    logged = log(context, CallResult(outcome))
    assert (logged.rating, logged.state) == ("dissatisfied", CallState.DONE)
    assert survey_of(context).disposition == "1.1"


def test_a_correction_becomes_the_rating_with_who_and_why(context: SetContext) -> None:
    rated_by_sms(context, Rating.DISSATISFIED)
    words = "thought 3 was best"
    logged = log(context, answered(Rating.SATISFIED, correct_why=words))
    assert (logged.rating, logged.rated_by) == ("satisfied", "phone")
    assert str(logged.notes[0]) == "The rating was corrected."
    assert survey_of(context).corrected
    with reading(context.engine) as connection:
        answer = connection.execute(select(answers).where(answers.c.role == "correction")).one()
    assert (answer.by, answer.why, answer.mode) == ("Li", words, "phone")
    assert kept(context)[0] == ("rating", "sms", "dissatisfied")


def test_there_is_nothing_to_correct_without_another_sms_rating(context: SetContext) -> None:
    undelivered(context)
    call = take(context)
    result = answered(Rating.SATISFIED, correct_why="meant the other")
    with pytest.raises(UsageError, match="no SMS rating to correct"):
        log_result(context, call, "Li", result)
    assert kept(context) == []


def test_a_correction_to_the_rating_that_stands_is_none(context: SetContext) -> None:
    rated_by_sms(context, Rating.DISSATISFIED)
    call = take(context)
    with pytest.raises(UsageError, match="the rating that stands"):
        log_result(context, call, "Li", answered(Rating.DISSATISFIED, correct_why="so it is"))
    assert not survey_of(context).corrected


def test_the_reason_by_text_makes_the_retry_of_asking_why_needless(context: SetContext) -> None:
    rated_by_sms(context, Rating.DISSATISFIED)
    survey = survey_of(context).id
    call = take(context)
    add_inbound(context, survey, "the queue", use=InboundUse.COMMENT)
    assert log_result(context, call, "Li", CallResult(CallOutcome.BUSY)).state is CallState.CLOSED


def test_the_retry_of_a_call_beside_the_rating_goes_on(context: SetContext) -> None:
    rated_by_sms(context, Rating.DISSATISFIED)
    assert log(context, CallResult(CallOutcome.BUSY)).state is CallState.OPEN
    context.clock.advance(timedelta(minutes=30))
    assert next_call(context, "Wang").call is not None
