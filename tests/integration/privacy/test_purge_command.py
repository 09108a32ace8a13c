"""`purge` as it is typed, and its receipts on the admin's page (specification, section 2)."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from survey_pipeline.cli import support
from survey_pipeline.cli.purge import purge
from survey_pipeline.gateways.simulated.ledger import Ledger, Taken
from survey_pipeline.store.crypto import new_keys, write_key_file
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import inbound
from survey_pipeline.testing import SetContext, workspace

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
COMMAND = typer.Typer()
COMMAND.command()(purge)


def made(home: Path, locale: str = "en", demo: str = "false") -> SetContext:
    """Make a workspace as the command line opens it, with a stranger's text in it."""
    (home / "config").mkdir(exist_ok=True)
    config = home / "config" / "pipeline.toml"
    config.write_text(f'locale = "{locale}"\ndemo = {demo}\n')
    keys = new_keys()
    write_key_file(home / "survey.key", keys)
    context = workspace(home, at=LONG_AGO)
    with writing(context.engine) as connection:
        connection.execute(
            inbound.insert().values(
                gateway="simulated", provider_id="1", received_at=LONG_AGO, use="no_survey",
                phone=keys.encrypt("+8613857710001"), text="hello",
                phone_hash=keys.phone_hash("+8613857710001"),
            )
        )  # fmt: skip
    context.engine.dispose()
    support.called_with(home)
    return context


def run(*words: str) -> Any:
    return CliRunner().invoke(COMMAND, list(words), catch_exceptions=False)


def test_a_rehearsal_counts_and_deletes_nothing(tmp_path: Path) -> None:
    made(tmp_path)
    assert json.loads(run("--dry-run", "--json").stdout) == {"due": {"inbound": 1}}
    assert "replies" in run("--dry-run").stdout
    assert json.loads(run("--dry-run", "--json").stdout) == {"due": {"inbound": 1}}


def test_the_receipt_is_printed_once(tmp_path: Path) -> None:
    made(tmp_path)
    said = run("--json")
    document = json.loads(said.stdout)
    assert document["receipt"]["counts"] == {"inbound": 1}
    assert len(document["receipt"]["sha256"]) == 64
    assert document["traces_gone"] is True
    assert json.loads(run("--json").stdout)["receipt"] is None
    assert run().stdout == "Nothing is due.\n"


@pytest.mark.parametrize(
    ("locale", "words"), [("en", ("replies", "Receipt 1")), ("zh_CN", ("回执", "SHA-256"))]
)
def test_the_receipt_is_told_in_the_language_of_the_workspace(
    tmp_path: Path, locale: str, words: tuple[str, ...]
) -> None:
    made(tmp_path, locale)
    said = run().stdout
    for word in words:
        assert word in said


def test_a_demo_says_that_nothing_is_deleted(tmp_path: Path) -> None:
    made(tmp_path, demo="true")
    assert "demo" in run().stdout
    assert json.loads(run("--json").stdout)["receipt"] is None


def test_files_of_the_workspace_go_and_others_stay(tmp_path: Path) -> None:
    home = tmp_path / "city"
    home.mkdir()
    made(home)
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    old = {
        home / "may.csv.rejected.csv", home / "today" / "cases.csv.rejected.csv",
        home / "exports" / "handover-health-2024-01-01.xlsx",
    }  # fmt: skip
    stay = {home / "exports" / "satisfaction-2024-01.csv", outside / "x.csv.rejected.csv"}
    young = home / "new.csv.rejected.csv"
    for path in (*old, *stay, young):
        path.parent.mkdir(exist_ok=True)
        path.write_text("13857710001")
    for path in old | stay:
        os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    (home / "linked").symlink_to(outside)
    counts = json.loads(run("--json").stdout)["receipt"]["counts"]
    assert (counts["rejected_files"], counts["exported_files"]) == (2, 1)
    assert not [path for path in old if path.exists()]
    assert all(path.exists() for path in (*stay, young))


def test_numbers_of_the_simulated_gateway_are_overwritten_in_their_place(tmp_path: Path) -> None:
    made(tmp_path)
    path = tmp_path / "simulated-simulated.jsonl"
    ledger = Ledger(path)
    today = datetime.now(UTC)
    for number, at in ((1, LONG_AGO), (2, LONG_AGO + timedelta(minutes=1)), (3, today)):
        text = Taken(f"p{number}", f"a{number}", at, f"+861385771000{number}", "survey", 900)
        assert ledger.append(text)
    ledger.close()
    size = path.stat().st_size
    assert json.loads(run("--dry-run", "--json").stdout)["due"]["ledger_lines"] == 2
    assert json.loads(run("--json").stdout)["receipt"]["counts"]["ledger_lines"] == 2
    assert path.stat().st_size == size
    assert b"13857710001" not in path.read_bytes()
    texts, end = ledger.read(0)
    assert ([text.number for text in texts], end) == (["+8613857710003"], size)
    found = ledger.find("a1", LONG_AGO)
    assert found is not None
    assert found.is_hidden
    assert json.loads(run("--json").stdout)["receipt"] is None
