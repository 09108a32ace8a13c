"""A hotline quarter of one office, as cases that can be read aloud."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.i18n import Message
from survey_pipeline.scoring.evidence import HotlineRecord
from survey_pipeline.scoring.hotline_quarters import HotlineQuarter, QuarterRecord, score_quarter
from survey_pipeline.scoring.numbers import exact, fixed
from survey_pipeline.standard.load import read_standard
from survey_pipeline.standard.periods import Period, quarter_of, quarters

HERE = Path(__file__).parent
STANDARD, _ = read_standard(HERE.parents[1] / "config" / "standards" / "wenzhou-2023.toml")
CASES = yaml.safe_load((HERE / "cases" / "hotline_quarters.yaml").read_text(encoding="utf-8"))
QUARTERS = list(quarters(STANDARD.window))
every_case = pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])


def records(case: Mapping[str, Any]) -> Iterator[HotlineRecord]:
    for number, values in enumerate(case["records"], 1):
        points, why = values.get("points"), values.get("withdrawn")
        yield HotlineRecord(
            f"H-{number}",
            Message("record"),
            Message("taken back: {why}", {"why": why}) if why else None,
            clause=values["clause"],
            occurred_on=values["day"],
            points=None if points is None else Decimal(str(points)),
            unreasonable_claim=values.get("unreasonable_claim", False),
        )


def scored(case: Mapping[str, Any]) -> HotlineQuarter:
    period = quarter_of(STANDARD.window, case["quarter"])
    assert period is not None
    return score_quarter(STANDARD, list(records(case)), period)


def spoken(found: QuarterRecord) -> str:
    if found.line.counted:
        return f"{found.record.key} {fixed(found.line.points, 4)}"
    return f"{found.record.key} not counted: {found.line.note}"


def added(written: object) -> Fraction:
    """Work out `0.2 + 0.3` or `0.5 * 2`."""
    found = Fraction(0)
    for part in str(written).split("+"):
        product = Fraction(1)
        for factor in part.split("*"):
            product *= Fraction(factor.strip())
        found += product
    return found


@every_case
def test_the_records_are_those_of_the_quarter(case: Mapping[str, Any]) -> None:
    assert [spoken(found) for found in scored(case).records] == case["of_the_quarter"]


@every_case
def test_the_sums_are_those_of_the_arithmetic(case: Mapping[str, Any]) -> None:
    found = {
        group.cap.clause: [group.quarter, group.year, group.counted]
        for group in scored(case).groups
    }
    assert found == {
        group: [added(written) for written in sums] for group, sums in case["sums"].items()
    }


@every_case
def test_records_may_come_in_any_order(case: Mapping[str, Any]) -> None:
    period = quarter_of(STANDARD.window, case["quarter"])
    assert period is not None
    backwards = list(records(case))[::-1]
    assert score_quarter(STANDARD, backwards, period) == scored(case)


CLAUSES = [rule.clause for rule in STANDARD.hotline.clauses]
ANY_RECORDS = st.lists(
    st.tuples(st.sampled_from(CLAUSES), st.dates(date(2022, 10, 1), date(2023, 11, 30))),
    max_size=30,
)


@given(ANY_RECORDS)
def test_the_quarters_add_up_to_the_year(drawn: list[tuple[str, date]]) -> None:
    made = [
        HotlineRecord(
            f"H-{number}", Message("record"), clause=clause, occurred_on=day, points=Decimal("0.3")
        )
        for number, (clause, day) in enumerate(drawn)
    ]
    parts = [score_quarter(STANDARD, made, quarter) for quarter in QUARTERS]
    for place, cap in enumerate(STANDARD.hotline.caps):
        whole = sum((part.groups[place].quarter for part in parts), Fraction(0))
        assert parts[-1].groups[place].year == whole
        assert 0 <= parts[-1].groups[place].counted <= exact(cap.cap)


def test_every_day_of_the_window_is_in_one_quarter() -> None:
    names = [period.name for period in QUARTERS]
    assert names == ["2022-Q4", "2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4"]
    assert QUARTERS[-1] == Period("2023-Q4", date(2023, 10, 1), date(2023, 10, 31))
