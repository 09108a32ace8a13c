"""Log an attempt: the attempt, the call, the survey and the answer in one transaction.

The holder of a call may log it. So they may after the lease ran out, as long as the call was not
taken by another caller (the attempt is marked late), and after the call was closed while they held
it (an opt-out, the survey's end): the attempt is kept, and the citizen is not called again. A
caller who was never given the call may not log it: `next` comes first. The same log once more (a
double Enter, a repeated request) changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.i18n import Message
from survey_pipeline.phones import masked
from survey_pipeline.stages.callbacks.follow_up import Attempt, keep_closed, move_call
from survey_pipeline.stages.callbacks.leasing import not_yours, require_caller
from survey_pipeline.stages.callbacks.queueing import schedule_of
from survey_pipeline.stages.callbacks.results import (
    CallResult,
    check_against_survey,
    check_appointment,
    validate_result,
)
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import call_attempts, calls, opt_outs, surveys
from survey_pipeline.survey.lifecycle import hold_surveys, of_phones
from survey_pipeline.survey.opt_outs import PersonsRequest, opt_out_on_request
from survey_pipeline.survey.outcome import refresh_outcomes
from survey_pipeline.survey.rating import GivenAnswer, record_answer
from survey_pipeline.survey.undone import undone
from survey_pipeline.vocabulary import (
    BESIDE_RATING,
    SPOKE,
    AnswerRole,
    CallOutcome,
    CallReason,
    CallState,
    Mode,
)


@dataclass(frozen=True)
class Logged:
    """What became of a call."""

    call_id: int
    attempt: int
    """The attempt's number within the call."""
    state: CallState
    next_at: datetime | None = None
    """When the next attempt is due."""
    rating: str | None = None
    """The rating of record now."""
    rated_by: str | None = None
    verification: str | None = None
    late: bool = False
    """The lease had run out."""
    repeated: bool = False
    """It was logged before: nothing changed."""
    notes: Sequence[Message] = ()
    """What the caller should know, in sentences."""


def log_result(context: Context, call_id: int, by: str, result: CallResult) -> Logged:
    """Log what came of a call.

    Args:
        context: the workspace.
        call_id: the call, which `by` holds.
        by: the caller.
        result: outcome, answer and what goes with them.

    Raises:
        UsageError: the parts of the result do not belong together, or the time has passed.
        UnknownRecord: there is no such call.
        CallHeld: another caller has taken it, or `by` never held it.
        CannotProceed: the time asked for is after the survey's last moment.
    """
    by, result, now = require_caller(by), validate_result(result), context.now()
    with writing(context.engine) as connection:
        call, survey = lock_call(connection, call_id)
        if call.lease_by != by:
            known = _same_before(connection, call, by, result)
            if known is None:
                raise not_yours(connection, call_id, now)
            return _logged(connection, call, known.number, late=known.late, repeated=True)
        schedule = schedule_of(context)
        attempt = Attempt(call, survey, result, by, now, schedule)
        if attempt.survey_open:
            check_against_survey(result, survey)
        if call.state == CallState.OPEN:
            check_appointment(result, schedule, now, call.last_at)
        return _record(connection, context, attempt)


def lock_call(connection: Connection, call_id: int) -> tuple[Row[Any], Row[Any]]:
    """Lock the survey, then its call: the order in which every stage locks; return both rows.

    The phone's other surveys are held too: the citizen may ask never to be called again.

    Raises:
        UnknownRecord: there is no such call.
    """
    survey_id = connection.scalar(select(calls.c.survey_id).where(calls.c.id == call_id))
    if survey_id is None:
        raise UnknownRecord("there is no call {call}", call=call_id).at_terminal(
            "See: callbacks list"
        )
    phone = select(surveys.c.phone_hash).where(surveys.c.id == survey_id)
    itself = select(surveys.c.id).where(surveys.c.id == survey_id)  # its number may be deleted
    hold_surveys(connection, itself, of_phones(phone))
    survey = connection.execute(select(surveys).where(surveys.c.id == survey_id)).one()
    call = connection.execute(select(calls).where(calls.c.id == call_id).with_for_update()).one()
    return call, survey


def _same_before(
    connection: Connection, call: Row[Any], by: str, result: CallResult
) -> Row[Any] | None:
    """Return the call's last attempt if it was logged by the same caller with the same result."""
    last = connection.execute(
        select(call_attempts)
        .where(call_attempts.c.call_id == call.id, ~undone())
        .order_by(call_attempts.c.number.desc())
        .limit(1)
    ).one_or_none()
    if last is None or last.by != by:
        return None
    stored = (last.outcome, last.rating, last.reason, last.note, last.again_at, last.correct_why)
    given = (
        result.outcome,
        result.answer,
        result.reason,
        result.note,
        result.again_at,
        result.correct_why,
    )
    same = stored == given and result.never_again == _opted_out_in(connection, last)
    return last if same else None


