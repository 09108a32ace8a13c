"""What is promised of a month's seed before the month begins: its SHA-256 (specification, 4.5).

A seed that was chosen after the reports came in could be chosen for the cases it draws. Its hash,
published before, shows that it was not. A commitment is made once and never changed.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from survey_pipeline.calendar import first_day, month_of, next_month
from survey_pipeline.context import Context
from survey_pipeline.errors import DrawError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.store.audit import append, entry
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.locks import lock_name
from survey_pipeline.store.tables import draw_months
from survey_pipeline.vocabulary import AuditAction, Audited


@dataclass(frozen=True)
class Commitment:
    """The hash of a month's seed, as it was published."""

    month: str
    seed_hash: str
    """SHA-256 of the seed, in hex."""
    committed_at: datetime
    committed_by: str
    in_time: bool
    """Whether it was published before the month began."""
    configured: bool
    """Whether the seed is `sampling.seed` of the configuration."""
    is_new: bool = False
    """Whether this very call made it."""

    def to_json(self) -> dict[str, Any]:
        """Return the published form: what a time stamp elsewhere is put on."""
        return {
            "month": self.month,
            "seed_hash": self.seed_hash,
            "algorithm": "SHA-256 of the month's seed, UTF-8, in hex",
            "committed_at": self.committed_at.isoformat(),
            "committed_by": self.committed_by,
            "in_time": self.in_time,
            "configured": self.configured,
        }

    def remarks(self) -> list[Message]:
        """Return what an outsider has to know of this commitment."""
        remarks = []
        if not self.in_time:
            text = N_("the commitment was made after {month} had begun: it binds later draws alone")
            remarks.append(Message(text, {"month": self.month}))
        if self.configured:
            text = N_("the seed is written in the configuration: its readers know it beforehand")
            remarks.append(Message(text))
        return remarks


def commit_seed(context: Context, month: str) -> Commitment:
    """Publish the hash of a month's seed; again changes nothing.

    Args:
        context: the workspace; its actor commits.
        month: `YYYY-MM`, this one or a later one.

    Raises:
        DrawError: the month is over, or its seed is another one by now than the committed one.
    """
    if month < month_of(context.today()):
        raise DrawError(
            "{month} is over: a commitment has to be made before its draws. Reveal them with "
            "survey-pipeline draw reveal --month {month}",
            month=month,
        )
    now, seed_hash = context.now(), month_seed_hash(context, month)
    with writing(context.engine) as connection:
        lock_name(connection, "draw", "")  # of two hosts, the second finds it committed
        before = find_commitment(connection, context, month)
        if before is None:
            return _store(connection, context, month, seed_hash, now)
    if before.seed_hash != seed_hash:
        raise DrawError(
            "the seed of {month} is not the committed one any more: the key file was replaced, or "
            "sampling.seed was changed. The commitment stays, and draws with this seed break it",
            month=month,
        )
    return before


def commit_next_month(context: Context) -> None:
    """Commit to the seed of the month that follows, if nobody has: done by each daily run."""
    month = month_of(next_month(context.today()))
    with reading(context.engine) as connection:
        known = find_commitment(connection, context, month)
    if known is None:
        commit_seed(context, month)


def month_seed(context: Context, month: str) -> str:
    """Return the seed of a month: the configured one, else the one that the master key gives."""
    return context.settings.sampling.seed or context.keys.month_seed(month)


def month_seed_hash(context: Context, month: str) -> str:
    """Return SHA-256 of a month's seed, in hex."""
    return hashlib.sha256(month_seed(context, month).encode()).hexdigest()


def find_commitment(connection: Connection, context: Context, month: str) -> Commitment | None:
    """Return the commitment to a month's seed; None if there is none."""
    row = connection.execute(
        select(draw_months).where(
            draw_months.c.month == month, draw_months.c.seed_hash.is_not(None)
        )
    ).first()
    return _commitment(context, row) if row else None


def _commitment(context: Context, row: Row[Any], *, is_new: bool = False) -> Commitment:
    return Commitment(
        month=row.month,
        seed_hash=row.seed_hash,
        committed_at=row.committed_at,
        committed_by=row.committed_by,
        in_time=context.calendar.day(row.committed_at) < first_day(row.month),
        configured=row.configured,
        is_new=is_new,
    )


def _store(
    connection: Connection, context: Context, month: str, seed_hash: str, at: datetime
) -> Commitment:
    row = connection.execute(
        draw_months.insert()
        .values(
            month=month,
            seed_hash=seed_hash,
            configured=bool(context.settings.sampling.seed),
            committed_at=at,
            committed_by=context.actor,
        )
        .returning(draw_months)
    ).one()
    said = entry(
        at=at,
        actor=context.actor,
        action=AuditAction.PUBLISHED,
        kind=Audited.SEEDS,
        key=month,
        after={"seed_hash": seed_hash},
    )
    append(connection, [said])
    return _commitment(context, row, is_new=True)
