"""Part A as cases that can be read aloud; the arithmetic of each is checked as it is written."""

import ast
import operator
import re
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from survey_pipeline.i18n import Message
from survey_pipeline.scoring.facts import (
    Answers,
    CaseResults,
    Delivery,
    MonthFacts,
    MonthOfOffice,
    OfficeFacts,
    OfficeOnRegister,
    SurveyCounts,
)
from survey_pipeline.scoring.month import OfficeScore, score_month
from survey_pipeline.standard.load import read_standard
from survey_pipeline.vocabulary import Category, DeliveryMode

HERE = Path(__file__).parent
STANDARD, _ = read_standard(HERE.parents[1] / "config" / "standards" / "wenzhou-2023.toml")
CASES = yaml.safe_load((HERE / "cases" / "satisfaction.yaml").read_text(encoding="utf-8"))
KEYS = {
    "name", "office", "reported", "drawn", "open", "own", "delivered", "as_of", "earlier",
    "ended_months", "results", "expect", "sum", "note", "to_date", "to_date_sum",
}  # fmt: skip

every_case = pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])


@every_case
def test_the_score_is_as_the_case_says(case: Mapping[str, Any]) -> None:
    row = scored(case).row.to_json()
    expected = {key: value for key, value in case["expect"].items() if key != "points"}
    assert {key: row[key] for key in expected} == expected


@every_case
def test_the_points_are_those_of_the_arithmetic(case: Mapping[str, Any]) -> None:
    points = case["expect"]["points"]
    if points is None:
        assert "sum" not in case
        assert scored(case).points is None
        assert scored(case).rank is None
        return
    assert Decimal(points) == rounded(calculated(case["sum"]), 4)
    assert scored(case).points == int(Decimal(points) * 10_000)
    assert scored(case).row.points == rounded(Fraction(points), 2)


@pytest.mark.parametrize(
    "case", [case for case in CASES if "to_date" in case], ids=lambda case: case["name"]
)
def test_the_year_so_far_is_as_the_case_says(case: Mapping[str, Any]) -> None:
    so_far = scored(case).row.to_json()["to_date"]
    assert {key: so_far[key] for key in case["to_date"]} == case["to_date"]
    assert Decimal(so_far["points"]) == rounded(calculated(case["to_date_sum"]), 4)


@pytest.mark.parametrize(
    "case", [case for case in CASES if "note" in case], ids=lambda case: case["name"]
)
def test_the_note_says_why(case: Mapping[str, Any]) -> None:
    notes = [note.render("en") for note in scored(case).row.notes]
    assert case["note"] in notes


@every_case
def test_the_lines_are_told_without_fractions(case: Mapping[str, Any]) -> None:
    for stored in scored(case).lines:
        for line in (stored, *stored["children"]):
            if line["note"]:
                assert not re.search(r"\d/\d", Message.from_json(line["note"]).render("zh_CN"))


@every_case
def test_a_case_is_written_with_known_words_and_a_name_of_its_own(
    case: Mapping[str, Any],
) -> None:
    assert set(case) <= KEYS
    assert [other["name"] for other in CASES].count(case["name"]) == 1


def scored(case: Mapping[str, Any]) -> OfficeScore:
    office = {
        "office_code": "O-1",
        "name": "Office",
        "parent_code": "P-1",
        "parent": "Bureau",
        "approval_service": False,
        **case["office"],
    }
    office["category"] = Category(office["category"])
    own = month("2023-05", {**case, **case.get("own", {})})
    facts = MonthFacts(
        month="2023-05",
        as_of=case.get("as_of", date(2023, 6, 20)),
        due_on=date(2023, 6, 26),
        complete=True,
        offices=(
            OfficeFacts(
                office=OfficeOnRegister(**office),
                month=own,
                surveys=SurveyCounts(
                    drawn=case.get("drawn", own.sms.rated + own.phone.rated),
                    still_open=case.get("open", 0),
                ),
                earlier=tuple(
                    month(key, values) for key, values in sorted(case.get("earlier", {}).items())
                ),
                ended_months=case.get("ended_months", 1),
            ),
        ),
    )
    return score_month(STANDARD, facts)[0]


def month(name: str, values: Mapping[str, Any]) -> MonthOfOffice:
    brought = values.get("delivered")
    delivery = None
    if brought:
        delivery = Delivery(
            reported=brought["reported"],
            sampled=brought["sampled"],
            answers=answers(brought["answers"]),
            source="bureau",
            mode=DeliveryMode(brought["mode"]),
            delivered_on=date(2023, 6, 20),
            late=brought.get("late", False),
        )
    return MonthOfOffice(
        month=name,
        reported=values["reported"],
        sms=answers(values.get("sms", "0/0/0")),
        phone=answers(values.get("phone", "0/0/0")),
        delivery=delivery,
        results=results_by_case(values.get("results")),
    )


def results_by_case(told: Mapping[str, Any] | None) -> CaseResults | None:
    if told is None:
        return None
    groups = ("first", "after_sms", "after_phone", "own_sms", "own_phone")
    return CaseResults(
        **{group: answers(told.get(group, "0/0/0")) for group in groups},
        sources=("bureau",),
        delivered_on=date(2023, 6, 20),
        late=told.get("late", 0),
    )


def answers(text: str) -> Answers:
    return Answers(*(int(part) for part in text.split("/")))


def rounded(value: Fraction, places: int) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def calculated(text: str) -> Fraction:
    """Work a sum out exactly: numbers, + - * / and brackets."""
    return _value(ast.parse(text, mode="eval").body, text)


OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def _value(node: ast.expr, text: str) -> Fraction:
    if isinstance(node, ast.BinOp):
        return OPERATIONS[type(node.op)](_value(node.left, text), _value(node.right, text))
    return Fraction(str(ast.get_source_segment(text, node)))
