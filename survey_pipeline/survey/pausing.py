"""Sending paused for everyone: a row in the database, which every sender on every host honours.

What a sender has in its hands when the pause begins still goes out (a batch, about a second); the
next claim finds nothing. Hearing, reading, calling and expiring go on.

Dispatch keeps the pause, and the online review sends its invitations by it as well. Stages do not
import each other, so it stands in the room below both.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.insert import insert_absent
from survey_pipeline.store.tables import pauses
from survey_pipeline.vocabulary import AuditAction, Audited

SENDING = "sending"


@dataclass(frozen=True)
class Pause:
    """Who paused, and since when."""

    at: datetime
    by: str


def not_paused() -> ColumnElement[bool]:
    """Return the condition, for a claim, that sending is not paused."""
    return ~select(pauses.c.id).where(*_open()).exists()


def sending_pause(context: Context) -> Pause | None:
    """Return the pause that is in force; None while texts may go out."""
    with reading(context.engine) as connection:
        return open_pause(connection)


def open_pause(connection: Connection) -> Pause | None:
    """Return the pause that is in force; None while texts may go out."""
    row = connection.execute(select(pauses.c.at, pauses.c.by).where(*_open())).one_or_none()
    return Pause(row.at, row.by) if row else None


def pause_sending(context: Context) -> None:
    """Stop claims of texts until `resume_sending`; the audit log keeps who paused.

    Raises:
        CannotProceed: it is paused already.
    """
    with writing(context.engine) as connection:
        if not begin_pause(connection, context):
            raise CannotProceed("sending is paused already")


def begin_pause(connection: Connection, context: Context) -> bool:
    """Pause sending in a transaction that writes; return whether it was not paused before."""
    row = {"what": SENDING, "at": context.now(), "by": context.actor}
    begun = insert_absent(connection, pauses, [row]) > 0
    if begun:
        _log(connection, context, AuditAction.CREATED)
    return begun


def resume_sending(context: Context) -> None:
    """Let texts go out again.

    Raises:
        CannotProceed: it is not paused.
    """
    with writing(context.engine) as connection:
        ended = connection.execute(
            update(pauses).where(*_open()).values(ended_at=context.now(), ended_by=context.actor)
        )
        if not ended.rowcount:
            raise CannotProceed("sending is not paused")
        _log(connection, context, AuditAction.WITHDRAWN)


def _open() -> tuple[ColumnElement[bool], ...]:
    return pauses.c.what == SENDING, pauses.c.ended_at.is_(None)


def _log(connection: Connection, context: Context, action: AuditAction) -> None:
    entry = audit.entry(
        at=context.now(), actor=context.actor, action=action, kind=Audited.PAUSES, key=SENDING
    )
    audit.append(connection, [entry])
