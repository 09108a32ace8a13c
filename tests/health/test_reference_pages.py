"""The generated reference says what the commands say."""

import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"


def test_the_page_of_commands_is_what_they_say_of_themselves() -> None:
    """After a change of a command: scripts/reference."""
    said = subprocess.run(
        [sys.executable, "-m", "typer", "survey_pipeline.cli.main", "utils", "docs",
         "--name", "survey-pipeline"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout  # fmt: skip
    assert PAGE.read_text("utf-8").strip() == said.strip()
