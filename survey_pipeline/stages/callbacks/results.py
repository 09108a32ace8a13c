"""What a caller brings back from one attempt, and whether it makes sense."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.i18n import N_
from survey_pipeline.stages.callbacks.call_plan import CallPlan
from survey_pipeline.vocabulary import CallOutcome, DissatisfactionReason, Mode, Rating

LONGEST_NOTE = 500


@dataclass(frozen=True)
class CallResult:
    """The result of one attempt, as it is logged."""

    outcome: CallOutcome
    answer: Rating | None = None
    """What the citizen said: for `answered`, and only then."""
    reason: DissatisfactionReason | None = None
    """Why they are not satisfied."""
    note: str | None = None
    again_at: datetime | None = None
    """For `again`: the time the citizen asked for; needed unless `no_earlier`."""
    correct_why: str | None = None
    """The citizen's words, where they say that their text was misread."""
    no_earlier: bool = False
    """For `again`: no time before the survey's end suits the citizen. The attempt is kept as an
    appointment that could not be made (2.21), never as a refusal, and the calling ends."""
    never_again: bool = False
    """For `refused`: they never want to be asked again. An opt-out like one by text."""


def validate_result(result: CallResult) -> CallResult:
    """Return the result with its free texts trimmed.

    Raises:
        UsageError: its parts do not belong together.
    """
    result = replace(
        result,
        note=(result.note or "").strip() or None,
        correct_why=(result.correct_why or "").strip() or None,
    )
    for wrong, text in _contradictions(result):
        if wrong:
            raise UsageError(text)
    return result


def _contradictions(result: CallResult) -> Iterable[tuple[bool, str]]:
    answered = result.outcome is CallOutcome.ANSWERED
    again = result.outcome is CallOutcome.AGAIN
    yield (
        answered and result.answer is None,
        N_("say what the citizen answered: --answer"),
    )
    yield not answered and result.answer is not None, N_("an answer goes with the outcome answered")
    yield not answered and result.reason is not None, N_("a reason goes with the outcome answered")
    yield (
        not answered and result.correct_why is not None,
        N_("a correction goes with the outcome answered"),
    )
    yield (
        again and result.again_at is None and not result.no_earlier,
        N_("say when to call again: --again-at 15:00"),
    )
    yield not again and result.again_at is not None, N_("a time goes with the outcome again")
    yield (
        not again and result.no_earlier,
        N_("that no earlier time suits goes with the outcome again"),
    )
    yield (
        result.never_again and result.outcome is not CallOutcome.REFUSED,
        N_("that they never want to be asked again goes with the outcome refused"),
    )
    yield len(result.note or "") > LONGEST_NOTE, N_("the note is longer than 500 characters")
    yield (
        len(result.correct_why or "") > LONGEST_NOTE,
        N_("the words are longer than 500 characters"),
    )


def check_against_survey(result: CallResult, survey: Row[Any]) -> None:
    """Check the result against what is on record of the survey.

    Raises:
        UsageError: a correction without an SMS rating or to the same one, or a reason for a
            satisfied answer.
    """
    if result.correct_why is not None:
        if survey.rating is None or survey.rated_by != Mode.SMS:
            raise UsageError(
                "there is no SMS rating to correct. Log the answer without a correction"
            )
        if survey.rating == result.answer:
            raise UsageError("the answer is the rating that stands. Log it without a correction")
    content = Rating.SATISFIED
    if result.reason is not None and result.answer == content and survey.rating in {None, content}:
        raise UsageError("a reason belongs to an answer that is not satisfied. Leave it out")


def check_appointment(
    result: CallResult, schedule: CallPlan, now: datetime, last_at: datetime
) -> None:
    """Check the time asked for.

    Raises:
        UsageError: it has passed.
        CannotProceed: the first open time from then on is after the survey's last moment, and
            `no_earlier` is not set.
    """
    if result.again_at is None:
        return
    if result.again_at <= now:
        raise UsageError("the time to call again has passed. Give one in the future")
    if result.no_earlier:
        return
    if schedule.appointment(result.again_at).start >= last_at:
        raise CannotProceed(
            "the survey ends on {end}, before that time. Ask the citizen for an earlier time. If "
            "none suits, say so when you log it: it is kept as “asked for another time”, not as a "
            "refusal",
            end=schedule.calendar.written(last_at),
        ).at_terminal("Add: --no-earlier-time")
