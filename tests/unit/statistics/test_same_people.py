"""The gap between two answers of the same people: few, all alike, and how often it holds."""

from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from survey_pipeline.statistics.intervals import Interval
from survey_pipeline.statistics.same_people import Gap, Pairs, gap_of, weighted_gap

YES, SOME, NO = Fraction(1), Fraction(3, 5), Fraction(0)
pairs = st.dictionaries(
    st.tuples(*(st.sampled_from([YES, SOME, NO]),) * 2), st.integers(1, 30), max_size=9
)


def bounds(asked: Pairs) -> Interval:
    found = gap_of(asked).interval
    assert found is not None
    return found


def test_the_mean_counts_rises_and_falls() -> None:
    found = gap_of({(NO, YES): 2, (NO, SOME): 1, (YES, SOME): 1, (YES, YES): 6})
    assert (found.people, found.risen, found.fallen, found.same) == (10, 3, 1, 6)
    assert found.mean == (2 + Fraction(3, 5) - Fraction(2, 5)) / 10


def test_without_people_there_is_no_gap() -> None:
    assert gap_of({}) == Gap(0, 0, 0, None, None)


def test_a_single_person_says_next_to_nothing() -> None:
    low, high = bounds({(NO, YES): 1})
    assert low < 0 < Decimal("0.9") < high
    low, high = bounds({(YES, YES): 1})
    assert float(low) == pytest.approx(-float(high))
    assert high > Decimal("0.7")


@pytest.mark.parametrize("people", [2, 10, 100])
def test_all_alike_is_no_point(people: int) -> None:
    found = gap_of({(YES, YES): people})
    _, bound = proportion_confint(0, people, method="wilson")
    assert found.mean == 0
    assert float(found.interval.high) == pytest.approx(bound, abs=1e-9)


def test_with_many_people_it_is_the_paired_interval_of_statsmodels() -> None:
    found = gap_of({(NO, YES): 700, (YES, NO): 400, (YES, YES): 2900})
    differences = [1] * 700 + [-1] * 400 + [0] * 2900
    low, high = DescrStatsW(differences).tconfint_mean()
    assert float(found.interval.low) == pytest.approx(low, abs=5e-4)
    assert float(found.interval.high) == pytest.approx(high, abs=5e-4)


@given(pairs)
def test_it_holds_the_mean_and_stays_within_its_bounds(found_pairs: Pairs) -> None:
    found = gap_of(found_pairs)
    if found.mean is not None:
        assert -1 <= found.interval.low <= found.mean <= found.interval.high <= 1
        assert found.interval.low < found.interval.high
        assert found.same + found.risen + found.fallen == found.people


@given(pairs)
def test_asked_the_other_way_round_the_gap_is_turned(found_pairs: Pairs) -> None:
    there = gap_of(found_pairs)
    back = gap_of({(second, first): count for (first, second), count in found_pairs.items()})
    if there.mean is not None:
        assert back.mean == -there.mean
        assert float(back.interval.low) == pytest.approx(float(-there.interval.high), abs=1e-20)


def coverage(people: int, rise: float, fall: float) -> float:
    """How often the interval holds the true gap, over every sample of so many people."""
    held, true = 0.0, rise - fall
    for up, down in product(range(people + 1), repeat=2):
        if up + down <= people:
            sample = {(NO, YES): up, (YES, NO): down, (YES, YES): people - up - down}
            low, high = bounds(sample)
            if float(low) <= true <= float(high):
                ways = comb(people, up) * comb(people - up, down)
                held += ways * rise**up * fall**down * (1 - rise - fall) ** (people - up - down)
    return held


@pytest.mark.parametrize(("rise", "fall"), [(0.02, 0.02), (0.2, 0.02), (0.3, 0.1)])
def test_it_holds_the_truth_in_about_95_of_100_samples(rise: float, fall: float) -> None:
    assert coverage(12, rise, fall) > 0.94


def test_the_weighted_gap_gives_each_first_answer_its_share() -> None:
    """All 10 dissatisfied were called, half rose; 5 of 90 satisfied were, and stayed."""
    found = weighted_gap([({(YES, YES): 5}, 90), ({(NO, YES): 5, (NO, NO): 5}, 10)])
    assert found.mean == Fraction(1, 20)
    assert gap_of({(YES, YES): 5, (NO, YES): 5, (NO, NO): 5}).mean == Fraction(1, 3)
    assert found.interval.low < found.mean < found.interval.high


def test_the_weighted_gap_is_unknown_where_some_answer_was_never_asked_again() -> None:
    found = weighted_gap([({(YES, YES): 5}, 90), ({}, 10)])
    assert (found.people, found.mean, found.interval) == (5, None, None)
    assert weighted_gap([({(YES, YES): 5}, 90), ({}, 0)]).mean == 0
    assert weighted_gap([({}, 0), ({}, 0)]).mean is None
