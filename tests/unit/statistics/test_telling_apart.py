"""Intervals that hold together, and the bands that follow from them."""

import random
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from survey_pipeline.statistics.intervals import Z_95, wilson, z_together
from survey_pipeline.statistics.telling_apart import bands, intervals_together

shares = st.dictionaries(
    st.integers(0, 30),
    st.tuples(st.fractions(0, 1, max_denominator=40), st.integers(1, 300)),
    max_size=12,
)


def test_the_width_is_that_of_bonferroni() -> None:
    assert z_together(0) == z_together(1) == Z_95
    for number in (2, 10, 200, 1000):
        assert abs(float(z_together(number)) - norm.isf(0.025 / number)) < 1e-9


def test_offices_that_differ_clearly_are_in_bands_of_their_own() -> None:
    found = bands(
        {"good": (Fraction(1), 200), "poor": (Fraction(1, 2), 200), "few": (Fraction(0), 1)}
    )
    assert found == {"good": 1, "poor": 2, "few": 2}


def test_more_offices_make_it_harder_to_tell_two_apart() -> None:
    two = {"a": (Fraction(1), 30), "b": (Fraction(7, 10), 30)}
    assert bands(two) == {"a": 1, "b": 2}
    crowd = {f"c{number}": (Fraction(9, 10), 30) for number in range(500)}
    assert set(bands({**two, **crowd}).values()) == {1}


@given(shares)
def test_within_a_band_every_two_intervals_overlap(
    given_shares: dict[int, tuple[Fraction, int]],
) -> None:
    found, intervals = bands(given_shares), intervals_together(given_shares)
    assert found.keys() == given_shares.keys()
    assert sorted(set(found.values())) == list(range(1, len(set(found.values())) + 1))
    for one in found:
        for other in found:
            if found[one] == found[other]:
                assert intervals[one].low <= intervals[other].high
            if given_shares[one][0] > given_shares[other][0]:
                assert found[one] <= found[other]


def test_equal_offices_are_hardly_ever_parted() -> None:
    """In at most 5 of 100 months is any of 60 offices alike put into a second band."""
    chance, parted = random.Random(20), 0
    for _ in range(100):
        month = {
            office: (Fraction(sum(chance.random() < 0.9 for _ in range(20)), 20), 20)
            for office in range(60)
        }
        parted += max(bands(month).values()) > 1
    assert parted <= 5


def test_a_single_office_is_the_first_band() -> None:
    assert bands({"only": (Fraction(1, 2), 3)}) == {"only": 1}
    assert bands({}) == {}
    assert wilson(Fraction(1, 2), Decimal("3.5")).low < Decimal("0.5")
