"""`import`, `withdraw` and `report zero` as they are typed (specification, sections 2 and 12)."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from survey_pipeline.cli import intake, support
from survey_pipeline.store import migrate
from survey_pipeline.store.crypto import new_keys, write_key_file
from survey_pipeline.store.engine import open_engine

REPORTS = Path(__file__).parents[1] / "data" / "reports"

app = typer.Typer()
app.command("import")(intake.import_files)
app.command("withdraw")(intake.withdraw)
app.add_typer(intake.report_group, name="report")


@pytest.fixture
def home(tmp_path: Path) -> Any:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "pipeline.toml").write_text(
        'locale = "en"\n[intake]\nmax_age_days = 3660\n'
    )
    write_key_file(tmp_path / "survey.key", new_keys())
    (tmp_path / "survey.db").touch()
    engine = open_engine("sqlite:///survey.db", tmp_path)
    migrate.upgrade(engine)
    engine.dispose()
    support.called_with(tmp_path)
    for kind in ("parents", "offices"):
        assert run("import", kind, str(copied(tmp_path, f"{kind}.csv"))).exit_code == 0
    return tmp_path


def copied(folder: Path, name: Any) -> Any:
    path = folder / name
    path.write_bytes((REPORTS / name).read_bytes())
    return path


def run(*words: Any) -> Any:
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def test_an_office_is_known_however_its_code_was_copied(home: Path) -> None:
    done = run("report", "zero", "\u202aWZ-AG-001\u202c", "2023-05-04\u200b")
    assert done.exit_code == 0
    assert "WZ-AG-001 had no case on 2023-05-04" in done.stdout


def test_a_sound_file(home: Path) -> None:
    done = run("import", "cases", str(copied(home, "02-education-gb18030.csv")))
    assert done.exit_code == 0
    assert "12" in done.stdout
    assert "序号" in done.stdout


def test_refused_rows_end_with_exit_code_3_and_are_listed(home: Path) -> None:
    done = run("import", "cases", str(copied(home, "01-agency-utf8.csv")))
    assert done.exit_code == 3
    assert "row 18: this is a totals row" in done.stdout
    assert "01-agency-utf8.csv.rejected.csv" in done.stdout.replace("\n", "")


def test_json_is_one_document(home: Path) -> None:
    files = [copied(home, name) for name in ("03-health-semicolon.csv", "08-formulas.csv")]
    done = run("import", "cases", *map(str, files), "--json")
    assert done.exit_code == 3
    first, second = json.loads(done.stdout)["files"]
    assert (first["accepted"], first["refused"], first["rejected_file"]) == (12, 0, None)
    assert second["problems"][0]["column"] == "phone"


def test_an_unreadable_file_is_one_line_and_exit_code_4(home: Path) -> None:
    path = home / "empty.csv"
    path.write_bytes(b"")
    done = run("import", "cases", str(path))
    assert done.exit_code == 4
    assert done.stderr == "empty.csv is empty\n"


def test_unknown_kinds_and_dates_are_wrong_usage(home: Path) -> None:
    assert run("import", "ducks", "x.csv").exit_code == 2
    assert run("import", "cases", "x.csv", "--reported-on", "4/5/2023").exit_code == 2


def test_a_dry_run_says_so(home: Path) -> None:
    path = copied(home, "01-agency-utf8.csv")
    done = run("import", "cases", str(path), "--dry-run")
    assert done.exit_code == 3
    assert "Nothing was stored" in done.stdout
    assert not path.with_name(path.name + ".rejected.csv").exists()


def test_withdraw_and_zero_report(home: Path) -> None:
    run("import", "cases", str(copied(home, "03-health-semicolon.csv")))
    assert run("withdraw", "cases", "WZ-HE-001/HE202300200", "--reason", "twice").exit_code == 0
    again = run("withdraw", "cases", "WZ-HE-001/HE202300200", "--reason", "twice")
    assert again.exit_code == 4
    assert "already" in again.stderr
    proof = run("withdraw", "cases", "WZ-HE-001/HE202300201", "--reason", "r", "--never-a-case")
    assert proof.exit_code == 2
    zero = run("report", "zero", "WZ-AG-001", "2023-05-04", "--json")
    assert json.loads(zero.stdout) == {
        "office_code": "WZ-AG-001",
        "day": "2023-05-04",
        "new": True,
    }
    assert run("report", "zero", "WZ-XX-001", "2023-05-04").exit_code == 4
