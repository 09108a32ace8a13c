"""The daily points that select the offices: those of the latest stored score of the year."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Row, select

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.scoring.numbers import to_units
from survey_pipeline.scoring.packing import unpack
from survey_pipeline.scoring.year_ranks import DAILY
from survey_pipeline.store.columnar import collector_off
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import office_year_scores, year_scores
from survey_pipeline.vocabulary import Component


@dataclass(frozen=True)
class DailyScore:
    """One office's daily points."""

    components: tuple[int | None, ...]
    """Ten-thousandths, in the order of `DAILY`; None without data."""
    rated: int
    """Rated cases of the year, those delivered by others included."""

    @property
    def daily(self) -> int:
        """The sum of what is there."""
        return sum(units or 0 for units in self.components)

    @property
    def missing(self) -> tuple[Component, ...]:
        """The daily components without data."""
        pairs = zip(DAILY, self.components, strict=True)
        return tuple(component for component, units in pairs if units is None)


@dataclass(frozen=True)
class DailyPoints:
    """Daily points, and which score they are of."""

    version: int | None = None
    as_of: date | None = None
    complete: bool = True
    """Whether the year's window is over and no office lacks anything."""
    offices: Mapping[str, DailyScore] = field(default_factory=dict)
    """By office_code."""


def latest_daily(context: Context, year: int) -> DailyPoints:
    """Return the daily points of the year's score of the latest day, its newest version.

    Raises:
        CannotProceed: the year was not scored yet.
    """
    with reading(context.engine) as connection, collector_off():
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
            select(office_year_scores).where(office_year_scores.c.score_id == head.id)
        )
        offices = {row.office_code: _score(row) for row in rows}
    return DailyPoints(head.version, head.as_of, head.complete, offices)


def _score(row: Row[Any]) -> DailyScore:
    given = row.facts["components"]
    texts = [given[component] for component in DAILY]
    units = tuple(None if text is None else to_units(Fraction(text)) for text in texts)
    return DailyScore(units, _rated(row.lines))


def _rated(packed: str) -> int:
    """Return the number of rated cases that the satisfaction component was scored from."""
    lines = (line for line in unpack(packed) if line.component == Component.SATISFACTION)
    return next((line.count or 0 for line in lines), 0)
