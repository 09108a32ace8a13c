"""What holds of every year's score, whatever was found, delivered, voted and awarded."""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.i18n import Message
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
from survey_pipeline.scoring.lines import total
from survey_pipeline.scoring.numbers import to_units
from survey_pipeline.scoring.year import OfficeYearScore, YearScore, score_year
from survey_pipeline.standard.load import read_standard
from survey_pipeline.vocabulary import (
    RANKED_GROUPS,
    AwardKind,
    AwardLevel,
    Category,
    Component,
    Grade,
    Recipient,
)

STANDARD, _ = read_standard(
    Path(__file__).parents[3] / "config" / "standards" / "wenzhou-2023.toml"
)
FULL = {
    Component.SATISFACTION: 30,
    Component.PERFORMANCE: 10,
    Component.SUPERVISION: 25,
    Component.HOTLINE: 15,
    Component.PARENT_RATING: 5,
    Component.ONLINE: 15,
    Component.BONUS: 2,
    Component.MATERIAL_PENALTY: 1,
}
BACK = Message("taken back")

few = st.integers(0, 6)
answers = st.builds(Answers, few, few, few)
days = st.dates(date(2022, 10, 20), date(2023, 11, 10))
withdrawn = st.sampled_from([None, None, None, BACK])


def decimals(most: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(0, most, places=4)


def keyed(record: Any, /, **fields: Any) -> st.SearchStrategy[Any]:
    return st.builds(
        record,
        key=st.just("one"),
        evidence=st.just(Message("a record")),
        withdrawn=withdrawn,
        **fields,
    )


supervision = keyed(
    SupervisionRecord,
    clause=st.sampled_from([*(rule.clause for rule in STANDARD.supervision.clauses), "C9"]),
    occurred_on=days,
    points=st.none() | decimals(9),
    person=st.sampled_from(["", "Zhao", "Qian"]),
    matter=st.sampled_from(["", "tender", "banquet"]),
    is_head=st.booleans(),
    duty_related=st.sampled_from([None, True, False]),
    adverse_effect=st.sampled_from([None, True, False]),
    self_found=st.booleans(),
    rectified=st.booleans(),
    filed_on=st.none() | days,
    filing_due=st.none() | days,
)
hotline = keyed(
    HotlineRecord,
    clause=st.sampled_from([*(rule.clause for rule in STANDARD.hotline.clauses), "D9"]),
    occurred_on=days,
    points=st.none() | decimals(1),
    unreasonable_claim=st.booleans(),
)
awards = keyed(
    AwardRecord,
    work=st.sampled_from(["", "reform", "taxes"]),
    level=st.sampled_from(AwardLevel),
    recipient=st.sampled_from(Recipient),
    share=st.none() | decimals(1),
    sharers=st.integers(1, 7),
    document_no=st.sampled_from(["", "12"]),
    issued_on=days,
    kind=st.sampled_from(AwardKind),
    confirmed=st.booleans(),
    core_function=st.sampled_from([None, True, False]),
)
delivered = keyed(DeliveredPoints, points=decimals(12), delivered_on=st.none() | days)
grades = keyed(DeliveredGrade, grade=st.sampled_from(Grade))
ranks = keyed(HotlineRank, group=st.sampled_from(RANKED_GROUPS), rank=st.integers(1, 300))
missing_filings = keyed(MaterialRecord, occurred_on=days, points=st.none() | decimals(2))
months = st.lists(
    st.builds(
        MonthOfOffice, month=st.integers(1, 9).map("2023-{:02}".format), sms=answers, phone=answers
    ),
    max_size=3,
    unique_by=lambda month: month.month,
).map(tuple)


def lists(kind: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(kind, max_size=4).map(numbered)


def numbered(records: list[Any]) -> tuple[Any, ...]:
    """Give each its own key, as the tables do."""
    return tuple(replace(record, key=f"R-{place}") for place, record in enumerate(records))


@st.composite
def offices(draw: st.DrawFn, code: str) -> OfficeYear:
    register = OfficeOnRegister(
        office_code=code,
        name=code,
        category=draw(st.sampled_from(Category)),
        parent_code=draw(st.sampled_from(["P-1", "P-2"])),
        parent="Bureau",
        approval_service=draw(st.booleans()),
    )
    online = st.builds(OnlineBallots, answers=answers, closed=st.booleans())
    return OfficeYear(
        office=register,
        months=draw(months),
        performance=draw(st.lists(delivered, max_size=2).map(numbered)),
        supervision=draw(lists(supervision)),
        hotline=draw(lists(hotline)),
        hotline_rank=draw(st.none() | ranks),
        parent_grade=draw(st.none() | grades),
        parent_points=draw(st.none() | delivered),
        selected=draw(st.booleans()),
        online=draw(st.none() | online),
        awards=draw(lists(awards)),
    )


@st.composite
def years(draw: st.DrawFn) -> YearFacts:
    return YearFacts(
        year=2023,
        as_of=draw(st.sampled_from([date(2023, 10, 31), date(2023, 6, 30)])),
        offices=tuple(draw(offices(f"O-{place}")) for place in range(draw(st.integers(1, 2)))),
        material={"P-1": draw(lists(missing_filings)), "P-2": draw(lists(missing_filings))},
    )


def scored(facts: YearFacts) -> YearScore:
    return score_year(STANDARD, facts)


@given(years())
def test_points_are_the_sum_of_their_counted_lines(facts: YearFacts) -> None:
    for office in scored(facts).offices:
        for line in office.lines:
            assert total([line]) == (line.points or 0)
            for leaf in line.leaves():
                assert leaf.points is None or (leaf.points * 10_000).denominator == 1


@given(years())
def test_the_printed_lines_add_up_to_the_printed_points(facts: YearFacts) -> None:
    for office in scored(facts).to_json("en")["offices"]:
        printed = {
            **office["components"],
            "online": office["online"],
            "bonus": office["bonus"],
            "material_penalty": office["material_penalty"],
        }
        for component, points in printed.items():
            counted = [
                Decimal(line["points"])
                for line in office["lines"]
                if line["component"] == component and line["counted"]
            ]
            assert sum(counted) == Decimal(points or 0)
        daily = sum(Decimal(points or 0) for points in office["components"].values())
        assert Decimal(office["daily"]) == daily
        assert Decimal(office["total"]) == daily + Decimal(printed["online"] or 0) + Decimal(
            printed["bonus"]
        ) - Decimal(printed["material_penalty"])


@given(years())
def test_every_component_lies_between_nothing_and_its_cap(facts: YearFacts) -> None:
    for office in scored(facts).offices:
        for component, points in office.points.items():
            assert points is None or 0 <= points <= FULL[component]
        assert office.points[Component.SUPERVISION] is not None
        assert office.points[Component.BONUS] is not None
        assert office.points[Component.MATERIAL_PENALTY] is not None


@given(years(), st.randoms())
def test_the_same_evidence_in_any_order_gives_the_same_score(
    facts: YearFacts, shuffle: random.Random
) -> None:
    def shuffled(some: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(shuffle.sample(some, len(some)))

    turned = replace(
        facts,
        offices=shuffled(
            tuple(
                replace(
                    office,
                    months=shuffled(office.months),
                    performance=shuffled(office.performance),
                    supervision=shuffled(office.supervision),
                    hotline=shuffled(office.hotline),
                    awards=shuffled(office.awards),
                )
                for office in facts.offices
            )
        ),
        material={
            code: shuffled(records) for code, records in reversed(list(facts.material.items()))
        },
    )
    assert scored(turned) == scored(facts)


@given(years(), supervision, hotline)
def test_one_more_deduction_never_raises_a_score(
    facts: YearFacts, finding: SupervisionRecord, fault: HotlineRecord
) -> None:
    first, *others = facts.offices
    worse = replace(
        first, supervision=(*first.supervision, finding), hotline=(*first.hotline, fault)
    )
    before = office_of(facts)
    after = office_of(replace(facts, offices=(worse, *others)))
    for component in Component:
        assert (after.points[component] or 0) <= (before.points[component] or 0)
    assert after.total <= before.total


@given(years())
def test_withdrawn_records_change_no_points(facts: YearFacts) -> None:
    def standing(records: Any) -> Any:
        return tuple(record for record in records if record.withdrawn is None)

    def stands(record: Any) -> Any:
        return None if record is None or record.withdrawn is not None else record

    without = replace(
        facts,
        offices=tuple(
            replace(
                office,
                performance=standing(office.performance),
                supervision=standing(office.supervision),
                hotline=standing(office.hotline),
                hotline_rank=stands(office.hotline_rank),
                parent_grade=stands(office.parent_grade),
                parent_points=stands(office.parent_points),
                awards=standing(office.awards),
            )
            for office in facts.offices
        ),
        material={code: standing(records) for code, records in facts.material.items()},
    )
    for one, other in zip(scored(facts).offices, scored(without).offices, strict=True):
        assert one.points == other.points
        assert (one.total, one.ranks, one.missing) == (other.total, other.ranks, other.missing)


@given(years())
def test_every_record_has_a_line_with_its_reason_where_it_does_not_count(facts: YearFacts) -> None:
    for office, found in zip(scored(facts).offices, facts.offices, strict=True):
        records = len(found.supervision) + len(found.hotline) + len(found.awards)
        lines = [
            flat
            for head in office.lines
            if head.component in {"supervision", "hotline", "bonus"}
            for flat in head.flattened()
        ]
        ranked = found.hotline_rank is not None
        assert sum(1 for flat in lines if flat.line.evidence) == records + ranked
        assert all(flat.line.note for flat in lines if not flat.counted)


@given(years(), st.integers(1, 300))
def test_days_move_nothing_but_what_lies_at_the_ends_of_the_window(
    facts: YearFacts, days_on: int
) -> None:
    """A finding's day within the window plays no part in what it costs."""
    inside = date(2022, 11, 1) + timedelta(days=days_on)
    whole = replace(facts, as_of=date(2023, 10, 31))
    first, *others = whole.offices
    one = replace(first, hotline=tuple(replace(r, occurred_on=inside) for r in first.hotline))
    other = replace(
        first, hotline=tuple(replace(r, occurred_on=date(2023, 10, 31)) for r in first.hotline)
    )
    assert (
        office_of(replace(whole, offices=(one, *others))).points
        == office_of(replace(whole, offices=(other, *others))).points
    )


@given(years())
def test_totals_of_four_decimals_can_be_stored(facts: YearFacts) -> None:
    for office in scored(facts).offices:
        for points in (*office.points.values(), office.daily, office.total):
            assert points is None or Fraction(to_units(points), 10_000) == points


def office_of(facts: YearFacts) -> OfficeYearScore:
    return next(one for one in scored(facts).offices if one.office == facts.offices[0].office)
