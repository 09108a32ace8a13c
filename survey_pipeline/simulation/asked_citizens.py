"""How the survey of one drawn case ends, without a carrier: the made-up city's chances alone."""

from typing import Any

from survey_pipeline.gateways.simulated.carrier import DEAD_NUMBER, NO_SUCH_NUMBER
from survey_pipeline.gateways.simulated.chance import Dice
from survey_pipeline.gateways.simulated.citizens import ANSWERS, REPLY_KINDS, opinion
from survey_pipeline.simulation.call_outcomes import AT_HOME, UNDELIVERED
from survey_pipeline.simulation.cheating import Citizen, ReportedCase
from survey_pipeline.vocabulary import CallOutcome, Disposition, Mode, Rating

ABSENT = 20
"""Of a thousand texts: those whose handset stays switched off."""
STRANGER_DENIES = 700
"""Of a thousand strangers who answer: those who say that it was not their case."""
FRIEND_ANSWERS = 900
CALLED = 400
"""Of a thousand who did not answer: those whom the made-up callers get to."""
ATTEMPTS = 3
_NOBODY_THERE = {
    CallOutcome.NO_ANSWER: Disposition.NO_ANSWER,
    CallOutcome.BUSY: Disposition.BUSY,
    CallOutcome.SWITCHED_OFF: Disposition.NO_ANSWER,
}
_NOT_RATED = {
    CallOutcome.HUNG_UP: Disposition.HUNG_UP,
    CallOutcome.REFUSED: Disposition.REFUSAL,
    CallOutcome.AGAIN: Disposition.CALL_AGAIN,
    CallOutcome.LANGUAGE: Disposition.LANGUAGE,
}
_DENIED = {"denied": True, "contact_data_bad": True, "disposition": Disposition.BAD_CONTACT}
_DEAD = {"contact_data_bad": True, "disposition": Disposition.BAD_CONTACT}


def ask(seed: str, case: ReportedCase, quality: int, *, own_calls: bool) -> dict[str, Any]:
    """Return the columns of a closed survey that differ from a fresh one's.

    Args:
        seed: the city's.
        case: the drawn case.
        quality: the office's satisfied of a thousand.
        own_calls: whether calls are ours.
    """
    dice = Dice(seed, "asked", case.phone, case.case_no)
    mobile = case.phone.startswith("+861")
    exists = case.citizen is not Citizen.NOBODY and not (
        mobile and Dice(seed, "line", case.phone).happens("line", NO_SUCH_NUMBER + DEAD_NUMBER)
    )
    arrives = mobile and exists and not dice.happens("absent", ABSENT)
    ended = {"texted": mobile, "delivered": arrives}
    said = _by_text(seed, case, quality, dice) if arrives else None
    if said is not None:
        return {**ended, **said, "replied": True}
    if own_calls and (not arrives or dice.happens("called", CALLED)):
        dead = not exists and (case.citizen is Citizen.NOBODY or dice.happens("dead", 700))
        return {**ended, **_by_phone(seed, case, quality, dice, dead=dead), "called": True}
    code = Disposition.NOTHING_BACK if arrives else Disposition.TEXT_UNDELIVERED
    return {**ended, "disposition": code}


def _by_text(seed: str, case: ReportedCase, quality: int, dice: Dice) -> dict[str, Any] | None:
    """Return what a reply brings; None without one that could be read in time."""
    friend = case.citizen is Citizen.FRIEND
    if not dice.happens("answers", FRIEND_ANSWERS if friend else ANSWERS):
        return None
    kind = "rating" if friend else dice.weighted("kind", REPLY_KINDS)
    if kind == "denial" or _is_denied(case, dice):
        return dict(_DENIED)
    if kind == "opt_out":
        return {"opted_out": True, "disposition": Disposition.REFUSAL}
    if kind in {"unclear", "late"}:
        return None
    return _rated(seed, case, quality, Mode.SMS)


def _by_phone(
    seed: str, case: ReportedCase, quality: int, dice: Dice, *, dead: bool
) -> dict[str, Any]:
    outcome = CallOutcome.NO_ANSWER
    for attempt in range(ATTEMPTS):
        outcome = dice.weighted(f"call {attempt}", UNDELIVERED if dead else AT_HOME)
        if outcome not in _NOBODY_THERE:
            break
    if outcome in {CallOutcome.INVALID_NUMBER, CallOutcome.WRONG_NUMBER}:
        return dict(_DEAD)
    if outcome is CallOutcome.NOT_MY_CASE or (
        outcome is CallOutcome.ANSWERED and _is_denied(case, dice)
    ):
        return dict(_DENIED)
    if outcome is CallOutcome.ANSWERED:
        return _rated(seed, case, quality, Mode.PHONE)
    return {"disposition": {**_NOBODY_THERE, **_NOT_RATED}[outcome]}


def _is_denied(case: ReportedCase, dice: Dice) -> bool:
    return case.citizen is Citizen.STRANGER and dice.happens("denies", STRANGER_DENIES)


def _rated(seed: str, case: ReportedCase, quality: int, mode: Mode) -> dict[str, Any]:
    friend = case.citizen is Citizen.FRIEND
    rating = Rating.SATISFIED if friend else opinion(seed, case.phone, quality)
    return {"rating": rating, "rated_by": mode, "disposition": Disposition.COMPLETE}
