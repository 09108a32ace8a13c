"""The outcome code of a drawn case: AAPOR's order I > R > O > NC > unknown > not attempted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.survey.outcome import BY_CALL, Facts, disposition
from survey_pipeline.vocabulary import CallOutcome, Disposition, MessageState

START = datetime(2023, 5, 4, 4, 0, tzinfo=UTC)


def called(*outcomes: CallOutcome) -> list[tuple[CallOutcome, datetime]]:
    return [(outcome, START + timedelta(hours=hour)) for hour, outcome in enumerate(outcomes)]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({}, "3.11"),
        ({"text": MessageState.QUEUED}, "3.11"),
        ({"text": MessageState.ACCEPTED}, "3.19"),
        ({"text": MessageState.DELIVERED}, "3.19"),
        ({"text": MessageState.UNKNOWN}, "3.19"),
        ({"text": MessageState.UNDELIVERED}, "3.30"),
        ({"text": MessageState.UNDELIVERED, "dead_number": True}, "3.90"),
        ({"text": MessageState.DELIVERED, "unreadable": True}, "2.36"),
        ({"text": MessageState.DELIVERED, "denied": True}, "3.90"),
        ({"opted_out": True}, "2.112"),
        ({"opted_out": True, "rated": True}, "1.1"),
        ({"withdrawn": True, "rated": True}, "4.10"),
        ({"withdrawn": True, "never_a_case": True}, "4.90"),
    ],
)
def test_what_is_known_without_a_call(facts: dict[str, Any], code: str) -> None:
    assert disposition(Facts(**facts)).value == code


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (CallOutcome.ANSWERED, "1.1"),
        (CallOutcome.REFUSED, "2.112"),
        (CallOutcome.HUNG_UP, "2.12"),
        (CallOutcome.AGAIN, "2.21"),
        (CallOutcome.LANGUAGE, "2.332"),
        (CallOutcome.BUSY, "3.12"),
        (CallOutcome.NO_ANSWER, "3.13"),
        (CallOutcome.SWITCHED_OFF, "3.16"),
        (CallOutcome.WRONG_NUMBER, "3.90"),
        (CallOutcome.INVALID_NUMBER, "3.90"),
        (CallOutcome.NOT_MY_CASE, "3.90"),
    ],
)
def test_one_call_after_an_undelivered_text(outcome: CallOutcome, code: str) -> None:
    facts = Facts(text=MessageState.UNDELIVERED, attempts=called(outcome))
    assert disposition(facts).value == code


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ((CallOutcome.HUNG_UP, CallOutcome.NO_ANSWER), "2.12"),  # R before UH
        ((CallOutcome.LANGUAGE, CallOutcome.AGAIN), "2.332"),  # O before NC
        ((CallOutcome.AGAIN, CallOutcome.REFUSED, CallOutcome.LANGUAGE), "2.112"),  # R first
        ((CallOutcome.BUSY, CallOutcome.NO_ANSWER), "3.13"),  # a tie: the latest
        ((CallOutcome.NO_ANSWER, CallOutcome.BUSY), "3.12"),
        ((CallOutcome.NOT_MY_CASE, CallOutcome.BUSY), "3.12"),  # both unknown: the latest
        ((CallOutcome.HUNG_UP, CallOutcome.REFUSED), "2.112"),
        ((CallOutcome.REFUSED, CallOutcome.HUNG_UP), "2.12"),
    ],
)
def test_several_calls(outcomes: tuple[CallOutcome, ...], code: str) -> None:
    assert disposition(Facts(attempts=called(*outcomes))).value == code


def test_every_outcome_of_a_call_has_a_code() -> None:
    assert set(BY_CALL) == set(CallOutcome)


@given(
    st.lists(st.sampled_from(CallOutcome), max_size=4),
    st.booleans(),
    st.sampled_from([None, *MessageState]),
)
def test_a_rating_is_complete_whatever_else_happened(
    outcomes: list[CallOutcome], opted_out: bool, text: MessageState | None
) -> None:
    facts = Facts(rated=True, opted_out=opted_out, text=text, attempts=called(*outcomes))
    assert disposition(facts) is Disposition.COMPLETE


@given(st.lists(st.sampled_from(CallOutcome), min_size=1, max_size=4))
def test_a_case_that_was_called_is_never_said_to_be_never_attempted(
    outcomes: list[CallOutcome],
) -> None:
    never = {Disposition.NEVER_ATTEMPTED, Disposition.NOTHING_BACK, Disposition.TEXT_UNDELIVERED}
    for text in (None, MessageState.DELIVERED, MessageState.UNDELIVERED):
        assert disposition(Facts(text=text, attempts=called(*outcomes))) not in never
