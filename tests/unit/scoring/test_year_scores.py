"""The document of a year, lines out of their tree, and what another standard would change."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from survey_pipeline.i18n import Message
from survey_pipeline.scoring.evidence import (
    DeliveredGrade,
    DeliveredPoints,
    HotlineRank,
    HotlineRecord,
    OfficeYear,
    SupervisionRecord,
    YearFacts,
)
from survey_pipeline.scoring.facts import OfficeOnRegister
from survey_pipeline.scoring.lines import Line, add_up, grouped, total
from survey_pipeline.scoring.numbers import exact_sum
from survey_pipeline.scoring.whatif import compare
from survey_pipeline.scoring.year import score_year
from survey_pipeline.standard.entry import Label
from survey_pipeline.standard.load import read_standard
from survey_pipeline.standard.model import Standard
from survey_pipeline.vocabulary import Category, Component, Grade

STANDARD, _ = read_standard(
    Path(__file__).parents[3] / "config" / "standards" / "wenzhou-2023.toml"
)
RECORD = Message("record {key}, row {row} of {file}", {"key": "S-1", "row": 2, "file": "s.csv"})


def office(code: str = "O-1", **facts: Any) -> OfficeYear:
    register = OfficeOnRegister(
        office_code=code,
        name="Permits",
        category=Category.AGENCY,
        parent_code="P-1",
        parent="Bureau",
        approval_service=False,
    )
    return OfficeYear(office=register, **facts)


def year(*offices: OfficeYear, exempt: tuple[OfficeOnRegister, ...] = ()) -> YearFacts:
    return YearFacts(2023, date(2023, 10, 31), offices, exempt)


def finding(clause: str = "C2.1a", **fields: Any) -> SupervisionRecord:
    return SupervisionRecord(
        key="S-1", evidence=RECORD, clause=clause, occurred_on=date(2023, 5, 10), **fields
    )


def test_the_document_has_the_keys_of_the_format_and_no_others() -> None:
    document = score_year(STANDARD, year(office())).to_json("en")
    assert list(document) == [
        "standard", "year", "window", "as_of", "complete", "exempt", "offices",
    ]  # fmt: skip
    assert list(document["offices"][0]) == [
        "office_code", "name", "category", "complete", "components", "daily", "online", "bonus",
        "material_penalty", "total", "rank", "rank_in_category", "provisional_rank", "compared_on",
        "missing", "lines",
    ]  # fmt: skip
    assert list(document["offices"][0]["components"]) == [
        "satisfaction", "performance", "supervision", "hotline", "parent_rating",
    ]  # fmt: skip
    assert list(document["offices"][0]["lines"][0]) == [
        "component", "clause", "label", "points", "note", "evidence", "counted",
    ]  # fmt: skip


def test_the_head_of_the_document_names_standard_window_and_day() -> None:
    document = score_year(STANDARD, year(office())).to_json("en")
    assert document["standard"] == "wenzhou-2023"
    assert document["year"] == 2023
    assert document["window"] == {"after": "2022-10-31", "until": "2023-10-31"}
    assert document["as_of"] == "2023-10-31"
    assert document["complete"] is False


def test_a_line_of_the_document_says_what_it_rests_on() -> None:
    score = score_year(STANDARD, year(office(supervision=(finding(is_head=True),))))
    line = next(
        line for line in score.to_json("en")["offices"][0]["lines"] if line["clause"] == "C2.1a"
    )
    assert line == {
        "component": "supervision",
        "clause": "C2.1a",
        "label": "Party warning",
        "points": "-4.5000",
        "note": "3 x 1.5 = 4.5: the head of the office (C.n2b)",
        "evidence": ["record S-1, row 2 of s.csv"],
        "counted": True,
    }


def test_a_record_that_does_not_count_gives_nothing_and_says_why() -> None:
    taken_back = finding(withdrawn=Message("taken back: wrong office"))
    document = score_year(STANDARD, year(office(supervision=(taken_back,)))).to_json("en")
    line = next(one for one in document["offices"][0]["lines"] if one["clause"] == "C2.1a")
    assert line["counted"] is False
    assert line["points"] == "0.0000"
    assert line["note"] == "taken back: wrong office"


def test_a_component_without_data_has_a_line_without_points() -> None:
    document = score_year(STANDARD, year(office())).to_json("en")
    line = next(one for one in document["offices"][0]["lines"] if one["clause"] == "B")
    assert line["points"] is None
    assert line["counted"] is False
    assert line["note"] == "not delivered, so there is no score: absent and missing, not zero"


def test_labels_and_notes_are_said_in_the_locale() -> None:
    document = score_year(STANDARD, year(office(supervision=(finding(is_head=True),)))).to_json(
        "zh_CN"
    )
    line = next(one for one in document["offices"][0]["lines"] if one["clause"] == "C2.1a")
    assert line["label"] == "党内警告"
    assert line["note"] == "3 × 1.5 = 4.5：处室(站所)主要负责人（C.n2b）"


def test_lines_stand_in_reading_order() -> None:
    score = score_year(STANDARD, year(office(selected=True)))
    components = [line.component for line in score.offices[0].lines]
    assert components == [component.value for component in Component]


def test_offices_stand_by_their_codes() -> None:
    score = score_year(STANDARD, year(office("O-2"), office("O-10"), office("O-1")))
    assert [one.office.office_code for one in score.offices] == ["O-1", "O-10", "O-2"]


def test_a_standard_of_another_year_is_moved_to_the_year_of_the_facts() -> None:
    next_year = STANDARD.moved_to(2024)
    score = score_year(next_year, year(office(supervision=(finding(),))))
    assert score.window == STANDARD.window
    assert score.offices[0].points[Component.SUPERVISION] == 22


def dearer(standard: Standard) -> Standard:
    """Return the standard with a party warning that costs 5."""
    rules = standard.supervision
    clauses = tuple(
        rule.model_copy(update={"points": Decimal(5)}) if rule.clause == "C2.1a" else rule
        for rule in rules.clauses
    )
    return standard.model_copy(
        update={"supervision": rules.model_copy(update={"clauses": clauses})}
    )


def test_another_standard_shows_what_it_would_change() -> None:
    facts = year(
        office("O-1", supervision=(finding(),)),
        office("O-2", hotline_rank=HotlineRank("r", RECORD, rank=30)),
        office("O-3", performance=(DeliveredPoints("p", RECORD, points=Decimal(0)),)),
    )
    before, after = score_year(STANDARD, facts), score_year(dearer(STANDARD), facts)
    first, second, third = compare(before, after)
    assert first.total == Fraction(-2)
    assert first.to_json(4)["before"]["supervision"] == "22.0000"
    assert first.to_json(4)["after"]["supervision"] == "20.0000"
    assert first.to_json(4)["total"] == "-2.0000"
    assert (first.changed, second.changed, third.changed) == (True, False, False)


def test_a_changed_rank_alone_is_a_change() -> None:
    facts = year(
        office("O-1", supervision=(finding(),)),
        office("O-2", supervision=(finding("C2.2b"),)),
    )
    first, second = compare(score_year(STANDARD, facts), score_year(dearer(STANDARD), facts))
    assert (first.before.ranks.provisional_rank, first.after.ranks.provisional_rank) == (1, 2)
    assert (second.before.ranks.provisional_rank, second.after.ranks.provisional_rank) == (2, 1)
    assert second.total == 0
    assert second.changed


def test_offices_that_one_score_alone_has_are_shown_as_such() -> None:
    one = score_year(STANDARD, year(office("O-1"), office("O-2")))
    other = score_year(STANDARD, year(office("O-2"), office("O-3")))
    gone, stays, comes = compare(one, other)
    assert (gone.office.office_code, gone.after, gone.total) == ("O-1", None, None)
    assert stays.total == 0
    assert (comes.office.office_code, comes.before, comes.total) == ("O-3", None, None)
    assert comes.to_json(4)["before"] is None
    assert comes.to_json(4)["total"] is None


LABEL = Label(zh="行", en="line")


def line(points: object = None, **fields: Any) -> Line:
    exact = None if points is None else Fraction(str(points))
    return Line("bonus", "G", LABEL, points=exact, **fields)


def test_a_group_is_worth_its_counted_lines_exactly() -> None:
    group = grouped(line(), [line("1/3"), line("1/3"), line(counted=False)])
    assert group.points == Fraction(2, 3)


def test_groups_are_rounded_line_by_line_and_the_rest_has_a_line() -> None:
    group = grouped(line(), [line("1/3"), line("1/3")])
    closed = add_up(line(), [group], STANDARD.rounding)
    assert closed.points == Fraction("0.6667")
    assert closed.children[0].points == Fraction("0.6666")
    assert closed.children[1].clause == STANDARD.rounding.clause
    assert total([closed]) == closed.points


def test_lines_out_of_their_tree_keep_their_order_and_leave_groups_out() -> None:
    tree = add_up(
        line(), [grouped(line(), [line(1), line(2)]), line(counted=False)], STANDARD.rounding
    )
    flat = [(one.line.points, one.counted) for one in tree.flattened()]
    assert flat == [(1, True), (2, True), (None, False)]


def test_what_stands_under_a_line_that_does_not_count_does_not_count() -> None:
    tree = line(counted=False, children=(line(1),))
    assert [one.counted for one in tree.flattened() if one.line.points] == [False]
    assert total([tree]) == 0


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], "0"),
        (["1/2", "1/3", "1/6"], "1"),
        (["0.1"] * 10, "1"),
        (["-0.3", "0.0001", "1/7"], "-10993/70000"),
    ],
)
def test_fractions_add_up_exactly(values: list[str], expected: str) -> None:
    assert exact_sum(Fraction(value) for value in values) == Fraction(expected)


def test_a_full_house_of_evidence_is_complete() -> None:
    one = office(
        performance=(DeliveredPoints("p", RECORD, points=Decimal(9)),),
        hotline=(HotlineRecord("h", RECORD, clause="D1.1", occurred_on=date(2023, 5, 1)),),
        hotline_rank=HotlineRank("r", RECORD, rank=3),
        parent_grade=DeliveredGrade("g", RECORD, grade=Grade.GOOD),
    )
    score = score_year(STANDARD, year(one)).offices[0]
    assert score.missing == (Component.SATISFACTION,)
    assert replace(score, lines=score.lines[1:]).complete
