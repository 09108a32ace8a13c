"""Working days, opening hours and local time."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.calendar import (
    Calendar,
    SetClock,
    SystemClock,
    YearOverride,
    last_day,
    load_overrides,
    month_of,
    months_between,
    next_month,
)
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.notation import Hours

CHINA = Calendar(ZoneInfo("Asia/Shanghai"))
SENDING = (Hours(time(9), time(12)), Hours(time(14), time(20)))
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds


def shanghai(text: str) -> datetime:
    """A moment given as local time."""
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2023-05-04", True),  # a Thursday
        ("2023-05-06", True),  # a Saturday, worked for the May holiday
        ("2023-04-23", True),  # a Sunday, worked for it too
        ("2023-05-01", False),  # Labour Day, a Monday
        ("2023-05-03", False),  # a Wednesday of that holiday
        ("2023-05-07", False),  # an ordinary Sunday
        ("2023-01-23", False),  # Spring Festival, a Monday
        ("2023-01-28", True),  # worked Saturday after it
        ("2023-10-06", False),  # National Day week, a Friday
        ("2023-10-07", True),  # worked Saturday
        ("2023-06-22", False),  # Dragon Boat Festival, a Thursday
        ("2023-06-25", True),  # worked Sunday
    ],
)
def test_working_days_of_2023_are_the_published_ones(day: str, works: bool) -> None:
    assert CHINA.covers(2023)
    assert CHINA.is_working_day(date.fromisoformat(day)) is works


@pytest.mark.parametrize(("day", "works"), [("2050-01-03", True), ("2050-01-01", False)])
def test_a_year_without_data_counts_monday_to_friday_and_says_so(day: str, works: bool) -> None:
    assert not CHINA.covers(2050)
    assert CHINA.is_working_day(date.fromisoformat(day)) is works


def test_the_workspace_overrides_the_published_days() -> None:
    override = YearOverride(frozenset({date(2023, 5, 4)}), frozenset({date(2023, 5, 7)}))
    calendar = Calendar(ZoneInfo("Asia/Shanghai"), {2023: override})
    assert not calendar.is_working_day(date(2023, 5, 4))
    assert calendar.is_working_day(date(2023, 5, 7))
    assert not calendar.is_working_day(date(2023, 5, 1))  # still the published holiday


def test_an_override_makes_a_year_known() -> None:
    free = YearOverride(frozenset({date(2050, 1, 3)}))
    calendar = Calendar(ZoneInfo("Asia/Shanghai"), {2050: free})
    assert calendar.covers(2050)
    assert calendar.next_working_day(date(2050, 1, 1)) == date(2050, 1, 4)


def test_overrides_are_read_from_files_named_by_year(tmp_path: Path) -> None:
    (tmp_path / "2027.toml").write_text("holidays = [2027-01-01]\nworking = [2027-01-02]\n")
    (tmp_path / "notes.toml").write_text("anything = 1\n")
    assert load_overrides(tmp_path) == {
        2027: YearOverride(frozenset({date(2027, 1, 1)}), frozenset({date(2027, 1, 2)}))
    }


def test_no_folder_is_no_override(tmp_path: Path) -> None:
    assert load_overrides(tmp_path / "missing") == {}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"holidays = [", "cannot be read"),
        (b"\xff\xff", "cannot be read"),
        (b"holiday = [2027-01-01]", "unknown key holiday"),
        (b"holidays = ['2027-01-01']", "is not a date of that year"),
        (b"holidays = [2026-12-31]", "is not a date of that year"),
        (b"holidays = [2027-01-01T00:00:00]", "is not a date of that year"),
        (b"holidays = 3", "3 is not a date of that year; write 2027-01-01"),
        (b"holidays = [2027-01-01]\nworking = [2027-01-01]", "both free and worked"),
    ],
)
def test_a_wrong_override_names_its_file(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "2027.toml").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"config/calendar/2027\.toml") as refused:
        load_overrides(tmp_path)
    assert says in str(refused.value)


def test_three_working_days_of_calling_pass_over_a_holiday() -> None:
    assert CHINA.working_days_after(date(2023, 4, 28), 1) == date(2023, 5, 4)
    assert CHINA.nth_working_day_from(date(2023, 4, 29), 3) == date(2023, 5, 6)


@given(DAYS, st.integers(1, 10))
def test_working_days_are_counted_one_by_one(day: date, count: int) -> None:
    last = CHINA.working_days_after(day, count)
    between = [day + timedelta(days=n) for n in range(1, (last - day).days + 1)]
    assert sum(map(CHINA.is_working_day, between)) == count
    assert CHINA.is_working_day(last)


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2023-05-04T08:59:59", False),
        ("2023-05-04T09:00:00", True),
        ("2023-05-04T11:59:59", True),
        ("2023-05-04T12:00:00", False),
        ("2023-05-04T14:00:00", True),
        ("2023-05-04T20:00:00", False),
    ],
)
def test_a_window_begins_inclusive_and_ends_exclusive(moment: str, open_: bool) -> None:
    assert CHINA.is_open(shanghai(moment), SENDING, working_days=False) is open_


@pytest.mark.parametrize(
    ("moment", "opens", "working_days"),
    [
        ("2023-05-04T10:30:00", "2023-05-04T10:30:00", True),
        ("2023-05-04T07:00:00", "2023-05-04T09:00:00", True),
        ("2023-05-04T12:00:00", "2023-05-04T14:00:00", True),
        ("2023-05-04T20:00:00", "2023-05-05T09:00:00", True),
        ("2023-05-05T21:00:00", "2023-05-06T09:00:00", True),  # the worked Saturday
        ("2023-04-28T20:00:00", "2023-05-04T09:00:00", True),  # over the May holiday
        ("2023-04-28T20:00:00", "2023-04-29T09:00:00", False),
        ("2022-12-31T23:59:59", "2023-01-03T09:00:00", True),  # over the year's end
    ],
)
def test_the_next_opening_passes_over_nights_and_holidays(
    moment: str, opens: str, working_days: bool
) -> None:
    found = CHINA.next_open(shanghai(moment), SENDING, working_days=working_days)
    assert found == shanghai(opens)


@given(MOMENTS, st.booleans())
def test_the_next_opening_is_open_and_the_first(moment: datetime, working_days: bool) -> None:
    found = CHINA.next_open(moment, SENDING, working_days=working_days)
    assert found >= moment
    assert CHINA.is_open(found, SENDING, working_days=working_days)
    step = (found - moment) / 7
    before = [moment + n * step for n in range(7)] if found > moment else []
    assert not any(CHINA.is_open(one, SENDING, working_days=working_days) for one in before)


@given(DAYS)
def test_a_local_day_lies_between_its_midnights(day: date) -> None:
    start, end = CHINA.at(day, time(0)), CHINA.end_of(day)
    assert (end - start, start.tzinfo) == (timedelta(days=1), UTC)
    assert CHINA.day(start) == CHINA.day(end - timedelta(microseconds=1)) == day


@given(DAYS)
def test_months_follow_each_other(day: date) -> None:
    month = month_of(day)
    assert next_month(day) == last_day(month) + timedelta(days=1)
    assert months_between(day, next_month(day)) == [month, month_of(next_month(day))]


def test_the_machines_clock_is_aware() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_a_set_clock_stands_until_it_is_moved() -> None:
    clock = SetClock(shanghai("2023-05-04T12:00:00"))
    assert clock.now() == clock.now()
    assert clock.advance(timedelta(hours=1)) == clock.now() == shanghai("2023-05-04T13:00:00")
