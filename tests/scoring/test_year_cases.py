"""Parts B to G and the total as cases that can be read aloud; each sum is worked out as written."""

import ast
import operator
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

from survey_pipeline.i18n import Message
from survey_pipeline.reports.year_report import told_lines
from survey_pipeline.scoring.evidence import (
    AwardRecord,
    DeliveredGrade,
    DeliveredPoints,
    HotlineRank,
    HotlineRecord,
    MaterialRecord,
    OfficeYear,
    OnlineBallots,
    SupervisionRecord,
    YearFacts,
)
from survey_pipeline.scoring.facts import Answers, MonthOfOffice, OfficeOnRegister
from survey_pipeline.scoring.lines import Line, total
from survey_pipeline.scoring.records import FULL_POINTS
from survey_pipeline.scoring.year import OfficeYearScore, YearScore, score_year
from survey_pipeline.standard.entry import entries
from survey_pipeline.standard.load import read_standard
from survey_pipeline.standard.model import Standard
from survey_pipeline.vocabulary import (
    AwardKind,
    AwardLevel,
    Category,
    Component,
    Grade,
    HotlineGroup,
    Recipient,
)

HERE = Path(__file__).parent
STANDARD, _ = read_standard(HERE.parents[1] / "config" / "standards" / "wenzhou-2023.toml")
FILES = {
    "volume": Component.SATISFACTION,
    "performance": Component.PERFORMANCE,
    "supervision": Component.SUPERVISION,
    "hotline": Component.HOTLINE,
    "parent_rating": Component.PARENT_RATING,
    "online": Component.ONLINE,
    "bonus": Component.BONUS,
    "material": Component.MATERIAL_PENALTY,
}
FACTS = {
    "code", "category", "parent", "months", "ended_months", "performance", "supervision", "hotline",
    "hotline_rank", "parent_grade", "parent_points", "selected", "online", "awards", "unranked",
}  # fmt: skip
CASE = {"name", "standard", "as_of", "material", "selected_beside", "shows", "counted_from"}
EXPECTED = {"points", "sum", "lines", "notes", "cites", "never_cites"}
OFFICE_EXPECTED = {
    "expect", "sum", "missing", "rank", "rank_in_category", "complete",
}  # fmt: skip


def read(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load((HERE / "cases" / f"{name}.yaml").read_text(encoding="utf-8")))


CASES = [
    {**case, "component": component} for name, component in FILES.items() for case in read(name)
]
WHOLE = read("total")
every_case = pytest.mark.parametrize(
    "case", CASES, ids=[f"{case['component'].value}: {case['name']}" for case in CASES]
)
every_year = pytest.mark.parametrize("case", WHOLE, ids=[case["name"] for case in WHOLE])


@every_case
def test_the_points_are_those_of_the_arithmetic(case: Mapping[str, Any]) -> None:
    line = component_line(case)
    if case["points"] is None:
        assert "sum" not in case
        assert line.points is None
        return
    assert Decimal(case["points"]) == rounded(calculated(case["sum"]))
    assert line.points == Fraction(case["points"])


@every_case
def test_the_lines_are_those_of_the_case(case: Mapping[str, Any]) -> None:
    assert list(spoken(component_line(case))) == case["lines"]


@every_case
def test_the_counted_lines_add_up_to_the_points(case: Mapping[str, Any]) -> None:
    line = component_line(case)
    assert total([line]) == (line.points or 0)


@every_case
def test_the_notes_say_why(case: Mapping[str, Any]) -> None:
    line = component_line(case)
    said = [each.note.render("en") for each in (line, *every(line)) if each.note]
    for note in case.get("notes", []):
        assert note in said


@every_case
def test_what_an_office_is_told_has_no_fraction_and_no_file(case: Mapping[str, Any]) -> None:
    for locale in ("en", "zh_CN"):
        for told in told_lines(component_line(case), locale, 4):
            assert not re.search(r"\d/\d|\.csv|\.xlsx", f"{told.note} {told.evidence}"), told


@every_case
def test_the_lines_cite_what_the_case_says(case: Mapping[str, Any]) -> None:
    line = component_line(case)
    cited = [said.render("en") for each in (line, *every(line)) for said in each.evidence]
    for words in case.get("cites", []):
        assert words in cited
    for words in case.get("never_cites", []):
        assert not any(words in said for said in cited)


@every_case
def test_records_may_come_in_any_order(case: Mapping[str, Any]) -> None:
    facts = year_of(case)
    turned = replace(
        facts,
        offices=tuple(
            replace(
                one,
                supervision=one.supervision[::-1],
                hotline=one.hotline[::-1],
                awards=one.awards[::-1],
                performance=one.performance[::-1],
            )
            for one in reversed(facts.offices)
        ),
        material={code: records[::-1] for code, records in facts.material.items()},
    )
    assert score_year(standard_of(case), turned) == score_year(standard_of(case), facts)


