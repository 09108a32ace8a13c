"""Cells: keys, texts, counts, dates and months (specification, section 12)."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.values.cells import (
    choice,
    read_code,
    read_count,
    read_key,
    read_reason,
    read_text,
    read_yes_no,
)
from survey_pipeline.stages.intake.values.dates import (
    EPOCH_1900,
    EPOCH_1904,
    from_serials,
    read_date,
    read_month,
)
from survey_pipeline.typed import DIGITS_LOST


@pytest.mark.parametrize(
    "cell",
    [
        "2023-05-04",
        "2023-5-4",
        "2023/5/4",
        "2023.5.4",
        "20230504",
        "2023年5月4日",
        "2023 年 05 月 04 日",
        "２０２３－０５－０４",
        "2023-05-04 09:12:33",
        "2023-05-04T09:12:33+08:00",
        "2023/5/4 9:12",
        "2023年5月4日 9时12分",
        "2023年5月4日 9点12分",
        "20230504.0",
        '="2023-05-04"',
        "2023\u200b-05-04",
        "2023年5月4日 上午9:12",
        "2023年5月4日星期四",
        "20230504091233",
        "'2023-05-04",
    ],
)
def test_a_date_is_read_however_it_is_written(cell: str) -> None:
    assert read_date(cell) == "2023-05-04"


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        ("04/05/2023", "unclear"),
        ("4.5.2023", "unclear"),
        ("23-5-4", "unclear"),
        ("5月4日", "no year"),
        ("2023-02-30", "no such day"),
        ("20231301", "no such day"),
        ("45050", "inner number"),
        ("昨天", "not a date"),
        ("2023-05/04", "not a date"),
    ],
)
def test_a_date_that_is_none_says_why(cell: str, word: str) -> None:
    reason = read_date(cell)
    assert isinstance(reason, Message)
    assert word in reason.render()


@pytest.mark.parametrize(("epoch", "serial"), [(EPOCH_1900, "45050"), (EPOCH_1904, "43588.75")])
def test_a_spreadsheet_counts_days_in_two_systems(epoch: Any, serial: str) -> None:
    assert from_serials(read_date, epoch)(serial) == "2023-05-04"
    assert from_serials(read_date, epoch)("20230504") == "2023-05-04"


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_day_reads_back(day: Any) -> None:
    for form in (f"{day}", f"{day:%Y/%m/%d}", f"{day.year}年{day.month}月{day.day}日"):
        assert read_date(form) == day.isoformat()


@pytest.mark.parametrize(
    ("epoch", "serial", "day"),
    [
        (EPOCH_1900, "46345.9999999999", "2026-11-20"),
        (EPOCH_1900, "46346.00000000001", "2026-11-20"),
        (EPOCH_1900, "46346.99999", "2026-11-20"),
        (EPOCH_1900, "46346.5", "2026-11-20"),
        (EPOCH_1904, "44883.9999999999", "2026-11-20"),
        (EPOCH_1904, "44884.00000000001", "2026-11-20"),
    ],
)
def test_a_hair_beside_midnight_is_midnight(epoch: Any, serial: str, day: str) -> None:
    assert from_serials(read_date, epoch)(serial) == day


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)), st.integers(0, 86_399))
def test_every_second_of_a_day_is_that_day(day: Any, second: Any) -> None:
    serial = (day - EPOCH_1900).days + second / 86_400
    assert from_serials(read_date, EPOCH_1900)(f"{serial:.10f}") == day.isoformat()


@pytest.mark.parametrize(
    "cell", ["2026.10", "2026.1", "2026.05", "2026.11", "２０２６．１０", "2026.100"]
)
def test_a_month_that_is_a_number_to_a_spreadsheet_is_unclear(cell: str) -> None:
    assert "unclear" in str(read_month(cell))


@pytest.mark.parametrize(
    "cell",
    [
        "2023-05",
        "2023年5月",
        "2023/5",
        "202305",
        "2023-05-01",
        "202305.0",
        "2023年5月份",
        "2023.5.1",
        "2023-\u200b05",
        "'2023-05",
        '="2023-05"',
        "２０２３－０５",
        "2023-05-01 00:00:00",
    ],
)
def test_months(cell: str) -> None:
    assert read_month(cell) == "2023-05"


@pytest.mark.parametrize("cell", ["2023-13", "05-2023", "5月", "2023-05-02", "2023"])
def test_what_is_no_month(cell: str) -> None:
    assert isinstance(read_month(cell), Message)


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        (" A-1 ", "A-1"),
        ("123.0", "123"),
        ("2.0230000501E+10", "20230000501"),
        ("00123", "00123"),
        ("2023/05/1", "2023/05/1"),
        ("7E12", "7E12"),
        ("B\u200b001\ufeff", "B001"),
        ("\u202a2023\u202c", "2023"),
        ('="00123"', "00123"),
        ('="123.0"', "123"),
        ("A\u00adB", "AB"),
    ],
)
def test_keys_are_trimmed_and_numbers_are_their_digits(cell: str, key: str) -> None:
    assert read_key(cell) == key


def test_keys_that_cannot_be() -> None:
    assert read_key("1.23E+12") == DIGITS_LOST
    assert isinstance(read_key("a\nb"), Message)
    assert isinstance(read_key("a\x07b"), Message)
    assert isinstance(read_key("9" * 61), Message)
    assert read_key("9" * 60) == "9" * 60
    assert isinstance(read_code("A,1"), Message)
    assert isinstance(read_code("A/1"), Message)


def test_free_texts_have_an_end() -> None:
    assert read_text("长" * 500) == "长" * 500
    assert isinstance(read_text("长" * 501), Message)
    assert read_text(" 一行\n二行 ") == "一行 二行"
    assert isinstance(read_text("a\x00b"), Message)


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("0", 0),
        ("12", 12),
        ("1,234", 1234),
        ("１２", 12),
        ("12.0", 12),
        ("3件", 3),
        ("20.000000000000004", 20),
        ("7.999999999999999", 8),
        ("29.99999999999994", 30),
        ("-0.00000000000001", 0),
        ("5.55e-17", 0),
        ("1,234.0000000000001", 1234),
        ("3人", 3),
        ('="12"', 12),
        ("1\u200b2", 12),
    ],
)
def test_counts(cell: str, count: int) -> None:
    assert read_count(cell) == count


@given(st.integers(0, 99_999), st.floats(-1e-10, 1e-10))
def test_a_whole_number_as_a_spreadsheet_computes_it(count: Any, noise: Any) -> None:
    assert read_count(repr(float(count))) == count
    assert read_count(f"{count + noise:.15f}") == count


@pytest.mark.parametrize(
    "cell", ["-1", "1.5", "7.5", "7.0001", "-0.5", "abc", "1,23", "1E3x", "99999999999", "nan", "∞"]
)
def test_what_is_no_count(cell: str) -> None:
    assert isinstance(read_count(cell), Message)


@pytest.mark.parametrize("cell", ["0", "0.0", "否", "no", "FALSE", "×", "０", "N", "不是"])
def test_a_reason_that_says_no_is_none(cell: str) -> None:
    assert read_reason(cell) is None


@pytest.mark.parametrize("cell", ["1", "是", "yes", "TRUE", "√", "2023"])
def test_a_reason_that_gives_none_is_refused(cell: str) -> None:
    assert "no reason" in str(read_reason(cell))


def test_a_reason_is_kept_as_it_is_written() -> None:
    assert read_reason("涉密 单位") == "涉密 单位"


def test_closed_lists_name_their_words() -> None:
    assert read_yes_no(" 是 ") is True
    assert read_yes_no("No") is False
    assert read_yes_no("\u200b是\u202c") is True
    assert read_yes_no('="否"') is False
    assert read_yes_no("无") is False
    reason = choice({"all": "all", "全部": "all"})("some")
    assert isinstance(reason, Message)
    assert "all" in reason.render()


@given(st.text(max_size=80))
def test_no_reader_ever_raises(cell: Any) -> None:
    for read in (
        read_text, read_key, read_code, read_count, read_yes_no, read_date, read_month, read_reason
    ):  # fmt: skip
        read(cell)
