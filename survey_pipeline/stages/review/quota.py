"""How many offices of each category take part, and which: pure, from counts and points.

Source: specification, section 14.F; docs/decisions/review-selection.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from survey_pipeline.apportionment import first_by, largest_remainder
from survey_pipeline.scoring.ranks import ranks
from survey_pipeline.vocabulary import Category


@dataclass(frozen=True)
class OfficeCandidate:
    """An office that may be selected."""

    office_code: str
    category: str
    daily: int | None
    """Daily points in ten-thousandths, provisional ones too; None: behind all that have some."""


@dataclass(frozen=True)
class Ranked:
    """A candidate in the daily ranking of its category."""

    office_code: str
    category: str
    daily: int | None
    place: int
    """Equal points share a place, and the next one is skipped (1 1 3)."""


def quotas(counts: Mapping[str, int], wanted: int, least: int) -> dict[str, int]:
    """Share out the places over the categories in proportion to their offices.

    By largest remainder; of equal remainders the category with more offices comes first, then by
    its word. A category that would get fewer than `least` is lifted to it; no category loses a
    place for that, so that the sum may be a little more than `wanted`.

    Args:
        counts: category -> its offices.
        wanted: how many offices take part.
        least: from every category at least so many, or all that it has.

    Returns:
        category -> places, never more than it has offices.
    """
    present = {category: count for category, count in counts.items() if count}
    if not present:
        return {}
    places = min(wanted, sum(present.values()))
    larger_first = first_by(lambda category: (-present[category], category))
    seats = largest_remainder(places, present, larger_first)
    return {
        category: max(number, min(least, present[category])) for category, number in seats.items()
    }


def rank(candidates: Iterable[OfficeCandidate]) -> dict[str, list[Ranked]]:
    """Return each category's daily ranking: the highest points first, ties by office_code."""
    ordered = sorted(candidates, key=_order)
    return {
        category: _placed(list(group))
        for category, group in groupby(ordered, key=lambda office: office.category)
    }


def choose(candidates: Sequence[OfficeCandidate], wanted: int, least: int) -> list[Ranked]:
    """Return the offices that take part: of each category its quota, from the top."""
    ranking = rank(candidates)
    seats = quotas({word: len(group) for word, group in ranking.items()}, wanted, least)
    return [office for word, group in ranking.items() for office in group[: seats[word]]]


def _order(office: OfficeCandidate) -> tuple[int, bool, int, str]:
    has_none, daily = office.daily is None, office.daily or 0
    return _CATEGORIES.index(office.category), has_none, -daily, office.office_code


_CATEGORIES = [category.value for category in Category]


def _placed(group: Sequence[OfficeCandidate]) -> list[Ranked]:
    places = ranks(
        {office.office_code: (office.daily is not None, office.daily or 0) for office in group}
    )
    return [
        Ranked(office.office_code, office.category, office.daily, place)
        for office in group
        if (place := places[office.office_code]) is not None
    ]
