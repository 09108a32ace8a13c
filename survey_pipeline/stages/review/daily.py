"""The daily points that select the offices: those of the latest stored score of the year."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import office_year_scores, year_scores


@dataclass(frozen=True)
class DailyPoints:
    """Daily points, and which score they are of."""

    version: int
    as_of: date
    complete: bool
    points: Mapping[str, int | None]
    """office_code -> ten-thousandths; nothing where no component has data."""


def latest_daily(context: Context, year: int) -> DailyPoints:
    """Return the daily points of the year's score of the latest day, its newest version.

    Raises:
        CannotProceed: the year was not scored yet.
    """
    with reading(context.engine) as connection:
        head = connection.execute(
            select(year_scores)
            .where(year_scores.c.year == year)
            .order_by(year_scores.c.as_of.desc(), year_scores.c.version.desc())
            .limit(1)
        ).one_or_none()
        if head is None:
            raise CannotProceed(
                "the offices are selected by their daily points, and {year} is not scored yet. "
                "Run first: survey-pipeline score year {year}",
                year=year,
            )
        rows = connection.execute(
            select(office_year_scores.c.office_code, office_year_scores.c.daily).where(
                office_year_scores.c.score_id == head.id
            )
        )
        points = {row.office_code: row.daily for row in rows}
    return DailyPoints(head.version, head.as_of, head.complete, points)
