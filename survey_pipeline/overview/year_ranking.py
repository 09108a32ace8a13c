"""A year's offices as an analyst looks at them: rankings, filters, sorting."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from survey_pipeline.overview.ranking import Wanted
from survey_pipeline.scoring.year import DAILY
from survey_pipeline.scoring.year_rows import OfficeRow
from survey_pipeline.vocabulary import Category, Component

BESIDE_DAILY = (Component.ONLINE, Component.BONUS, Component.MATERIAL_PENALTY)


@dataclass(frozen=True)
class Ranking:
    """Offices of a category that are ranked with each other."""

    category: Category
    online: bool
    """With an online score; those without one are a ranking of their own."""
    offices: Sequence[OfficeRow]


def points_of(row: OfficeRow, name: str) -> Decimal | None:
    """Return an office's stored points of a component, of `daily` or of `total`."""
    facts = row.facts
    text = facts["components"][name] if name in facts["components"] else facts[name]
    return None if text is None else Decimal(text)


def _points(name: str) -> Callable[[OfficeRow], Any]:
    return lambda row: points_of(row, name)


SUMS = (*(one.value for one in DAILY), "daily", *(one.value for one in BESIDE_DAILY), "total")
"""What has points, in the order of the table."""
KEYS: Mapping[str, Callable[[OfficeRow], Any]] = {
    "rank": lambda row: row.rank_in_category,
    "city": lambda row: row.rank,
    "office": lambda row: row.facts["name"],
    "parent": lambda row: row.facts["parent"],
    **{name: _points(name) for name in SUMS},
    "missing": lambda row: len(row.facts["missing"]),
}
"""What can be sorted by."""


def chosen(offices: Iterable[OfficeRow], wanted: Wanted) -> list[OfficeRow]:
    """Return the offices that pass the filters, sorted; equal ones in the order of their codes."""
    named = {row.office_code: {**row.facts, "office": row.facts["name"]} for row in offices}
    found = [row for row in offices if wanted.takes(named[row.office_code])]
    key = KEYS[wanted.sort]
    there = [row for row in found if key(row) is not None]
    lacking = [row for row in found if key(row) is None]
    return sorted(there, key=key, reverse=wanted.down) + lacking


def rankings(offices: Sequence[OfficeRow]) -> list[Ranking]:
    """Part offices into the rankings that there are, each in the order given."""
    parts = [
        Ranking(
            category,
            online,
            [
                row
                for row in offices
                if row.facts["category"] == category
                and (row.facts[Component.ONLINE] is not None) is online
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
