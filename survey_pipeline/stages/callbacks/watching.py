"""What the caller's desk shows: the call in one's hands, what happens to it, and what waits.

Reading alone: nothing here takes a call or keeps a lease (`leasing` does); only the look at a full
number is written down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, select

from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.i18n import Message
from survey_pipeline.phones import masked
from survey_pipeline.stages.callbacks.cards import (
    CallCard,
    Reply,
    card_of,
    is_noted,
    meanwhile,
    note_look,
    replies_to,
)
from survey_pipeline.stages.callbacks.leasing import held, named, why_none
from survey_pipeline.stages.callbacks.needless import needless
from survey_pipeline.stages.callbacks.queueing import schedule_of
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import call_attempts, calls, surveys
from survey_pipeline.survey.attempts import undone
from survey_pipeline.survey.closing import unheld
from survey_pipeline.vocabulary import CallState


@dataclass(frozen=True)
class Outlook:
    """What waits for somebody who holds no call."""

    due: int
    """Calls that could be made now, and that nobody holds."""
    why_none: Message | None
    """Why there is none to take, and when the next is due."""
    lapsed: int | None
    """A call that went back to the queue from their hands because its lease ran out."""


class Standing(StrEnum):
    """How a call stands to the person who has it on their screen."""

    HELD = "held"
    """In their hands."""
    LAPSED = "lapsed"
    """The lease ran out, and nobody else has taken it."""
    CLOSED = "closed"
    """It was closed in their hands: what they heard may still be logged."""
    TAKEN = "taken"
    """In somebody else's hands, or in nobody's: theirs no more."""
    OVER = "over"
    """It has ended, and is theirs no more."""


@dataclass(frozen=True)
class Watched:
    """A call as it stands now for the person who had taken it."""

    standing: Standing
    phone: str
    """In full while it is in their hands (the look was noted when they took it), else masked."""
    taken_by: str | None
    """Whose it is now, where it was taken."""
    why: str | None
    """What ended it: an outcome, `sms_reply`, `opted_out`, `withdrawn`, `survey_closed`, ..."""
    lease_until: datetime | None
    meanwhile: Message | None
    """An SMS answer that came in."""
    texts: Sequence[Reply]
    """What the citizen has written since the call was taken."""


def held_call(context: Context, by: str) -> CallCard | None:
    """Return the call in somebody's hands, if any, and note that they see its number.

    It is written only where the look has not been noted yet: a page that is opened again waits for
    no other writer.
    """
    by, now = named(by), context.now()
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
    """Return the call that somebody holds, and whether it is on record that they see its number."""
    mine = select(calls.c.id).where(calls.c.state == CallState.OPEN, held(by, now)).limit(1)
    call_id = connection.scalar(mine)
    if call_id is None:
        return None, False
    card = card_of(connection, context, call_id)
    return card, is_noted(connection, card, by)


def outlook(context: Context, by: str) -> Outlook:
    """Return what waits for somebody who holds no call."""
    now, schedule = context.now(), schedule_of(context)
    waits = (calls.c.state == CallState.OPEN, calls.c.last_at > now, ~needless())
    due = select(func.count()).where(*waits, unheld(now), calls.c.due_at <= now)
    lapsed = select(calls.c.id).where(*waits, calls.c.lease_by == by, calls.c.lease_until <= now)
    with reading(context.engine) as connection:
        count = (connection.scalar(due) or 0) if schedule.is_open(now) else 0
        return Outlook(
            due=count,
            why_none=None if count else why_none(connection, context, schedule),
            lapsed=connection.scalar(lapsed.limit(1)),
        )


def made_today(context: Context, by: str) -> int:
    """Return how many calls somebody has logged today; what was taken back does not count."""
    began = context.calendar.end_of(context.today() - ONE_DAY)
    query = select(func.count()).where(
        call_attempts.c.logged_at >= began, call_attempts.c.by == by, ~undone()
    )
    with reading(context.engine) as connection:
        return connection.scalar(query) or 0


def watch_call(context: Context, call_id: int, by: str) -> Watched:
    """Say how a call stands that somebody has on their screen.

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
        theirs = standing in {Standing.HELD, Standing.LAPSED, Standing.CLOSED}
        return Watched(
            standing=standing,
            phone=phone if standing is Standing.HELD else masked(phone),
            taken_by=call.lease_by if standing is Standing.TAKEN else None,
            why=call.why,
            lease_until=call.lease_until if theirs else None,
            meanwhile=meanwhile(connection, call_id) if theirs else None,
            texts=_texts(connection, call) if theirs else (),
        )


def _standing(call: Row[Any], by: str, now: datetime) -> Standing:
    is_open = call.state == CallState.OPEN
    if call.lease_by != by:
        return Standing.TAKEN if is_open else Standing.OVER
    if not is_open:
        return Standing.CLOSED
    return Standing.HELD if call.lease_until > now else Standing.LAPSED


def _texts(connection: Connection, call: Row[Any]) -> Sequence[Reply]:
    since = call.leased_at or call.queued_at
    return [one for one in replies_to(connection, call.survey_id) if one.at >= since]
