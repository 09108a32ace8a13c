"""What a database that was put back from a copy cannot know: which texts went out since the copy.

Such a text is never sent again by itself. It stands as *unknown*: its provider is asked, and a case
whose text is not found is called, whatever `sending.unknown_policy` says. That a provider does not
know an attempt proves nothing here, for the text may have gone out under another one.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, select, update

from survey_pipeline.context import Context
from survey_pipeline.store import audit
from survey_pipeline.store.insert import insert_absent
from survey_pipeline.store.tables import (
    job_runs,
    messages,
    review_representatives,
    reviews,
    send_attempts,
    surveys,
)
from survey_pipeline.survey.lifecycle import Move, move_messages
from survey_pipeline.vocabulary import (
    AuditAction,
    Audited,
    MessageState,
    MessageWhy,
    SendOutcome,
)

RESTORE = "restore"
"""In `job_runs`: its day is the last one on which the lost database may have drawn or sent."""
NOT_KNOWN_SINCE = "restored"
"""Reason of an attempt whose text may have gone out after the copy, perhaps by another attempt."""
_DOUBTFUL = (MessageState.QUEUED, MessageState.SENDING, MessageState.UNKNOWN)


def note_restore(connection: Connection, context: Context, until: date) -> int:
    """Note that the database was put back, and doubt every text that may have gone out since.

    Args:
        connection: a transaction that writes.
        context: the workspace.
        until: the last day on which the lost database may have drawn or sent.

    Returns:
        How many texts are in doubt.
    """
    now = context.now()
    row = {"job": RESTORE, "day": until, "started_at": now, "finished_at": now}
    insert_absent(connection, job_runs, [row])
    entry = audit.entry(
        at=now,
        actor=context.actor,
        action=AuditAction.CREATED,
        kind=Audited.RESTORES,
        key=f"{until}",
    )
    audit.append(connection, [entry])
    _doubt_invitations(connection, context)
    return doubt_texts(connection, context)


def last_doubtful_day(connection: Connection) -> date | None:
    """Return until when texts may have gone out unknown to us; None if nothing was put back."""
    day: date | None = connection.scalar(
        select(func.max(job_runs.c.day)).where(job_runs.c.job == RESTORE)
    )
    return day


def restored_at(connection: Connection) -> datetime | None:
    """Return when a backup was last put back; None if that never happened."""
    moment: datetime | None = connection.scalar(
        select(func.max(job_runs.c.started_at)).where(job_runs.c.job == RESTORE)
    )
    return moment


def doubt_texts(connection: Connection, context: Context, *which: ColumnElement[bool]) -> int:
    """Take texts that have not come to an end for *unknown*; return how many.

    Args:
        connection: a transaction that writes.
        context: the workspace.
        which: conditions on `messages` and their `surveys`; all texts without any.
    """
    found: list[Any] = list(
        connection.execute(
            select(
                messages.c.id,
                messages.c.state,
                messages.c.attempt_id,
                messages.c.gateway,
                messages.c.queued_at,
            )
            .join(surveys, surveys.c.id == messages.c.survey_id)
            .where(messages.c.state.in_(_DOUBTFUL), *which)
        )
    )
    _assume_attempts(connection, context, [row for row in found if row.attempt_id is None])
    tried = [{"key": row.attempt_id} for row in found if row.attempt_id is not None]
    if tried:
        connection.execute(_DOUBT, tried)
    why = MessageWhy.RESTORED
    moves = [
        Move(row.id, MessageState.UNKNOWN, why)
        for row in found
        if row.state != MessageState.UNKNOWN
    ]
    move_messages(connection, context, moves)
    return len(found)


def _assume_attempts(connection: Connection, context: Context, rows: Sequence[Any]) -> None:
    """Give each text the attempt that may have been made: by it the provider is asked."""
    if not rows:
        return
    token, gateway = context.new_token(), _likely_gateway(context)
    attempts = [
        {
            "id": f"{token}.{row.id}",
            "message_id": row.id,
            "gateway": row.gateway or gateway,
            "started_at": row.queued_at,
            "ended_at": context.now(),
            "outcome": SendOutcome.UNKNOWN,
            "reason": NOT_KNOWN_SINCE,
        }
        for row in rows
    ]
    connection.execute(send_attempts.insert(), attempts)
    named = [
        {"key": attempt["message_id"], "attempt": attempt["id"], "label": attempt["gateway"]}
        for attempt in attempts
    ]
    connection.execute(_NAME_ATTEMPT, named)


def _likely_gateway(context: Context) -> str:
    """Return the gateway that most texts go through."""
    gateways = context.settings.gateway
    return max(gateways, key=lambda gateway: gateway.priority).label if gateways else ""


def _doubt_invitations(connection: Connection, context: Context) -> None:
    """Take representatives of an open review for invited: the text may have gone out since."""
    unclosed = select(reviews.c.year).where(reviews.c.closed_at.is_(None))
    connection.execute(
        update(review_representatives)
        .where(
            review_representatives.c.year.in_(unclosed),
            review_representatives.c.invited_at.is_(None),
        )
        .values(invited_at=context.now(), invite_outcome=SendOutcome.UNKNOWN)
    )


_DOUBT: Any = (
    update(send_attempts)
    .where(send_attempts.c.id == bindparam("key"))
    .values(reason=NOT_KNOWN_SINCE)
)
_NAME_ATTEMPT: Any = (
    update(messages)
    .where(messages.c.id == bindparam("key"))
    .values(attempt_id=bindparam("attempt"), gateway=bindparam("label"))
)
