"""The Wilson interval against its vectors and an independent program."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from survey_pipeline.statistics.intervals import wilson


@pytest.mark.parametrize(
    ("worth", "count", "low", "high"),
    [
        (3, 5, "0.230724", "0.882379"),
        (27, 30, "0.743789", "0.965400"),
        (0, 10, "0.000000", "0.277533"),
    ],
)
def test_the_vectors_of_the_statistics_notes(worth: int, count: int, low: str, high: str) -> None:
    found = wilson(Fraction(worth, count), count)
    assert [bound.quantize(Decimal("0.000001")) for bound in found] == [Decimal(low), Decimal(high)]


@given(count=st.integers(1, 5000), tenths=st.integers(0, 50_000))
def test_the_interval_is_that_of_statsmodels(count: int, tenths: int) -> None:
    worth = Fraction(min(tenths, 10 * count), 10)
    low, high = proportion_confint(float(worth), count, alpha=0.05, method="wilson")
    found = wilson(worth / count, count)
    assert float(found.low) == pytest.approx(low, abs=1e-9)
    assert float(found.high) == pytest.approx(high, abs=1e-9)


@given(count=st.integers(1, 5000), tenths=st.integers(0, 50_000))
def test_the_interval_holds_the_rate_and_stays_within_0_and_1(count: int, tenths: int) -> None:
    rate = Fraction(min(tenths, 10 * count), 10) / count
    low, high = wilson(rate, count)
    assert 0 <= low <= rate <= high <= 1
    assert low < high


def test_the_ends_are_exact() -> None:
    assert wilson(Fraction(0), 7).low == 0
    assert wilson(Fraction(1), 7).high == 1


def test_there_is_no_interval_over_nobody() -> None:
    with pytest.raises(ValueError, match="at least one"):
        wilson(Fraction(0), 0)
