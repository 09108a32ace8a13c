"""What the charts of a month draw: spread of rates, trend, a case's way, SMS against phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from survey_pipeline.context import Context
from survey_pipeline.reports import month_summaries
from survey_pipeline.reports.month_columns import BY_NAME, RATINGS, STAGES
from survey_pipeline.reports.month_report import MonthReport
from survey_pipeline.reports.month_summaries import Bin, ModeSummary, RateEstimate, Summary
from survey_pipeline.reports.stored_scores import answers_by_month
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.standard import InForce
from survey_pipeline.standard.load import months_of_window
from survey_pipeline.standard.model import Values

WIDTHS = tuple(Decimal(width) for width in ("0.01", "0.02", "0.05", "0.1"))
MOST_BINS = 12


@dataclass(frozen=True)
class MonthCharts:
    """The figures of a month, of the whole city or of one category."""

    summary: Summary
    bins: Sequence[Bin]
    """Offices by rate, 0 to 1."""
    trend: Sequence["TrendPoint"]
    """Up to the month that is shown."""
    course: Sequence[tuple[str, int]]
    """Step (its English name) and cases."""
    modes: Sequence[ModeSummary]


TrendPoint = tuple[str, int, RateEstimate]
"""Month, ratings, and the rate of all of them together."""
Trend = Sequence[tuple[str, tuple[int, ...]]]
"""Month, and its answers by rating (`RATINGS`); the oldest first."""


def trend_until(context: Context, in_force: InForce, month: str, category: str = "") -> Trend:
    """Return the answers of a month and of those before it in the appraisal year.

    Args:
        context: the workspace.
        in_force: the standard of the month.
        month: `YYYY-MM`.
        category: only its offices; all where none is named.
    """
    months = months_of_window(in_force.standard, month)
    answers = answers_by_month(context, months, category)
    return tuple((shown, tuple(counts)) for shown, counts in answers.items())


def month_charts(report: MonthReport, trend: Trend, category: str = "") -> MonthCharts:
    """Gather what the charts of a month draw.

    Args:
        report: the month's scores.
        trend: see `trend_until`.
        category: only its offices; all where none is named.
    """
    values = report.in_force.standard.satisfaction.values
    rows = report.of_category(category) if category else report.appraised
    summary = month_summaries.summarise(rows, values, category or None)
    course = [(BY_NAME[stage].label, summary.counts[stage]) for stage in STAGES]
    return MonthCharts(
        summary=summary,
        bins=rate_bins(rows),
        trend=trend_points(trend, values),
        course=[*course, (month_summaries.ANSWERED, summary.answered)],
        modes=month_summaries.modes(rows, values),
    )


def trend_points(trend: Trend, values: Values) -> list[TrendPoint]:
    """Return each month's ratings, and the rate of all of them together."""
    return [
        (
            month,
            sum(counts),
            month_summaries.share_of(dict(zip(RATINGS, counts, strict=True)), values),
        )
        for month, counts in trend
    ]


def rate_bins(rows: Sequence[MonthRow]) -> list[Bin]:
    """Spread the offices' rates over at most a dozen equal steps below 1; the last holds 1 too."""
    rates = sorted(row.rate for row in rows if row.rate is not None)
    if not rates:
        return []
    width = next((step for step in WIDTHS if (1 - rates[0]) / step <= MOST_BINS), WIDTHS[-1])
    first = min((rates[0] / width).to_integral_value(ROUND_FLOOR) * width, 1 - width)
    count = int((1 - first) / width)
    bins = [(first + place * width, first + (place + 1) * width) for place in range(count)]
    return [
        Bin(low, high, sum(1 for rate in rates if low <= rate < high or rate == high == 1))
        for low, high in bins
    ]
