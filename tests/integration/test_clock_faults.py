"""Clocks that change: summer time, leap days, the year's end, a clock that is set back or ahead."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from survey_pipeline import schedule
from survey_pipeline.app import App, open_app
from survey_pipeline.calendar import SetClock
from survey_pipeline.catching_up import run_missed_days
from survey_pipeline.testing import FakeGateway, add_case, add_offices
from survey_pipeline.workspace import create_workspace

HALF_AN_HOUR = timedelta(minutes=30)


def opened(home: Path, at: datetime, daily: str, zone: str) -> App:
    create_workspace(home)
    environ = {"SURVEY_TIMEZONE": zone, "SURVEY_SCHEDULE__DAILY": daily}
    app = open_app(home, clock=SetClock(at), environ=environ)
    app.__dict__["gateways"] = {"simulated": FakeGateway()}
    add_offices(app.context, "agency")
    return app


def run(app: App, moments: Iterable[datetime]) -> list[date]:
    """Let the scheduler look at these moments; return the days that it has run."""
    ran = []
    for at in moments:
        app.context.clock.at = at  # type: ignore[attr-defined] # a SetClock
        reports = run_missed_days(app.context, app.gateways, due_today=schedule.due_today(app))
        ran += [report.day for report in reports]
    return ran


@pytest.mark.parametrize(
    ("zone", "daily", "first", "days"),
    [
        ("Europe/Berlin", "30 2 * * *", date(2026, 3, 28), 3),  # 02:30 is not on the 29th
        ("Europe/Berlin", "30 2 * * *", date(2026, 10, 24), 3),  # 02:30 is twice on the 25th
        ("America/Santiago", "0 0 * * *", date(2026, 9, 5), 3),  # midnight is not on the 6th
        ("Asia/Shanghai", "59 23 * * *", date(2028, 2, 28), 3),  # a leap day, at its last minute
        ("Asia/Shanghai", "30 17 * * *", date(2026, 12, 30), 4),  # the year's end
        ("Asia/Shanghai", "0 0 * * *", date(2026, 4, 29), 3),  # the month's end, at midnight
        ("Australia/Lord_Howe", "15 2 * * *", date(2026, 10, 3), 3),  # by half an hour
    ],
)
def test_each_day_is_run_once_in_order_whatever_the_clock_does(
    tmp_path: Path, zone: str, daily: str, first: date, days: int
) -> None:
    begin = datetime.combine(first, datetime.min.time(), ZoneInfo(zone))
    app = opened(tmp_path, begin, daily, zone)
    end = datetime.combine(first + timedelta(days), datetime.min.time(), ZoneInfo(zone))
    count = int((end.timestamp() - begin.timestamp()) / HALF_AN_HOUR.total_seconds())
    utc = begin.astimezone(ZoneInfo("UTC"))
    hours = [utc + HALF_AN_HOUR * n for n in range(count)]
    last_minutes = [at + HALF_AN_HOUR - timedelta(seconds=30) for at in hours]
    moments = sorted([*hours, *last_minutes])
    expected = [first + timedelta(n) for n in range(days)]
    assert run(app, moments) == expected
    app.close()


def test_a_clock_set_back_runs_no_day_again(tmp_path: Path) -> None:
    evening = datetime(2026, 5, 4, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    app = opened(tmp_path, evening, "30 17 * * *", "Asia/Shanghai")
    back = [evening - timedelta(hours=2) + timedelta(minutes=10 * n) for n in range(14)]
    assert run(app, [evening]) == [evening.date()]
    assert run(app, back) == []
    assert run(app, [evening + timedelta(days=1)]) == [date(2026, 5, 5)]
    app.close()


def test_a_clock_three_days_ahead_loses_no_case_when_it_is_set_right(tmp_path: Path) -> None:
    evening = datetime(2026, 5, 4, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    app = opened(tmp_path, evening, "30 17 * * *", "Asia/Shanghai")
    assert run(app, [evening]) == [date(2026, 5, 4)]
    ahead = run(app, [evening + timedelta(days=3)])
    assert ahead == [date(2026, 5, 5), date(2026, 5, 6), date(2026, 5, 7)]
    app.context.clock.at = evening + timedelta(hours=1)  # type: ignore[attr-defined] # set right
    add_case(app.context, "AG-1", "K-1", "+8613812345678")
    assert run(app, [evening + timedelta(days=n) for n in (1, 2, 3)]) == []
    app.context.clock.at = evening + timedelta(days=4)  # type: ignore[attr-defined] # a SetClock
    (report,) = run_missed_days(app.context, app.gateways, due_today=True)
    assert (report.day, report.draw.frame) == (date(2026, 5, 8), 1)
    app.close()


def test_days_without_power_are_run_in_order_back_to_catch_up(tmp_path: Path) -> None:
    evening = datetime(2026, 5, 4, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    app = opened(tmp_path, evening, "30 17 * * *", "Asia/Shanghai")
    assert run(app, [evening]) == [date(2026, 5, 4)]
    morning = evening + timedelta(days=4, hours=-9)
    assert run(app, [morning]) == [date(2026, 5, day) for day in (5, 6, 7)]
    assert run(app, [morning + timedelta(hours=9)]) == [date(2026, 5, 8)]
    assert run(app, [evening + timedelta(days=30)]) == [
        date(2026, 5, 27) + timedelta(days=n) for n in range(8)
    ]
    app.close()
