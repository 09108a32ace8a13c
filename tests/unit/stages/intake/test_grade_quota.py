"""Seats of the grades: 20/60/20 by largest remainder, ties to good.

Source: specification, section 14.E.
"""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.stages.intake.judging.grade_quota import seats
from survey_pipeline.standard.load import read_standard
from survey_pipeline.vocabulary import Grade

SHIPPED = Path(__file__).parents[4] / "config" / "standards" / "wenzhou-2023.toml"
RATING = read_standard(SHIPPED)[0].parent_rating


def given_seats(offices):
    found = seats(RATING, offices)
    return tuple(found[grade] for grade in (Grade.EXCELLENT, Grade.GOOD, Grade.FAIR))


@pytest.mark.parametrize(
    ("offices", "expected"),
    [
        (3, (0, 3, 0)),  # 0.6 / 1.8 / 0.6: good takes one, the tie for the other goes to good
        (4, (1, 2, 1)),
        (5, (1, 3, 1)),
        (6, (1, 4, 1)),
        (7, (1, 5, 1)),  # 1.4 / 4.2 / 1.4: the tie goes to good
        (8, (1, 6, 1)),
        (9, (2, 5, 2)),
        (10, (2, 6, 2)),
        (0, (0, 0, 0)),
    ],
)
def test_seats_of_small_departments(offices, expected):
    assert given_seats(offices) == expected


@given(st.integers(min_value=0, max_value=5000))
def test_seats_add_up_to_the_offices(offices):
    assert sum(given_seats(offices)) == offices


@given(st.integers(min_value=0, max_value=5000))
def test_one_more_office_takes_no_seat_from_excellent_or_fair(offices):
    excellent, _, fair = given_seats(offices)
    more, _, more_fair = given_seats(offices + 1)
    assert more - excellent in {0, 1}
    assert more_fair - fair in {0, 1}


@given(st.integers(min_value=0, max_value=5000))
def test_no_grade_is_further_than_a_seat_from_its_exact_share_but_the_one_ties_go_to(offices):
    excellent, good, fair = given_seats(offices)
    exact = Fraction(offices, 5)
    assert abs(excellent - exact) < 1
    assert abs(fair - exact) < 1
    assert abs(good - 3 * exact) < 2
