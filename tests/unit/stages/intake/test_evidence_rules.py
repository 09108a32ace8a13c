"""What the standard says of single rows (specification, section 14)."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from survey_pipeline.scoring.numbers import UNIT
from survey_pipeline.stages.intake.judging import evidence_rules as rules
from survey_pipeline.standard.load import read_standard

SHIPPED = Path(__file__).parents[4] / "config" / "standards" / "wenzhou-2023.toml"
STANDARD = read_standard(SHIPPED)[0]
CLAUSES = (*STANDARD.supervision.clauses, *STANDARD.hotline.clauses)
RANGED = [entry for entry in CLAUSES if entry.points is None]
FIXED = [entry for entry in CLAUSES if entry.points is not None]
HAIR = 1  # a ten-thousandth


def stored(figure: Any) -> int:
    return int(figure * UNIT)


@pytest.mark.parametrize("entry", RANGED, ids=lambda entry: entry.clause)
def test_a_range_takes_both_its_ends_and_nothing_beyond(entry: Any) -> None:
    least, most = stored(entry.least), stored(entry.most)
    assert rules.deduction_problem(entry, least) is None
    assert rules.deduction_problem(entry, most) is None
    assert rules.deduction_problem(entry, least - HAIR)[0] == "points"
    assert rules.deduction_problem(entry, most + HAIR)[0] == "points"


@pytest.mark.parametrize("entry", RANGED, ids=lambda entry: entry.clause)
def test_a_range_needs_points(entry: Any) -> None:
    problem = rules.deduction_problem(entry, None)
    assert problem is not None
    column, reason = problem
    assert column == "points"
    assert f"from {entry.least} to {entry.most}" in str(reason)


@pytest.mark.parametrize("entry", FIXED, ids=lambda entry: entry.clause)
def test_a_fixed_figure_is_left_blank_or_repeated(entry: Any) -> None:
    figure = stored(entry.points)
    assert rules.deduction_problem(entry, None) is None
    assert rules.deduction_problem(entry, figure) is None
    assert "deducts" in str(rules.deduction_problem(entry, figure + HAIR)[1])
    assert rules.deduction_problem(entry, stored(entry.points * 3 / 2))[0] == "points"


def test_material_that_was_not_filed_costs_above_nothing_and_up_to_the_cap() -> None:
    material = STANDARD.supervision.material
    cap = stored(material.cap)
    assert [rules.material_problem(material, points) for points in (None, 1, cap)] == [None] * 3
    assert rules.material_problem(material, 0)[0] == "points"
    assert rules.material_problem(material, cap + HAIR)[0] == "points"


def test_the_mark_of_an_unreasonable_claim_is_warned_of_where_it_changes_nothing() -> None:
    without_warning = [
        entry.clause
        for entry in STANDARD.hotline.clauses
        if rules.claim_warning(entry, unreasonable=True) is None
    ]
    assert without_warning == ["D2.6", "D2.7"]
    assert not [
        entry
        for entry in STANDARD.hotline.clauses
        if rules.claim_warning(entry, unreasonable=False)
    ]


def test_delivered_points_reach_the_total_and_no_further() -> None:
    total = STANDARD.performance.total
    assert rules.delivered_problem(total, 0) is None
    assert rules.delivered_problem(total, stored(total.points)) is None
    assert rules.delivered_problem(total, stored(total.points) + HAIR)[0] == "points"


@pytest.mark.parametrize(
    ("day", "inside"),
    [("2022-10-31", False), ("2022-11-01", True), ("2023-10-31", True), ("2023-11-01", False)],
)
def test_a_date_outside_the_window_is_warned_of(day: str, inside: bool) -> None:
    found = rules.window_warning(STANDARD.window, "occurred_on", date.fromisoformat(day))
    assert (found is None) is inside


@pytest.mark.parametrize(
    "source", ["市教育局", "市 教育局", "the education bureau", "Education Bureau"]
)
def test_a_source_is_known_in_both_languages(source: str) -> None:
    expected = STANDARD.performance.source("education")
    assert rules.source_warning(expected, source, "en") is None


def test_another_source_is_warned_of() -> None:
    expected = STANDARD.performance.source("education")
    problem = rules.source_warning(expected, "市卫健委", "zh_CN")
    assert problem is not None
    column, reason = problem
    assert column == "source"
    assert reason.params["expected"] == "市教育局"


def test_a_clause_that_is_divided_names_its_parts() -> None:
    known = tuple(entry.clause for entry in STANDARD.supervision.clauses)
    assert "C2.3a, C2.3b" in str(rules.no_such_clause("C2.3", known)[1])
    assert "C1.1 to" in str(rules.no_such_clause("D1.1", known)[1])


def test_a_clause_is_known_however_its_letters_are_written() -> None:
    assert rules.spellings(STANDARD)["c2.1f"] == "C2.1f"
    assert rules.spellings(STANDARD)["c3.4"] == "C3.4"
