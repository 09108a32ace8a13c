"""What a caller brings back from one attempt, and whether it makes sense."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.i18n import N_
from survey_pipeline.stages.callbacks.schedule import Schedule
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
    """For `again`: the time the citizen asked for."""
    correct_why: str | None = None
    """The citizen's words, where they say that their text was misread."""


def checked(result: CallResult) -> CallResult:
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
    yield again and result.again_at is None, N_("say when to call again: --again-at 15:00")
    yield not again and result.again_at is not None, N_("a time goes with the outcome again")
    yield len(result.note or "") > LONGEST_NOTE, N_("the note is longer than 500 characters")
    yield (
        len(result.correct_why or "") > LONGEST_NOTE,
        N_("the words are longer than 500 characters"),
    )


def check_against_survey(result: CallResult, survey: Row[Any]) -> None:
    """Check what depends on what the survey already knows.

    Raises:
        UsageError: a correction without an SMS rating or to the same one, or a reason for somebody
            who is satisfied.
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
    result: CallResult, schedule: Schedule, now: datetime, last_at: datetime
) -> None:
    """Check the time asked for.

    Raises:
        UsageError: it has passed.
        CannotProceed: the first open time from then on is after the survey's last moment.
    """
    if result.again_at is None:
        return
    if result.again_at <= now:
        raise UsageError("the time to call again has passed. Give one in the future")
    if schedule.appointment(result.again_at).start >= last_at:
        raise CannotProceed(
            "the survey ends on {end}: nobody can call then. Agree on an earlier time, or log the "
            "outcome refused",
            end=schedule.calendar.written(last_at),
        )
