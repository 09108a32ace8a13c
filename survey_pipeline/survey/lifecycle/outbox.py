"""How texts enter the outbox, and how a sender claims them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    and_,
    case,
    cast,
    literal,
    literal_column,
    select,
    update,
)

from survey_pipeline.store.columns import UtcDateTime
from survey_pipeline.store.tables import message_events, messages
from survey_pipeline.survey.lifecycle.leaving import leaving
from survey_pipeline.vocabulary import MessageState, RefusalReason


def add_messages(
    connection: Connection,
    columns: Mapping[str, ColumnElement[Any]],
    source: Select[Any],
    fits: ColumnElement[bool],
    now: datetime,
) -> None:
    """Write texts into the outbox, many with one statement.

    Args:
        connection: a transaction that writes.
        columns: the columns of the new rows but state, reason and `settled_at`.
        source: the query that yields a row for each text.
        fits: whether a text is short enough to be sent; one that is too long has failed.
        now: the present moment.
    """
    values = {
        **columns,
        "state": case((fits, MessageState.QUEUED.value), else_=MessageState.FAILED.value),
        "reason": case((~fits, RefusalReason.TOO_LONG.value)),
        "settled_at": case((~fits, literal(now, UtcDateTime))),
    }
    rows = source.with_only_columns(*values.values(), maintain_column_froms=True)
    connection.execute(messages.insert().from_select(list(values), rows))


@dataclass(frozen=True)
class Lease:
    """Texts in one sender's hands until a moment."""

    gateway: str
    worker: str
    until: datetime
    token: str
    """Random, of this claim alone: the attempts' ids begin with it."""

    def held(self) -> ColumnElement[bool]:
        """Return the condition that a message is under this lease."""
        return and_(
            # written out: the index over leases holds messages that are being sent alone
            messages.c.state == literal_column(f"'{MessageState.SENDING.value}'"),
            messages.c.lease_until == self.until,
            messages.c.attempt_id.between(f"{self.token}.", f"{self.token}/"),
        )


def claim_messages(
    connection: Connection,
    due: Select[tuple[int]],
    lease: Lease,
    now: datetime,
    columns: Sequence[Column[Any]],
) -> Sequence[Row[Any]]:
    """Take queued texts under a lease; each begins a new attempt.

    Args:
        connection: a transaction that writes.
        due: selects the ids of the texts to take; on PostgreSQL it locks them and skips locked
            ones.
        lease: whose they are, and until when.
        now: the present moment.
        columns: what to return of each text.

    Returns:
        The texts taken, in no order.
    """
    # A CTE that locks rows is evaluated once. PostgreSQL may evaluate a subquery anew for each row
    # that it compares; with SKIP LOCKED each time finds other rows, and its LIMIT holds for none.
    chosen = select(due.cte("due").c.id)
    claimed = connection.execute(
        update(messages)
        .where(messages.c.id.in_(chosen), leaving([MessageState.QUEUED], MessageState.SENDING))
        .values(
            state=MessageState.SENDING,
            gateway=lease.gateway,
            attempt_id=literal(f"{lease.token}.") + cast(messages.c.id, String),
            lease_by=lease.worker,
            lease_until=lease.until,
        )
        .returning(*columns)
    ).all()
    if claimed:
        line = (
            messages.c.id,
            literal(now, UtcDateTime),
            literal(MessageState.QUEUED.value),
            literal(MessageState.SENDING.value),
        )
        connection.execute(
            message_events.insert().from_select(
                ["message_id", "at", "before", "after"], select(*line).where(lease.held())
            )
        )
    return claimed
