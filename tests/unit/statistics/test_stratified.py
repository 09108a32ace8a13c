"""The design-weighted mean against its formula, hand-worked samples and its edges."""

import random
from decimal import Decimal
from fractions import Fraction

import polars
import pytest
import svy
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.weightstats import DescrStatsW

from survey_pipeline.statistics.intervals import wilson
from survey_pipeline.statistics.stratified import (
    NOTHING,
    Stratum,
    WeightedMean,
    combine,
    together,
    weighted_mean,
)

VALUES = (Decimal(1), Decimal("0.6"), Decimal(0))


def stratum(size: int | str, *counts: int) -> Stratum:
    """Of a size, with so many satisfied, neutral, dissatisfied."""
    return Stratum(Decimal(size), {v: n for v, n in zip(VALUES, counts, strict=False) if n})


def figures(found: WeightedMean) -> tuple[Decimal, Decimal, Decimal]:
    """Mean, variance, effective number, where all are known."""
    assert found.mean is not None
    assert found.variance is not None
    assert found.effective is not None
    return found.mean, found.variance, found.effective


strata = st.lists(
    st.tuples(st.integers(1, 40), *(st.integers(0, 5) for _ in VALUES)).map(
        lambda drawn: stratum(max(drawn[0], sum(drawn[1:])), *drawn[1:])
    ),
    max_size=8,
)


def test_the_formula_by_hand() -> None:
    """Two days: 10 cases, 1 and 1 and 0 rated; 30 cases, 1, 0.6, 0.6 and 0 rated."""
    found = weighted_mean([stratum(10, 2, 0, 1), stratum(30, 1, 2, 1)])
    mean = Fraction(1, 4) * Fraction(2, 3) + Fraction(3, 4) * Fraction(22, 40)
    first = Fraction(1, 16) * (1 - Fraction(3, 10)) * Fraction(1, 3) / 3
    spread = (Fraction("0.2025") + 2 * Fraction("0.0025") + Fraction("0.3025")) / 3
    second = Fraction(9, 16) * (1 - Fraction(4, 30)) * spread / 4
    kish = 40**2 / (100 / 3 + 900 / 4)
    assert [float(figure) for figure in figures(found)] == pytest.approx(
        [float(mean), float(first + second), kish], abs=1e-12
    )
    assert (found.rated, found.size, found.strata) == (7, 40, 2)


def test_it_is_that_of_svy_and_of_statsmodels() -> None:
    """svy estimates from the cases one by one; statsmodels knows weights and no strata."""
    chance = random.Random(7)
    days = [stratum(30 + 9 * day, *(chance.randrange(1, 6) for _ in VALUES)) for day in range(6)]
    cases = [
        {"day": number, "weight": float(day.size) / day.rated, "size": float(day.size), "value": v}
        for number, day in enumerate(days)
        for value, count in day.values.items()
        for v in [float(value)] * count
    ]
    design = svy.Design(stratum="day", wgt="weight", pop_size="size")
    theirs = svy.Sample(polars.DataFrame(cases), design).estimation.mean("value").estimates[0]
    mean, variance, _ = figures(weighted_mean(days))
    assert float(mean) == pytest.approx(theirs.est, abs=1e-12)
    assert float(variance.sqrt()) == pytest.approx(theirs.se, abs=1e-12)
    values, weights = ([case[name] for case in cases] for name in ("value", "weight"))
    assert float(mean) == pytest.approx(DescrStatsW(values, weights=weights).mean, abs=1e-12)


def test_equal_shares_give_the_plain_mean_and_every_rating_its_weight() -> None:
    found = weighted_mean([stratum(20, 3, 1, 0), stratum(10, 1, 0, 1)])
    mean, _, effective = figures(found)
    assert float(mean) == pytest.approx(4.6 / 6, abs=1e-15)
    assert float(effective) == pytest.approx(6, abs=1e-15)


def test_a_day_with_a_single_rating_joins_the_next_and_the_last_the_one_before() -> None:
    days = [stratum(5, 1), stratum(7, 1, 1), stratum(9, 3), stratum(4, 0, 1)]
    assert combine(days) == [stratum(12, 2, 1), stratum(13, 3, 1)]


def test_a_day_without_a_rating_lends_its_cases_to_the_next() -> None:
    assert combine([stratum(5), stratum(7, 2)]) == [stratum(12, 2)]


def test_a_single_case_that_is_all_there_is_stands_alone() -> None:
    assert combine([stratum(1, 1), stratum(7, 2)]) == [stratum(1, 1), stratum(7, 2)]


def test_a_single_rating_has_a_mean_and_a_wide_interval_and_no_variance() -> None:
    found = weighted_mean(combine([stratum(6, 0, 1)]))
    assert (found.mean, found.variance) == (Decimal("0.6"), None)
    assert found.interval is not None
    assert found.interval.high - found.interval.low > Decimal("0.7")


def test_all_alike_leaves_no_variance_and_still_an_interval() -> None:
    found = weighted_mean([stratum(100, 10)])
    assert (found.mean, found.variance) == (1, 0)
    assert found.interval is not None
    low = wilson(Fraction(1), 10 / (1 - Decimal(10) / 100)).low
    assert float(found.interval.low) == pytest.approx(float(low), abs=1e-15)
    assert low < Decimal("0.8")


def test_where_every_case_is_rated_nothing_is_unknown() -> None:
    found = weighted_mean([stratum(3, 2, 0, 1), stratum(1, 1)])
    assert found.variance == 0
    assert found.interval == (found.mean, found.mean)


def test_nothing_rated_gives_nothing() -> None:
    assert weighted_mean(combine([stratum(5), stratum(6)])) == NOTHING
    assert weighted_mean(combine([])) == NOTHING


def test_offices_without_a_rating_are_left_out_and_single_ones_join_each_other() -> None:
    offices = [[stratum(8, 1)], [stratum(5)], [stratum(20, 3, 1)], [stratum(6, 0, 1)]]
    assert together(offices) == [stratum(14, 1, 1), stratum(20, 3, 1)]


@given(strata)
def test_combining_loses_no_case_and_leaves_at_most_one_that_does_not_stand_alone(
    days: list[Stratum],
) -> None:
    found = combine(days)
    assert sum(day.size for day in found) == sum(day.size for day in days)
    assert sum(day.rated for day in found) == sum(day.rated for day in days)
    assert len(found) <= 1 or all(day.stands_alone for day in found)


@given(strata)
def test_mean_interval_and_effective_number_stay_within_their_bounds(days: list[Stratum]) -> None:
    found = weighted_mean(combine(days))
    if not found.rated:
        assert found == NOTHING
        return
    assert found.mean is not None
    assert found.effective is not None
    assert found.interval is not None
    crumb = Decimal("1e-20")
    assert -crumb <= found.mean <= 1 + crumb
    assert found.interval.low - crumb <= found.mean <= found.interval.high + crumb
    assert 1 - crumb <= found.effective <= found.rated + crumb
    assert found.variance is None or found.variance >= 0
