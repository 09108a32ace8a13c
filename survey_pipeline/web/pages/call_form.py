"""The form of the caller's desk: its fields and keys, and the result that it describes."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, Field

from survey_pipeline.context import Context
from survey_pipeline.errors import UsageError
from survey_pipeline.stages.callbacks import CallResult, Proposal, propose
from survey_pipeline.vocabulary import CallOutcome, DissatisfactionReason, Rating

OUTCOME_KEYS: Mapping[CallOutcome, str] = {
    CallOutcome.NO_ANSWER: "4",
    CallOutcome.BUSY: "5",
    CallOutcome.SWITCHED_OFF: "6",
    CallOutcome.AGAIN: "7",
    CallOutcome.REFUSED: "8",
    CallOutcome.HUNG_UP: "9",
    CallOutcome.NOT_MY_CASE: "0",
    CallOutcome.WRONG_NUMBER: "w",
    CallOutcome.INVALID_NUMBER: "i",
    CallOutcome.LANGUAGE: "l",
}
"""Digits for common outcomes, after the three answers; letters for rare ones."""
ANSWER_KEYS: Mapping[Rating, str] = {
    Rating.SATISFIED: "1",
    Rating.NEUTRAL: "2",
    Rating.DISSATISFIED: "3",
}
REASON_KEYS: Mapping[DissatisfactionReason, str] = dict(
    zip(DissatisfactionReason, "abcdefgh", strict=True)
)


class LogForm(BaseModel):
    """What the desk's form sends; fields that do not apply to the chosen result are ignored."""

    result: str = Field(default="", max_length=20)
    """A `Rating`, or a `CallOutcome` other than `answered`."""
    reason: str = Field(default="", max_length=20)
    asks_why: bool = False
    """The call is made to ask for the reason, so that every answer has one."""
    note: str = Field(default="", max_length=2000)
    on: str = Field(default="", max_length=10)
    at: str = Field(default="", max_length=8)
    no_earlier: bool = False
    """No time before the survey's end suits the citizen."""
    never_again: bool = False
    """They never want to be asked again."""
    correct: bool = False
    why: str = Field(default="", max_length=2000)


def read_result(context: Context, call_id: int, form: LogForm) -> CallResult:
    """Read the form; fields that do not apply to the chosen result are ignored.

    Raises:
        UsageError: nothing was chosen, or a field cannot be read.
    """
    if not form.result:
        raise UsageError("choose what came of the call")
    if form.result in list(Rating):
        answer = Rating(form.result)
        reason = _reason(form) if answer is not Rating.SATISFIED or form.asks_why else None
        return CallResult(
            CallOutcome.ANSWERED,
            answer,
            reason,
            note=form.note,
            correct_why=_correction(form),
        )
    if form.result not in list(OUTCOME_KEYS):
        raise UsageError("{word} is no outcome of a call", word=form.result)
    outcome = CallOutcome(form.result)
    if outcome is CallOutcome.REFUSED:
        return CallResult(outcome, note=form.note, never_again=form.never_again)
    if outcome is not CallOutcome.AGAIN:
        return CallResult(outcome, note=form.note)
    again_at = None if form.no_earlier else _appointment(context, call_id, form)
    return CallResult(outcome, note=form.note, again_at=again_at, no_earlier=form.no_earlier)


def _reason(form: LogForm) -> DissatisfactionReason | None:
    if not form.reason:
        return None
    if form.reason not in list(DissatisfactionReason):
        raise UsageError("{word} is no reason", word=form.reason)
    return DissatisfactionReason(form.reason)


def _correction(form: LogForm) -> str | None:
    if not form.correct:
        return None
    if not form.why.strip():
        raise UsageError("write down the citizen's words: a correction needs its reason")
    return form.why


def _appointment(context: Context, call_id: int, form: LogForm) -> datetime:
    """Return the time to call again.

    Raises:
        UsageError: there is none, or it is outside calling hours; it is not moved silently,
            because the citizen was told this time on the phone.
    """
    asked = proposed(context, call_id, form)
    if asked is None:
        raise UsageError("say on which day and at what time to call again")
    if asked.moved:
        calendar = context.calendar
        raise UsageError(
            "{asked} is outside calling hours. The next time within them is in the form: {start}. "
            "Log it if it suits the citizen, or ask for another time",
            asked=calendar.written(asked.asked_at),
            start=calendar.written(asked.start),
        )
    return asked.asked_at


def proposed(context: Context, call_id: int, form: LogForm) -> Proposal | None:
    """Return what becomes of the appointment in the form; None if it has none."""
    if form.result != CallOutcome.AGAIN:
        return None
    try:
        local = datetime.fromisoformat(f"{form.on}T{form.at}")
    except ValueError:
        return None
    if local.tzinfo is not None:
        return None
    return propose(context, call_id, local.replace(tzinfo=context.calendar.timezone))
