"""`score month`, `explain`, `export ...` as they are typed (specification, sections 2 and 8)."""

import csv
import json
import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import typer
from typer.testing import CliRunner, Result

from survey_pipeline.cli import explain, exports, scores, support
from survey_pipeline.i18n import ORGANISATION, name_organisation
from survey_pipeline.store.crypto import derived_keys, write_key_file

app = typer.Typer()
app.add_typer(scores.score_group, name="score")
app.command("explain")(explain.explain)
app.add_typer(exports.export_group, name="export")


@pytest.fixture
def home(month: Any) -> Path:
    """The small month's workspace, as the command line opens it."""
    home: Path = month.context.home
    config = 'locale = "en"\n[standards]\n2023 = "wenzhou-2023"\n'
    (home / "config" / "pipeline.toml").write_text(config)
    write_key_file(home / "survey.key", derived_keys("test"))
    support.called_with(home)
    return home


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def test_score_month_prints_a_table_and_what_it_rests_on(home: Path) -> None:
    done = run("score", "month", "2023-05")
    assert done.exit_code == 0
    for text in ("Permits desk", "23.52", "7/9/124", "wenzhou-2023", "not confirmed", "complete"):
        assert text in done.stdout


@pytest.mark.parametrize(
    "command", [("score", "month", "2023-05"), ("explain", "AG-1", "--month", "2023-05")]
)
def test_the_terminal_tells_local_time(home: Path, command: tuple[str, ...]) -> None:
    here = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai"))
    shown = run(*command).stdout
    assert "UTC" not in shown
    assert f"computed {here:%Y-%m-%d %H:}" in shown


def test_score_month_as_json_is_one_document(home: Path) -> None:
    document = json.loads(run("score", "month", "2023-05", "--json").stdout)
    rows = {row["office_code"]: row for row in document["offices"]}
    assert document["version"] == 1
    assert rows["AG-1"]["points"] == "23.52"
    assert rows["AG-1"]["by_mode"]["phone"]["satisfied"] == 2
    assert rows["FI-1"]["note"] == "no rating: nobody rated any of the 5 cases drawn"


