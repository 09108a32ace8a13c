"""Performance points, grades and points of the parent rating.

Source: specification, sections 14.B and 14.E.
"""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from survey_pipeline.store.tables import (
    audit_log,
    offices,
    parent_grades,
    parent_points,
    performance_points,
)

POINTS = "office_code,points,source,delivered_on"
GRADES = "office_code,grade,delivered_on"


def test_performance_points_are_taken_for_every_category(evidence: Any) -> None:
    summary = evidence.bring(
        "performance",
        "处室编码,履职成效得分,来源,报送日期",
        "A-1,9.5分,市委直属机关工委,2023-11-10",
        "E-1,10,市教育局,",
        "H-1,0,the health commission,",
    )
    assert evidence.numbers(summary) == (3, 0, 0, 0)
    assert summary.warnings == 0
    kept = evidence.rows(performance_points)
    assert [(one.office_code, one.points, one.late) for one in kept] == [
        ("A-1", 95_000, False),
        ("E-1", 100_000, False),
        ("H-1", 0, False),
    ]
    assert [one.delivered_on for one in kept][:2] == [date(2023, 11, 10), date(2023, 11, 15)]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("A-1,10.0001,x,", "points"),
        ("A-1,-1,x,", "points"),
        ("A-1,1.00001,x,", "points"),
        ("A-1,,x,", "points"),
        ("A-1,9,,", "source"),
        ("X-1,9,x,", "office_code"),
        ("A-1,9,x,2023-11-16", "delivered_on"),
    ],
)
def test_points_that_cannot_be(evidence: Any, line: str, column: str) -> None:
    summary = evidence.bring("performance", POINTS, line)
    assert [row[:2] for row in evidence.reasons(summary)] == [(2, column)]
    assert evidence.rows(performance_points) == []


def test_an_unknown_source_is_taken_with_a_warning(evidence: Any) -> None:
    summary = evidence.bring("performance", POINTS, "A-1,9,市教育局,")
    assert evidence.numbers(summary) == (1, 0, 0, 0)
    assert [one.column for one in summary.warned] == ["source"]


@pytest.mark.parametrize(("delivered_on", "late"), [("2023-11-20", False), ("2023-11-21", True)])
def test_after_the_date_of_the_standard_it_is_late_and_taken(
    evidence: Any, delivered_on: str, late: bool
) -> None:
    evidence.context.clock.at = datetime(2023, 12, 1, tzinfo=UTC)
    summary = evidence.bring("performance", POINTS, f"E-1,9,市教育局,{delivered_on}")
    assert evidence.numbers(summary) == (1, 0, 0, 0)
    assert [one.column for one in summary.warned] == (["delivered_on"] if late else [])
    (kept,) = evidence.rows(performance_points)
    assert kept.late is late


def test_a_date_on_a_day_off_moves_to_the_next_working_day(evidence: Any) -> None:
    """20 November 2022 is a Sunday."""
    days = {"2022-11-21": False, "2022-11-22": True}
    for day, late in days.items():
        evidence.bring("performance", POINTS, f"E-1,9,市教育局,{day}", year=2022)
        (kept,) = evidence.rows(performance_points)
        assert kept.late is late


def test_the_same_file_some_days_later_is_no_change(evidence: Any) -> None:
    evidence.bring("performance", POINTS, "E-1,9,市教育局,")
    evidence.context.clock.at = datetime(2023, 12, 1, tzinfo=UTC)
    summary = evidence.bring("performance", POINTS, "E-1,9,市教育局,")
    assert evidence.numbers(summary) == (0, 0, 1, 0)
    assert summary.warnings == 0


def test_points_and_grades_go_to_their_own_categories(evidence: Any) -> None:
    points = evidence.bring("parent-points", POINTS, "E-1,5,市教育局,", "A-1,5,市教育局,")
    assert evidence.numbers(points) == (1, 0, 0, 1)
    assert "import parent-grades" in evidence.reasons(points)[0][2]
    assert [one.points for one in evidence.rows(parent_points)] == [50_000]
    grades = evidence.bring("parent-grades", GRADES, "E-1,good,")
    assert evidence.numbers(grades) == (0, 0, 0, 1)
    assert "import parent-points" in evidence.reasons(grades)[0][2]
    assert evidence.bring("parent-points", POINTS, "E-1,5.0001,市教育局,").refused == 1


def grade(letters: str, department: str = "T") -> Any:
    """Ten offices' rows: excellent, good and fair by their first letters."""
    words = {"e": "excellent", "g": "good", "f": "fair"}
    return [
        f"{department}-{number:02},{words[letter]}," for number, letter in enumerate(letters, 1)
    ]


def test_a_delivery_that_keeps_its_quota_is_taken(evidence: Any) -> None:
    summary = evidence.bring(
        "parent-grades",
        "处室编码,等次",
        "T-01,优秀",
        *(line.rstrip(",") for line in grade("eegggggfff")[1:]),
    )
    assert evidence.numbers(summary) == (10, 0, 0, 0)
    assert [one.grade for one in evidence.rows(parent_grades)][::9] == ["excellent", "fair"]


