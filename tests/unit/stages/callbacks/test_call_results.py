"""Which parts of a result belong together."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from survey_pipeline.errors import UsageError
from survey_pipeline.stages.callbacks.results import CallResult, validate_result
from survey_pipeline.vocabulary import CallOutcome, DissatisfactionReason, Rating

WHEN = datetime(2023, 5, 4, 15, tzinfo=timezone(timedelta(hours=8)))
OTHERS = [one for one in CallOutcome if one is not CallOutcome.ANSWERED]


def test_free_texts_are_trimmed_and_blank_ones_are_none() -> None:
    result = validate_result(
        CallResult(CallOutcome.ANSWERED, Rating.NEUTRAL, note="  \n", correct_why=" 3 was best ")
    )
    assert (result.note, result.correct_why) == (None, "3 was best")


@pytest.mark.parametrize("outcome", [one for one in OTHERS if one is not CallOutcome.AGAIN])
def test_every_outcome_stands_alone_but_an_answer_and_an_appointment(outcome: CallOutcome) -> None:
    assert validate_result(CallResult(outcome)).outcome is outcome


@pytest.mark.parametrize("outcome", [CallOutcome.ANSWERED, CallOutcome.AGAIN])
def test_an_answer_needs_a_rating_and_an_appointment_a_time(outcome: CallOutcome) -> None:
    with pytest.raises(UsageError):
        validate_result(CallResult(outcome))


@pytest.mark.parametrize("outcome", OTHERS)
@pytest.mark.parametrize(
    "values",
    [
        {"answer": Rating.SATISFIED},
        {"reason": DissatisfactionReason.OTHER},
        {"correct_why": "misread"},
    ],
)
def test_what_goes_with_an_answer_goes_with_nothing_else(
    outcome: CallOutcome, values: dict[str, Any]
) -> None:
    again_at = WHEN if outcome is CallOutcome.AGAIN else None
    with pytest.raises(UsageError, match="goes with the outcome answered"):
        validate_result(CallResult(outcome, again_at=again_at, **values))


def test_a_time_goes_with_an_appointment_alone() -> None:
    with pytest.raises(UsageError, match="goes with the outcome again"):
        validate_result(CallResult(CallOutcome.BUSY, again_at=WHEN))


@pytest.mark.parametrize("name", ["note", "correct_why"])
def test_a_free_text_has_at_most_500_characters(name: str) -> None:
    texts: dict[str, Any] = {"note": "n", "correct_why": "w"}
    answered = CallOutcome.ANSWERED, Rating.SATISFIED
    validate_result(CallResult(*answered, **{**texts, name: "字" * 500}))
    with pytest.raises(UsageError, match="longer than 500"):
        validate_result(CallResult(*answered, **{**texts, name: "字" * 501}))
