"""The method of the largest remainder: one function, the tie rule is its argument."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.apportionment import first_by, largest_remainder

WEIGHTS = st.dictionaries(st.sampled_from("ABCDEF"), st.integers(0, 50), min_size=1).filter(
    lambda weights: any(weights.values())
)


def test_whole_parts_first_then_the_largest_remainders() -> None:
    # 10 of 100: 5.5, 3.3, 1.2 -> 5, 3, 1; the last seat goes to the remainder .5
    weights = {"A": 55, "B": 33, "C": 12}
    assert largest_remainder(10, weights, first_by(str)) == {"A": 6, "B": 3, "C": 1}


def test_the_tie_rule_decides_where_more_tie_than_seats_are_left() -> None:
    weights = {"B": 1, "A": 1, "C": 1}
    assert largest_remainder(2, weights, first_by(str)) == {"B": 1, "A": 1, "C": 0}
    last_first = first_by("CBA".index)
    assert largest_remainder(2, weights, last_first) == {"B": 1, "A": 0, "C": 1}


def test_all_that_tie_get_a_seat_where_there_are_enough() -> None:
    shares = {"excellent": Fraction(1, 5), "good": Fraction(3, 5), "fair": Fraction(1, 5)}
    # 9: 1.8, 5.4, 1.8 -> 1, 5, 1; two seats for the two that tie
    assert largest_remainder(9, shares, first_by(str)) == {"excellent": 2, "good": 5, "fair": 2}


@given(st.integers(0, 300), WEIGHTS)
def test_the_parts_add_up(seats: int, weights: dict[str, int]) -> None:
    weights = {"A": 0, **weights}
    parts = largest_remainder(seats, weights, first_by(str))
    assert sum(parts.values()) == seats
    assert list(parts) == list(weights)


@given(st.integers(0, 300), WEIGHTS)
def test_nobody_is_a_whole_seat_away_from_the_exact_share(
    seats: int, weights: dict[str, int]
) -> None:
    parts = largest_remainder(seats, weights, first_by(str))
    total = sum(weights.values())
    for party, weight in weights.items():
        assert abs(parts[party] - Fraction(seats * weight, total)) < 1
