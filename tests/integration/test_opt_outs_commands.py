"""`opt-outs add`, `list` and `remove` as they are typed (specification, section 2)."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from survey_pipeline.cli import opt_out_requests, support
from survey_pipeline.store.crypto import new_keys, write_key_file
from survey_pipeline.testing import workspace


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A workspace as the command line opens it."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "pipeline.toml").write_text('locale = "en"\n')
    write_key_file(tmp_path / "survey.key", new_keys())
    workspace(tmp_path).engine.dispose()
    support.called_with(tmp_path)
    return tmp_path


def run(*words: str) -> Any:
    return CliRunner().invoke(opt_out_requests.group, list(words), catch_exceptions=False)


def test_the_commands_say_what_they_did_with_masked_numbers(home: Path) -> None:
    asked = ("138 1234 5678", "--by", "Li", "--reason", "letter")
    assert run("add", *asked).stdout == "138****5678 is asked no more.\n"
    assert "nothing changed" in run("add", *asked).stdout
    listed = run("list").stdout
    assert "138****5678" in listed
    assert "1 numbers." in listed
    (document,) = json.loads(run("list", "--json").stdout)["opt_outs"]
    assert (document["number"], document["how"], document["by"]) == ("138****5678", "by_hand", "Li")
    assert run("remove", *asked).stdout == "138****5678 may be asked again.\n"
    assert json.loads(run("list", "--json").stdout) == {"opt_outs": []}


def test_no_number_is_taken_that_is_none(home: Path) -> None:
    refused = run("add", "1381234", "--by", "Li", "--reason", "letter")
    assert refused.exit_code == 2
    assert "1381234: the number is too short" in refused.stderr
