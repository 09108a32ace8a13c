"""A rank never depends on a missing component (specification, section 14.I)."""

import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.scoring.year_ranks import DAILY, RankEntry, YearRanks, rank_all
from survey_pipeline.standard.load import read_standard
from survey_pipeline.vocabulary import Category

WENZHOU, _ = read_standard(Path(__file__).parents[3] / "config/standards/wenzhou-2023.toml")
points = st.integers(0, 300_000)
CATEGORIES = [Category.AGENCY, Category.HEALTH]


@st.composite
def entries(draw: st.DrawFn) -> list[RankEntry]:
    found = []
    for place in range(draw(st.integers(1, 8))):
        daily = tuple(draw(st.none() | points) for _ in DAILY)
        beside = draw(st.integers(-10_000, 20_000))
        online_missing = draw(st.booleans())
        found.append(
            RankEntry(
                office_code=f"O-{place}",
                category=draw(st.sampled_from(CATEGORIES)),
                online=draw(st.booleans()) and not online_missing,
                complete=None not in daily and not online_missing,
                total=sum(units or 0 for units in daily) + beside,
                daily=daily,
                beside=beside,
            )
        )
    return found


def alike(city: list[RankEntry]) -> list[list[RankEntry]]:
    """Return the offices of each ranking and category."""
    found: defaultdict[Any, list[RankEntry]] = defaultdict(list)
    for entry in city:
        found[entry.online, entry.category].append(entry)
    return list(found.values())


@given(entries())
def test_an_incomplete_office_has_no_rank_and_every_office_a_provisional_one(
    city: list[RankEntry],
) -> None:
    found = rank_all(city)
    assert set(found) == {entry.office_code for entry in city}
    for entry in city:
        ranks = found[entry.office_code]
        assert (ranks.rank is None) is (ranks.rank_in_category is None) is not entry.complete
        assert ranks.provisional_rank is not None


@given(entries())
def test_a_rank_is_the_same_without_the_incomplete_offices(city: list[RankEntry]) -> None:
    whole, complete = rank_all(city), [entry for entry in city if entry.complete]
    for code, ranks in rank_all(complete).items():
        assert ranks[:2] == whole[code][:2]


@given(entries(), st.data())
def test_a_provisional_rank_rests_on_what_every_office_has_and_on_nothing_else(
    city: list[RankEntry], data: st.DataObject
) -> None:
    before = rank_all(city)

    def other(entry: RankEntry) -> RankEntry:
        shared = before[entry.office_code].compared_on
        daily = tuple(
            units if component in shared else data.draw(points) if units is not None else None
            for component, units in zip(DAILY, entry.daily, strict=True)
        )
        return entry._replace(daily=daily)

    after = rank_all([other(entry) for entry in city])
    assert {code: ranks[2:] for code, ranks in after.items()} == {
        code: ranks[2:] for code, ranks in before.items()
    }


@given(entries())
def test_what_is_compared_is_what_every_office_of_ranking_and_category_has(
    city: list[RankEntry],
) -> None:
    found = rank_all(city)
    for those in alike(city):
        shared = tuple(
            component
            for at, component in enumerate(DAILY)
            if all(entry.daily[at] is not None for entry in those)
        )
        assert {found[entry.office_code].compared_on for entry in those} == {shared}


@given(entries())
def test_where_all_are_complete_the_provisional_rank_is_the_rank_in_the_category(
    city: list[RankEntry],
) -> None:
    found = rank_all([entry for entry in city if entry.complete])
    for ranks in found.values():
        assert ranks.provisional_rank == ranks.rank_in_category
        assert ranks.compared_on == DAILY


@given(entries(), st.randoms())
def test_the_order_of_the_offices_plays_no_part(
    city: list[RankEntry], shuffle: random.Random
) -> None:
    assert rank_all(shuffle.sample(city, len(city))) == rank_all(city)


def test_nobody_to_rank() -> None:
    assert rank_all([]) == {}
    assert YearRanks().order == (True, 0, 0)


@pytest.mark.parametrize(("ties", "places"), [("share", [1, 1, 3]), ("satisfaction", [2, 1, 3])])
def test_equal_totals_share_a_rank_or_satisfaction_decides(ties: str, places: list[int]) -> None:
    rule = WENZHOU.ranking
    assert rule is not None
    dailies = [(10, 30, 5, 5, 5), (20, 20, 5, 5, 5), (30, 1, 1, 1, 1)]
    city = [
        RankEntry(f"O-{place}", Category.AGENCY, False, True, sum(daily), daily, 0)
        for place, daily in enumerate(dailies)
    ]
    found = rank_all(city, rule.model_copy(update={"ties": ties}))
    assert [found[entry.office_code].rank for entry in city] == places
    assert [found[entry.office_code].provisional_rank for entry in city] == places
