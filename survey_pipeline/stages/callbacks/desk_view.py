"""What the caller's desk shows: the call that the caller holds, what happens to it, what waits.

Nothing here takes a call or renews a lease (`leasing` does). The only thing written is that the
caller has seen a full number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, select

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.i18n import Message
from survey_pipeline.phones import masked
from survey_pipeline.stages.callbacks.cards import (
    CallCard,
    ReplyOnCard,
    card_of,
    is_noted,
    meanwhile,
    note_look,
    replies_to,
)
from survey_pipeline.stages.callbacks.leasing import require_caller, why_none
from survey_pipeline.stages.callbacks.obsolete import obsolete
from survey_pipeline.stages.callbacks.queueing import schedule_of
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import call_attempts, calls, surveys
from survey_pipeline.survey.leases import held_by, is_held, unheld
from survey_pipeline.survey.undone import counted_on
from survey_pipeline.vocabulary import CallState


@dataclass(frozen=True)
class Outlook:
    """What waits for a caller who holds no call."""

    due: int
    """Calls that could be made now and are not held."""
    why_none: Message | None
    """Why there is no call to take, and when the next one is due."""
    lapsed: int | None
    """The call that the caller held until its lease ran out."""


class DeskStanding(StrEnum):
    """How a call stands for the caller who has it on their screen."""

    HELD = "held"
    """They hold it."""
    LAPSED = "lapsed"
    """Their lease ran out; the call was not taken by another caller."""
    CLOSED = "closed"
    """It was closed while they held it: what they heard may still be logged."""
    TAKEN = "taken"
    """It is open and no longer theirs: another caller took it, or they put it back."""
    OVER = "over"
    """It has ended, and they did not hold it then."""


@dataclass(frozen=True)
class Watched:
    """A call as it stands now for the caller who took it."""

    standing: DeskStanding
    phone: str
    """In full while they hold it (that they see it was noted when they took it), else masked."""
    taken_by: str | None
    """The caller who has taken it since."""
    why: str | None
    """What ended it: a `CallOutcome` or a `CallEnd`."""
    lease_until: datetime | None
    meanwhile: Message | None
    """An SMS answer that came in."""
    texts: Sequence[ReplyOnCard]
    """What the citizen has written since the call was taken."""


def held_call(context: Context, by: str) -> CallCard | None:
    """Return the call that a caller holds, if any, and note that they see its number.

    The note is written once: a page that is opened again only reads, and waits for no writer.
    """
    by, now = require_caller(by), context.now()
    with reading(context.engine) as connection:
        card, noted = _in_hand(connection, context, by, now)
    if card is None or noted:
        return card
    with writing(context.engine) as connection:
        card, _ = _in_hand(connection, context, by, now)
        if card is not None:
            note_look(connection, card, by, now)
        return card


def _in_hand(
    connection: Connection, context: Context, by: str, now: datetime
) -> tuple[CallCard | None, bool]:
    """Return the call that a caller holds, and whether it is noted that they see its number."""
    mine = select(calls.c.id).where(calls.c.state == CallState.OPEN, held_by(by, now)).limit(1)
    call_id = connection.scalar(mine)
    if call_id is None:
        return None, False
    card = card_of(connection, context, call_id)
    return card, is_noted(connection, card, by)


def outlook(context: Context, by: str) -> Outlook:
    """Return what waits for a caller who holds no call."""
    now, schedule = context.now(), schedule_of(context)
    waits = (calls.c.state == CallState.OPEN, calls.c.last_at > now, ~obsolete())
    due = select(func.count()).where(*waits, unheld(now), calls.c.due_at <= now)
    lapsed = select(calls.c.id).where(*waits, calls.c.lease_by == by, unheld(now))
    with reading(context.engine) as connection:
        count = (connection.scalar(due) or 0) if schedule.is_open(now) else 0
        return Outlook(
            due=count,
            why_none=None if count else why_none(connection, context, schedule),
            lapsed=connection.scalar(lapsed.limit(1)),
        )


def made_today(context: Context, by: str) -> int:
    """Return how many attempts a caller has logged today, without those taken back."""
    today = counted_on(context.calendar, context.today())
    query = select(func.count()).where(today, call_attempts.c.by == by)
    with reading(context.engine) as connection:
        return connection.scalar(query) or 0


def watch_call(context: Context, call_id: int, by: str) -> Watched:
    """Return how a call stands that a caller has on their screen.

    Raises:
        UnknownRecord: there is no such call.
    """
    now = context.now()
    with reading(context.engine) as connection:
        query = select(calls, surveys.c.phone).join(surveys, surveys.c.id == calls.c.survey_id)
        call = connection.execute(query.where(calls.c.id == call_id)).one_or_none()
        if call is None:
            raise UnknownRecord("there is no call {call}", call=call_id).at_terminal(
                "See: callbacks list"
            )
        standing = _standing(call, by, now)
        phone = context.keys.decrypt(call.phone) if call.phone else ""
        theirs = standing in {DeskStanding.HELD, DeskStanding.LAPSED, DeskStanding.CLOSED}
        return Watched(
            standing=standing,
            phone=phone if standing is DeskStanding.HELD else masked(phone),
            taken_by=call.lease_by if standing is DeskStanding.TAKEN else None,
            why=call.why,
            lease_until=call.lease_until if theirs else None,
            meanwhile=meanwhile(connection, call_id) if theirs else None,
            texts=_texts(connection, call) if theirs else (),
        )


def _standing(call: Row[Any], by: str, now: datetime) -> DeskStanding:
    is_open = call.state == CallState.OPEN
    if call.lease_by != by:
        return DeskStanding.TAKEN if is_open else DeskStanding.OVER
    if not is_open:
        return DeskStanding.CLOSED
    return DeskStanding.HELD if is_held(call, now) else DeskStanding.LAPSED


def _texts(connection: Connection, call: Row[Any]) -> Sequence[ReplyOnCard]:
    since = call.leased_at or call.queued_at
    return [reply for reply in replies_to(connection, call.survey_id) if reply.at >= since]
