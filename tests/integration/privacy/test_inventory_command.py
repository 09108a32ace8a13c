"""`privacy inventory` as it is typed (specification, section 2)."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from survey_pipeline.cli import privacy, support
from survey_pipeline.store.crypto import new_keys, write_key_file
from survey_pipeline.testing import workspace


@pytest.fixture(params=["en", "zh_CN"])
def locale(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Open a workspace of a language as the command line does."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "pipeline.toml").write_text(f'locale = "{request.param}"\n')
    write_key_file(tmp_path / "survey.key", new_keys())
    workspace(tmp_path).engine.dispose()
    support.called_with(tmp_path)
    return str(request.param)


def run(*words: str) -> Any:
    return CliRunner().invoke(privacy.group, list(words), catch_exceptions=False)


def test_the_inventory_lists_columns_ends_and_files(locale: str) -> None:
    document = json.loads(run("inventory", "--json").stdout)
    numbers = [row for row in document["columns"] if row["column"] == "phone"]
    assert {row["table"] for row in numbers} == {
        "cases", "inbound", "messages", "representatives", "surveys"
    }  # fmt: skip
    assert all(row["until"] in document["ends"] for row in document["columns"])
    assert "uploads/" in {row["file"] for row in document["files"]}


def test_the_inventory_is_told_in_the_language_of_the_workspace(locale: str) -> None:
    shown = run("inventory").stdout
    word = {"en": "phone number, encrypted", "zh_CN": "电话号码（加密）"}[locale]
    assert word in shown
    assert "citizen_name" in shown
