"""`deadlines`, and the reminders of `day`, as they are typed and read."""

import json
import re
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from survey_pipeline.cli import days, deadlines, support
from survey_pipeline.context import Context
from survey_pipeline.edited import shipped
from survey_pipeline.store.crypto import new_keys, write_key_file
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import daily_reports, offices, parents, satisfaction_results
from survey_pipeline.testing import add_offices, workspace

CONFIG = '[standards]\n2023 = "wenzhou-2023"\n[[gateway]]\nkind = "simulated"\n'

app = typer.Typer()
app.command("deadlines")(deadlines.deadlines)
app.command("day")(days.day)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "pipeline.toml").write_text(f'locale = "en"\n{CONFIG}')
    shutil.copytree(shipped() / "templates", tmp_path / "templates")
    write_key_file(tmp_path / "survey.key", new_keys())
    support.called_with(tmp_path)
    return tmp_path


@pytest.fixture
def context(home: Path) -> Context:
    made = workspace(home)
    add_offices(made, "health", "health", "finance")
    return made


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def listed(*words: str) -> list[dict[str, Any]]:
    done = run("deadlines", *words, "--json")
    assert done.exit_code == 0
    found: list[dict[str, Any]] = json.loads(done.stdout)["deadlines"]
    return found


def deliver(context: Context, month: str, *codes: str) -> None:
    counts = dict.fromkeys(("reported", "sampled", "satisfied", "neutral", "dissatisfied"), 0)
    common = {"month": month, "source": "s", "mode": "phone", "late": False, "import_id": 1}
    with writing(context.engine) as connection:
        for row_no, code in enumerate(codes, 2):
            connection.execute(
                satisfaction_results.insert().values(
                    office_code=code,
                    delivered_on=date(2023, 6, 20),
                    row_no=row_no,
                    **common,
                    **counts,
                )
            )


def row_with(text: str, *words: str) -> str:
    """The one line of an output that has all the words."""
    found = [line for line in text.splitlines() if all(word in line for word in words)]
    assert len(found) == 1, text
    return found[0]


@pytest.mark.usefixtures("context")
def test_what_is_overdue_comes_before_what_falls_due_in_30_days() -> None:
    found = listed("--date", "2023-06-26")
    assert [one["state"] for one in found] == sorted(
        (one["state"] for one in found), key=["overdue", "due"].index
    )
    assert max(one["due"] for one in found) == "2023-07-25"
    assert {one["period"] for one in found if one["duty"] == "satisfaction"} == {
        *("2022-11", "2022-12", "2023-01", "2023-02", "2023-03", "2023-04", "2023-05", "2023-06")
    }


def test_an_entry_says_who_owes_what_since_when(context: Context) -> None:
    deliver(context, "2023-05", "HE-1")
    [may] = [
        one
        for one in listed("--date", "2023-06-28")
        if (one["duty"], one["period"]) == ("satisfaction", "2023-05")
    ]
    assert may == {
        "duty": "satisfaction",
        "clause": "H.2",
        "label": "Satisfaction results",
        "who": "the health commission",
        "who_code": None,
        "part": "health",
        "year": 2023,
        "period": "2023-05",
        "first": "2023-05-01",
        "last": "2023-05-31",
        "nominal": "2023-06-25",
        "due": "2023-06-25",
        "provisional": False,
        "state": "overdue",
        "days": 3,
        "came_on": "2023-06-20",
        "came": 1,
        "expected": 2,
        "missing": ["HE-2"],
        "came_as": None,
    }


def test_one_agencys_months_are_one_row_with_the_oldest_date(context: Context) -> None:
    for month in ("2022-11", "2022-12", "2023-01", "2023-02"):
        deliver(context, month, "HE-1", "HE-2")
    text = run("deadlines", "--date", "2023-06-26").stdout
    row = row_with(text, "the health commission", "overdue")
    assert "2023-04-25" in row
    assert "overdue by 62 days" in row
    assert "2023-03 to 2023-05, 3 of them" in row
    assert "0 of 6" in row
    assert "due in 29 days" in row_with(text, "the health commission", "2023-06 ")


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2023-06-24", "due tomorrow"),
        ("2023-06-25", "due today"),
        ("2023-06-26", "overdue by one day"),
    ],
)
def test_the_days_around_a_deadline(context: Context, day: str, words: str) -> None:
    for month in ("2022-11", "2022-12", "2023-01", "2023-02", "2023-03", "2023-04"):
        deliver(context, month, "HE-1", "HE-2")
    row = row_with(run("deadlines", "--date", day).stdout, "Satisfaction results", "2023-05 ")
    assert words in row


