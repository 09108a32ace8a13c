"""What is refused of a file is said in Chinese, with the headings and words that staff know."""

import csv
import re
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from survey_pipeline.cli.border import run as call
from survey_pipeline.cli.main import app
from survey_pipeline.stages.intake.kinds import KINDS
from survey_pipeline.vocabulary import RecordKind

FILED = [kind for kind in RecordKind if kind is not RecordKind.BALLOTS]
"""Ballots are refused as a whole while no review is open."""
LATIN = re.compile(r"[A-Za-z][A-Za-z_-]{2,}")
KNOWN = {"CSV", "XLSX"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SURVEY_LOCALE", "zh_CN")
    made = CliRunner().invoke(app, ["init", str(tmp_path)], catch_exceptions=False)
    assert made.exit_code == 0
    return tmp_path


def run(home: Path, *words: str) -> str:
    typed = ["--home", str(home), *words]
    return CliRunner().invoke(app, typed, catch_exceptions=False).output


def reasons(home: Path, kind: RecordKind, *rows: list[str]) -> list[str]:
    """Import rows below Chinese headings; return the columns and reasons of the refusals."""
    file = home / "1.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([[one.labels[0] for one in KINDS[kind].columns], *rows])
    run(home, "import", kind, str(file))
    with (home / "1.csv.rejected.csv").open(encoding="utf-8-sig", newline="") as opened:
        return [cell for row in list(csv.reader(opened))[1:] for cell in row[1:3]]


@pytest.mark.parametrize("kind", FILED)
def test_a_refused_row_names_no_code(home: Path, kind: RecordKind) -> None:
    width = len(KINDS[kind].columns)
    blank = ["", *["x"] * (width - 1)]
    told = reasons(home, kind, ["9"] * width, ["某"] * width, blank, ["无", *["1"] * (width - 1)])
    assert len(told) >= 4
    spoken = [LATIN.findall(cell) for cell in told]
    assert {word for words in spoken for word in words} - KNOWN == set()


@pytest.mark.parametrize("kind", FILED)
def test_a_file_without_a_header_is_told_the_chinese_headings(home: Path, kind: RecordKind) -> None:
    file = home / "1.csv"
    file.write_text("甲,乙\n1,2\n", encoding="utf-8")
    said = run(home, "import", kind, str(file)).replace("\n", "")
    needed = [one.labels[0] for one in KINDS[kind].columns if one.required]
    assert [heading for heading in needed if heading not in said] == []
    assert LATIN.findall(said.replace("1.csv", "")) == []


def test_a_column_that_the_file_lacks_has_its_chinese_heading(home: Path) -> None:
    file = home / "1.csv"
    file.write_text("记录编号,条款,发生日期,扣分\nS-1,C3.4,2026-01-05,0.1\n", encoding="utf-8")
    said = run(home, "import", "supervision", str(file))
    assert "处室(站所)编码" in said
    assert "office_code" not in said


def test_what_the_system_refuses_is_said_in_chinese(home: Path) -> None:
    assert "文件或文件夹不存在" in run(home, "import", "cases", str(home / "nosuch.csv"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sample", "--date"), "--date 后面须填值"),
        (("status", "x"), "参数过多：x"),
        (("status", "--json=1"), "--json 后面不填值"),
        (("withdraw", "cases", "1", "--reason", "x"), "办件的编号写作 处室(站所)编码/办件编号"),
        (("withdraw", "cases", "A/1", "--reason", "x"), "没有编号为 A/1 的办件记录"),
    ],
)
def test_a_wrong_call_is_explained_in_chinese(
    home: Path, capfd: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:

    call(get_command(app), ["--home", str(home), *words], "survey-pipeline")
    told = capfd.readouterr().err
    assert said in told.replace("\n", "")