@every_case
def test_a_case_is_written_with_known_words(case: Mapping[str, Any]) -> None:
    assert set(case) <= FACTS | CASE | EXPECTED | {"component"}
    assert {"points", "lines"} <= set(case)
    assert set(case.get("shows", [])) <= clauses(STANDARD)


def test_every_case_has_a_name_of_its_own() -> None:
    names = [case["name"] for case in (*CASES, *WHOLE)]
    assert len(names) == len(set(names))


@every_year
def test_every_office_comes_to_what_the_case_says(case: Mapping[str, Any]) -> None:
    score = score_year(standard_of(case), year_of(case))
    for office in case["offices"]:
        found = of(score, office["code"]).to_json("en", score.decimals)
        document = {**found, **found["components"]}
        assert {key: document[key] for key in office["expect"]} == office["expect"]
        if "sum" in office:
            assert Decimal(document["total"]) == rounded(calculated(office["sum"]))


@every_year
def test_exempt_offices_stand_apart(case: Mapping[str, Any]) -> None:
    score = score_year(standard_of(case), year_of(case))
    assert score.to_json("en")["exempt"] == case.get("exempt_expected", [])
    scored = {one.office.office_code for one in score.offices}
    assert scored.isdisjoint(office["code"] for office in case.get("exempt", []))


@every_year
def test_a_year_is_complete_where_the_case_says_so(case: Mapping[str, Any]) -> None:
    assert score_year(standard_of(case), year_of(case)).complete is case["complete"]


@every_year
def test_a_year_is_written_with_known_words(case: Mapping[str, Any]) -> None:
    known = CASE | {"offices", "exempt", "exempt_expected", "complete"}
    assert set(case) <= known
    for office in case["offices"]:
        assert set(office) <= FACTS | {"expect", "sum"}


@pytest.mark.parametrize(
    "part", ["performance", "supervision", "hotline", "parent_rating", "bonus"]
)
def test_every_clause_has_a_case(part: str) -> None:
    part_clauses = {entry.clause for entry in entries(getattr(STANDARD, part))}
    assert part_clauses - covered() - NOT_SCORED == set()


def test_every_range_has_cases_at_both_ends_and_outside() -> None:
    for rule in (*STANDARD.supervision.clauses, *STANDARD.hotline.clauses):
        if rule.least is None or rule.most is None:
            continue
        carried = points_carried(rule.clause)
        assert {rule.least, rule.most} <= carried, rule.clause
        assert any(not rule.takes(points) for points in carried), rule.clause


NOT_SCORED = {"E.2"} | {f"B.{number}" for number in range(1, 7)} | {f"E.3{x}" for x in "abcde"}
"""Who delivers, and in which proportion: checked on the way in, before anything is scored."""


def clauses(standard: Standard) -> set[str]:
    return {entry.clause for entry in entries(standard)}


def covered() -> set[str]:
    """Return the clauses that a line of a case carries, or that a case says it shows."""
    found = {clause for case in CASES for clause in case.get("shows", [])}
    for case in CASES:
        found |= {line.split()[0] for line in case["lines"]}
        found |= {line.clause for line in (component_line(case), *every(component_line(case)))}
    return found


def points_carried(clause: str) -> set[Decimal]:
    return {
        number(record["points"])
        for case in CASES
        for record in (*case.get("supervision", []), *case.get("hotline", []))
        if record["clause"] == clause and "points" in record
    }


def component_line(case: Mapping[str, Any]) -> Line:
    score = score_year(standard_of(case), year_of(case))
    lines = of(score, case.get("code", "O-1")).lines
    return next(line for line in lines if line.component == case["component"])


def of(score: YearScore, code: str) -> OfficeYearScore:
    return next(one for one in score.offices if one.office.office_code == code)


def every(line: Line) -> Iterator[Line]:
    for child in line.children:
        yield child
        yield from every(child)


def spoken(line: Line) -> Iterator[str]:
    """Write the lines as the cases do: those from which is deducted, and zeros, left out."""
    for flat, counts in line.flattened():
        note = flat.note.render("en") if flat.note else ""
        if counts and flat.points and not (flat.note and flat.note.text == FULL_POINTS):
            yield f"{flat.clause} {rounded(flat.points):+}"
        elif not counts:
            word = "missing" if flat.counted else "not counted"
            yield f"{flat.clause} {word}: {note}"


