"""What follows an attempt for its call: it ends, is retried, or waits for an appointment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from survey_pipeline.i18n import Message
from survey_pipeline.stages.callbacks.call_plan import CallPlan, Made, Next
from survey_pipeline.stages.callbacks.obsolete import obsolete
from survey_pipeline.stages.callbacks.results import CallResult
from survey_pipeline.stages.callbacks.slots import part_at, parts_of_day
from survey_pipeline.store.tables import calls
from survey_pipeline.survey.leases import is_held
from survey_pipeline.survey.lifecycle import end_calls
from survey_pipeline.vocabulary import RETRIED, CallEnd, CallOutcome, CallState, SurveyState

GOES_ON = RETRIED | {CallOutcome.AGAIN}
"""Outcomes after which the citizen may be called once more."""


@dataclass(frozen=True)
class Attempt:
    """All that one attempt is logged with."""

    call: Row[Any]
    survey: Row[Any]
    result: CallResult
    by: str
    now: datetime
    schedule: CallPlan

    @property
    def number(self) -> int:
        """Which attempt of the call this is, from 1."""
        return int(self.call.attempts) + 1

    @property
    def late(self) -> bool:
        """Whether the lease had run out."""
        return not is_held(self.call, self.now)

    @property
    def slot(self) -> str:
        """The part of the day in which the call was taken: its letter."""
        parts = parts_of_day(self.schedule.hours)
        return part_at(self.call.leased_at or self.now, parts, self.schedule.calendar).letter

    @property
    def survey_open(self) -> bool:
        """Whether the result still counts."""
        return bool(self.survey.state == SurveyState.OPEN)


def move_call(connection: Connection, attempt: Attempt) -> list[Message]:
    """Write onto the call what follows the attempt; the call leaves the caller's hands.

    Returns:
        What the caller should know.
    """
    if attempt.result.outcome not in GOES_ON:
        _end(connection, attempt, CallState.DONE, attempt.result.outcome)
        return []
    if _answered_meanwhile(connection, attempt):
        _end(connection, attempt, CallState.CLOSED, CallEnd.SMS_REPLY)
        return [Message("A text of the citizen came in: nobody calls again.")]
    coming = _next(attempt)
    if coming.due_at is not None:
        return _plan(connection, attempt, coming)
    if coming.exhausted:
        _end(connection, attempt, CallState.EXHAUSTED, CallEnd.ATTEMPTS_USED)
        return [Message("That was the last attempt.")]
    _end(connection, attempt, CallState.CLOSED, CallEnd.NO_TIME_LEFT)
    return [_no_time_left(attempt)]


def _end(
    connection: Connection, attempt: Attempt, after: CallState, why: CallEnd | CallOutcome
) -> None:
    """End the call, as long as it is still in the hands of the caller who logs the attempt."""
    theirs = (calls.c.id == attempt.call.id, calls.c.lease_by == attempt.by)
    end_calls(connection, after, why, attempt.now, *theirs, columns=_made(attempt))


def _next(attempt: Attempt) -> Next:
    made = Made(
        attempt.number,
        attempt.call.extra_attempts,
        attempt.call.slots + attempt.slot,
        attempt.call.last_at,
    )
    result = attempt.result
    return attempt.schedule.after(result.outcome, made, attempt.now, result.again_at)


def _plan(connection: Connection, attempt: Attempt, coming: Next) -> list[Message]:
    """Let the call wait for its next attempt; return what the caller should know."""
    appointment = coming.appointment
    values: dict[str, Any] = {"due_at": coming.due_at, "extra_attempts": coming.extra_attempts}
    if appointment is not None:
        values["appointment_from"] = appointment.start
        values["appointment_until"] = appointment.end
    _write_call(connection, attempt, values)
    if appointment is None or appointment.start == attempt.result.again_at:
        return []
    return [Message("The time asked for lies outside calling hours; the next open time is taken.")]


def _no_time_left(attempt: Attempt) -> Message:
    if attempt.result.outcome is CallOutcome.AGAIN:
        return Message(
            "The survey ends before the time asked for: nobody calls again. It is kept as “asked "
            "for another time”, not as a refusal."
        )
    return Message("The survey ends before the next attempt: nobody calls again.")


def _made(attempt: Attempt) -> dict[str, Any]:
    """Return what every attempt writes onto its call: it was made, and the lease is given up."""
    return {
        "attempts": attempt.number,
        "slots": attempt.call.slots + attempt.slot,
        "appointment_from": None,
        "appointment_until": None,
        "lease_by": None,
        "lease_until": None,
        "leased_at": None,
    }


def _write_call(connection: Connection, attempt: Attempt, values: dict[str, Any]) -> None:
    written = {**_made(attempt), **values}
    connection.execute(update(calls).where(calls.c.id == attempt.call.id).values(**written))


def keep_closed(connection: Connection, attempt: Attempt) -> list[Message]:
    """Count the attempt on a call that was closed while it was held; it stays closed."""
    _write_call(connection, attempt, {})
    if attempt.call.why == CallEnd.OPTED_OUT:
        return [Message("The citizen opted out meanwhile: nobody calls again.")]
    return [Message("The call had been closed meanwhile: nobody calls again.")]


def _answered_meanwhile(connection: Connection, attempt: Attempt) -> bool:
    """Return whether a text of the citizen has made another attempt obsolete."""
    wrote = select(calls.c.id).where(calls.c.id == attempt.call.id, obsolete())
    return connection.execute(wrote).first() is not None
