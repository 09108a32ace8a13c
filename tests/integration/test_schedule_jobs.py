"""The worker: the daily run once a day, missed days in order, and no end by a failing job."""

import json
import logging
import os
import shutil
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from survey_pipeline import day_runs, schedule
from survey_pipeline.app import App
from survey_pipeline.catching_up import missed_days, run_missed_days
from survey_pipeline.context import Context
from survey_pipeline.edited import shipped
from survey_pipeline.store.engine import open_engine, reading, writing
from survey_pipeline.store.tables import draws, job_runs
from survey_pipeline.testing import workspace
from survey_pipeline.workspace import create_workspace

GATEWAY = {"kind": "simulated"}


def shanghai(text_: str) -> datetime:
    return datetime.fromisoformat(f"{text_}+08:00")


def opened(home: Path, at: str, **sections: Any) -> App:
    """A workspace that opens at a local time."""
    shutil.copytree(shipped() / "templates", home / "templates")
    context = workspace(home, at=shanghai(at), gateway=[GATEWAY], **sections)
    return App(context, {})


def run(app: App) -> list[date]:
    """What the worker does for missed days; the days it ran."""
    due = schedule.due_today(app)
    reports = run_missed_days(app.context, app.gateways, due_today=due)
    return [report.day for report in reports]


