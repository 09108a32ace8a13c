"""How many offices of each category take part, and which: pure, from counts and points.

Source: specification, section 14.F; docs/decisions/review-selection.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from survey_pipeline.vocabulary import Category


@dataclass(frozen=True)
class Candidate:
    """An office that may be selected."""

    office_code: str
    category: str
    daily: int | None
    """Daily points in ten-thousandths, provisional ones too; nothing: behind all that have some."""


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
    its word. A category that would get fewer than `least` is lifted to it: nobody gives up a place
    for that, so that the sum may be a little more than `wanted`.

    Args:
        counts: category -> its offices.
        wanted: how many offices take part.
        least: from every category at least so many, or all that it has.

    Returns:
        category -> places, never more than it has offices.
    """
    total = sum(counts.values())
    places = min(wanted, total)
    shares = {word: divmod(places * count, total) for word, count in counts.items() if count}
    seats = {word: whole for word, (whole, _) in shares.items()}
    first = sorted(shares, key=lambda word: (-shares[word][1], -counts[word], word))
    for word in first[: places - sum(seats.values())]:
        seats[word] += 1
    return {word: max(number, min(least, counts[word])) for word, number in seats.items()}


def rank(candidates: Iterable[Candidate]) -> dict[str, list[Ranked]]:
    """Return each category's daily ranking: the highest points first, ties by office_code."""
    ordered = sorted(candidates, key=_order)
    return {
        category: _placed(list(group))
        for category, group in groupby(ordered, key=lambda one: one.category)
    }


def choose(candidates: Sequence[Candidate], wanted: int, least: int) -> list[Ranked]:
    """Return the offices that take part: of each category its quota, from the top."""
    ranking = rank(candidates)
    seats = quotas({word: len(group) for word, group in ranking.items()}, wanted, least)
    return [one for word, group in ranking.items() for one in group[: seats[word]]]


def _order(one: Candidate) -> tuple[int, bool, int, str]:
    return (_CATEGORIES.index(one.category), one.daily is None, -(one.daily or 0), one.office_code)


_CATEGORIES = [category.value for category in Category]


def _placed(group: Sequence[Candidate]) -> list[Ranked]:
    places: list[int] = []
    for index, one in enumerate(group):
        tied = index > 0 and one.daily == group[index - 1].daily
        places.append(places[-1] if tied else index + 1)
    return [
        Ranked(one.office_code, one.category, one.daily, place)
        for one, place in zip(group, places, strict=True)
    ]
