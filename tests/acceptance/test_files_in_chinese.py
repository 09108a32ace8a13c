"""What a Chinese workspace hands out is Chinese: every cell, and every reason of a check."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from survey_pipeline.simulation.demo import DemoSize, run_demo
from survey_pipeline.stages.intake.uploads.case_template import make_template

WORD = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
CODE = re.compile(
    r"[A-Z]{2}-\d+/[A-Z]{2}-[A-Z]{2}-\d+|[A-Z]{1,2}-[A-Z]{2}-\d+|[A-Z]{1,2}-\d+|[A-I]\d?(?:\.?[a-z]?\d+)?[a-z]?"
)
"""Keys of offices and records, and clauses of the standard."""
CITATION = {"AAPOR", "Standard", "Definitions", "RR1", "COOP1", "REF1", "CON1"}
KNOWN = CITATION | {"I", "R", "NC", "O", "UH", "UO", "Wilson", "xlsx"}
"""The citation, the rates and groups that it names, a statistician, a format."""
APPENDIX = ("附录（供分析员核对）",)
"""Sheets for who checks the figures: they name hashes, the standard's file, and others."""
BROUGHT_IN = re.compile(r"[\w-]+\.csv|demo")
"""A file, and who brought it in."""
MONTH = "2023-05"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chinese") / "city"
    run_demo(folder, MONTH, "one seed", DemoSize(offices=12, days=3, cases_per_day=6), environ={})
    return folder


def call(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "survey_pipeline.cli", "--home", str(home), *words],
        env={**os.environ, "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )


def english(text: str) -> list[str]:
    return [word for word in WORD.findall(text) if not CODE.fullmatch(word) and word not in KNOWN]


def words_of(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each English word of a workbook, with its sheet."""
    for sheet in openpyxl.load_workbook(path):
        texts = [sheet.title, *(str(cell.value) for row in sheet for cell in row if cell.value)]
        for found in texts:
            text = found
            if sheet.title in APPENDIX:
                text = "" if "SHA-256" in text else BROUGHT_IN.sub("", text)
            yield from ((sheet.title, word) for word in english(text))


@pytest.mark.parametrize("period", [("month", MONTH), ("year", "2023")], ids=["month", "year"])
def test_every_cell_of_a_workbook_is_chinese(
    home: Path, period: tuple[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "file.xlsx"
    done = call(home, "export", *period, "--format", "xlsx", "--output", str(path))
    assert done.returncode == 0, done.stderr
    assert set(words_of(path)) == set()


def test_every_cell_of_the_call_list_is_chinese(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    asked = ("--category", "health", "--date", "2023-05-31", "--output", str(path))
    done = call(home, "export", "handover", *asked)
    assert done.returncode == 0, done.stderr
    assert set(words_of(path)) == set()


def test_every_cell_of_the_offices_template_is_chinese(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    path.write_bytes(make_template("zh_CN"))
    assert set(words_of(path)) == set()


@pytest.mark.parametrize("form", ["month", "year"])
def test_the_pages_to_circulate_name_no_file(home: Path, form: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    period = MONTH if form == "month" else "2023"
    assert call(home, "export", form, period, "--format", "html", "-o", str(path)).returncode == 0
    text = path.read_text(encoding="utf-8")
    for named in (".csv", "docs/", "aapor_", "own mapping"):
        assert named not in text