def _opted_out_in(connection: Connection, attempt: Row[Any]) -> bool:
    """Return whether an attempt was logged with a wish never to be asked again."""
    query = select(opt_outs.c.id).where(opt_outs.c.call_attempt_id == attempt.id)
    return connection.execute(query.limit(1)).first() is not None


def _record(connection: Connection, context: Context, attempt: Attempt) -> Logged:
    attempt_id = _insert_attempt(connection, attempt)
    notes = _update_survey(connection, attempt, attempt_id) if attempt.survey_open else []
    if not attempt.survey_open:
        notes.append(Message("The survey has ended: the attempt is kept and does not count."))
    if attempt.call.state == CallState.OPEN:
        notes += move_call(connection, attempt)
    else:
        notes += keep_closed(connection, attempt)
    if attempt.result.never_again:
        notes += _never_again(connection, context, attempt, attempt_id)
    call = connection.execute(select(calls).where(calls.c.id == attempt.call.id)).one()
    return _logged(connection, call, attempt.number, late=attempt.late, notes=notes)


def _never_again(
    connection: Connection, context: Context, attempt: Attempt, attempt_id: int
) -> list[Message]:
    """Keep the wish never to be asked again, after the call itself has ended as refused."""
    survey = attempt.survey
    if survey.phone_hash is None:  # deleted while the call was in somebody's hands
        return [Message("The number has been deleted: the wish cannot be kept with it.")]
    number = masked(context.keys.decrypt(survey.phone)) if survey.phone else None
    request = PersonsRequest(number, attempt.by, call_attempt_id=attempt_id)
    opt_out_on_request(connection, survey.phone_hash, request, attempt.now)
    return [Message("The number is on the list of opt-outs: no more texts and calls.")]


def _insert_attempt(connection: Connection, attempt: Attempt) -> int:
    result = attempt.result
    inserted = connection.execute(
        call_attempts.insert()
        .values(
            call_id=attempt.call.id,
            survey_id=attempt.survey.id,
            number=attempt.number,
            by=attempt.by,
            leased_at=attempt.call.leased_at,
            logged_at=attempt.now,
            slot=attempt.slot,
            outcome=result.outcome,
            rating=result.answer,
            reason=result.reason,
            note=result.note,
            again_at=result.again_at,
            correct_why=result.correct_why,
            late=attempt.late,
        )
        .returning(call_attempts.c.id)
    )
    return int(inserted.scalar_one())


def _update_survey(connection: Connection, attempt: Attempt, attempt_id: int) -> list[Message]:
    survey, result = attempt.survey, attempt.result
    connection.execute(
        update(surveys)
        .where(surveys.c.id == survey.id)
        .values(
            called=True,
            reached=survey.reached or result.outcome in SPOKE,
            attempts=survey.attempts + 1,
            reason=result.reason or survey.reason,
            denied=survey.denied or result.outcome is CallOutcome.NOT_MY_CASE,
        )
    )
    if result.answer is None:
        refresh_outcomes(connection, [survey.id], attempt.now)
        return []
    role = _role(attempt)
    answer = GivenAnswer(
        role,
        Mode.PHONE,
        result.answer,
        attempt.now,
        call_attempt_id=attempt_id,
        by=attempt.by,
        why=result.correct_why,
    )
    record = record_answer(connection, survey.id, answer, attempt.now)
    if role is AnswerRole.CORRECTION:
        return [Message("The rating was corrected.")]
    if record.rating is not None and record.mode is Mode.SMS:
        return [Message("The SMS answer stands; this one is kept beside it.")]
    return []


def _role(attempt: Attempt) -> AnswerRole:
    if attempt.result.correct_why is not None:
        return AnswerRole.CORRECTION
    if CallReason(attempt.call.reason) in BESIDE_RATING:
        return AnswerRole.VERIFICATION
    return AnswerRole.RATING


def _logged(
    connection: Connection,
    call: Row[Any],
    number: int,
    *,
    late: bool,
    repeated: bool = False,
    notes: Sequence[Message] = (),
) -> Logged:
    survey = connection.execute(
        select(surveys.c.rating, surveys.c.rated_by, surveys.c.verification).where(
            surveys.c.id == call.survey_id
        )
    ).one()
    state = CallState(call.state)
    return Logged(
        call_id=call.id,
        attempt=number,
        state=state,
        next_at=call.due_at if state is CallState.OPEN else None,
        rating=survey.rating,
        rated_by=survey.rated_by,
        verification=survey.verification,
        late=late,
        repeated=repeated,
        notes=tuple(notes),
    )