def days(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def recorded(context: Context) -> list[date]:
    with reading(context.engine) as connection:
        return list(
            connection.scalars(
                select(job_runs.c.day)
                .where(job_runs.c.finished_at.is_not(None))
                .order_by(job_runs.c.day)
            )
        )


@pytest.mark.parametrize(
    ("at", "due"), [("17:29:59", False), ("17:30:00", True), ("23:59:59", True), ("00:00", False)]
)
def test_the_daily_run_is_due_from_its_local_time_on(tmp_path: Path, at: str, due: bool) -> None:
    app = opened(tmp_path, f"2023-05-04T{at}")
    assert schedule.due_today(app) is due


@pytest.mark.parametrize(
    ("line", "day", "due"),
    [
        ("0 9 * * 1-5", "2023-05-05", True),  # a Friday
        ("0 9 * * 1-5", "2023-05-06", False),  # a Saturday
        ("0 9 * * 1-5", "2023-05-08", True),  # a Monday
        ("0 9 * * 0", "2023-05-07", True),  # Sunday is 0, as cron counts
        ("0 9 1 * *", "2023-05-01", True),
        ("0 9 1 * *", "2023-05-02", False),
        ("0 9 * * 1", "2023-05-08", True),  # Monday is 1
        ("0 9 * * 1", "2023-05-09", False),
        ("0 9 * * 7", "2023-05-07", True),  # and Sunday 7 as well
        ("0 9 * * sat-sun", "2023-05-07", True),
        ("0 9 * * mon,3", "2023-05-10", True),
        ("0 9 1 * 1", "2023-05-01", True),  # a Monday and the first
        ("0 9 1 * 1", "2023-05-08", True),  # either: a Monday
        ("0 9 1 * 1", "2023-06-01", True),  # either: the first, a Thursday
        ("0 9 1 * 1", "2023-05-09", False),
        ("0 9 31 2 1", "2023-02-06", True),  # no such day, but Mondays
        ("0 9 */2 * 1", "2023-05-08", False),  # a star restricts nothing: both must hold
        ("0 9 */2 * 1", "2023-05-15", True),
    ],
)
def test_a_cron_line_fires_on_the_days_it_names(
    tmp_path: Path, line: str, day: str, due: bool
) -> None:
    app = opened(tmp_path, f"{day}T12:00", schedule={"daily": line})
    assert schedule.due_today(app) is due


def test_either_day_fires_once_where_both_hold(tmp_path: Path) -> None:
    app = opened(tmp_path, "2023-05-01T00:00", schedule={"daily": "0 9 1 * 1"})
    trigger, fired = schedule.daily_trigger(app), []
    moment = None
    for _ in range(6):
        moment = trigger.get_next_fire_time(moment, moment or app.context.now())
        fired.append(f"{moment:%m-%d}")
    assert fired == ["05-01", "05-08", "05-15", "05-22", "05-29", "06-01"]


def test_the_scheduler_has_each_job_once_at_a_time(tmp_path: Path) -> None:
    app = opened(tmp_path, "2023-05-04T12:00")
    made = schedule.make_scheduler(app)
    made.start(paused=True)
    jobs = {job.id: job for job in made.get_jobs()}
    made.shutdown()
    assert set(jobs) == {"daily", "round", "notifications"}
    assert {job.max_instances for job in jobs.values()} == {1}
    assert all(job.coalesce for job in jobs.values())
    fires = jobs["daily"].trigger.get_next_fire_time(None, app.context.now())
    assert fires == shanghai("2023-05-04T17:30")


def test_before_the_first_draw_only_today_is_owed(tmp_path: Path) -> None:
    app = opened(tmp_path, "2023-05-04T12:00")
    assert run(app) == []
    app.context.clock.at = shanghai("2023-05-04T18:00")  # type: ignore[attr-defined] # a SetClock
    assert run(app) == [date(2023, 5, 4)]


def test_no_day_runs_twice(tmp_path: Path) -> None:
    app = opened(tmp_path, "2023-05-04T18:00")
    assert [run(app), run(app), run(app)] == [[date(2023, 5, 4)], [], []]


def test_missed_days_run_once_each_in_date_order(tmp_path: Path) -> None:
    app = opened(tmp_path, "2023-05-04T18:00")
    run(app)
    app.context.clock.at = shanghai("2023-05-08T12:00")  # type: ignore[attr-defined] # a SetClock
    assert run(app) == days("2023-05-05", "2023-05-07")
    app.context.clock.at = shanghai("2023-05-08T17:30")  # type: ignore[attr-defined] # a SetClock
    assert run(app) == days("2023-05-08", "2023-05-08")
    assert recorded(app.context) == days("2023-05-04", "2023-05-08")


def test_a_long_standstill_is_caught_up_as_far_as_configured(tmp_path: Path) -> None:
    app = opened(tmp_path, "2023-05-04T18:00", schedule={"catch_up": "3d"})
    run(app)
    app.context.clock.at = shanghai("2023-06-10T18:00")  # type: ignore[attr-defined] # a SetClock
    assert run(app) == days("2023-06-07", "2023-06-10")


def test_nothing_is_caught_up_in_a_demo(tmp_path: Path) -> None:
    app = opened(tmp_path, "2023-05-04T18:00", demo=True)
    assert missed_days(app.context, due_today=True) == []


def claim(context: Context, day: str, *, hours: int) -> None:
    """Another worker began a day's run; its lease ends in so many hours."""
    now = context.now()
    with writing(context.engine) as connection:
        connection.execute(
            job_runs.insert().values(
                job=day_runs.DAILY,
                day=date.fromisoformat(day),
                started_at=now,
                lease_until=now + timedelta(hours=hours),
            )
        )


def test_days_after_one_that_another_worker_has_wait_for_it(tmp_path: Path) -> None:
    """Drawn first, they would leave its cases undrawn for good."""
    app = opened(tmp_path, "2023-05-04T18:00")
    run(app)
    app.context.clock.at = shanghai("2023-05-07T18:00")  # type: ignore[attr-defined] # a SetClock
    claim(app.context, "2023-05-05", hours=1)
    assert run(app) == []
    app.context.clock.at += timedelta(hours=1)  # type: ignore[attr-defined] # its lease ran out
    assert run(app) == days("2023-05-05", "2023-05-07")


def test_a_job_that_fails_is_logged_and_the_worker_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = opened(tmp_path, "2023-05-04T18:00")
    with writing(app.context.engine) as connection:
        connection.execute(text("ALTER TABLE job_runs RENAME TO gone"))
    with caplog.at_level(logging.INFO), schedule.running(app):
        pass
    assert [one.__dict__.get("action") for one in caplog.records if one.name.endswith("schedule")]
    assert {one.__dict__.get("action") for one in caplog.records} >= {"job_failed"}


def test_the_worker_catches_up_before_it_waits(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = opened(tmp_path, "2023-05-04T18:00")
    with caplog.at_level(logging.INFO), schedule.running(app):
        pass
    assert recorded(app.context) == days("2023-05-04", "2023-05-04")
    ran = [one.__dict__["day"] for one in caplog.records if one.__dict__.get("action") == "day_run"]
    assert ran == ["2023-05-04"]


def test_two_workers_at_once_run_the_day_once(tmp_path: Path) -> None:
    create_workspace(tmp_path)
    command = [sys.executable, "-m", "survey_pipeline.cli", "--home", str(tmp_path)]
    environ = {**os.environ, "SURVEY_SCHEDULE__DAILY": "0 0 * * *"}  # due at any time of the day
    workers = [
        subprocess.Popen([*command, "worker", "--once"], env=environ, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [worker.communicate()[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], said
    engine = open_engine("sqlite:///survey.db", tmp_path)
    with reading(engine) as connection:
        assert len(connection.execute(select(draws)).all()) == 1
        assert len(connection.execute(select(job_runs)).all()) == 1
    engine.dispose()
    status = subprocess.run([*command, "status", "--json"], capture_output=True, check=True)
    assert json.loads(status.stdout)
