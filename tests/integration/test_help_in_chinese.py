"""Staff who read Chinese are helped in Chinese; examples and names of options stay as they are."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
import typer.rich_utils

from survey_pipeline.cli.help_words import LABELS, paragraphs, speak
from survey_pipeline.cli.main import app

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def in_chinese(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in LABELS:  # to be put back: they are Typer's, and other tests read them
        monkeypatch.setattr(typer.rich_utils, name, getattr(typer.rich_utils, name))
    command = typer.main.get_command(app)
    speak(command, "zh_CN")
    return command


def helps(command: Any, path: str = "survey-pipeline") -> Iterator[tuple[str, str]]:
    option = command.get_help_option(typer.Context(command))
    for shown in (command, *command.params, option):
        yield f"{path} {shown.name}", shown.help or ""
    for name, below in getattr(command, "commands", {}).items():
        yield from helps(below, f"{path} {name}")


def test_every_help_text_is_chinese(in_chinese: Any) -> None:
    english = [
        (path, paragraph)
        for path, text in helps(in_chinese)
        for paragraph in paragraphs(text)
        if not HAN.search(paragraph)
    ]
    assert english == []


def test_examples_stay_as_they_are_behind_a_chinese_label(in_chinese: Any) -> None:
    english = helps(typer.main.get_command(app))
    for (_, shown), (_, written) in zip(helps(in_chinese), english, strict=True):
        assert commands_of(shown) == commands_of(written)
        assert "Example" not in shown


def commands_of(text: str) -> list[str]:
    return re.findall(r"survey-pipeline \S.*$", text, re.MULTILINE)


def asked(home: Path, *arguments: str, **environ: str) -> str:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG"))}
    done = subprocess.run(
        [sys.executable, "-m", "survey_pipeline.cli", *arguments],
        cwd=home,
        env={**kept, "PYTHONIOENCODING": "utf-8", **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_workspace_decides_the_language_else_the_machine(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "pipeline.toml").write_text('locale = "zh_CN"\n')
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert "计算某月满意度得分" in asked(tmp_path, "score", "month", "--help", LANG="C.UTF-8")
    assert "计算某月" in asked(elsewhere, "--home", str(tmp_path), "score", "month", "--help")
    assert "计算某月" in asked(elsewhere, f"--home={tmp_path}", "score", "month", "--help")
    assert "计算某月" in asked(elsewhere, "score", "month", "--help", LANG="zh_CN.UTF-8")
    assert "satisfaction scores" in asked(elsewhere, "score", "month", "--help", LANG="C.UTF-8")


def test_the_headings_around_help_are_chinese(tmp_path: Path) -> None:
    shown = asked(tmp_path, "export", "month", "--help", LANG="zh_CN.UTF-8")
    assert "选项" in shown
    assert "显示本帮助后退出" in shown
    assert "Options" not in shown
