"""The reader's desk: one unclear text at a time, in one reader's hands, without its office.

A text is held like a call: taken by one conditional statement, for a few minutes, so that two
readers do not read the same one. Only the reader who holds a text decides it (`coding`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, or_, select, update

from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import inbound
from survey_pipeline.vocabulary import InboundUse

HOLD = timedelta(minutes=5)
"""So long a text stays with who reads it; the open page renews it."""
OLDEST = timedelta(days=60)
"""Decisions of a day are of texts no older: every survey has ended by then."""


@dataclass(frozen=True)
class EarlierText:
    """Another text of the citizen about the same case."""

    at: datetime
    text: str | None
    read_as: str | None
    """A `ReplyClass`, or the `ReaderDecision` where there is one."""


@dataclass(frozen=True)
class UnclearText:
    """A text in a reader's hands."""

    id: int
    received_at: datetime
    text: str
    why: Message | None
    """Why it was not read by rule."""
    opted_out: bool
    """It came with an opt-out: whatever is decided, nobody is called."""
    until: datetime | None
    """When it is called if nobody has read it; nothing where nobody may call."""
    others: Sequence[EarlierText]
    """What else the citizen wrote, the oldest first."""


@dataclass(frozen=True)
class ReadingList:
    """What waits for readers."""

    waiting: int
    oldest: datetime | None
    """When the oldest of them came."""
    with_others: int
    """Of them in other readers' hands."""


@dataclass(frozen=True)
class Decided:
    """A decision of a reader."""

    id: int
    at: datetime
    by: str
    text: str | None
    decision: str
    """A `ReaderDecision`."""


def take_text(context: Context, by: str, after: int | None = None) -> UnclearText | None:
    """Give somebody the text that has waited longest, or the one that they hold.

    Args:
        context: the workspace.
        by: the reader.
        after: a text to leave for later: it goes back, and the one that came next is taken; after
            the last the first again.
    """
    now = context.now()
    with writing(context.engine) as connection:
        if after is not None:
            put_back(connection, by)
        taken = _take(connection, by, now, _came_after(connection, after))
        if taken is None and after is not None:
            taken = _take(connection, by, now)
        return _unclear(connection, context, taken) if taken else None


def held_text(context: Context, by: str) -> UnclearText | None:
    """Return the text in somebody's hands, if any."""
    now = context.now()
    query = select(inbound.c.id).where(_waits(), _held(by, now)).order_by(inbound.c.id).limit(1)
    with reading(context.engine) as connection:
        held = connection.scalar(query)
        return _unclear(connection, context, held) if held else None


def keep_text(context: Context, reply_id: int, by: str) -> bool:
    """Keep a text that somebody has before them; say whether it still waits for them."""
    now = context.now()
    with writing(context.engine) as connection:
        kept = connection.execute(
            update(inbound)
            .where(inbound.c.id == reply_id, _waits(), inbound.c.reader == by)
            .values(reader=by, reader_until=now + HOLD)
        )
        return bool(kept.rowcount)


def text_waits(context: Context, reply_id: int) -> bool:
    """Return whether a text still waits for a reader."""
    query = select(inbound.c.id).where(inbound.c.id == reply_id, _waits())
    with reading(context.engine) as connection:
        return connection.scalar(query) is not None


def decision_on(context: Context, reply_id: int) -> Decided | None:
    """Return what a reader has decided about a text, if any."""
    query = select(inbound).where(inbound.c.id == reply_id, inbound.c.decision.is_not(None))
    with reading(context.engine) as connection:
        row = connection.execute(query).one_or_none()
    return _decided(row) if row else None


def reading_list(context: Context, by: str) -> ReadingList:
    """Count what waits for readers."""
    now = context.now()
    others = and_(inbound.c.reader != by, inbound.c.reader_until > now)
    with reading(context.engine) as connection:
        count, oldest = connection.execute(
            select(func.count(), func.min(inbound.c.received_at)).where(_waits())
        ).one()
        with_others = connection.scalar(select(func.count()).where(_waits(), others))
    return ReadingList(count, oldest, with_others or 0)


