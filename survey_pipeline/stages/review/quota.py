"""How many offices of each category take part, and which: pure, from counts and points.

Source: specification, section 14.F; docs/decisions/review-selection.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from survey_pipeline.apportionment import first_by, largest_remainder
from survey_pipeline.scoring.ranks import ranks
from survey_pipeline.scoring.year_ranks import common
from survey_pipeline.vocabulary import Category


@dataclass(frozen=True)
class OfficeCandidate:
    """An office that may be selected."""

    office_code: str
    category: str
    daily: int | None = None
    """Daily points in ten-thousandths, provisional ones too; None: not scored."""
    components: tuple[int | None, ...] = ()
    """Of which `daily` is the sum, in the order of `year_ranks.DAILY`; empty: not scored."""
    rated: int = 0
    """Rated cases in the year, delivered ones included."""


@dataclass(frozen=True)
class Ranked:
    """A candidate in the daily ranking of its category."""

    office_code: str
    category: str
    daily: int | None
    place: int
    """Equal points share a place, and the next one is skipped (1 1 3)."""
    rated: int = 0


@dataclass(frozen=True)
class QuotaChoice:
    """Which offices take part, and what stood in the way."""

    chosen: tuple[Ranked, ...]
    passed_over: tuple[Ranked, ...] = ()
    """Offices that would have been chosen, and have too few rated cases."""
    unfilled: Mapping[str, int] | None = None
    """Category -> places for which it has no office with enough rated cases."""


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


def rank(candidates: Iterable[OfficeCandidate], min_ratings: int = 0) -> dict[str, list[Ranked]]:
    """Return each category's daily ranking: the highest points first, ties by office_code.

    What is missing is not taken as zero: offices are compared by the daily components that every
    scored office of the category with enough rated cases has. If all have all, that is their daily
    points. An office that was not scored, or lacks one of these components, stands behind.
    """
    by_category = sorted(candidates, key=lambda office: _CATEGORIES.index(office.category))
    return {
        category: _placed(list(group), min_ratings)
        for category, group in groupby(by_category, key=lambda office: office.category)
    }


def choose(
    candidates: Sequence[OfficeCandidate], wanted: int, least: int, min_ratings: int = 0
) -> QuotaChoice:
    """Return the offices that take part: of each category its quota, from the top.

    Args:
        candidates: all offices that may take part; the quotas go by their number.
        wanted: how many offices take part.
        least: from every category at least so many.
        min_ratings: an office with fewer rated cases is passed over; 0 switches the rule off.
    """
    ranking = rank(candidates, min_ratings)
    seats = quotas({word: len(group) for word, group in ranking.items()}, wanted, least)
    chosen: list[Ranked] = []
    passed_over: list[Ranked] = []
    unfilled: dict[str, int] = {}
    for word, group in ranking.items():
        filled, over = _filled(group, seats[word], min_ratings)
        chosen += filled
        passed_over += over
        if len(filled) < seats[word]:
            unfilled[word] = seats[word] - len(filled)
    return QuotaChoice(tuple(chosen), tuple(passed_over), unfilled)


def _filled(
    group: Sequence[Ranked], seats: int, min_ratings: int
) -> tuple[list[Ranked], list[Ranked]]:
    """Fill a category's places from the top; return who takes them and who was passed over."""
    filled: list[Ranked] = []
    over: list[Ranked] = []
    for office in group:
        if len(filled) == seats:
            break
        (filled if office.rated >= min_ratings else over).append(office)
    return filled, over


_CATEGORIES = [category.value for category in Category]


def _placed(group: Sequence[OfficeCandidate], min_ratings: int) -> list[Ranked]:
    scored = [office.components for office in group if office.components]
    enough = [
        office.components for office in group if office.components and office.rated >= min_ratings
    ]
    shared = common(enough or scored)
    values = {office.office_code: _compared(office, shared) for office in group}
    places = ranks({code: (value is not None, value or 0) for code, value in values.items()})
    placed = [
        Ranked(office.office_code, office.category, office.daily, place, office.rated)
        for office in group
        if (place := places[office.office_code]) is not None
    ]
    return sorted(placed, key=lambda office: (office.place, office.office_code))


def _compared(office: OfficeCandidate, shared: Sequence[int]) -> int | None:
    """Return what an office is compared by; None where it was not scored, or lacks a part."""
    if not office.components:
        return None
    points = [office.components[at] for at in shared]
    known = [part for part in points if part is not None]
    return sum(known) if len(known) == len(points) else None
