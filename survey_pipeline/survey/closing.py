"""How a survey ends, and what ends with it: unsent texts, waiting calls, unread replies.

Every stage ends things through these functions, so that a citizen who has answered, opted out or
run out of time is not bothered again by a queue that did not hear of it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, or_, select, update

from survey_pipeline.calendar import Calendar
from survey_pipeline.settings import Settings
from survey_pipeline.store.locks import hold_rows
from survey_pipeline.store.tables import (
    calls,
    inbound,
    message_events,
    messages,
    survey_events,
    surveys,
)
from survey_pipeline.survey.outcome import CHUNK, refresh_outcomes
from survey_pipeline.vocabulary import CallState, InboundUse, MessageState, SurveyState

WORKING_DAYS_OF_CALLING = 3
"""No survey closes before that many working days on which its call could be made."""


def closing_time(
    opened_at: datetime, calling_from: datetime, settings: Settings, calendar: Calendar
) -> datetime:
    """Return when a survey closes: `closes_after` its opening, after three days of calling.

    Args:
        opened_at: the draw.
        calling_from: when its call may be queued: the draw for a landline, else the end of the
            reply window.
    """
    return max(
        opened_at + settings.survey.closes_after, end_of_calling(calling_from, settings, calendar)
    )


def end_of_calling(calling_from: datetime, settings: Settings, calendar: Calendar) -> datetime:
    """Return the end of the third working day of calling, from that moment on."""
    first = calendar.day(
        calendar.next_open(calling_from, settings.callbacks.hours, working_days=True)
    )
    third = calendar.nth_working_day_from(first, WORKING_DAYS_OF_CALLING)
    return calendar.at(third, settings.callbacks.hours[-1].end)


def reply_deadline(accepted_at: datetime, window: timedelta) -> datetime:
    """Return the end of the reply window of a text that a gateway accepted then."""
    return accepted_at + window


def cancel_messages(
    connection: Connection, survey_ids: Collection[int], why: str, now: datetime
) -> int:
    """Cancel the queued texts of these surveys; those already being sent go their way."""
    cancelled = connection.scalars(
        update(messages)
        .where(messages.c.survey_id.in_(survey_ids), messages.c.state == MessageState.QUEUED)
        .values(state=MessageState.FAILED, reason=why, settled_at=now)
        .returning(messages.c.id)
    )
    ids = sorted(cancelled)
    if not ids:
        return 0
    connection.execute(
        message_events.insert(),
        [
            {
                "message_id": key,
                "at": now,
                "before": MessageState.QUEUED,
                "after": MessageState.FAILED,
                "why": why,
            }
            for key in ids
        ],
    )
    return len(ids)


def close_calls(
    connection: Connection,
    survey_ids: Collection[int],
    why: str,
    now: datetime,
    *,
    also_held: bool = False,
) -> int:
    """Close the open calls of these surveys; a call in somebody's hands stays, unless `also_held`.

    A held call stays because the caller is speaking: both answers are then kept (specification,
    section 7).
    """
    where = [calls.c.survey_id.in_(survey_ids), calls.c.state == CallState.OPEN]
    if not also_held:
        where.append(_unheld(now))
    closed = connection.execute(
        update(calls)
        .where(*where)
        # Who held it stays on record: that person may still log what they heard.
        .values(state=CallState.CLOSED, why=why, ended_at=now)
    )
    return closed.rowcount


def _unheld(now: datetime) -> ColumnElement[bool]:
    return or_(calls.c.lease_until.is_(None), calls.c.lease_until <= now)


def close_surveys(
    connection: Connection, survey_ids: Sequence[int], why: str, now: datetime
) -> int:
    """Close these open surveys with all that still waits for them; return how many there were."""
    closed = 0
    for start in range(0, len(survey_ids), CHUNK):
        closed += _close(connection, survey_ids[start : start + CHUNK], why, now)
    return closed


def _close(connection: Connection, ids: Sequence[int], why: str, now: datetime) -> int:
    hold_rows(connection, surveys.c.id, surveys.c.id.in_(ids))
    cancel_messages(connection, ids, why, now)
    close_calls(connection, ids, why, now, also_held=True)
    connection.execute(
        update(inbound)
        .where(inbound.c.survey_id.in_(ids), inbound.c.use == InboundUse.READER)
        .values(use=InboundUse.CANNOT_TELL)
    )
    refresh_outcomes(connection, ids, now)
    closed = connection.scalars(
        update(surveys)
        .where(surveys.c.id.in_(ids), surveys.c.state == SurveyState.OPEN)
        .values(state=SurveyState.CLOSED, closed_at=now)
        .returning(surveys.c.id)
    )
    closed_ids = sorted(closed)
    if closed_ids:
        connection.execute(
            survey_events.insert(),
            [{"survey_id": key, "at": now, "what": "closed", "after": why} for key in closed_ids],
        )
    return len(closed_ids)


def close_due(connection: Connection, now: datetime) -> int:
    """Close every survey whose last moment has passed; return how many."""
    ids = connection.scalars(
        select(surveys.c.id)
        .where(surveys.c.state == SurveyState.OPEN, surveys.c.closes_at <= now)
        .order_by(surveys.c.id)
    )
    return close_surveys(connection, list(ids), "survey_closed", now)
