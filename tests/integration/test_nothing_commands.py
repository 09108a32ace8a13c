"""`report nothing filings` and `report nothing hotline` as they are typed."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from survey_pipeline.cli import deadlines, nothing, support
from survey_pipeline.store.crypto import new_keys, write_key_file
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import offices, parents
from survey_pipeline.testing import workspace

app = typer.Typer()
app.add_typer(nothing.group, name="nothing")
app.command("deadlines")(deadlines.deadlines)


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Path:
    """One department with one office; the clock is the real one, years after 2023."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "pipeline.toml").write_text(
        'locale = "en"\n[standards]\n2023 = "wenzhou-2023"\n'
    )
    write_key_file(tmp_path / "survey.key", new_keys())
    support.called_with(tmp_path)
    made = workspace(tmp_path)
    with writing(made.engine) as connection:
        connection.execute(
            parents.insert().values(parent_code="P-1", name="Bureau", hotline_group="none")
        )
        connection.execute(
            offices.insert().values(
                office_code="A-1", name="Office", category="agency", parent_code="P-1"
            )
        )
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def test_a_month_without_findings_is_recorded_once_and_taken_back() -> None:
    said = run("nothing", "filings", "P-1", "2023-06", "--by", "li")
    assert (said.exit_code, said.stdout) == (0, "P-1, 2023-06: nothing to bring, recorded.\n")
    again = run("nothing", "filings", "P-1", "2023-06", "--by", "li", "--json")
    assert json.loads(again.stdout) == {
        "duty": "self_check",
        "parent_code": "P-1",
        "period": "2023-06",
        "first": "2023-06-01",
        "last": "2023-06-30",
        "new": False,
        "undone": False,
    }
    not_hers = run("nothing", "filings", "P-1", "2023-06", "--by", "wang", "--undo")
    assert not_hers.exit_code == 4
    back = run("nothing", "filings", "P-1", "2023-06", "--by", "li", "--undo")
    assert "outstanding again" in back.stdout


@pytest.mark.parametrize("written", ["2023Q1", "2023-Q1", "2023q1", "2023年第1季度"])
def test_a_quarter_is_written_in_several_ways(written: str) -> None:
    document = json.loads(run("nothing", "hotline", written, "--json").stdout)
    assert (document["duty"], document["period"], document["new"]) == ("hotline", "2023-Q1", True)
    assert document["parent_code"] is None


def test_which_part_of_a_quarter_is_told_with_its_days() -> None:
    assert "2023-Q4 (2023-11-01 to 2023-12-31)" in run("nothing", "hotline", "2023Q4").stdout
    own = run("nothing", "hotline", "2023Q4", "--year", "2023")
    assert "2023-Q4 (2023-10-01 to 2023-10-31)" in own.stdout


@pytest.mark.parametrize("words", [("hotline", "2023Q5"), ("filings", "P-1", "2023-13")])
def test_what_is_no_quarter_or_month_is_refused(words: tuple[str, ...]) -> None:
    assert run("nothing", *words).exit_code == 2


def test_the_list_says_who_said_nothing() -> None:
    run("nothing", "filings", "P-1", "2023-06", "--by", "li")
    run("nothing", "hotline", "2023-Q2", "--by", "li")
    found = json.loads(run("deadlines", "--year", "2023", "--all", "--json").stdout)["deadlines"]
    came_as = {(one["duty"], one["period"]): one["came_as"] for one in found}
    assert came_as["self_check", "2023-06"] == "nothing"
    assert came_as["hotline", "2023-Q2"] == "nothing"
    assert came_as["performance", "2023"] is None