def test_all_shows_what_has_come_too(context: Context) -> None:
    deliver(context, "2023-05", "HE-1", "HE-2")
    row = row_with(run("deadlines", "--date", "2023-06-28", "--all").stdout, "2023-05 ", "Satisf")
    assert "came 2023-06-20" in row
    assert "2 of 2" in row
    states = {one["state"] for one in listed("--date", "2023-06-28", "--all")}
    assert states == {"met", "overdue", "due"}


def test_of_many_offices_that_owe_reports_the_first_are_named(context: Context) -> None:
    codes = [*("HE-1", "HE-2", "FI-3"), *add_offices(context, *["finance"] * 11)]
    days = [date(2023, 5, 8) + timedelta(days=7 * (n // 5) + n % 5) for n in range(15)]
    rows = [
        {"office_code": code, "reported_on": day, "reported": 1}
        for number, code in enumerate(codes, 1)
        for day in days[:number]
    ]
    with writing(context.engine) as connection:
        connection.execute(daily_reports.insert(), rows)
    text = run("deadlines", "--date", "2023-05-29").stdout
    named = [line for line in text.splitlines() if "days missing" in line]
    assert len(named) == 10
    assert "2023-05-09 to 2023-05-26 " in row_with(text, "HE-1 Office 1", "14 days missing")
    assert "4 more offices owe reports" in text
    assert "0 of 14" in row_with(text, "due today", "every office")
    everything = run("deadlines", "--date", "2023-05-29", "--all").stdout
    missing = [line for line in everything.splitlines() if "days missing" in line]
    assert len(missing) == 13
    assert "one day missing" in everything


def test_a_city_without_offices_owes_nothing(home: Path) -> None:
    workspace(home)
    text = run("deadlines", "--date", "2023-06-26").stdout
    assert "Nothing is overdue, and nothing falls due in the next 30 days." in text


@pytest.mark.usefixtures("context")
def test_a_year_without_a_calendar_is_marked_and_explained() -> None:
    text = run("deadlines", "--date", "2049-06-28").stdout
    assert re.search(r"2049-\d\d-\d\d \*  +overdue", text)
    assert "no standard is listed for 2049" in text
    assert "the working days of 2049 are not known" in text


@pytest.mark.usefixtures("context")
def test_in_a_chinese_workspace_every_word_is_chinese(home: Path) -> None:
    (home / "config" / "pipeline.toml").write_text(f'locale = "zh_CN"\n{CONFIG}')
    for words in (("--date", "2023-11-10", "--year", "2023"), ("--date", "2049-11-10", "--all")):
        support.called_with(home)
        text = run("deadlines", *words).stdout.replace("Bureau", "")
        assert re.findall(r"[A-Za-z]{2,}", text) == []


def test_day_reminds_of_what_is_overdue_or_due_within_a_week(context: Context) -> None:
    for month in ("2022-11", "2022-12", "2023-01", "2023-02", "2023-03", "2023-04"):
        deliver(context, month, "HE-1", "HE-2")
    text = run("day", "--date", "2023-06-19").stdout
    assert (
        "2023-06-25, due in 6 days: Satisfaction results (Health), for 2023-05: the health" in text
    )
    overdue = text.split("2023-06-25, due")[0]
    assert "Self-check filings, for 2022-11 to 2023-04, 6 of them: Bureau" in overdue
    assert "2023-07" not in text
    found = json.loads(run("day", "--date", "2023-06-19", "--json").stdout)["deadlines"]
    assert {one["duty"] for one in found} == {"satisfaction", "self_check", "hotline"}
    assert [one["due"] for one in found if one["state"] == "due"] == ["2023-06-25", "2023-06-25"]


@pytest.mark.usefixtures("context")
def test_a_broken_standard_holds_the_draw_up_until_it_is_mended(home: Path) -> None:
    """Who asks whom is the standard's: without it nobody can say which cases are ours."""
    standard = home / "config" / "standards" / "wenzhou-2023.toml"
    right = standard.read_text("utf-8")
    standard.write_text("id = 1\n")
    for command in ("day", "deadlines"):
        refused = run(command, "--date", "2023-06-19")
        assert refused.exit_code == 4
        assert "config/standards/wenzhou-2023.toml" in refused.stderr
    standard.write_text(right, "utf-8")
    assert run("day", "--date", "2023-06-19").exit_code == 0


def test_departments_that_owe_alike_share_a_row(context: Context) -> None:
    with writing(context.engine) as connection:
        for number in range(2, 8):
            code = f"P-{number}"
            connection.execute(
                parents.insert().values(
                    parent_code=code, name=f"Dept {number}", hotline_group="city_agency"
                )
            )
            connection.execute(
                offices.insert().values(
                    office_code=f"FI-9{number}", name="X", category="finance", parent_code=code
                )
            )
    text = run("deadlines", "--date", "2023-06-19").stdout
    row = row_with(text, "Self-check", "due in 6 days")
    assert "Bureau, Dept 2, Dept 3 and 4 more" in row