@pytest.mark.parametrize(
    ("office", "texts"),
    [
        ("AG-1", ("23.5200", "21.4286", "-0.4800", "30 x 0.8 x 0.98 = 23.5200", "A.1a", "A.2")),
        (
            "ED-1",
            ("3 answers to the survey of 市评议办", "does not count", "lead agency"),
        ),
        ("FI-1", ("nobody rated a case", "absent and missing, not zero")),
        ("SC-1", ("exempt from the appraisal: merged, -2 desks",)),
    ],
)
def test_explain_prints_every_line_with_clause_and_evidence(
    home: Path, office: str, texts: tuple[str, ...]
) -> None:
    done = run("explain", office, "--month", "2023-05")
    assert done.exit_code == 0
    for text in texts:
        assert text in done.stdout


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_explain_holds_nothing_that_only_a_statistician_reads(
    home: Path, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    monkeypatch.setenv("SURVEY_LOCALE", locale)
    shown = run("explain", "ED-2", "--month", "2023-05").stdout
    assert not re.findall(r"RR1|Wilson|AAPOR|(?<![\d.])[1-4]\.\d{1,3} [A-Z\u4e00-\u9fff]", shown)


def test_the_lines_of_an_explanation_add_up(home: Path) -> None:
    document = json.loads(run("explain", "ED-2", "--month", "2023-05", "--json").stdout)
    (head,) = document["lines"]
    counted = [line for line in head["children"] if line["counted"]]
    in_units = [round(float(line["points"]) * 10_000) for line in counted]
    assert sum(in_units) == round(float(head["points"]) * 10_000) == 203_700


def test_an_unknown_office_is_one_line_and_exit_code_4(home: Path) -> None:
    done = run("explain", "XX-9", "--month", "2023-05")
    assert done.exit_code == 4
    assert done.stderr.startswith("there is no office XX-9")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("form", ["xlsx", "csv", "json", "html"])
def test_export_month_writes_to_the_workspace_and_prints_where(home: Path, form: str) -> None:
    done = run("export", "month", "2023-05", "--format", form)
    path = home / "exports" / f"satisfaction-2023-05.{form}"
    assert done.exit_code == 0
    assert done.stdout.strip() == str(path)
    assert done.stderr == ""
    assert path.stat().st_size > 1000
    assert list(path.parent.iterdir()) == [path]


def test_the_format_follows_the_ending_of_the_output(home: Path) -> None:
    path = home / "may.csv"
    document = json.loads(run("export", "month", "2023-05", "-o", path, "--json").stdout)
    assert document == {
        "file": str(path), "month": "2023-05", "version": 1, "complete": True, "offices": 14,
    }  # fmt: skip
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 14


def test_exporting_twice_gives_the_same_bytes_and_one_version(home: Path) -> None:
    contents = []
    for name in ("a.json", "b.json"):
        assert run("export", "month", "2023-05", "-o", home / name).exit_code == 0
        contents.append((home / name).read_bytes())
    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    "words",
    [
        ("month", "2023-05", "--output", "{home}/nowhere/may.csv"),
        ("answers", "--month", "2023-05", "--output", "{home}/nowhere/may.csv"),
        ("month", "2023-04", "--format", "csv"),
        ("month", "2999-01", "--format", "csv"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_4(
    home: Path, words: tuple[str, ...]
) -> None:
    done = run("export", *(word.format(home=home) for word in words))
    assert done.exit_code == 4
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    "words",
    [
        ("month", "May"),
        ("month", "2023-05", "--format", "pdf"),
        ("answers", "--month", "2023-13"),
        ("handover", "--category", "agency", "--date", "2023-05-09"),
        ("handover", "--category", "agency", "--reconcile", "--month", "2023-05"),
        ("handover", "--category", "health", "--reconcile"),
        ("handover", "--category", "health", "--month", "2023-05"),
        ("handover", "--category", "health", "--reconcile", "--month", "2023-05", "-o", "x.csv"),
    ],
)
def test_wrong_usage_is_exit_code_2(home: Path, words: tuple[str, ...]) -> None:
    assert run("export", *words).exit_code == 2


def test_export_answers_prints_the_file_and_how_many_rows(home: Path) -> None:
    done = run("export", "answers", "--month", "2023-05", "--format", "parquet")
    assert done.exit_code == 0
    assert done.stdout.strip() == str(home / "exports" / "answers-2023-05.parquet")
    assert "52 drawn cases" in done.stderr


def test_export_handover_reconciles_a_month(home: Path) -> None:
    words = ("export", "handover", "--category", "health", "--reconcile", "--month", "2023-05")
    document = json.loads(run(*words, "--json").stdout)
    assert (document["handed_over"], document["returned"], document["unknown"]) == (2, 0, 0)
    (hospital,) = document["offices"]
    assert (hospital["delivered_whole"], hospital["outstanding"]) == (True, 0)
    shown = run(*words).stdout
    assert "Handed over" in shown
    assert "HE-1: the month came back as a whole, so nothing is outstanding" in shown


def test_a_reconciliation_of_a_month_without_a_handover_says_so(home: Path) -> None:
    done = run("export", "handover", "--category", "health", "--reconcile", "--month", "2023-03")
    assert done.exit_code == 0
    assert "Nothing of 2023-03 was handed over" in done.stdout


def test_export_handover_writes_the_list_of_a_day(home: Path) -> None:
    done = run("export", "handover", "--category", "health", "--date", "2023-05-09", "--json")
    document = json.loads(done.stdout)
    assert document["cases"] == 2 + document["new"]
    assert stat.S_IMODE(Path(document["file"]).stat().st_mode) == 0o600


@pytest.fixture(params=["en", "zh_CN"])
def renamed(home: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The workspace of an office of another name."""
    file = home / "config" / "pipeline.toml"
    config = file.read_text().replace('"en"', f'"{request.param}"')
    file.write_text(config + '[organisation]\nname = "瓯海区考评中心"\n', "utf-8")
    support.called_with(home)
    yield home
    name_organisation(ORGANISATION)


def test_exports_call_the_office_that_asks_by_its_name(renamed: Path) -> None:
    page = renamed / "page.html"
    run("export", "month", "2023-05", "--format", "html", "--output", page)
    said = page.read_text("utf-8")
    assert "瓯海区考评中心" in said
    assert "市评议办" not in said
    assert "瓯海区考评中心" in run("explain", "ED-1", "--month", "2023-05").stdout
