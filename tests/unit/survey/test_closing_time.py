"""When a survey closes: after `closes_after`, and not before three working days of calling."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.calendar import ONE_DAY, Calendar
from survey_pipeline.settings import Settings
from survey_pipeline.survey.time_limits import closing_time, end_of_calling

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar(SHANGHAI)
SETTINGS = Settings()


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("calling_from", "end"),
    [
        ("2023-05-15 10:00", "2023-05-17 17:30"),  # Monday in hours: Monday, Tuesday, Wednesday
        ("2023-05-15 18:00", "2023-05-18 17:30"),  # after hours: from Tuesday on
        ("2023-05-19 10:00", "2023-05-23 17:30"),  # Friday: a weekend lies between
        ("2023-05-20 10:00", "2023-05-24 17:30"),  # Saturday: from Monday on
        ("2023-04-28 18:00", "2023-05-06 17:30"),  # May holiday to Wednesday; Saturday 6 works
        ("2023-09-28 18:00", "2023-10-09 17:30"),  # autumn holiday; Saturday 7 and Sunday 8 work
    ],
)
def test_three_working_days_of_calling(calling_from: str, end: str) -> None:
    assert end_of_calling(local(calling_from), SETTINGS, CALENDAR) == local(end)


def test_a_week_is_long_enough_where_nothing_stands_still() -> None:
    opened = local("2023-05-15 17:30")
    assert closing_time(opened, local("2023-05-17 17:30"), SETTINGS, CALENDAR) == local(
        "2023-05-22 17:30"
    )


def test_a_long_holiday_keeps_it_open_until_it_could_be_called_for_three_days() -> None:
    opened = local("2023-09-28 17:30")
    closes = closing_time(opened, local("2023-09-30 17:30"), SETTINGS, CALENDAR)
    assert closes == local("2023-10-09 17:30")
    assert closes > opened + SETTINGS.survey.closes_after


@given(st.integers(0, 38_000), st.integers(0, 10))
def test_it_is_never_sooner_than_either_rule(hours: int, days: int) -> None:
    at = local("2022-01-01 00:00") + timedelta(hours=hours)
    closes = closing_time(at, at + days * ONE_DAY, SETTINGS, CALENDAR)
    assert closes >= at + SETTINGS.survey.closes_after
    first = CALENDAR.day(at + days * ONE_DAY)
    worked = [
        day
        for offset in range((CALENDAR.day(closes) - first).days + 1)
        if CALENDAR.is_working_day(day := first + offset * ONE_DAY)
    ]
    assert len(worked) >= 3
