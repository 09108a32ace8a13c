"""Take back an attempt that was logged by a slip of the hand, within a minute.

Nothing is deleted. The attempt and the answer heard in it stay as they were logged; a row in
`undone_attempts` says who took it back and when, and from then on neither counts
(`survey.undone`). The journal of the survey gets an event, the audit log an entry. What the
attempt had made of the call and the survey is derived anew from the attempts and answers that are
left; the call goes back into the caller's hands, so that it can be logged as it was meant.

It is refused once anything else has happened to the case: what a colleague, a reader or the citizen
has done since may depend on the attempt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.stages.callbacks.attempts import lock_call
from survey_pipeline.stages.callbacks.leasing import LEASING, require_caller
from survey_pipeline.stages.callbacks.queueing import schedule_of
from survey_pipeline.stages.callbacks.retry_waits import EXTRA_ATTEMPTS
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.locks import lock_name
from survey_pipeline.store.tables import (
    answers,
    call_attempts,
    calls,
    inbound,
    surveys,
    undone_attempts,
)
from survey_pipeline.survey.denied import is_denied
from survey_pipeline.survey.lifecycle import reopen_calls
from survey_pipeline.survey.opt_outs import end_by_hand, of_attempt
from survey_pipeline.survey.rating import rate_again
from survey_pipeline.survey.undone import undone
from survey_pipeline.vocabulary import (
    SPOKE,
    AuditAction,
    Audited,
    CallEnd,
    CallOutcome,
    CallState,
    SurveyEventKind,
    SurveyState,
)

WITHIN = timedelta(minutes=1)
"""So long after it was logged an attempt may be taken back."""


@dataclass(frozen=True)
class LastAttempt:
    """What a caller has logged within the last minute, and what became of it."""

    call_id: int
    at: datetime
    until: datetime
    """Until when it may be taken back."""
    outcome: str
    answer: str | None
    state: str
    """The call's `CallState` now."""
    next_at: datetime | None
    """When it is called again."""


def last_attempt(context: Context, by: str) -> LastAttempt | None:
    """Return the latest attempt that `by` may still take back, as far as time goes."""
    now = context.now()
    query = (
        select(call_attempts, calls.c.state, calls.c.due_at)
        .join(calls, calls.c.id == call_attempts.c.call_id)
        .where(call_attempts.c.logged_at > now - WITHIN, call_attempts.c.by == by, ~undone())
        .order_by(call_attempts.c.id.desc())
        .limit(1)
    )
    with reading(context.engine) as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return LastAttempt(
        call_id=row.call_id,
        at=row.logged_at,
        until=row.logged_at + WITHIN,
        outcome=row.outcome,
        answer=row.rating,
        state=row.state,
        next_at=row.due_at if row.state == CallState.OPEN else None,
    )


def undo_attempt(context: Context, call_id: int, by: str) -> None:
    """Take back the last attempt of a call, and the call with it.

    A call taken since goes back to the queue: one person holds one call.

    Args:
        context: the workspace.
        call_id: the call, whose last attempt `by` logged less than a minute ago.
        by: the caller.

    Raises:
        UnknownRecord: there is no such call.
        CannotProceed: there is no such attempt, it is too late, or something else happened since.
    """
    by, now = require_caller(by), context.now()
    with writing(context.engine) as connection:
        lock_name(connection, LEASING, by)
        call, survey = lock_call(connection, call_id)
        made = _standing(connection, survey.id)
        attempt = _last_of(made, call_id, by)
        if attempt.logged_at <= now - WITHIN:
            raise CannotProceed(
                "more than a minute has passed: what was logged of call {call} stays",
                call=call_id,
            )
        if _changed_since(connection, call, survey, attempt):
            raise CannotProceed(
                "something else has happened to call {call} since: what was logged stays",
                call=call_id,
            )
        _take_opt_out_back(connection, survey.id, attempt, by, now)
        connection.execute(undone_attempts.insert().values(attempt_id=attempt.id, at=now, by=by))
        left = [other for other in made if other.id != attempt.id]
        _put_back_others(connection, call_id, by)
        _reopen(
            connection,
            context,
            call,
            attempt,
            [other for other in left if other.call_id == call_id],
        )
        _restore_survey(connection, survey.id, left)
        rate_again(connection, survey.id, SurveyEventKind.UNDONE, by, now)
        _note(connection, call_id, attempt, by, now)


def _standing(connection: Connection, survey_id: int) -> Sequence[Row[Any]]:
    """Return the attempts of a survey that count, the oldest first."""
    query = select(call_attempts).where(call_attempts.c.survey_id == survey_id, ~undone())
    return connection.execute(query.order_by(call_attempts.c.id)).all()


