"""Durations, plans, hours and cron lines as people write them (specification, section 11)."""

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.notation import (
    Cron,
    Hours,
    parse_cron,
    parse_duration,
    parse_hours,
    parse_plan,
)


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("15m", 900), ("48h", 172_800), ("7d", 604_800), ("0h", 0)]
)
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@given(st.integers(0, 3_660), st.sampled_from("smhd"))
def test_a_duration_is_its_number_of_units(number: int, unit: str) -> None:
    one = parse_duration(f"1{unit}")
    assert parse_duration(f"{number}{unit}") == number * one


@pytest.mark.parametrize("wrong", ["", "5", "5w", "-5m", "1.5h", "5 mm", 5, None, "999999999999d"])
def test_what_is_no_duration_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="30s, 15m, 48h or 7d"):
        parse_duration(wrong)


def test_a_plan_is_the_waits_before_each_attempt() -> None:
    assert parse_plan("0h 4h 1d") == (timedelta(0), timedelta(hours=4), timedelta(days=1))


def test_hours_are_a_window_of_one_day() -> None:
    assert parse_hours("9:00-12:30") == Hours(time(9), time(12, 30))


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("30 17 * * *", Cron("30", "17", "*", "*", "*")),
        ("0,30 8-10 1 1,7 *", Cron("0,30", "8,9,10", "1", "1,7", "*")),
        ("*/20 9-17/4 * * *", Cron("0,20,40", "9,13,17", "*", "*", "*")),
        ("50/5 0 * JAN-MAR *", Cron("50,55", "0", "*", "1,2,3", "*")),
        ("0 0 * * 1-5", Cron("0", "0", "*", "*", "mon,tue,wed,thu,fri")),
        ("0 0 * * mon-fri", Cron("0", "0", "*", "*", "mon,tue,wed,thu,fri")),
        ("0 0 * * 0", Cron("0", "0", "*", "*", "sun")),
        ("0 0 * * 7", Cron("0", "0", "*", "*", "sun")),
        ("0 0 * * 6-7", Cron("0", "0", "*", "*", "sun,sat")),
        ("0 0 * * sat-sun", Cron("0", "0", "*", "*", "sun,sat")),
        ("0 0 1 * mon", Cron("0", "0", "1", "*", "mon", either_day=True)),
        ("0 0 31 2 mon", Cron("0", "0", "31", "2", "mon", either_day=True)),
        ("0 0 29 2 *", Cron("0", "0", "29", "2", "*")),
    ],
)
def test_a_cron_line_is_read_as_cron_reads_it(line: str, read: Cron) -> None:
    assert parse_cron(line) == read


@pytest.mark.parametrize(
    "line",
    [
        "",
        "30 17 * *",
        "30 17 * * * *",
        "60 17 * * *",
        "30 24 * * *",
        "30 17 0 * *",
        "30 17 32 * *",
        "30 17 * 13 *",
        "30 17 * * 8",
        "30 17 * * 5-1",
        "*/0 17 * * *",
        "30 17 * * someday",
        "30 17 * mon *",
        "30,, 17 * * *",
        "-1 17 * * *",
        "@daily",
        "0 0 30 2 *",
        "0 0 31 4,6,9,nov *",
        "0 0 30-31 feb *",
        "0 9 * * １",
        "0 9 * * 1#2",
        "0 9 L * *",
        "0 9 ? * 1",
        "99999999999999999999 9 * * *",
    ],
)
def test_what_is_no_cron_line_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="cron line"):
        parse_cron(line)
