"""A day's stored draw, read back: what `sample` prints, and what others look up of a draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    Connection,
    select,
)

from survey_pipeline.errors import DrawError
from survey_pipeline.store.tables import draw_offices, draws, surveys


@dataclass(frozen=True)
class OfficeDraw:
    """One office in a draw: its cases in the frame, N, and n."""

    office_code: str
    frame: int
    eligible: int
    drawn: int


@dataclass(frozen=True)
class DrawnCase:
    """One drawn case, with its rank and its inclusion probability n/N to six decimals."""

    office_code: str
    case_no: str
    rank_hash: str
    probability: str


@dataclass(frozen=True)
class DrawReport:
    """The result of a draw, made now or before."""

    day: date
    drawn_before: bool
    frame: int
    frame_hash: str
    roll_hash: str
    seed_hash: str
    policy: dict[str, Any]
    offices: Sequence[OfficeDraw]
    drawn: Sequence[DrawnCase]

    def to_json(self) -> dict[str, Any]:
        """Return the document of `sample --json`."""
        return {
            "date": self.day.isoformat(),
            "drawn_before": self.drawn_before,
            "frame": self.frame,
            "frame_hash": self.frame_hash,
            "roll_hash": self.roll_hash,
            "seed_hash": self.seed_hash,
            "policy": self.policy,
            "offices": [vars(office) for office in self.offices],
            "drawn": [vars(case) for case in self.drawn],
        }


def read_report(connection: Connection, day: date, *, drawn_before: bool) -> DrawReport:
    """Return the stored draw of a day.

    Raises:
        DrawError: there is none.
    """
    stored = connection.execute(
        select(
            draws.c.frame, draws.c.frame_hash, draws.c.roll_hash, draws.c.seed_hash, draws.c.policy
        ).where(draws.c.day == day)
    ).first()
    if stored is None:
        raise DrawError("{day} was not drawn", day=day).at_terminal(
            "Run: survey-pipeline sample --date {day}", day=day
        )
    shares = {
        row.office_code: OfficeDraw(row.office_code, row.frame, row.eligible, row.drawn)
        for row in connection.execute(
            select(draw_offices)
            .where(draw_offices.c.day == day)
            .order_by(draw_offices.c.office_code)
        )
    }
    drawn = connection.execute(
        select(surveys.c.office_code, surveys.c.case_no, surveys.c.rank_hash)
        .where(surveys.c.drawn_on == day)
        .order_by(surveys.c.office_code, surveys.c.rank_hash)
    )
    return DrawReport(
        day,
        drawn_before,
        stored.frame,
        stored.frame_hash,
        stored.roll_hash,
        stored.seed_hash,
        stored.policy,
        list(shares.values()),
        [
            DrawnCase(
                row.office_code, row.case_no, row.rank_hash, probability(shares[row.office_code])
            )
            for row in drawn
        ],
    )


def probability(office: OfficeDraw) -> str:
    """Return an office's inclusion probability n/N to six decimals, half up."""
    if not office.eligible:
        return "0.000000"
    millionths = (2_000_000 * office.drawn + office.eligible) // (2 * office.eligible)
    return f"{millionths // 1_000_000}.{millionths % 1_000_000:06d}"