def decided_today(context: Context, most: int = 30) -> tuple[dict[str, int], Sequence[Decided]]:
    """Return how many texts each reader has decided today, and the latest decisions."""
    begin = context.calendar.end_of(context.today() - ONE_DAY)
    today = (
        inbound.c.use.in_((InboundUse.CODED, InboundUse.CANNOT_TELL)),
        inbound.c.received_at >= begin - OLDEST,
        inbound.c.decided_at >= begin,
    )
    by_reader = select(inbound.c.decided_by, func.count()).where(*today)
    latest = select(inbound).where(*today).order_by(inbound.c.decided_at.desc(), inbound.c.id)
    with reading(context.engine) as connection:
        rows = connection.execute(
            by_reader.group_by(inbound.c.decided_by).order_by(inbound.c.decided_by)
        )
        counts = {row[0]: row[1] for row in rows}
        return counts, [_decided(row) for row in connection.execute(latest.limit(most))]


def _waits() -> ColumnElement[bool]:
    return inbound.c.use == InboundUse.READER


def _held(by: str, now: datetime) -> ColumnElement[bool]:
    return and_(inbound.c.reader == by, inbound.c.reader_until > now)


def put_back(connection: Connection, by: str) -> None:
    """Give back every text that somebody has before them."""
    connection.execute(
        update(inbound).where(_waits(), inbound.c.reader == by).values(reader_until=None)
    )


def hold(connection: Connection, reply_id: int, by: str, now: datetime) -> None:
    """Put a text before a reader, whoever had it."""
    connection.execute(
        update(inbound).where(inbound.c.id == reply_id).values(reader=by, reader_until=now + HOLD)
    )


def _came_after(connection: Connection, reply_id: int | None) -> list[ColumnElement[bool]]:
    left = select(inbound.c.received_at).where(inbound.c.id == reply_id)
    at = connection.scalar(left) if reply_id is not None else None
    if at is None:
        return []
    came, key = inbound.c.received_at, inbound.c.id
    return [or_(came > at, and_(came == at, key > reply_id))]


def _take(
    connection: Connection, by: str, now: datetime, where: Sequence[ColumnElement[bool]] = ()
) -> int | None:
    free = or_(inbound.c.reader_until.is_(None), inbound.c.reader_until <= now)
    chosen = (
        select(inbound.c.id)
        .where(_waits(), or_(_held(by, now), free), *where)
        .order_by(case((_held(by, now), 0), else_=1), inbound.c.received_at, inbound.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    taken: int | None = connection.scalar(
        update(inbound)
        .where(inbound.c.id == chosen)
        .values(reader=by, reader_until=now + HOLD)
        .returning(inbound.c.id)
    )
    return taken


def _unclear(connection: Connection, context: Context, reply_id: int) -> UnclearText:
    row = connection.execute(select(inbound).where(inbound.c.id == reply_id)).one()
    return UnclearText(
        id=row.id,
        received_at=row.received_at,
        text=row.text or "",
        why=Message.from_json(row.why) if row.why else None,
        opted_out=row.opted_out,
        until=None if row.opted_out else row.received_at + context.settings.survey.code_within,
        others=_others(connection, row),
    )


def _others(connection: Connection, row: Row[Any]) -> Sequence[EarlierText]:
    query = (
        select(inbound)
        .where(inbound.c.survey_id == row.survey_id, inbound.c.id != row.id)
        .order_by(inbound.c.received_at, inbound.c.id)
    )
    return [
        EarlierText(row.received_at, row.text, row.decision or row.reply_class)
        for row in connection.execute(query)
    ]


def _decided(row: Row[Any]) -> Decided:
    return Decided(row.id, row.decided_at, row.decided_by, row.text, row.decision)
