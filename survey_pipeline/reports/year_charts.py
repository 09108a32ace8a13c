"""What the charts of a year draw: how far the totals are spread, and the city's rate by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from survey_pipeline.reports.month_charts import Trend, TrendPoint, trend_points
from survey_pipeline.reports.month_columns import RATINGS
from survey_pipeline.reports.month_summaries import Bin, RateEstimate, share_of
from survey_pipeline.reports.year_ranking import has_online, points_of
from survey_pipeline.scoring.year_rows import OfficeRow
from survey_pipeline.standard import InForce

WIDTHS = tuple(Decimal(width) for width in ("0.1", "0.2", "0.5", "1", "2", "5", "10"))
MOST_BINS = 12


@dataclass(frozen=True)
class Totals:
    """The totals of the complete offices that are ranked with each other."""

    online: bool
    offices: int
    """Complete ones: a sum that lacks a component is averaged with no other."""
    lacking: int
    """Offices of the same ranking that lack a component."""
    mean: Decimal
    lowest: Decimal
    highest: Decimal
    bins: Sequence[Bin]


@dataclass(frozen=True)
class YearCharts:
    """The figures of a year."""

    rated: int
    """Ratings of the scored months, all offices together."""
    share: RateEstimate
    """Their rate, with its interval."""
    trend: Sequence[TrendPoint]
    totals: Sequence[Totals]


def year_charts(offices: Sequence[OfficeRow], trend: Trend, in_force: InForce) -> YearCharts:
    """Gather what the charts of a year draw.

    Args:
        offices: those shown.
        trend: the answers by month, see `trend_until`.
        in_force: the standard of the year.
    """
    values = in_force.standard.satisfaction.values
    pooled = {
        rating: sum(counts[place] for _, counts in trend) for place, rating in enumerate(RATINGS)
    }
    return YearCharts(
        rated=sum(pooled.values()),
        share=share_of(pooled, values),
        trend=trend_points(trend, values),
        totals=[found for online in (True, False) if (found := _totals(offices, online))],
    )


def _totals(offices: Sequence[OfficeRow], online: bool) -> Totals | None:
    alike = [row for row in offices if has_online(row) is online]
    points = [points_of(row, "total") for row in alike if row.facts["complete"]]
    totals = sorted(total for total in points if total is not None)
    if not totals:
        return None
    return Totals(
        online=online,
        offices=len(totals),
        lacking=len(alike) - len(totals),
        mean=sum(totals, Decimal(0)) / len(totals),
        lowest=totals[0],
        highest=totals[-1],
        bins=total_bins(totals),
    )


def total_bins(totals: Sequence[Decimal]) -> list[Bin]:
    """Spread totals, the lowest first, over at most a dozen equal steps."""
    span = totals[-1] - totals[0]
    width = next((step for step in WIDTHS if span / step < MOST_BINS - 1), WIDTHS[-1])
    low = (totals[0] / width).to_integral_value(ROUND_FLOOR) * width
    bins = []
    while low <= totals[-1]:
        high = low + width
        bins.append(Bin(low, high, sum(1 for total in totals if low <= total < high)))
        low = high
    return bins
