"""The data of charts for `static/charts.js`, with labels in the visitor's language.

Figures are sent as text, and the browser converts them only to draw. Every chart has a table beside
it, so that no reader depends on the picture.
"""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

from survey_pipeline.i18n import N_, Message, translate
from survey_pipeline.reports.month_charts import MonthCharts, TrendPoint
from survey_pipeline.reports.month_summaries import Bin, RateEstimate
from survey_pipeline.reports.year_charts import YearCharts
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.vocabulary.names import MODES, named


def drawings(charts: MonthCharts, locale: str) -> dict[str, dict[str, Any]]:
    """Return the data of a month's charts, by chart."""
    modes = [
        (f"{named(MODES, mode.mode, locale)} ({mode.rated})", mode.share)
        for mode in charts.modes
        if mode.rated
    ]
    return {
        "spread": _spread(charts.bins, locale),
        "trend": _over_months(charts.trend, locale),
        "course": {
            "kind": "bars",
            "labels": [translate(step, locale) for step, _ in charts.course],
            "values": [count for _, count in charts.course],
            "along": _word(N_("Cases"), locale),
        },
        "modes": {**_intervals(modes, locale), "kind": "ranges"},
    }


def year_drawings(charts: YearCharts, locale: str) -> dict[str, dict[str, Any]]:
    """Return the data of a year's charts, by chart."""
    return {
        "trend": _over_months(charts.trend, locale),
        **{
            f"totals-{'online' if totals.online else 'daily'}": {
                "kind": "columns",
                "labels": [step.label for step in totals.bins],
                "values": [step.count for step in totals.bins],
                "across": _word(N_("Total"), locale),
                "name": _word(N_("Offices"), locale),
            }
            for totals in charts.totals
        },
    }


def overview_drawings(
    trend: Sequence[TrendPoint], groups: Sequence[tuple[str, RateEstimate]], locale: str
) -> dict[str, dict[str, Any]]:
    """Return the data of a leader's charts: the city over months, categories side by side."""
    rated = [(label, share) for label, share in groups if share.rate is not None]
    return {
        "trend": _over_months(trend, locale),
        "categories": {**_intervals(rated, locale), "kind": "ranges"},
    }


def bin_label(step: Bin) -> str:
    """Return the bounds of a bin of rates, in per cent."""
    return f"{step.low * 100:.0f}–{step.high * 100:.0f} %"


def _over_months(trend: Sequence[TrendPoint], locale: str) -> dict[str, Any]:
    rated = [(month, share) for month, _, share in trend if share.rate is not None]
    return {**_intervals(rated, locale), "kind": "trend", "across": _word(N_("Month"), locale)}


def _word(text: str, locale: str) -> str:
    return translate(text, locale)


def _spread(bins: Sequence[Bin], locale: str) -> dict[str, Any]:
    return {
        "kind": "columns",
        "labels": [bin_label(step) for step in bins],
        "values": [step.count for step in bins],
        "across": _word(N_("Satisfaction rate"), locale),
        "name": _word(N_("Offices"), locale),
    }


def _intervals(rated: Sequence[tuple[str, RateEstimate]], locale: str) -> dict[str, Any]:
    """Return rates with their intervals, and a scale whose name tells where it begins."""
    start = scale_start([share for _, share in rated])
    return {
        "labels": [label for label, _ in rated],
        "values": [fixed(share.rate, 4) for _, share in rated],
        "low": [_bound(share.low) for _, share in rated],
        "high": [_bound(share.high) for _, share in rated],
        "start": str(start),
        "name": _word(N_("Satisfaction rate"), locale),
        "axis": Message(
            N_("Satisfaction rate, scale from {start} %"), {"start": f"{start * 100:.0f}"}
        ).render(locale)
        if start
        else _word(N_("Satisfaction rate"), locale),
        "interval": _word(N_("95 % interval"), locale),
    }


def scale_start(shares: Sequence[RateEstimate]) -> Decimal:
    """Return where the scale begins: the tenth below the lowest bound, so that differences show."""
    lows = [Decimal(share.low) for share in shares if share.low is not None]
    lowest = min(lows, default=Decimal(0))
    return min(lowest.quantize(Decimal("0.1"), ROUND_FLOOR), Decimal("0.9"))


def _bound(bound: Any) -> str | None:
    return None if bound is None else fixed(Fraction(bound), 4)
