"""Points, shares, ranks and clauses as people write them (specification, sections 3 and 14)."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.i18n import Message
from survey_pipeline.scoring.numbers import UNIT
from survey_pipeline.stages.intake.values.points import (
    decimal_points,
    read_clause,
    read_points,
    read_rank,
    read_share,
)


@pytest.mark.parametrize(
    ("cell", "points"),
    [
        ("0.3", "0.3"),
        ("0.30", "0.3"),
        (".3", "0.3"),
        ("3", "3"),
        ("3.", "3"),
        ("3.0", "3"),
        ("3分", "3"),
        ("3 分", "3"),
        ("０．３", "0.3"),
        ("'0.3", "0.3"),
        ("0", "0"),
        ("9.1234", "9.1234"),
        ("9.12340000", "9.1234"),
        ("0.30000000000000004", "0.3"),
        ("0.28999999999999998", "0.29"),
        ("2.9999999999999996", "3"),
        ("93.29999999999994", "93.3"),
        ("9.123400000000001", "9.1234"),
        ("-0.00000000000000005", "0"),
        ("5.55e-17", "0"),
        ('="0.3"', "0.3"),
        ("0.\u200b3", "0.3"),
    ],
)
def test_points_are_read_exactly(cell: str, points: str) -> None:
    assert read_points(cell) == int(Decimal(points) * UNIT)


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        ("-2", "sign"),
        ("+2", "sign"),
        ("0.12345", "decimals"),
        ("0.30001", "decimals"),
        ("0.123456789012345678", "decimals"),
        ("1,5", "no number"),
        ("80%", "no number"),
        ("3-5", "no number"),
        ("1e1", "no number"),
        ("扣3分", "no number"),
        ("三", "no number"),
        ("1234567", "no number"),
        ("nan", "no number"),
    ],
)
def test_points_that_could_mean_two_things_are_refused(cell: str, word: str) -> None:
    assert word in str(read_points(cell))


@given(st.integers(min_value=0, max_value=100 * UNIT))
def test_points_come_back_from_what_is_stored(stored: Any) -> None:
    assert read_points(f"{decimal_points(stored):f}") == stored


@given(st.text(max_size=30))
def test_no_cell_makes_a_reader_fail(cell: Any) -> None:
    assert isinstance(read_points(cell), int | Message)
    assert isinstance(read_share(cell), str | Message)
    assert isinstance(read_rank(cell), int | Message)


@pytest.mark.parametrize(
    ("cell", "share"),
    [("0.5", "0.5"), ("0.50", "0.5"), ("50%", "0.5"), ("33.33 %", "0.3333"), ("1", "1")],
)
def test_a_share_is_kept_as_its_plain_decimal(cell: str, share: str) -> None:
    assert read_share(cell) == share


@pytest.mark.parametrize("cell", ["0", "1.1", "-0.5", "1/3", "150%", "0.1234567890123", "一半"])
def test_what_is_no_share_is_refused(cell: str) -> None:
    assert isinstance(read_share(cell), Message)


def test_ranks_begin_at_one() -> None:
    assert (read_rank("21"), read_rank("第21名"), read_rank("21.0")) == (21, 21, 21)
    assert (read_rank("3.0000000000000004"), read_rank("2.9999999999999996")) == (3, 3)
    assert [isinstance(read_rank(cell), Message) for cell in ("0", "-1", "1.5", "前三")] == [
        True
    ] * 4


def test_a_clause_may_be_written_with_blanks_and_full_width_letters() -> None:
    assert read_clause(" Ｃ２．１ a") == "C2.1a"
