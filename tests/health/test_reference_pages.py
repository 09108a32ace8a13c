"""The generated references say what the commands and routes say."""

import subprocess
import sys
from pathlib import Path

import pytest

from survey_pipeline.privacy import inventory
from survey_pipeline.web.routes import reference

PAGES = Path(__file__).parents[2] / "docs" / "reference"


def test_the_page_of_commands_is_what_they_say_of_themselves() -> None:
    """After a change of a command: scripts/reference."""
    said = subprocess.run(
        [sys.executable, "-m", "typer", "survey_pipeline.cli.main", "utils", "docs",
         "--name", "survey-pipeline"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout  # fmt: skip
    assert (PAGES / "commands.md").read_text("utf-8").strip() == said.strip()


def test_the_page_of_addresses_is_the_table_of_the_routes() -> None:
    """After a change of an address or its access: scripts/reference."""
    assert (PAGES / "addresses.md").read_text("utf-8") == reference()


@pytest.mark.parametrize(("page", "locale"), [("", "en"), (".zh_CN", "zh_CN")])
def test_the_page_of_personal_data_is_what_the_tables_declare(page: str, locale: str) -> None:
    """After a change of a column or its declaration: scripts/reference."""
    written = (PAGES / f"personal-data{page}.md").read_text("utf-8")
    assert written == inventory.reference(locale)