def _last_of(made: Sequence[Row[Any]], call_id: int, by: str) -> Row[Any]:
    if not made or (made[-1].call_id, made[-1].by) != (call_id, by):
        raise CannotProceed("there is nothing of yours to take back of call {call}", call=call_id)
    return made[-1]


def _changed_since(
    connection: Connection, call: Row[Any], survey: Row[Any], attempt: Row[Any]
) -> bool:
    ended_by_attempt = call.ended_at == attempt.logged_at and call.why != CallEnd.SMS_REPLY
    stands = (
        survey.state == SurveyState.OPEN
        and (not survey.opted_out or of_attempt(connection, attempt.id) is not None)
        and not survey.withdrawn
        and call.lease_by is None
        and call.attempts == attempt.number
        and (call.state == CallState.OPEN or ended_by_attempt)
    )
    if not stands:
        return True
    since = attempt.logged_at
    happened = (
        _of(inbound.c.survey_id, survey, _later(inbound, since)),
        _of(answers.c.survey_id, survey, answers.c.recorded_at > since),
        _of(
            calls.c.survey_id,
            survey,
            and_(calls.c.id != call.id, calls.c.state == CallState.OPEN),
        ),
    )
    return any(connection.execute(query).first() is not None for query in happened)


def _of(column: Any, survey: Row[Any], condition: ColumnElement[bool]) -> Any:
    return select(column).where(column == survey.id, condition).limit(1)


def _later(table: Any, since: datetime) -> ColumnElement[bool]:
    columns = (table.c.received_at, table.c.read_at, table.c.decided_at)
    return or_(*(column > since for column in columns))


def _put_back_others(connection: Connection, call_id: int, by: str) -> None:
    connection.execute(
        update(calls)
        .where(calls.c.lease_by == by, calls.c.id != call_id, calls.c.state == CallState.OPEN)
        .values(lease_by=None, lease_until=None, leased_at=None)
    )


def _reopen(
    connection: Connection,
    context: Context,
    call: Row[Any],
    attempt: Row[Any],
    left: Sequence[Row[Any]],
) -> None:
    """Put the call back to where it stood in the caller's hands before the attempt."""
    schedule, before = schedule_of(context), left[-1] if left else None
    appointment = schedule.appointment(before.again_at) if before and before.again_at else None
    columns = {
        "attempts": attempt.number - 1,
        "extra_attempts": _extra(left, context.settings.callbacks.max_attempts),
        "slots": call.slots[:-1],
        # It was handed out then, so it was due.
        "due_at": attempt.leased_at or attempt.logged_at,
        "appointment_from": appointment.start if appointment else None,
        "appointment_until": appointment.end if appointment else None,
        "lease_by": attempt.by,
        "lease_until": context.now() + context.settings.callbacks.lease,
        "leased_at": attempt.leased_at,
    }
    this = calls.c.id == call.id
    if call.state == CallState.OPEN:  # the attempt did not end the call: it is only due again
        connection.execute(update(calls).where(this).values(**columns))
    else:
        reopen_calls(connection, [CallState(call.state)], this, columns=columns)


def _extra(left: Sequence[Row[Any]], allowed: int) -> int:
    """Return how many attempts the appointments among those that are left have added."""
    extra = 0
    for attempt in left:
        used_up = attempt.number >= allowed + extra
        if attempt.outcome == CallOutcome.AGAIN and used_up and extra < EXTRA_ATTEMPTS:
            extra += 1
    return extra


def _take_opt_out_back(
    connection: Connection, survey_id: int, attempt: Row[Any], by: str, now: datetime
) -> None:
    """End the opt-out that the attempt brought, if any.

    Only this survey is asked again: a phone has one open survey.
    """
    opt_out = of_attempt(connection, attempt.id)
    if opt_out is not None:
        end_by_hand(connection, opt_out.phone_hash, by, None, now)
        connection.execute(update(surveys).where(surveys.c.id == survey_id).values(opted_out=False))


def _restore_survey(connection: Connection, survey_id: int, left: Sequence[Row[Any]]) -> None:
    reasons = [attempt.reason for attempt in left if attempt.reason]
    connection.execute(
        update(surveys)
        .where(surveys.c.id == survey_id)
        .values(
            called=bool(left),
            reached=any(attempt.outcome in SPOKE for attempt in left),
            attempts=len(left),
            reason=reasons[-1] if reasons else None,
            denied=is_denied(connection, survey_id),
        )
    )


def _note(connection: Connection, call_id: int, attempt: Row[Any], by: str, now: datetime) -> None:
    taken_back = audit.entry(
        at=now,
        actor=by,
        action=AuditAction.WITHDRAWN,
        kind=Audited.CALL_ATTEMPTS,
        key=f"{call_id}/{attempt.number}",
        before={"outcome": attempt.outcome, "rating": attempt.rating},
    )
    audit.append(connection, [taken_back])
