"""What citizens wrote and how it was read: numbers masked, and never the office."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select

from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.phones import masked
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import inbound
from survey_pipeline.vocabulary import InboundUse


@dataclass(frozen=True)
class ListedReply:
    """One text."""

    id: int
    received_at: datetime
    phone: str
    """Masked."""
    text: str | None
    """Nothing once its personal data was deleted."""
    reply_class: str | None
    """A `ReplyClass`; nothing while it is unread."""
    why: Message | None
    """Which rule read it so."""
    use: str
    """An `InboundUse`."""
    opted_out: bool
    decision: str | None
    decided_by: str | None

    def to_json(self, locale: str) -> dict[str, Any]:
        """Return the text as `replies list --json` prints it."""
        return {**asdict(self), "why": self.why.render(locale) if self.why else None}


def list_replies(
    context: Context,
    *,
    day: date | None = None,
    unclear: bool = False,
    limit: int | None = None,
) -> Sequence[ListedReply]:
    """List texts in the order of their coming.

    Args:
        context: the workspace.
        day: only those that came on that local day.
        unclear: only those that wait for a reader, the oldest first.
        limit: at most so many.
    """
    query = select(inbound).order_by(inbound.c.received_at, inbound.c.id).limit(limit)
    if unclear:
        query = query.where(inbound.c.use == InboundUse.READER)
    if day is not None:
        begin, end = context.calendar.end_of(day - ONE_DAY), context.calendar.end_of(day)
        query = query.where(inbound.c.received_at >= begin, inbound.c.received_at < end)
    with reading(context.engine) as connection:
        return [_listed(context, row) for row in connection.execute(query)]


def _listed(context: Context, row: Row[Any]) -> ListedReply:
    return ListedReply(
        id=row.id,
        received_at=row.received_at,
        phone=masked(context.keys.decrypt(row.phone)) if row.phone else "",
        text=row.text,
        reply_class=row.reply_class,
        why=Message.from_json(row.why) if row.why else None,
        use=row.use,
        opted_out=row.opted_out,
        decision=row.decision,
        decided_by=row.decided_by,
    )
