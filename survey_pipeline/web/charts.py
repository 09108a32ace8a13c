"""Charts as `static/charts.js` draws them: plain data with words in the visitor's language.

Figures go to the browser as text; it makes numbers of them for drawing alone. Every chart has its
table beside it, so that nobody depends on the picture.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from survey_pipeline.i18n import N_, translate
from survey_pipeline.overview.month_charts import MonthCharts
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.stages.export.columns import RATINGS
from survey_pipeline.stages.export.figures import Bin, ratio
from survey_pipeline.stages.export.words import MODES, named
from survey_pipeline.stages.export.words import RATINGS as RATING_NAMES

TONES = {"satisfied": "good", "neutral": "fair", "dissatisfied": "bad"}


def drawings(charts: MonthCharts, locale: str) -> dict[str, dict[str, Any]]:
    """Return what to draw, by chart."""
    return {
        "spread": _spread(charts.bins, locale),
        "trend": _trend(charts, locale),
        "course": {
            "kind": "bars",
            "labels": [translate(step, locale) for step, _ in charts.course],
            "values": [count for _, count in charts.course],
        },
        "modes": _modes(charts, locale),
    }


def bin_label(one: Bin) -> str:
    """Return a step of rates in per cent."""
    return f"{one.low * 100:.0f}–{one.high * 100:.0f} %"


def _spread(bins: Sequence[Bin], locale: str) -> dict[str, Any]:
    return {
        "kind": "columns",
        "labels": [bin_label(one) for one in bins],
        "values": [one.count for one in bins],
        "name": translate(N_("Offices"), locale),
    }


def _trend(charts: MonthCharts, locale: str) -> dict[str, Any]:
    rated = [(month, share) for month, _, share in charts.trend if share.rate is not None]
    return {
        "kind": "line",
        "labels": [month for month, _ in rated],
        "values": [fixed(share.rate, 4) for _, share in rated],
        "low": [_bound(share.low) for _, share in rated],
        "high": [_bound(share.high) for _, share in rated],
        "name": translate(N_("Satisfaction rate"), locale),
        "interval": translate(N_("95 % interval"), locale),
    }


def _bound(bound: Any) -> str | None:
    return None if bound is None else fixed(Fraction(bound), 4)


def _modes(charts: MonthCharts, locale: str) -> dict[str, Any]:
    answered = [mode for mode in charts.modes if mode.rated]
    return {
        "kind": "shares",
        "labels": [named(MODES, mode.mode, locale) for mode in answered],
        "series": [
            {
                "name": named(RATING_NAMES, rating, locale),
                "tone": TONES[rating],
                "values": [fixed(ratio(mode.counts[rating], mode.rated), 4) for mode in answered],
            }
            for rating in RATINGS
        ],
    }
