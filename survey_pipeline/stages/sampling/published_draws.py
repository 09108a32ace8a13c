"""What everybody may know of the draws: each month's commitment, and the hashes of each day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from survey_pipeline.calendar import first_day, last_day, month_of
from survey_pipeline.context import Context
from survey_pipeline.stages.sampling.commitments import Commitment, find_commitment
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import draw_months, draws


@dataclass(frozen=True)
class PublishedDraw:
    """What everybody may know of a day's draw."""

    day: date
    frame: int
    """Cases in the frame."""
    frame_hash: str
    roll_hash: str
    seed_hash: str


@dataclass(frozen=True)
class PublishedMonth:
    """What everybody may know of a month's draws."""

    month: str
    commitment: Commitment | None
    revealed_at: datetime | None
    package_hash: str | None
    draws: Sequence[PublishedDraw]
    """By day."""

    @property
    def kept(self) -> bool:
        """Whether every draw used the committed seed."""
        return self.commitment is not None and all(
            made.seed_hash == self.commitment.seed_hash for made in self.draws
        )


def published_months(context: Context, most: int) -> list[PublishedMonth]:
    """Return the hashes of the latest months that have a draw or a commitment, newest first."""
    with reading(context.engine) as connection:
        known = set(connection.scalars(select(draw_months.c.month)))
        known |= {month_of(day) for day in connection.scalars(select(draws.c.day))}
        months = sorted(known, reverse=True)[:most]
        return [_published(connection, context, month) for month in months]


def _published(connection: Connection, context: Context, month: str) -> PublishedMonth:
    row = connection.execute(select(draw_months).where(draw_months.c.month == month)).first()
    return PublishedMonth(
        month,
        find_commitment(connection, context, month),
        row.revealed_at if row else None,
        row.package_hash if row else None,
        [
            PublishedDraw(made.day, made.frame, made.frame_hash, made.roll_hash, made.seed_hash)
            for made in _draws(connection, month)
        ],
    )


def _draws(connection: Connection, month: str) -> Sequence[Any]:
    wanted = (draws.c.day, draws.c.frame, draws.c.frame_hash, draws.c.roll_hash, draws.c.seed_hash)
    return connection.execute(
        select(*wanted)
        .where(draws.c.day.between(first_day(month), last_day(month)))
        .order_by(draws.c.day)
    ).all()
