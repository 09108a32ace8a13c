"""Every command explains itself, and starts without loading what it does not need."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from survey_pipeline.cli.main import app
from survey_pipeline.workspace import create_workspace

HEAVY = (
    "alembic", "apscheduler", "babel", "chinese_calendar", "cryptography", "openpyxl", "pandas",
    "phonenumbers", "pyarrow", "sqlalchemy", "sqlmodel", "twilio", "xlsxwriter",
)  # fmt: skip
"""Libraries that take longer to load than most commands to run; Typer itself loads pydantic."""
PROMISED = {
    "init", "doctor", "import", "withdraw", "report zero", "objections add",
    "objections list", "objections decide", "sample", "verify-draw", "dispatch",
    "day", "replies list", "replies code", "replies try", "callbacks list", "callbacks next",
    "callbacks log", "score month", "explain", "export month", "export answers",
    "export handover", "deadlines", "status", "db upgrade", "demo", "run", "worker",
    "review select", "review draw", "review links", "review invite", "review open",
    "review close", "review status", "standard show", "standard check",
    "standard new", "standard diff",
}  # fmt: skip
REPORTING = PROMISED - {"run", "worker", "demo"} - {
    "export month", "export answers", "export handover",
}  # fmt: skip
"""Commands that report and so have `--json`; exports print the path they wrote."""


def walk(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every command and group below the root, with its words."""
    for name, below in getattr(command, "commands", {}).items():
        words = f"{path} {name}".strip()
        yield words, below
        yield from walk(below, words)


ALL = dict(walk(typer.main.get_command(app)))
COMMANDS = {words: one for words, one in ALL.items() if not getattr(one, "commands", None)}


def test_the_promised_commands_are_there() -> None:
    assert not PROMISED - set(COMMANDS)


@pytest.mark.parametrize("words", sorted(COMMANDS))
def test_a_command_has_help_with_an_example(words: str) -> None:
    text = COMMANDS[words].help or ""
    first = text.strip().splitlines()[0]
    assert len(first) > 10, "one line that says what it does"
    assert f"survey-pipeline {words}" in text.partition("Example:")[2]


@pytest.mark.parametrize("words", sorted(set(ALL) - set(COMMANDS)))
def test_a_group_says_what_it_is_for(words: str) -> None:
    assert (ALL[words].help or "").strip()


@pytest.mark.parametrize("words", sorted(COMMANDS))
def test_every_option_and_argument_has_help(words: str) -> None:
    silent = [one.name for one in COMMANDS[words].params if not getattr(one, "help", None)]
    assert silent == []


@pytest.mark.parametrize("words", sorted(REPORTING))
def test_a_command_that_reports_offers_json(words: str) -> None:
    assert "--json" in [opt for one in COMMANDS[words].params for opt in one.opts]


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["import", "--help"]])
def test_help_loads_no_heavy_library(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from survey_pipeline.cli.main import app\n"
        f"app({arguments!r}, standalone_mode=False)\n"
        f"print('LOADED', sorted(set({HEAVY!r}) & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "LOADED []"


NOT_FOR_STATUS = {"jinja2", "openpyxl", "fastapi", "aiohttp", "pyarrow"}


def test_a_command_that_asks_one_question_loads_what_it_needs(tmp_path: Path) -> None:
    create_workspace(tmp_path)
    code = (
        "import sys\n"
        "from survey_pipeline.cli.main import app\n"
        f"app(['--home', {str(tmp_path)!r}, 'status', '--json'], standalone_mode=False)\n"
        f"print('LOADED', sorted({NOT_FOR_STATUS!r} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "LOADED []"
