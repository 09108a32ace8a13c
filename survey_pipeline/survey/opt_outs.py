"""Opt-outs: for good, on every gateway, texts and calls alike, until START or 恢复.

The list holds keyed hashes alone (`store.crypto`), so it outlives every deletion.
"""

from datetime import datetime

from sqlalchemy import Connection, select, update

from survey_pipeline.store.insert import insert_absent
from survey_pipeline.store.tables import opt_outs, surveys
from survey_pipeline.survey.closing import close_calls
from survey_pipeline.survey.lifecycle import cancel_messages
from survey_pipeline.survey.outcome import refresh_outcomes
from survey_pipeline.vocabulary import CallEnd, MessageWhy, SurveyState


def opt_out(
    connection: Connection, phone_hash: bytes, gateway: str, inbound_id: int | None, at: datetime
) -> None:
    """Stop everything to a phone: the list, its queued texts, its waiting call (held or not)."""
    row = {"phone_hash": phone_hash, "started_at": at, "gateway": gateway, "inbound_id": inbound_id}
    insert_absent(connection, opt_outs, [row])  # one is in force at most
    ids = list(
        connection.scalars(
            select(surveys.c.id).where(
                surveys.c.phone_hash == phone_hash, surveys.c.state == SurveyState.OPEN
            )
        )
    )
    if ids:
        connection.execute(update(surveys).where(surveys.c.id.in_(ids)).values(opted_out=True))
        cancel_messages(connection, ids, MessageWhy.OPTED_OUT, at)
        close_calls(connection, ids, CallEnd.OPTED_OUT, at, also_held=True)
        refresh_outcomes(connection, ids, at)


def opt_in(connection: Connection, phone_hash: bytes, inbound_id: int, at: datetime) -> bool:
    """End a phone's opt-out; say whether there was one. What was cancelled stays cancelled."""
    ended = connection.execute(
        update(opt_outs)
        .where(opt_outs.c.phone_hash == phone_hash, opt_outs.c.ended_at.is_(None))
        .values(ended_at=at, ended_by_inbound_id=inbound_id)
    )
    return ended.rowcount > 0
