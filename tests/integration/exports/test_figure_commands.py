"""`export outcomes|estimates|breakdowns` as typed, and groups after a deletion."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import typer
from sqlalchemy import func, select, update
from typer.testing import CliRunner, Result

from survey_pipeline.cli import exports, figure_exports, support
from survey_pipeline.privacy.purging import purge
from survey_pipeline.reports.breakdowns import month_breakdowns, year_breakdowns
from survey_pipeline.stages.export.formats import write_breakdowns
from survey_pipeline.store.crypto import derived_keys, write_key_file
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import cases

app = typer.Typer()
app.add_typer(exports.export_group, name="export")
for command in (
    figure_exports.export_outcomes,
    figure_exports.export_estimates,
    figure_exports.export_breakdowns,
):
    app.command(command.__name__.removeprefix("export_"))(command)


@pytest.fixture
def home(month: Any) -> Path:
    """The small month's workspace, as the command line opens it."""
    home: Path = month.context.home
    (home / "config" / "pipeline.toml").write_text(
        'locale = "en"\n[standards]\n2023 = "wenzhou-2023"\n'
    )
    write_key_file(home / "survey.key", derived_keys("test"))
    support.called_with(home)
    return home


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def test_a_command_writes_a_file_and_prints_its_figures(home: Path) -> None:
    document = json.loads(run("outcomes", "2023-05", "--e", "UO=0.25", "--json").stdout)
    assert Path(document["file"]) == home / "exports" / "outcomes-2023-05.xlsx"
    assert (document["version"], document["e"]) == (1, {"UO": "0.2500"})
    assert {row["e_other"] for row in document["outcome_rates"]} == {"0.2500"}
    wanted = home / "gap.csv"
    document = json.loads(run("estimates", "2023-05", "--output", wanted, "--json").stdout)
    assert wanted.read_text("utf-8-sig").startswith("grouping,group,name,rated,rate,")
    assert document["gap"][0]["people"] == 3
    assert run("breakdowns", "2023", "--format", "json").exit_code == 0
    year = json.loads((home / "exports" / "breakdowns-2023.json").read_text("utf-8"))
    assert (year["year"], year["months"][-1]) == (2023, "2023-10")
    assert sum(group["drawn"] for group in year["parent"]) == 52


def test_wrong_words_are_refused(home: Path) -> None:
    assert run("outcomes", "2023-05", "--e", "much").exit_code == 2
    assert run("breakdowns", "2023-13").exit_code == 2
    assert run("breakdowns", "193").exit_code == 2


def test_few_ratings_are_shaded_and_formulas_are_text(month: Any, tmp_path: Path) -> None:
    figures = month_breakdowns(month.context, "2023-05")
    write_breakdowns(figures, "xlsx", tmp_path / "groups.xlsx", "en")
    book = openpyxl.load_workbook(tmp_path / "groups.xlsx")
    assert book.sheetnames == ["By channel", "By subject type", "By item", "By parent department"]
    sheet = book["By parent department"]
    [rules] = sheet.conditional_formatting
    assert rules.rules[0].formula == ["$C4<5"]
    assert {cell.data_type for cell in sheet["A"]} <= {"s", "n"}
    words = "\n".join(str(cell.value) for cell in sheet["A"])
    assert "fewer than 5 ratings" in words
    assert "stay the same when personal data is deleted" in words


def test_groups_do_not_shrink_when_personal_data_is_deleted(month: Any) -> None:
    context = month.context
    with writing(context.engine) as connection:
        words = {"channel": "window", "subject_type": "company"}
        connection.execute(update(cases).where(cases.c.id % 2 == 0).values(words))
    before = month_breakdowns(context, "2023-05"), year_breakdowns(context, 2023)
    context.clock.advance(timedelta(days=200))
    purge(context)
    with reading(context.engine) as connection:
        held = connection.scalar(select(func.count()).where(cases.c.phone.is_not(None)))
    assert held == 0
    assert month_breakdowns(context, "2023-05").groups == before[0].groups
    assert year_breakdowns(context, 2023).groups == before[1].groups
