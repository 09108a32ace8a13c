"""Sums over offices, for the workbook and the page: every figure from the stored rows alone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from survey_pipeline.i18n import N_
from survey_pipeline.reports.month_columns import COUNTS, RATINGS
from survey_pipeline.reports.month_report import MonthReport
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.standard.model import Values
from survey_pipeline.statistics.intervals import wilson
from survey_pipeline.statistics.response_rates import ResponseRates, count_outcomes, response_rates
from survey_pipeline.vocabulary import (
    Category,
    Disposition,
    DissatisfactionReason,
    Mode,
    Rating,
)

K = TypeVar("K", bound=str)
ANSWERED = N_("Answered us")
"""Drawn cases that rated, by SMS or to our calls, whether the rating counts or is replaced."""
BIN_WIDTHS = tuple(Decimal(width) for width in ("0.5", "1", "2", "3", "5", "10"))
MOST_BINS = 12


@dataclass(frozen=True)
class RateEstimate:
    """A rate with its 95 % interval; all three None without a rating."""

    rate: Fraction | None
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True)
class Summary:
    """Several offices together."""

    category: str | None
    """None for all categories."""
    offices: int
    scored: int
    """Offices with points."""
    counts: Mapping[str, int]
    answered: int
    """Drawn cases that gave us a rating: the end of the way that begins with the draw."""
    share: RateEstimate
    satisfied_share: Fraction | None
    """The share of satisfied answers, beside the rate."""
    response_rate: Fraction | None
    mean_points: Fraction | None
    """The plain mean of the offices' points."""


@dataclass(frozen=True)
class Bin:
    """How many offices have points from `low` up to `high` (the last bin holds both ends)."""

    low: Decimal
    high: Decimal
    count: int

    @property
    def low_label(self) -> str:
        """Where it begins, as text."""
        return f"{self.low.normalize():f}"

    @property
    def label(self) -> str:
        """The range as text."""
        return f"{self.low_label}–{self.high.normalize():f}"


@dataclass(frozen=True)
class ModeSummary:
    """The answers given by one way."""

    mode: str
    counts: Mapping[str, int]
    rated: int
    share: RateEstimate


def ratio(part: int, whole: int) -> Fraction | None:
    """Return part / whole; None if `whole` is 0."""
    return Fraction(part, whole) if whole else None


def share_of(counts: Mapping[str, int], values: Values) -> RateEstimate:
    """Return the rate over counts by rating: the mean of the values, with its interval."""
    rated = sum(counts[rating] for rating in RATINGS)
    if not rated:
        return RateEstimate(None)
    worth = sum(Fraction(values.of(Rating(rating)).value) * counts[rating] for rating in RATINGS)
    rate = Fraction(worth) / rated
    return RateEstimate(rate, *wilson(rate, rated))


def summarise(rows: Sequence[MonthRow], values: Values, category: str | None = None) -> Summary:
    """Add up several offices; the rate is that of all their ratings together."""
    counts = {name: sum(getattr(row, name) for row in rows) for name in COUNTS}
    points = [Fraction(row.points) for row in rows if row.points is not None]
    return Summary(
        category=category,
        offices=len(rows),
        scored=len(points),
        counts=counts,
        answered=sum(mode.rated for mode in modes(rows, values)),
        share=share_of(counts, values),
        satisfied_share=ratio(counts["satisfied"], counts["rated"]),
        response_rate=rates_of(rows).rr1,
        mean_points=sum(points, Fraction(0)) / len(points) if points else None,
    )


def by_category(report: MonthReport) -> list[Summary]:
    """Return a summary of every category that has offices, in the standard's order."""
    values = report.in_force.standard.satisfaction.values
    found = ((category, report.of_category(category)) for category in Category)
    return [summarise(rows, values, category) for category, rows in found if rows]


def whole_city(report: MonthReport) -> Summary:
    """Return the summary of all offices."""
    return summarise(report.appraised, report.in_force.standard.satisfaction.values)


def point_bins(report: MonthReport) -> list[Bin]:
    """Distribute the offices' points over at most a dozen equal steps below the maximum."""
    points = sorted(row.points for row in report.appraised if row.points is not None)
    if not points:
        return []
    top = report.total_points
    width = next(
        (step for step in BIN_WIDTHS if (top - points[0]) / step <= MOST_BINS), BIN_WIDTHS[-1]
    )
    bins, high = [], top
    while high > 0 and (high == top or high > points[0]):
        low = max(high - width, Decimal(0))
        count = sum(1 for value in points if low <= value < high or value == high == top)
        bins.append(Bin(low, high, count))
        high = low
    return bins[::-1]


def modes(rows: Sequence[MonthRow], values: Values) -> list[ModeSummary]:
    """Return the answers by SMS and by phone, our own ones."""
    given = {mode: [row.by_mode[mode] for row in rows] for mode in Mode}
    counts = {
        mode: {rating.value: sum(answers.of(rating) for answers in each) for rating in Rating}
        for mode, each in given.items()
    }
    return [
        ModeSummary(mode, count, sum(count.values()), share_of(count, values))
        for mode, count in counts.items()
    ]


def reasons(rows: Iterable[MonthRow]) -> Counter[DissatisfactionReason]:
    """Count the reasons of those who were not satisfied."""
    return _added(row.reasons for row in rows)


def outcomes(rows: Iterable[MonthRow]) -> Counter[Disposition]:
    """Count the outcome codes of the drawn cases."""
    return _added(row.outcomes for row in rows)


def _added(parts: Iterable[Mapping[K, int]]) -> Counter[K]:
    total: Counter[K] = Counter()
    for part in parts:
        total.update(part)
    return total


def rates_of(rows: Iterable[MonthRow]) -> ResponseRates:
    """Return the response, cooperation, refusal and contact rates over the offices' cases."""
    return response_rates(count_outcomes(outcomes(rows)))


def verification(rows: Iterable[MonthRow]) -> tuple[int, int]:
    """Return on how many people SMS and phone were compared, and how many said the same."""
    found = [row.verification for row in rows]
    return sum(each.pairs for each in found), sum(each.same for each in found)
