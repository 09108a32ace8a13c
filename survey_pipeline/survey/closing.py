"""How a survey ends, and what ends with it: unsent texts, waiting calls, unread replies.

Every stage ends things through these functions, so that a citizen who has answered, opted out or
run out of time is not bothered again by a queue that did not hear of it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, select, update

from survey_pipeline.store.locks import hold_rows
from survey_pipeline.store.tables import calls, inbound, surveys
from survey_pipeline.survey.leases import unheld
from survey_pipeline.survey.lifecycle import cancel_messages, end_calls, end_surveys
from survey_pipeline.survey.outcome import CHUNK, refresh_outcomes
from survey_pipeline.vocabulary import (
    CallEnd,
    CallState,
    InboundUse,
    MessageWhy,
    SurveyEnd,
    SurveyState,
)


def close_calls(
    connection: Connection,
    survey_ids: Collection[int],
    why: CallEnd,
    now: datetime,
    *,
    also_held: bool = False,
) -> int:
    """Close the open calls of these surveys; a held call stays, unless `also_held`.

    A held call stays because the caller is speaking: both answers are then kept (specification,
    section 7).
    Where it closes too, the lease stays on record: its holder may still log what they heard.

    Returns:
        How many were closed.
    """
    theirs = calls.c.survey_id.in_(survey_ids)
    may_close = theirs if also_held else and_(theirs, unheld(now))
    return end_calls(connection, CallState.CLOSED, why, now, may_close)


def close_surveys(
    connection: Connection, survey_ids: Sequence[int], why: SurveyEnd, now: datetime
) -> int:
    """Close these open surveys with all that still waits for them; return how many there were."""
    wanted = sorted(survey_ids)
    chunks = [wanted[start : start + CHUNK] for start in range(0, len(wanted), CHUNK)]
    for chunk in chunks:  # all surveys before the first text, call or reply
        hold_rows(connection, surveys.c.id, surveys.c.id.in_(chunk))
    return sum(_close(connection, chunk, why, now) for chunk in chunks)


def _close(connection: Connection, ids: Sequence[int], why: SurveyEnd, now: datetime) -> int:
    cancel_messages(connection, ids, MessageWhy(why), now)
    close_calls(connection, ids, CallEnd(why), now, also_held=True)
    connection.execute(
        update(inbound)
        .where(inbound.c.survey_id.in_(ids), inbound.c.use == InboundUse.READER)
        .values(use=InboundUse.CANNOT_TELL)
    )
    refresh_outcomes(connection, ids, now)
    return end_surveys(connection, ids, why, now)


def close_due(connection: Connection, now: datetime) -> int:
    """Close every survey whose last moment has passed; return how many."""
    ids = connection.scalars(
        select(surveys.c.id)
        .where(surveys.c.state == SurveyState.OPEN, surveys.c.closes_at <= now)
        .order_by(surveys.c.id)
    )
    return close_surveys(connection, list(ids), SurveyEnd.SURVEY_CLOSED, now)
