"""Bounds of the grades, for any number of offices.

Source: specification, section 14.E; the table stands in `tests/scoring/cases/grade_bounds.yaml`.
"""

from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.stages.intake.judging.grade_quota import grade_bounds
from survey_pipeline.standard.load import read_standard

SHIPPED = Path(__file__).parents[4] / "config" / "standards" / "wenzhou-2023.toml"
RATING = read_standard(SHIPPED)[0].parent_rating
offices_of_a_department = st.integers(min_value=1, max_value=5000)


def test_a_department_without_offices_has_no_bounds() -> None:
    assert grade_bounds(RATING, 0) == (0, 0)


@given(offices_of_a_department)
def test_every_department_may_call_one_office_excellent(offices: Any) -> None:
    assert grade_bounds(RATING, offices).most_excellent >= 1


@given(offices_of_a_department)
def test_the_bounds_stay_within_an_office_of_the_exact_share(offices: Any) -> None:
    bounds, exact = grade_bounds(RATING, offices), Fraction(offices, 5)
    assert bounds.most_excellent <= max(Fraction(1), exact + Fraction(1, 2))
    assert exact - 1 < bounds.fewest_fair <= exact


@given(offices_of_a_department)
def test_one_more_office_lowers_no_bound(offices: Any) -> None:
    fewer, more = grade_bounds(RATING, offices), grade_bounds(RATING, offices + 1)
    assert more.most_excellent - fewer.most_excellent in {0, 1}
    assert more.fewest_fair - fewer.fewest_fair in {0, 1}
