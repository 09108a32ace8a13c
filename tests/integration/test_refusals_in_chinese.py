"""What is refused of a file is said in Chinese, with the headings and words that staff know."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from survey_pipeline.cli.border import run as call
from survey_pipeline.cli.main import app
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.gateways.port import not_sent
from survey_pipeline.gateways.problems import PROBLEMS
from survey_pipeline.settings import load_settings
from survey_pipeline.stages.dispatch.trial_text import result_in_words
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


@pytest.mark.parametrize(
    "line",
    [
        'daily = "0 99 * * *"', 'daily = "61 1 * * *"', 'daily = "0 9 * 13 *"',
        'daily = "0 9 * * mon-xyz"', 'daily = "0 9 31 2 *"', 'daily = "0 9"', 'catch_up = "7x"',
        'rate = "x"', "rate = 1.5", 'hours = ["25:00-12:00"]', 'hours = ["12:60-13:00"]',
        "maximum = -3", 'timezone = "Mars"', 'currency = "yuan"',
        'price_per_segment = "abc"', 'plan = "soon"', "demo = ", 'demo = "', "no_such_key = 1",
    ],
)  # fmt: skip
def test_a_mistake_in_the_configuration_is_told_in_chinese(home: Path, line: str) -> None:
    """Names of keys, and what the file says, stay as they stand in it."""
    config = home / "config" / "pipeline.toml"
    key = line.partition(" =")[0]
    text = config.read_text("utf-8")
    there = re.compile(rf"^{key} = .*$", re.MULTILINE)
    config.write_text(there.sub(line, text) if there.search(text) else f"{line}\n{text}", "utf-8")
    said = "\n".join(tell_all(home))
    value = re.sub(r"（现值为 .*?）", "", said)
    names = re.compile(r"(?:[a-z_]+\.)+[a-z0-9_]+|pipeline\.toml|config/|\b[a-z_]+ 有误")
    spoken = set(LATIN.findall(names.sub("", value)))
    assert said
    assert spoken <= {"TOML", "cron", "Mars", "mon-xyz", "A-Z", key}


def tell_all(home: Path) -> list[str]:
    """Return the lines that a configuration which is wrong is told by."""
    with pytest.raises(ConfigurationError) as refused:
        load_settings(home, {})
    error = refused.value
    return [message.render("zh_CN") for message in (error.message, *error.others)]


@pytest.mark.parametrize("problem", sorted(PROBLEMS))
def test_why_a_gateway_was_not_reached_is_told_in_chinese(problem: str) -> None:
    assert (
        LATIN.findall(result_in_words("通道", "+8613812345678", not_sent(problem)).render("zh_CN"))
        == []
    )


def test_usage_and_types_of_values_are_chinese(home: Path) -> None:
    for words in (("demo", "--help"), ("score", "--help"), ("replies", "try", "--help")):
        said = run_process("--home", str(home), *words)
        assert "用法：" in said
        for english in ("Usage", "OPTIONS", "COMMAND", "ARGS", "int", "<str>"):
            assert english not in said, words


def run_process(*words: str) -> str:
    command = [sys.executable, "-m", "survey_pipeline.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
