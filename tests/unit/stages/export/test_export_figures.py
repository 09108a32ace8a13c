"""Sums over offices, the distribution of points, and how rows of the workbook are measured."""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.reports.month_summaries import point_bins, share_of, summarise
from survey_pipeline.scoring.facts import Answers
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.stages.export.month_page import percent
from survey_pipeline.stages.export.sheet_layout import breadth, row_height
from survey_pipeline.standard.load import read_standard
from survey_pipeline.testing import month_row
from survey_pipeline.vocabulary import Mode

STANDARD, _ = read_standard(
    Path(__file__).parents[4] / "config" / "standards" / "wenzhou-2023.toml"
)
VALUES = STANDARD.satisfaction.values


@dataclass
class Report:
    """As much of a report as the distribution needs."""

    appraised: list[MonthRow] = field(default_factory=list)
    total_points: Decimal = Decimal(30)


def with_points(*points: str | None) -> Any:
    return Report([row(points=value) for value in points])


@given(st.lists(st.decimals(min_value=0, max_value=30, places=2), min_size=1, max_size=60))
def test_every_office_with_points_stands_in_exactly_one_step(points: list[Decimal]) -> None:
    bins = point_bins(with_points(*map(str, points), None))
    assert sum(part.count for part in bins) == len(points)
    assert len(bins) <= 12
    assert bins[-1].high == 30
    assert all(left.high == right.low for left, right in pairwise(bins))


def test_nobody_with_points_makes_no_steps() -> None:
    assert point_bins(with_points(None)) == []


def test_full_points_stand_in_the_last_step() -> None:
    last = point_bins(with_points("30.00", "29.50", "29.49"))[-1]
    assert (last.label, last.count) == ("29.5–30", 2)


def test_a_rate_over_nobody_is_undefined() -> None:
    share = share_of({"satisfied": 0, "neutral": 0, "dissatisfied": 0}, VALUES)
    assert (share.rate, share.low, share.high) == (None, None, None)


def test_the_rate_of_several_offices_is_over_all_their_ratings() -> None:
    rows = [row(satisfied=9, points="29.00"), row(dissatisfied=1, points="0.00"), row()]
    found = summarise(rows, VALUES)
    assert found.share.rate == Fraction(9, 10)
    assert found.mean_points == Fraction(29, 2)
    assert (found.offices, found.scored, found.answered) == (3, 2, 10)


def row(points: str | None = None, **answers: int) -> MonthRow:
    by_mode = {Mode.SMS: Answers(**answers), Mode.PHONE: Answers()}
    return month_row(points=points and Decimal(points), by_mode=by_mode, **answers)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "—"), ("0.8333", "83.3 %"), (Fraction(1), "100.0 %"), ("0.99949", "99.9 %")],
)
def test_a_share_is_shown_as_a_percentage(value: Any, shown: str) -> None:
    assert percent(value) == shown


def test_a_chinese_character_is_two_wide() -> None:
    assert breadth("ab处室") == 6


def test_a_text_that_just_fits_takes_one_line() -> None:
    one = row_height([("x" * 10, 10)])
    assert row_height([("x" * 11, 10)]) > one
    assert row_height([("", 10)]) == one
