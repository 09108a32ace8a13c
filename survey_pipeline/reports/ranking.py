"""A month's offices as an analyst looks at them: bands, few answers, filters and sorting.

Bands say which offices of a category cannot be told apart. From the best rate down, an office opens
a new band where its 95 % interval lies wholly below that of an office of the band above; so within
a band every two intervals overlap. The converse does not hold: offices of neighbouring bands may
overlap too, and the page says so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from functools import cached_property
from typing import Any, NamedTuple

from survey_pipeline.reports.month import Facts, MonthReport
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

    facts: Facts
    band: int | None
    """From 1, within its category; nothing where nobody rated."""
    few: bool
    """Fewer than `privacy.min_cell` ratings."""

    @property
    def code(self) -> str:
        """Its office code."""
        return str(self.facts["office_code"])

    def figure(self, name: str) -> Decimal | None:
        """Return a share, a factor or points; nothing where there is none."""
        text = self.facts[name]
        return None if text is None else Decimal(text)

    @cached_property
    def width(self) -> Decimal | None:
        """How wide its interval is, 0 to 1."""
        low, high = self.figure("rate_low"), self.figure("rate_high")
        return None if low is None or high is None else high - low

    def bar(self, start: Decimal) -> Bar | None:
        """Return its interval as it is drawn on a scale from `start` (0 to 0.9) to 1."""
        low, high, rate = (self.figure(name) for name in ("rate_low", "rate_high", "rate"))
        if low is None or high is None or rate is None:
            return None
        left, mark, right = (_place(value, start) for value in (low, rate, high))
        return Bar(left, right - left, min(max(mark - 1, Decimal(0)), Decimal(98)), low < start)

    @property
    def wide(self) -> bool:
        """Whether its interval is wider than `WIDEST`."""
        return self.width is not None and self.width > WIDEST


@dataclass(frozen=True)
class Wanted:
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

    def takes(self, facts: Facts) -> bool:
        """Say whether an office passes the filters."""
        sought = self.name.strip().casefold()
        return (
            self.category in ("", facts["category"])
            and self.parent in ("", facts["parent_code"])
            and (sought in facts["office"].casefold() or sought in facts["office_code"].casefold())
        )


def scale_of(offices: Iterable[RankedOffice]) -> Decimal:
    """Return where the scale of the offices' intervals begins: a tenth, 0 to 0.9.

    The lowest end of an interval decides, wide ones left aside: they would press all others
    together; they are drawn as cut.
    """
    lows = [row.figure("rate_low") for row in offices if not row.wide]
    lowest = min((low for low in lows if low is not None), default=Decimal(0))
    return min(lowest.quantize(Decimal("0.1"), ROUND_FLOOR), Decimal("0.9"))


def _place(value: Decimal, start: Decimal) -> Decimal:
    """Return where a share stands on a line of 100 that begins at `start`."""
    return max(round(100 * (value - start) / (1 - start), 1), Decimal(0))


def _figure(name: str) -> Callable[[RankedOffice], Any]:
    return lambda row: row.figure(name)


def _word(name: str) -> Callable[[RankedOffice], Any]:
    return lambda row: row.facts[name]


CATEGORIES = tuple(Category)
KEYS: Mapping[str, Callable[[RankedOffice], Any]] = {
    "rank": _word("rank"),
    "office": _word("office"),
    "parent": _word("parent"),
    "category": lambda row: CATEGORIES.index(row.facts["category"]),
    "reported": _word("reported"),
    "drawn": _word("drawn"),
    "rated": _word("rated"),
    "rate": _figure("rate"),
    "interval": lambda row: row.width,
    "band": lambda row: row.band,
    "coefficient": _figure("coefficient"),
    "points": _figure("points"),
    "response_rate": _figure("response_rate"),
    "source": _word("source"),
}
"""What can be sorted by."""
DOWN_FIRST = frozenset(
    ("reported", "drawn", "rated", "rate", "coefficient", "points", "response_rate")
)
"""Where the largest is looked for first."""


def ranked_offices(report: MonthReport) -> list[RankedOffice]:
    """Return the appraised offices with their bands, in the order of their codes."""
    appraised = report.appraised
    bands = {
        code: band
        for category in Category
        for code, band in _bands(row for row in appraised if row["category"] == category).items()
    }
    return [
        RankedOffice(row, bands.get(row["office_code"]), row["rated"] < report.min_cell)
        for row in appraised
    ]


def alone(facts: Facts, least: int) -> RankedOffice:
    """Return an office's row by itself: bands need the others of its category.

    Args:
        facts: the office in a month.
        least: `privacy.min_cell`.
    """
    return RankedOffice(facts, None, facts["rated"] < least)


def _bands(rows: Iterable[Facts]) -> dict[str, int]:
    """Return the band of each office that has a rate, by its code."""
    rated = [row for row in rows if row["rate"] is not None]
    rated.sort(key=lambda row: (-Decimal(row["rate"]), row["office_code"]))
    bands: dict[str, int] = {}
    band, floor = 1, Decimal(0)
    for row in rated:
        low, high = Decimal(row["rate_low"]), Decimal(row["rate_high"])
        if high < floor:
            band, floor = band + 1, Decimal(0)
        floor = max(floor, low)
        bands[row["office_code"]] = band
    return bands


def chosen(offices: Iterable[RankedOffice], wanted: Wanted) -> list[RankedOffice]:
    """Return the offices that pass the filters, sorted; equal ones in the order of their codes."""
    found = sorted((one for one in offices if wanted.takes(one.facts)), key=lambda one: one.code)
    key = KEYS[wanted.sort]
    there = [one for one in found if key(one) is not None]
    missing = [one for one in found if key(one) is None]
    return sorted(there, key=key, reverse=wanted.down) + missing


def by_category(offices: Sequence[RankedOffice]) -> list[tuple[Category, list[RankedOffice]]]:
    """Part offices by category, each part in the order given."""
    parts = [(one, [row for row in offices if row.facts["category"] == one]) for one in Category]
    return [(category, rows) for category, rows in parts if rows]


def parents_of(offices: Iterable[RankedOffice]) -> list[tuple[str, str]]:
    """Return the parent departments (code, name) by name."""
    found = {one.facts["parent_code"]: one.facts["parent"] for one in offices}
    return sorted(found.items(), key=lambda item: (item[1], item[0]))
