"""How many offices of each category take part, and which (specification, section 14.F)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.stages.review.quota import OfficeCandidate, choose, quotas, rank
from survey_pipeline.vocabulary import Category

COUNTS = st.dictionaries(st.sampled_from([one.value for one in Category]), st.integers(0, 400))


def test_places_go_by_the_number_of_offices_the_largest_remainder_first() -> None:
    # 10 of 100: 5.5, 3.3, 1.2 -> whole 5, 3, 1; the tenth place to the remainder .5
    assert quotas({"agency": 55, "education": 33, "health": 12}, 10, 1) == {
        "agency": 6,
        "education": 3,
        "health": 1,
    }


def test_a_category_that_would_get_none_is_lifted_to_one_and_nobody_gives_up_a_place() -> None:
    # 10 of 1000: 9.7, 0.2, 0.1 -> 10, 0, 0; both small ones are lifted beside the ten
    assert quotas({"agency": 970, "education": 20, "health": 10}, 10, 1) == {
        "agency": 10,
        "education": 1,
        "health": 1,
    }


def test_of_equal_remainders_the_larger_category_comes_first() -> None:
    # 3 of 8 x 4: 1.5 (4 offices) and 1.5 -> equal counts fall back on the word
    assert quotas({"soe": 4, "agency": 4}, 3, 1) == {"agency": 2, "soe": 1}
    # 7 of 14: 3.5 (7), 2.5 (5), 1 (2)
    assert quotas({"agency": 5, "education": 7, "health": 2}, 7, 1) == {
        "agency": 2,
        "education": 4,
        "health": 1,
    }


def test_a_category_without_offices_gets_no_place() -> None:
    assert "finance" not in quotas({"agency": 5, "finance": 0}, 3, 1)


def test_a_small_city_takes_part_as_a_whole() -> None:
    assert quotas({"agency": 5, "soe": 2}, 100, 1) == {"agency": 5, "soe": 2}


@given(COUNTS, st.integers(1, 300), st.integers(0, 2))
def test_quotas_hold_for_any_city(counts: Any, wanted: Any, least: Any) -> None:
    seats = quotas(counts, wanted, least)
    total = sum(counts.values())
    assert set(seats) == {word for word, count in counts.items() if count}
    assert all(min(least, counts[word]) <= seats[word] <= counts[word] for word in seats)
    unlifted = quotas(counts, wanted, 0)
    assert sum(unlifted.values()) == min(wanted, total)
    for word, number in unlifted.items():
        exact = min(wanted, total) * counts[word]
        assert number * total - total < exact < number * total + total, "off by less than a place"
        assert seats[word] == max(number, min(least, counts[word]))


def candidate(code: Any, daily: Any, category: str = "agency", rated: int = 9) -> Any:
    components = () if daily is None else (daily, 0, 0, 0, 0)
    return OfficeCandidate(code, category, daily, components, rated)


def codes(offices: Any) -> list[str]:
    return [office.office_code for office in offices]


def test_the_ranking_goes_by_points_then_code_and_ties_share_a_place() -> None:
    found = rank([candidate("D", 700000), candidate("B", 800000), candidate("C", 800000),
                  candidate("A", None)])  # fmt: skip
    assert [(one.office_code, one.place) for one in found["agency"]] == [
        ("B", 1),
        ("C", 1),
        ("D", 3),
        ("A", 4),
    ]


def test_the_top_of_each_category_is_chosen_ties_by_office_code() -> None:
    city = [
        candidate("AG-1", 810000),
        candidate("AG-3", 820000),
        candidate("AG-2", 820000),
        candidate("AG-4", 100000),
        candidate("ED-2", 0, "education"),
        candidate("ED-1", None, "education"),
    ]
    # 3 of 6: agency 2, education 1
    assert codes(choose(city, 3, 1).chosen) == ["AG-2", "AG-3", "ED-2"]


@given(st.permutations([candidate(f"AG-{n}", n % 3) for n in range(9)]))
def test_the_order_of_the_register_makes_no_difference(city: Any) -> None:
    assert codes(choose(city, 4, 1).chosen) == ["AG-2", "AG-5", "AG-8", "AG-1"]


@pytest.mark.parametrize("least", [0, 1])
def test_no_candidates_no_places(least: int) -> None:
    assert choose([], 10, least).chosen == ()


def test_an_office_with_too_few_ratings_is_passed_over_from_the_top_and_named() -> None:
    city = [
        candidate("AG-1", 800000, rated=4),
        candidate("AG-2", 790000, rated=5),
        candidate("AG-3", 780000, rated=6),
        candidate("AG-4", 770000, rated=0),
    ]
    found = choose(city, 2, 1, min_ratings=5)
    assert [(office.office_code, office.place) for office in found.chosen] == [
        ("AG-2", 2),
        ("AG-3", 3),
    ]
    assert [(office.office_code, office.place, office.rated) for office in found.passed_over] == [
        ("AG-1", 1, 4)
    ]
    assert found.unfilled == {}
    assert codes(choose(city, 2, 1, min_ratings=0).chosen) == ["AG-1", "AG-2"], "0: no such rule"


def test_places_that_a_category_cannot_fill_stay_empty_and_no_other_takes_them() -> None:
    city = [candidate(f"AG-{n}", 800000 - n) for n in range(1, 5)]
    city += [candidate(f"ED-{n}", 800000 - n, "education", rated=n) for n in range(4)]
    # 4 of 8: two each
    found = choose(city, 4, 1, min_ratings=3)
    assert codes(found.chosen) == ["AG-1", "AG-2", "ED-3"]
    assert found.unfilled == {"education": 1}
    assert codes(found.passed_over) == ["ED-0", "ED-1", "ED-2"]


def test_what_is_missing_is_not_zero_in_the_daily_ranking_either() -> None:
    late = OfficeCandidate("AG-1", "agency", 700000, (300000, None, 250000, 150000, None), 9)
    whole = OfficeCandidate("AG-2", "agency", 850000, (299999, 100000, 250000, 150000, 50000), 9)
    assert codes(choose([whole, late], 1, 1).chosen) == ["AG-1"], "by what both have"
    unrated = OfficeCandidate("AG-3", "agency", 550000, (None, 100000, 250000, 150000, 50000), 0)
    ranked = rank([whole, late, unrated], 5)["agency"]
    assert [(office.office_code, office.place) for office in ranked] == [
        ("AG-1", 1),
        ("AG-2", 2),
        ("AG-3", 3),
    ], "an office that is passed over takes no component from the comparison"
