"""The ranks of a year: of complete offices by their totals, and provisional ones of all offices.

What is missing is never taken as zero, in a rank either. So a rank needs every component and is
among complete offices. The provisional rank of an incomplete office rests on what it shares with
the others: the daily components that every office of its ranking and category has.

Source: specification, section 14.I.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from survey_pipeline.scoring.ranks import ranks
from survey_pipeline.standard.model import RankingRule
from survey_pipeline.vocabulary import Category, Component

DAILY = (
    Component.SATISFACTION,
    Component.PERFORMANCE,
    Component.SUPERVISION,
    Component.HOTLINE,
    Component.PARENT_RATING,
)
"""The daily appraisal."""


class RankEntry(NamedTuple):
    """What an office is ranked by; points in ten-thousandths."""

    office_code: str
    category: Category
    online: bool
    """Whether it has an online score: those without are ranked apart."""
    complete: bool
    """Whether no component is missing."""
    total: int
    daily: tuple[int | None, ...]
    """In the order of `DAILY`; None without data."""
    beside: int
    """Online review, if it has a score, plus bonus, less material penalty."""


class YearRanks(NamedTuple):
    """Where an office stands, from 1; equal points share a rank (1 1 3)."""

    rank: int | None = None
    """Among all complete offices with an online score, or among all without."""
    rank_in_category: int | None = None
    """The same within the category."""
    provisional_rank: int | None = None
    """Within ranking and category, complete or not, by the components of `compared_on`."""
    compared_on: tuple[Component, ...] = ()
    """The daily components that every office of the ranking and category has."""

    @property
    def order(self) -> tuple[bool, int, int]:
        """Where it stands in a list: by rank in the category, then by provisional rank."""
        return self.rank_in_category is None, self.rank_in_category or 0, self.provisional_rank or 0


UNRANKED = YearRanks()
"""Before the ranks are known."""


def rank_all(entries: Iterable[RankEntry], rule: RankingRule | None = None) -> dict[str, YearRanks]:
    """Rank offices with an online score and those without apart.

    Args:
        entries: of every office.
        rule: the standard's; without one equal points share a rank.

    Returns:
        office_code -> its ranks.
    """
    entries = list(entries)
    complete = [entry for entry in entries if entry.complete]
    tie = _tie_of(rule)
    overall = _places(complete, lambda entry: (entry.online, None), tie)
    within = _places(complete, lambda entry: (entry.online, entry.category), tie)
    found = {}
    for alike in _rankings(entries, lambda entry: (entry.online, entry.category)):
        compared_on = common([entry.daily for entry in alike])
        provisional = ranks(
            {entry.office_code: (comparable(entry, compared_on), tie(entry)) for entry in alike}
        )
        for code, place in provisional.items():
            found[code] = YearRanks(
                overall.get(code), within.get(code), place, tuple(DAILY[at] for at in compared_on)
            )
    return found


def _tie_of(rule: RankingRule | None) -> Callable[[RankEntry], int]:
    """Return what decides between equal points: nothing, or satisfaction."""
    if rule is None or rule.ties == "share":
        return lambda entry: 0
    return lambda entry: entry.daily[DAILY.index(Component.SATISFACTION)] or 0


def common(dailies: Sequence[Sequence[int | None]]) -> tuple[int, ...]:
    """Return the positions in `DAILY` at which every office has points."""
    return tuple(at for at in range(len(DAILY)) if all(daily[at] is not None for daily in dailies))


def comparable(entry: RankEntry, compared_on: Iterable[int]) -> int:
    """Return what an office is compared by: the shared daily components and what is beside."""
    return entry.beside + sum(entry.daily[at] or 0 for at in compared_on)


Ranking = tuple[bool, Category | None]
"""With or without an online score, and the category; None for all of them."""


def _rankings(
    entries: Iterable[RankEntry], ranking: Callable[[RankEntry], Ranking]
) -> Iterable[Sequence[RankEntry]]:
    found: defaultdict[Ranking, list[RankEntry]] = defaultdict(list)
    for entry in entries:
        found[ranking(entry)].append(entry)
    return found.values()


def _places(
    entries: Iterable[RankEntry],
    ranking: Callable[[RankEntry], Ranking],
    tie: Callable[[RankEntry], int],
) -> Mapping[str, int | None]:
    """Return each office's rank by total in the ranking it belongs to."""
    found: dict[str, int | None] = {}
    for alike in _rankings(entries, ranking):
        found |= ranks({entry.office_code: (entry.total, tie(entry)) for entry in alike})
    return found
