"""Opt-outs: for good, on every gateway, texts and calls alike, until START or 恢复.

The list knows a number by its keyed hash alone (`store.crypto`), so it outlives every deletion.
Where a person asked on the phone, by letter or at the counter, the masked number stands beside it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, select, update

from survey_pipeline.store import audit
from survey_pipeline.store.insert import insert_absent
from survey_pipeline.store.tables import opt_outs, surveys
from survey_pipeline.survey.closing import close_calls
from survey_pipeline.survey.lifecycle import cancel_messages, hold_surveys, of_phones
from survey_pipeline.survey.outcome import refresh_outcomes
from survey_pipeline.vocabulary import AuditAction, Audited, CallEnd, MessageWhy, SurveyState


@dataclass(frozen=True)
class PersonsRequest:
    """That a person asked, other than by text, not to be asked again."""

    masked: str | None
    """The number as it may be shown."""
    by: str
    """Who took the request."""
    reason: str | None = None
    call_attempt_id: int | None = None
    """The attempt in which they said so, if on the phone."""


def opt_out(
    connection: Connection, phone_hash: bytes, gateway: str, inbound_id: int | None, at: datetime
) -> None:
    """Stop everything to a phone that opted out by text, or that a provider says has."""
    hold_surveys(connection, of_phones([phone_hash]))
    row = {"phone_hash": phone_hash, "started_at": at, "gateway": gateway, "inbound_id": inbound_id}
    insert_absent(connection, opt_outs, [row])  # a phone has at most one in force
    _stop_all(connection, phone_hash, at)


def opt_out_on_request(
    connection: Connection, phone_hash: bytes, request: PersonsRequest, at: datetime
) -> int | None:
    """Stop everything to a phone whose owner asked a person of ours.

    Returns:
        The new opt-out's id; None where one was in force already.
    """
    hold_surveys(connection, of_phones([phone_hash]))
    row = {"phone_hash": phone_hash, "started_at": at, "gateway": "", **vars(request)}
    fresh = insert_absent(connection, opt_outs, [row]) > 0
    _stop_all(connection, phone_hash, at)
    if not fresh:
        return None
    row_id = int(connection.execute(select(opt_outs.c.id).where(in_force(phone_hash))).scalar_one())
    audit.append(
        connection,
        [
            audit.entry(
                at=at,
                actor=request.by,
                action=AuditAction.CREATED,
                kind=Audited.OPT_OUTS,
                key=str(row_id),
                reason=request.reason,
            )
        ],
    )
    return row_id


def end_by_hand(
    connection: Connection, phone_hash: bytes, by: str, reason: str | None, at: datetime
) -> int | None:
    """End a phone's opt-out by hand; return its id, None where none is in force.

    What it cancelled stays cancelled.
    """
    row_id: int | None = connection.scalar(
        update(opt_outs)
        .where(in_force(phone_hash))
        .values(ended_at=at, ended_by=by, ended_reason=reason)
        .returning(opt_outs.c.id)
    )
    if row_id is not None:
        audit.append(
            connection,
            [
                audit.entry(
                    at=at,
                    actor=by,
                    action=AuditAction.WITHDRAWN,
                    kind=Audited.OPT_OUTS,
                    key=str(row_id),
                    reason=reason,
                )
            ],
        )
    return row_id


def in_force(phone_hash: bytes) -> ColumnElement[bool]:
    """Return the condition that a row of `opt_outs` is in force for a phone."""
    return and_(opt_outs.c.phone_hash == phone_hash, opt_outs.c.ended_at.is_(None))


def of_attempt(connection: Connection, attempt_id: int) -> Row[Any] | None:
    """Return the opt-out that an attempt on the phone brought, if it is in force."""
    return connection.execute(
        select(opt_outs).where(
            opt_outs.c.call_attempt_id == attempt_id, opt_outs.c.ended_at.is_(None)
        )
    ).one_or_none()


def _stop_all(connection: Connection, phone_hash: bytes, at: datetime) -> None:
    """Mark a phone's open surveys, cancel their queued texts and close their calls, held or not."""
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
    """End a phone's opt-out by text; return whether there was one.

    What was cancelled stays cancelled.
    """
    ended = connection.execute(
        update(opt_outs)
        .where(in_force(phone_hash))
        .values(ended_at=at, ended_by_inbound_id=inbound_id)
    )
    return ended.rowcount > 0
