"""Whether a call or a text is in hand: its lease has not run out.

A lease runs out at `lease_until`: at that very moment the call or text is free.
"""

from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement, FromClause, and_, literal_column, or_

from survey_pipeline.store.tables import calls, messages
from survey_pipeline.vocabulary import MessageState


class Leased(Protocol):
    """A row that was read of a call."""

    @property
    def lease_until(self) -> datetime | None:
        """The end of its lease; None if it has none."""


def held(now: datetime, table: FromClause = calls) -> ColumnElement[bool]:
    """Return the condition that a caller holds a call; `table` is `calls` or an alias of it."""
    until: ColumnElement[datetime] = table.c.lease_until
    return until > now


def held_by(by: str, now: datetime, table: FromClause = calls) -> ColumnElement[bool]:
    """Return the condition that this caller holds a call."""
    return and_(table.c.lease_by == by, held(now, table))


def unheld(now: datetime) -> ColumnElement[bool]:
    """Return the condition that no caller holds a call."""
    return or_(calls.c.lease_until.is_(None), calls.c.lease_until <= now)


def is_held(call: Leased, now: datetime) -> bool:
    """Return whether a caller holds the call that was read."""
    return call.lease_until is not None and call.lease_until > now


def sender_silent(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a text is being sent and its sender's lease has run out."""
    return and_(
        # written out: the index over leases holds messages that are being sent alone
        messages.c.state == literal_column(f"'{MessageState.SENDING.value}'"),
        messages.c.lease_until <= now,
    )
