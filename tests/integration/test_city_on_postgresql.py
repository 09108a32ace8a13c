"""A whole city's month and year on PostgreSQL: the same files, byte for byte, as on SQLite."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from survey_pipeline.app import open_app
from survey_pipeline.simulation.demo import DemoReport, DemoSize, run_demo
from survey_pipeline.testing.databases import new_database

SIZE = DemoSize(offices=8, days=2, cases_per_day=8)
MONTH = "2023-05"

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def lived(home: Path, **environ: str) -> DemoReport:
    return run_demo(home, MONTH, "one seed", SIZE, environ=environ)


def files(report: DemoReport) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in report.files if path.suffix != ".parquet"}


@pytest.mark.usefixtures("database")
def test_one_seed_gives_the_same_files_on_both_engines(tmp_path: Path) -> None:
    url = new_database(tmp_path / "city", empty=True)
    here, there = lived(tmp_path / "embedded"), lived(tmp_path / "city", SURVEY_DATABASE__URL=url)
    assert not (tmp_path / "city" / "survey.db").exists()
    assert here.report.complete
    assert len(files(there)) >= 8
    assert files(there) == files(here)


class Operator:
    """Somebody at a shell whose environment names the database."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "city"
        self.url = new_database(self.home, empty=True)

    def says(self, command: str, *, code: int = 0) -> str:
        own = {"SURVEY_DATABASE__URL": self.url, "SURVEY_HOME": str(self.home)}
        done = subprocess.run(
            [sys.executable, "-m", "survey_pipeline.cli", *command.split()],
            env={**os.environ, **own, "SURVEY_LOCALE": "en"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout


@pytest.mark.usefixtures("database")
def test_the_first_commands_make_the_database_that_the_environment_names(tmp_path: Path) -> None:
    operator = Operator(tmp_path)
    assert "made: database" in operator.says(f"init {operator.home}")
    assert not (operator.home / "survey.db").exists()
    assert "kept: database" in operator.says(f"init {operator.home}")
    assert "PostgreSQL, revision" in operator.says("doctor")
    operator.says("db upgrade")
    app = open_app(operator.home, environ={"SURVEY_DATABASE__URL": operator.url})
    assert app.context.today() >= date(2023, 1, 1)
    app.close()
