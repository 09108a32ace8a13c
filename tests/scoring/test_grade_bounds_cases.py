"""The proportion of a department's grades, as cases that can be read aloud."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from survey_pipeline.stages.intake.judging.grade_quota import grade_bounds, quota_problem
from survey_pipeline.standard.load import read_standard
from survey_pipeline.standard.parts.delivered import ParentRating
from survey_pipeline.vocabulary import Grade

HERE = Path(__file__).parent
RATING = read_standard(HERE.parents[1] / "config" / "standards" / "wenzhou-2023.toml")[
    0
].parent_rating
CASES = yaml.safe_load((HERE / "cases" / "grade_bounds.yaml").read_text(encoding="utf-8"))
every_case = pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])


def rating_of(case: Mapping[str, Any]) -> ParentRating:
    """Return the standard's rules, with what a case changes in its rounding."""
    rounding = RATING.quota_rounding.model_copy(update=case.get("quota_rounding", {}))
    return RATING.model_copy(update={"quota_rounding": rounding})


def given(grades: str) -> dict[str, int]:
    """Read `1/3/1`: excellent, good, fair."""
    return dict(zip(Grade, map(int, grades.split("/")), strict=True))


@every_case
def test_the_bounds_are_those_of_the_case(case: Mapping[str, Any]) -> None:
    found = grade_bounds(rating_of(case), case["offices"])
    assert found == (case["most_excellent"], case["fewest_fair"])


@every_case
def test_deliveries_are_taken_and_refused_as_the_case_says(case: Mapping[str, Any]) -> None:
    for grades in case["taken"]:
        assert quota_problem(rating_of(case), case["offices"], given(grades)) is None, grades
    for grades in case.get("refused", []):
        assert quota_problem(rating_of(case), case["offices"], given(grades)) is not None, grades
