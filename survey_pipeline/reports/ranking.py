"""A month's offices as an analyst looks at them: bands, few answers, filters and sorting.

Bands say which offices of a category cannot be told apart (`statistics.telling_apart`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from survey_pipeline.reports.month_report import MonthReport
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.statistics.telling_apart import bands
from survey_pipeline.vocabulary import Category

WIDEST = Decimal("0.30")
"""An interval wider than this (30 percentage points) says little, however many ratings it has."""


class Bar(NamedTuple):
    """An interval on a line from 0 (where the scale begins) to 100, to a tenth."""

    low: Decimal
    width: Decimal
    rate: Decimal
    """Where the mark of the rate begins, two wide."""
    cut: bool
    """Whether it begins below the scale."""


@dataclass(frozen=True)
class RankedOffice:
    """An office's row of a month, and what stands beside it."""

    row: MonthRow
    band: int | None
    """From 1, within its category; None without a rating."""
    few: bool
    """Fewer than `privacy.min_cell` ratings."""

    @property
    def code(self) -> str:
        """Its office code."""
        return self.row.office_code

    @cached_property
    def width(self) -> Decimal | None:
        """How wide its interval is, 0 to 1."""
        low, high = self.row.rate_low, self.row.rate_high
        return None if low is None or high is None else high - low

    def bar(self, start: Decimal) -> Bar | None:
        """Return its interval as it is drawn on a scale from `start` (0 to 0.9) to 1."""
        low, high, rate = self.row.rate_low, self.row.rate_high, self.row.rate
        if low is None or high is None or rate is None:
            return None
        left, mark, right = (_place(value, start) for value in (low, rate, high))
        return Bar(left, right - left, min(max(mark - 1, Decimal(0)), Decimal(98)), low < start)

    @property
    def wide(self) -> bool:
        """Whether its interval is wider than `WIDEST`."""
        return self.width is not None and self.width > WIDEST


@dataclass(frozen=True)
class RankingFilter:
    """Which offices, in which order; what is empty does not matter."""

    category: str = ""
    parent: str = ""
    """A parent_code."""
    name: str = ""
    """A part of the office's name or code."""
    sort: str = "rank"
    """One of `KEYS`."""
    down: bool = False
    """Largest first; offices without the figure come last either way."""
    whole: bool = False
    """The whole city in one table, not one table a category."""
    everything: bool = False
    """However many offices there are."""

    def takes(self, category: str, parent_code: str, office: str, office_code: str) -> bool:
        """Return whether an office passes the filters; `office` is its name."""
        sought = self.name.strip().casefold()
        return (
            self.category in ("", category)
            and self.parent in ("", parent_code)
            and (sought in office.casefold() or sought in office_code.casefold())
        )


def scale_of(offices: Iterable[RankedOffice]) -> Decimal:
    """Return where the scale of the offices' intervals begins: a tenth, 0 to 0.9.

    The lowest end of an interval decides, without the wide ones: they would leave the others no
    room; they are drawn as cut.
    """
    lows = [office.row.rate_low for office in offices if not office.wide]
    lowest = min((low for low in lows if low is not None), default=Decimal(0))
    return min(lowest.quantize(Decimal("0.1"), ROUND_FLOOR), Decimal("0.9"))


def _place(value: Decimal, start: Decimal) -> Decimal:
    """Return where a share stands on a line of 100 that begins at `start`."""
    return max(round(100 * (value - start) / (1 - start), 1), Decimal(0))


CATEGORIES = tuple(Category)
KEYS: Mapping[str, Callable[[RankedOffice], Any]] = {
    "rank": lambda office: office.row.rank,
    "office": lambda office: office.row.office,
    "parent": lambda office: office.row.parent,
    "category": lambda office: CATEGORIES.index(office.row.category),
    "reported": lambda office: office.row.reported,
    "drawn": lambda office: office.row.drawn,
    "rated": lambda office: office.row.rated,
    "rate": lambda office: office.row.rate,
    "interval": lambda office: office.width,
    "band": lambda office: office.band,
    "coefficient": lambda office: office.row.coefficient,
    "points": lambda office: office.row.points,
    "response_rate": lambda office: office.row.response_rate,
    "source": lambda office: office.row.source,
}
"""What can be sorted by."""
DOWN_FIRST = frozenset(
    ("reported", "drawn", "rated", "rate", "coefficient", "points", "response_rate")
)
"""Where the largest is looked for first."""


def ranked_offices(report: MonthReport) -> list[RankedOffice]:
    """Return the appraised offices with their bands, in the order of their codes."""
    appraised = report.appraised
    band_of = {
        code: band
        for category in Category
        for code, band in _bands(row for row in appraised if row.category is category).items()
    }
    return [
        RankedOffice(row, band_of.get(row.office_code), row.rated < report.min_cell)
        for row in appraised
    ]


def alone(row: MonthRow, least: int) -> RankedOffice:
    """Return an office's row by itself: bands need the others of its category.

    Args:
        row: the office in a month.
        least: `privacy.min_cell`.
    """
    return RankedOffice(row, None, row.rated < least)


def _bands(rows: Iterable[MonthRow]) -> dict[str, int]:
    """Return the band of each office that has a rate, by its code."""
    return bands(
        {row.office_code: (Fraction(row.rate), row.rated) for row in rows if row.rate is not None}
    )


def chosen(offices: Iterable[RankedOffice], wanted: RankingFilter) -> list[RankedOffice]:
    """Return the offices that pass the filters, sorted; equal ones in the order of their codes."""
    rows = ((office, office.row) for office in offices)
    found = [
        office
        for office, row in rows
        if wanted.takes(row.category, row.parent_code, row.office, row.office_code)
    ]
    found.sort(key=lambda office: office.code)
    key = KEYS[wanted.sort]
    there = [office for office in found if key(office) is not None]
    missing = [office for office in found if key(office) is None]
    return sorted(there, key=key, reverse=wanted.down) + missing


def ranked_first(offices: Iterable[RankedOffice]) -> list[RankedOffice]:
    """Put the offices without a rank in this month after the others, each part as it was sorted."""
    return sorted(offices, key=lambda office: office.row.rank is None)


def by_category(offices: Sequence[RankedOffice]) -> list[tuple[Category, list[RankedOffice]]]:
    """Part offices by category, each part in the order given."""
    parts = [
        (category, [office for office in offices if office.row.category is category])
        for category in Category
    ]
    return [(category, part) for category, part in parts if part]


def parents_of(offices: Iterable[RankedOffice]) -> list[tuple[str, str]]:
    """Return the parent departments (code, name) by name."""
    found = {office.row.parent_code: office.row.parent for office in offices}
    return sorted(found.items(), key=lambda item: (item[1], item[0]))
