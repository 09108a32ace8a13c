"""Rounding half up, once, and how figures are written."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.scoring.numbers import fixed, from_units, half_up, plain, to_units

decimals = st.decimals(min_value=-40, max_value=40, places=7)


@given(decimals, st.integers(0, 6))
def test_a_half_goes_up_as_decimal_rounds_it(value: Decimal, places: int) -> None:
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    assert half_up(Fraction(value), places) == Fraction(rounded)


@pytest.mark.parametrize(
    ("value", "places", "written"),
    [
        ("5/2", 0, "3"),
        ("1/8", 2, "0.13"),
        ("-1/8", 2, "-0.13"),
        ("-1/1000", 2, "0.00"),
        ("30", 2, "30.00"),
        ("2/3", 4, "0.6667"),
        ("29.00495", 4, "29.0050"),
    ],
)
def test_a_figure_has_all_its_decimals(value: str, places: int, written: str) -> None:
    assert fixed(Fraction(value), places) == written


def test_nothing_stays_nothing() -> None:
    assert fixed(None, 2) is None


@pytest.mark.parametrize(
    ("value", "written"),
    [("49/50", "0.98"), ("27", "27"), ("10/9", "10/9"), ("100", "100"), ("0", "0")],
)
def test_an_exact_figure_is_written_short_and_exact(value: str, written: str) -> None:
    assert plain(Fraction(value)) == written


@given(st.integers(-300_000, 300_000))
def test_points_come_back_from_the_store(units: int) -> None:
    assert to_units(from_units(units)) == units


def test_points_with_a_fifth_decimal_are_not_stored() -> None:
    with pytest.raises(ValueError, match="four decimals"):
        to_units(Fraction(1, 3))
