"""`day` and `status` as they are typed: the run is on record, hints fit the moment."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from survey_pipeline import day_runs
from survey_pipeline.app import open_app
from survey_pipeline.catching_up import begin_day
from survey_pipeline.cli.main import app
from survey_pipeline.store.engine import reading
from survey_pipeline.workspace import create_workspace

YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
PARENTS = ["parent_code", "name", "hotline_group"], ["P-1", "Bureau", "city_agency"]
OFFICES = ["office_code", "name", "category", "parent_code"], ["AG-1", "Desk", "agency", "P-1"]
CASES = (
    ["office_code", "case_no", "served_on", "phone", "item"],
    *(["AG-1", f"K-{n}", f"{YESTERDAY}", f"1391234567{n}", "card"] for n in range(2)),
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    create_workspace(tmp_path / "W")
    monkeypatch.setenv("SURVEY_LOCALE", "en")
    for kind, rows in (("parents", PARENTS), ("offices", OFFICES), ("cases", CASES)):
        file = tmp_path / f"{kind}.csv"
        with file.open("w", newline="") as opened:
            csv.writer(opened).writerows(rows)
        day = ("--reported-on", str(YESTERDAY)) if kind == "cases" else ()
        assert call(tmp_path / "W", "import", kind, str(file), *day).exit_code == 0
    return tmp_path / "W"


def call(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), *arguments])


def answered(home: Path, *arguments: str) -> Any:
    done = call(home, *arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_dry_run_of_the_day_stores_nothing(home: Path) -> None:
    planned = answered(home, "day", "--dry-run")
    assert (planned["frame"], planned["drawn"], planned["messages"]) == (2, 2, 2)
    assert (planned["segments"], planned["cost"]) == (2, "0.090")
    assert planned["costs"] == {"CNY": "0.090"}
    assert [one["office_code"] for one in planned["missing_reports"]] in (["AG-1"], [])
    said = call(home, "day", "--dry-run").stdout
    assert "would be drawn: 2 of 2 cases" in said
    assert "2 texts, 2 segments, cost 0.090 CNY" in said
    assert answered(home, "status")["draws"] == []


def test_a_run_by_hand_is_on_record(home: Path) -> None:
    assert "last daily run: none yet" in call(home, "status").stdout
    assert answered(home, "day")["sample"]["drawn"] == 2
    app_ = open_app(home, environ={})
    today = app_.context.today()
    assert f"last daily run: {today}" in call(home, "status").stdout
    with reading(app_.context.engine) as connection:
        run = day_runs.run_of(connection, today)
    assert run is not None
    assert run.result["drawn"] == 2
    assert run.result["by"]
    app_.close()


def test_two_runs_at_once_are_refused(home: Path) -> None:
    app_ = open_app(home, environ={})
    begin_day(app_.context)
    app_.close()
    refused = call(home, "day")
    assert refused.exit_code == 4
    assert "under way" in refused.stderr


@pytest.mark.parametrize(
    ("hours", "hint"),
    [
        ('["00:00-23:59"]', "texts wait to be sent: survey-pipeline dispatch"),
        ('["{later}-23:59"]', "texts wait for the sending hours: from "),
    ],
)
def test_a_hint_fits_the_moment(home: Path, hours: str, hint: str, tmp_path: Path) -> None:
    config = home / "config/pipeline.toml"
    now = datetime.now(UTC)
    zone = f"Etc/GMT{now.hour - 12:+d}" if now.hour != 12 else "Etc/GMT"  # it is noon here
    text = config.read_text(encoding="utf-8").replace("Asia/Shanghai", zone)
    closed = text.replace('["09:00-12:00", "14:00-20:00"]', '["22:00-23:59"]')
    config.write_text(closed, encoding="utf-8")
    assert call(home, "day").exit_code == 0
    opened = hours.format(later="22:00")
    config.write_text(closed.replace('["22:00-23:59"]', opened), encoding="utf-8")
    said = call(home, "status").stdout
    assert hint in said
    assert said.count("-> texts") == 1