def standard_of(case: Mapping[str, Any]) -> Standard:
    """Return the standard, with what a case changes in it for a trial (`a.b: value`)."""
    standard = STANDARD
    changes = dict(case.get("standard", {}))
    if "documents" in changes:
        standard = standard.model_copy(update={"documents": tuple(changes.pop("documents"))})
    for path, value in changes.items():
        part, entry, field = path.split(".")
        changed = getattr(standard, part)
        before = getattr(changed, entry)
        kind = type(before).model_fields[field].rebuild_annotation()
        read = TypeAdapter(kind).validate_python(exact_figures(value))
        inner = before.model_copy(update={field: read})
        standard = standard.model_copy(update={part: changed.model_copy(update={entry: inner})})
    return standard


def exact_figures(value: Any) -> Any:
    """Return a value of a case with its figures as the file of a standard is read."""
    if isinstance(value, dict):
        return {key: exact_figures(below) for key, below in value.items()}
    if isinstance(value, list):
        return [exact_figures(below) for below in value]
    return Decimal(str(value)) if isinstance(value, float) else value


def year_of(case: Mapping[str, Any]) -> YearFacts:
    beside = [
        {"code": f"X-{place}", "selected": True} for place in range(case.get("selected_beside", 0))
    ]
    material = case.get("material", [])
    if not isinstance(material, dict):
        material = {"P-1": material}
    return YearFacts(
        year=2023,
        as_of=case.get("as_of", date(2023, 10, 31)),
        offices=tuple(office(values) for values in (*case.get("offices", [case]), *beside)),
        exempt=tuple(
            on_register({**values, "category": "agency"}) for values in case.get("exempt", [])
        ),
        material={
            code: tuple(records(MaterialRecord, some, "M")) for code, some in material.items()
        },
        counted_from=case.get("counted_from", ""),
    )


def office(values: Mapping[str, Any]) -> OfficeYear:
    online = values.get("online")
    rank = values.get("hotline_rank", {"rank": 1})
    return OfficeYear(
        office=on_register(values),
        months=tuple(
            MonthOfOffice(name, month["reported"], sms=answers(month["sms"]))
            for name, month in values.get("months", {}).items()
        ),
        ended_months=values.get("ended_months", max(1, len(values.get("months", {})))),
        performance=tuple(records(DeliveredPoints, values.get("performance", []), "B")),
        supervision=tuple(records(SupervisionRecord, values.get("supervision", []), "S")),
        hotline=tuple(records(HotlineRecord, values.get("hotline", []), "H")),
        hotline_rank=one(HotlineRank, rank, "D4"),
        unranked=values.get("unranked", False),
        parent_grade=one(DeliveredGrade, values.get("parent_grade"), "E"),
        parent_points=one(DeliveredPoints, values.get("parent_points"), "E"),
        selected=values.get("selected", False),
        online=OnlineBallots(answers(online["ballots"]), online.get("closed", True))
        if online
        else None,
        awards=tuple(records(AwardRecord, values.get("awards", []), "G")),
    )


def on_register(values: Mapping[str, Any]) -> OfficeOnRegister:
    return OfficeOnRegister(
        office_code=values.get("code", "O-1"),
        name=values.get("code", "O-1"),
        category=Category(values.get("category", "agency")),
        parent_code=values.get("parent", "P-1"),
        parent="Bureau",
        approval_service=False,
        exempt_reason=values.get("exempt_reason"),
    )


WORDS = {
    "grade": Grade,
    "level": AwardLevel,
    "recipient": Recipient,
    "kind": AwardKind,
    "group": HotlineGroup,
}
SHORT = {"head": "is_head"}


def one(kind: Any, values: Mapping[str, Any] | None, letter: str) -> Any:
    return next(records(kind, [dict(values)] if values else [], letter), None)


def records(kind: Any, some: list[dict[str, Any]], letter: str) -> Iterator[Any]:
    """Build records in the order they are written: their keys are S-1, S-2, ..."""
    for place, values in enumerate(some, 1):
        fields = {SHORT.get(name, name): value for name, value in values.items()}
        key = fields.pop("key", f"{letter}-{place}")
        day = fields.pop("day", date(2023, 5, 10))
        if "occurred_on" in kind.__dataclass_fields__:
            fields["occurred_on"] = day
        if "issued_on" in kind.__dataclass_fields__:
            fields["issued_on"] = day
        for name in ("points", "share"):
            if name in fields:
                fields[name] = number(fields[name])
        for name in WORDS.keys() & fields.keys():
            fields[name] = WORDS[name](fields[name])
        if "withdrawn" in fields:
            fields["withdrawn"] = Message("taken back: {why}", {"why": fields["withdrawn"]})
        yield kind(key=key, evidence=Message("record {key}", {"key": key}), **fields)


def number(written: object) -> Decimal:
    return Decimal(str(written))


def answers(text: str) -> Answers:
    return Answers(*(int(part) for part in text.split("/")))


def rounded(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def calculated(text: str) -> Fraction:
    """Work a sum out exactly: numbers, + - * / and brackets."""
    return _value(ast.parse(str(text), mode="eval").body, str(text))


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