@pytest.mark.parametrize(
    ("grades", "word"),
    [
        ("eeeggggggf", "3 of this department's offices would be excellent, at most 2 of 10"),
        ("eegggggggf", "1 of this department's offices would be fair, at least 2 of 10"),
    ],
)
def test_a_delivery_against_its_quota_is_refused_as_a_whole(
    evidence: Any, grades: str, word: str
) -> None:
    others = ["A-1,good,", "A-2,good,", "A-3,good,"]
    summary = evidence.bring("parent-grades", GRADES, *grade(grades), *others)
    assert evidence.numbers(summary) == (3, 0, 0, 10)
    assert {row[1] for row in evidence.reasons(summary)} == {"grade"}
    assert all(word in row[2] for row in evidence.reasons(summary))
    assert [one.office_code for one in evidence.rows(parent_grades)] == ["A-1", "A-2", "A-3"]
    assert [entry.key for entry in evidence.rows(audit_log)] == ["2023/A-1", "2023/A-2", "2023/A-3"]
    again = evidence.bring("parent-grades", GRADES, *grade("eegggggfff"), *others)
    assert evidence.numbers(again) == (10, 0, 3, 0)


def test_fewer_excellent_and_more_fair_than_the_share_are_allowed(evidence: Any) -> None:
    summary = evidence.bring("parent-grades", GRADES, *grade("gggggfffff"))
    assert evidence.numbers(summary) == (10, 0, 0, 0)


def test_the_quota_is_held_on_the_state_after_the_file(evidence: Any) -> None:
    evidence.bring("parent-grades", GRADES, *grade("eegggggfff"))
    one_more = evidence.bring("parent-grades", GRADES, "T-03,excellent,")
    assert evidence.numbers(one_more) == (0, 0, 0, 1)
    swapped = evidence.bring("parent-grades", GRADES, "T-03,excellent,", "T-01,good,")
    assert evidence.numbers(swapped) == (0, 2, 0, 0)


def test_a_first_file_with_few_rows_is_taken_as_long_as_the_rest_may_be_fair(evidence: Any) -> None:
    first = evidence.bring("parent-grades", GRADES, *grade("gggggggg"))
    assert evidence.numbers(first) == (8, 0, 0, 0)
    one_more = evidence.bring("parent-grades", GRADES, "T-09,good,")
    assert evidence.numbers(one_more) == (0, 0, 0, 1)
    assert "0 of this department's offices would be fair" in evidence.reasons(one_more)[0][2]
    rest = evidence.bring("parent-grades", GRADES, "T-09,fair,", "T-10,fair,")
    assert evidence.numbers(rest) == (2, 0, 0, 0)


@pytest.mark.parametrize(
    ("wrong", "column"), [("T-05,superb,", "grade"), ("T-05,good,2024-01-01", "delivered_on")]
)
def test_one_refused_row_refuses_its_departments_rows(
    evidence: Any, wrong: str, column: str
) -> None:
    lines = grade("eegggggfff")
    lines[4] = wrong
    summary = evidence.bring("parent-grades", GRADES, "A-1,good,", *lines, "A-2,good,", "X-9,good,")
    assert evidence.numbers(summary) == (2, 0, 0, 11)
    found = evidence.reasons(summary)
    assert found[4][:2] == (7, column)
    assert "row 7 of this department is refused" in found[0][2]
    assert found[4][2] in found[0][2]
    assert found[-1][:2] == (14, "office_code")


def test_an_office_twice_with_other_grades_refuses_its_department(evidence: Any) -> None:
    summary = evidence.bring("parent-grades", GRADES, *grade("eegggggfff"), "T-01,fair,")
    assert evidence.numbers(summary) == (0, 0, 0, 11)


def test_neither_three_offices_nor_two_may_both_be_excellent(evidence: Any) -> None:
    three = ["A-1,excellent,", "A-2,excellent,", "A-3,good,"]
    assert evidence.bring("parent-grades", GRADES, *three).refused == 3
    evidence.change(
        offices.update().where(offices.c.office_code == "A-3").values(exempt_reason="机构改革")
    )
    refused = evidence.bring("parent-grades", GRADES, *three)
    assert (
        "2 of this department's offices would be excellent, at most 1 of 2"
        in (evidence.reasons(refused)[0][2])
    )
    summary = evidence.bring("parent-grades", GRADES, "A-1,excellent,", *three[2:])
    assert evidence.numbers(summary) == (2, 0, 0, 0)
    assert [(one.row, one.column) for one in summary.warned] == [(3, "office_code")]


def test_offices_that_were_closed_before_the_year_count_in_no_quota(evidence: Any) -> None:
    evidence.change(
        offices.update()
        .where(offices.c.office_code.in_([f"T-{number:02}" for number in range(8, 11)]))
        .values(valid_until=date(2022, 10, 31))
    )
    two = grade("eeggggf")
    assert evidence.bring("parent-grades", GRADES, *two).refused == 7
    summary = evidence.bring("parent-grades", GRADES, *grade("egggggf"))
    assert evidence.numbers(summary) == (7, 0, 0, 0)


def test_a_dry_run_finds_what_stands_together_too(evidence: Any) -> None:
    summary = evidence.bring("parent-grades", GRADES, *grade("eeegggggff"), dry_run=True)
    assert evidence.numbers(summary) == (0, 0, 0, 10)
    assert evidence.rows(parent_grades) == []
