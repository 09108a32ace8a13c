"""A host whose clock is not the database server's is told, by `doctor` and in the log."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from survey_pipeline import schedule
from survey_pipeline.app import App, open_app
from survey_pipeline.checks import Level, run_checks
from survey_pipeline.testing.databases import new_database
from survey_pipeline.workspace import create_workspace

pytestmark = [
    pytest.mark.parametrize("database", ["postgresql"], indirect=True),
    pytest.mark.usefixtures("database"),
]


class Ahead:
    """A clock that goes, but not with the others."""

    def __init__(self, by: timedelta) -> None:
        self.by = by

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


def opened(home: Path, clock: Ahead) -> App:
    environ = {"SURVEY_DATABASE__URL": new_database(home, empty=True)}
    create_workspace(home, environ=environ)
    return open_app(home, clock=clock, environ=environ)


def test_a_clock_that_is_off_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = Ahead(timedelta(seconds=-90))
    app = opened(tmp_path, clock)
    (found,) = [
        check for check in run_checks(tmp_path, app.environ, clock) if check.name == "clock"
    ]
    assert found.level is Level.WARNING
    assert found.found.text.startswith("the clock of this machine is")
    assert 89 <= int(str(found.found.params["seconds"])) <= 95

    job = schedule.make_scheduler(app).get_job("round")
    with caplog.at_level(logging.WARNING):
        job.func()
        job.func()
    told = [record for record in caplog.records if getattr(record, "action", "") == "clock_off"]
    assert len(told) == 1, "once as long as it lasts"
    clock.by = timedelta(seconds=2)
    job.func()
    assert not app.context.troubles.of("clock")
    app.close()
