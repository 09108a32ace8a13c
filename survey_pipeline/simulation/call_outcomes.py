"""What comes of a call to a simulated citizen: a pure function of seed, number and attempt."""

from datetime import datetime, timedelta

from survey_pipeline.gateways.simulated.chance import Dice
from survey_pipeline.gateways.simulated.citizens import opinion, quality_of, why
from survey_pipeline.stages.callbacks import CallCard, CallResult
from survey_pipeline.vocabulary import CallOutcome, Rating

AT_HOME = (
    (CallOutcome.ANSWERED, 52),
    (CallOutcome.NO_ANSWER, 22),
    (CallOutcome.BUSY, 7),
    (CallOutcome.SWITCHED_OFF, 5),
    (CallOutcome.HUNG_UP, 4),
    (CallOutcome.REFUSED, 3),
    (CallOutcome.AGAIN, 3),
    (CallOutcome.WRONG_NUMBER, 2),
    (CallOutcome.NOT_MY_CASE, 1),
    (CallOutcome.LANGUAGE, 1),
)
UNDELIVERED = ((CallOutcome.INVALID_NUMBER, 60), (CallOutcome.SWITCHED_OFF, 40))
"""For a text that did not arrive: the number is mostly dead."""
KINDER = 350
"""Of a thousand citizens who are not quite satisfied, so many say on the phone that they are."""


def take_call(seed: str, card: CallCard, now: datetime) -> CallResult:
    """Return the result that a caller would log."""
    dice = Dice(seed, "call", card.phone, card.case_no, str(card.attempt))
    dead = card.reason == "undelivered" and Dice(seed, "dead", card.phone).happens("dead", 700)
    outcome = dice.weighted("outcome", UNDELIVERED if dead else AT_HOME)
    if outcome is CallOutcome.ANSWERED:
        return _answer(seed, card, dice)
    if outcome is CallOutcome.AGAIN:
        asked_for = now + timedelta(hours=2 + dice.number("again", 3))
        if asked_for >= card.last_at - timedelta(days=1):
            return CallResult(CallOutcome.HUNG_UP)
        return CallResult(outcome, again_at=asked_for)
    return CallResult(outcome)


def _answer(seed: str, card: CallCard, dice: Dice) -> CallResult:
    thinks = opinion(seed, card.phone, quality_of(seed, card.office))
    says = Rating(card.rating) if card.rating else thinks
    if says is not Rating.SATISFIED and dice.happens("kinder", KINDER):
        says = Rating.SATISFIED
    unhappy = Rating.SATISFIED not in {says, Rating(card.rating) if card.rating else says}
    return CallResult(
        CallOutcome.ANSWERED, answer=says, reason=why(seed, card.phone) if unhappy else None
    )
