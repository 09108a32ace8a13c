"""A year's offices as an analyst looks at them: rankings, filters, sorting."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from survey_pipeline.i18n import Message
from survey_pipeline.reports.ranking import CATEGORIES, RankingFilter
from survey_pipeline.reports.year_columns import BESIDE_DAILY
from survey_pipeline.reports.year_standing import comparison
from survey_pipeline.scoring.lines import Line
from survey_pipeline.scoring.year_ranks import DAILY
from survey_pipeline.scoring.year_rows import OfficeRow, ranks_of
from survey_pipeline.statistics.intervals import wilson
from survey_pipeline.vocabulary import Category, Component


@dataclass(frozen=True)
class Ranking:
    """Offices of a category that are ranked with each other."""

    category: Category | None
    """None for all categories in one table."""
    online: bool
    """With an online score; those without one are a ranking of their own."""
    offices: Sequence[OfficeRow]

    def comparison(self, locale: str) -> Message | None:
        """Return what the provisional ranks rest on; None for the whole city in one table."""
        if self.category is None:
            return None
        return comparison(ranks_of(self.offices[0]), online=self.online, locale=locale)


class PooledShare(NamedTuple):
    """An office's satisfaction rate over the year, with its 95 % interval."""

    rated: int
    rate: Fraction
    low: Decimal
    high: Decimal


def points_of(row: OfficeRow, name: str) -> Decimal | None:
    """Return an office's stored points of a component, of `daily` or of `total`."""
    facts = row.facts
    text = facts["components"][name] if name in facts["components"] else facts[name]
    return None if text is None else Decimal(text)


def _points(name: str) -> Callable[[OfficeRow], Any]:
    return lambda row: points_of(row, name)


SUMS = (
    *(component.value for component in DAILY),
    "daily",
    *(component.value for component in BESIDE_DAILY),
    "total",
)
"""What has points, in the order of the table."""
KEYS: Mapping[str, Callable[[OfficeRow], Any]] = {
    "rank": lambda row: row.rank_in_category,
    "city": lambda row: row.rank,
    "provisional": lambda row: ranks_of(row).provisional_rank,
    "office": lambda row: row.facts["name"],
    "parent": lambda row: row.facts["parent"],
    "category": lambda row: CATEGORIES.index(row.facts["category"]),
    "online_ranking": lambda row: not has_online(row),
    **{name: _points(name) for name in SUMS},
    "missing": lambda row: len(row.facts["missing"]),
}
"""What can be sorted by."""


def chosen(offices: Iterable[OfficeRow], wanted: RankingFilter) -> list[OfficeRow]:
    """Return the offices that pass the filters, sorted; equal ones in the order of their codes."""
    found = [
        row
        for row in offices
        if wanted.takes(
            row.facts["category"], row.facts["parent_code"], row.facts["name"], row.office_code
        )
    ]
    key = _city_place if wanted.whole and wanted.sort in _PLACES else KEYS[wanted.sort]
    there = [row for row in found if key(row) is not None]
    lacking = [row for row in found if key(row) is None]
    if wanted.sort in _PLACES:
        lacking.sort(key=_provisional_place)
    return sorted(there, key=key, reverse=wanted.down) + lacking


_PLACES = ("rank", "city")


def _city_place(row: OfficeRow) -> Any:
    """Order the whole city: the ranking with an online score first, by the rank in each."""
    return None if row.rank is None else (not has_online(row), row.rank)


def _provisional_place(row: OfficeRow) -> Any:
    """Order offices without a rank: ranking, category, then the provisional rank there."""
    place = ranks_of(row).provisional_rank or 0
    return not has_online(row), CATEGORIES.index(row.facts["category"]), place


def pooled_share(lines: Iterable[Line]) -> PooledShare | None:
    """Return the rate of all of an office's ratings of the year; None without a rating."""
    head = next((line for line in lines if line.component == Component.SATISFACTION), None)
    if head is None or head.rate is None or not head.count:
        return None
    return PooledShare(head.count, head.rate, *wilson(head.rate, head.count))


def has_online(row: OfficeRow) -> bool:
    """Return whether an office is ranked among those with an online score."""
    return row.facts[Component.ONLINE] is not None


def rankings(offices: Sequence[OfficeRow]) -> list[Ranking]:
    """Split offices into rankings, each in the order given."""
    parts = [
        Ranking(
            category,
            online,
            [
                row
                for row in offices
                if row.facts["category"] == category and has_online(row) is online
            ],
        )
        for category in Category
        for online in (True, False)
    ]
    return [part for part in parts if part.offices]


def parents_of(offices: Iterable[OfficeRow]) -> list[tuple[str, str]]:
    """Return the parent departments (code, name) by name."""
    found = {row.facts["parent_code"]: row.facts["parent"] for row in offices}
    return sorted(found.items(), key=lambda item: (item[1], item[0]))
