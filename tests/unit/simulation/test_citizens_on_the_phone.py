"""Who takes a call, and what they say, hangs on the seed, the number and the attempt alone."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from survey_pipeline.gateways.simulated.citizens import opinion, quality_of
from survey_pipeline.simulation.call_outcomes import take_call
from survey_pipeline.stages.callbacks import CallCard, CallResult
from survey_pipeline.stages.callbacks.results import validate_result
from survey_pipeline.testing import NOON
from survey_pipeline.vocabulary import CallOutcome, CallReason, Rating

CARD = CallCard(
    id=1,
    office_code="CS-AG-001",
    office="城东派出所",
    case_no="K-1",
    item="咨询",
    served_on=date(2023, 5, 4),
    citizen_name=None,
    phone="+8613800000000",
    reason=CallReason.NO_REPLY,
    attempt=1,
    attempts_left=3,
    lease_until=NOON + timedelta(minutes=15),
    leased_at=NOON,
    last_at=NOON + timedelta(days=5),
    appointment=None,
    text=None,
    text_state=None,
    replies=(),
    rating=None,
    history=(),
    script="?",
    meanwhile=None,
)


def cards(count: int, reason: CallReason = CallReason.NO_REPLY) -> list[CallCard]:
    return [replace(CARD, phone=f"+86138{number:08d}", reason=reason) for number in range(count)]


def hear(card: CallCard) -> CallResult:
    return take_call("seed", card, NOON)


def test_every_outcome_that_a_caller_can_log_occurs_and_makes_sense() -> None:
    results = [hear(card) for card in cards(3000)]
    assert [validate_result(one) for one in results] == results
    undelivered = [hear(card) for card in cards(200, CallReason.UNDELIVERED)]
    assert {one.outcome for one in results + undelivered} == set(CallOutcome)


def test_a_second_look_changes_nothing_and_a_second_attempt_may() -> None:
    assert [hear(card) for card in cards(300)] == [hear(card) for card in cards(300)]
    again = [hear(replace(card, attempt=2)).outcome for card in cards(300)]
    assert again != [hear(card).outcome for card in cards(300)]


def test_numbers_whose_text_did_not_arrive_are_mostly_dead() -> None:
    outcomes = Counter(hear(card).outcome for card in cards(1000, CallReason.UNDELIVERED))
    assert outcomes[CallOutcome.INVALID_NUMBER] > outcomes[CallOutcome.ANSWERED]


def test_an_appointment_lies_well_before_the_survey_ends() -> None:
    ending = [replace(card, last_at=NOON + timedelta(hours=20)) for card in cards(2000)]
    assert CallOutcome.AGAIN not in {hear(card).outcome for card in ending}
    asked_for = [hear(card).again_at for card in cards(2000)]
    assert all(NOON < at < CARD.last_at for at in asked_for if at)
    assert any(asked_for)


def test_most_say_on_the_phone_what_they_would_have_written() -> None:
    quality = quality_of("seed", CARD.office)
    said = [
        (hear(card).answer, opinion("seed", card.phone, quality))
        for card in cards(3000)
        if hear(card).answer
    ]
    same = sum(heard is thinks for heard, thinks in said)
    assert 0.9 < same / len(said) < 1
    assert all(heard is Rating.SATISFIED for heard, thinks in said if heard is not thinks)


def test_a_reason_comes_with_what_is_not_satisfied_alone() -> None:
    for card in cards(2000):
        heard = hear(card)
        assert (heard.reason is not None) == (heard.answer in {Rating.NEUTRAL, Rating.DISSATISFIED})


def test_who_wrote_that_they_were_not_satisfied_says_why() -> None:
    called = [
        replace(card, rating=Rating.DISSATISFIED) for card in cards(500, CallReason.DISSATISFIED)
    ]
    heard = [hear(card) for card in called]
    assert {one.answer for one in heard if one.answer} == {Rating.DISSATISFIED, Rating.SATISFIED}
    assert all(one.reason for one in heard if one.answer is Rating.DISSATISFIED)
