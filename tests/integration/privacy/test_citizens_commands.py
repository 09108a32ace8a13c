"""`privacy show` and `privacy forget` as they are typed (specification, section 2)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from survey_pipeline.cli import privacy, support
from survey_pipeline.store.crypto import new_keys, write_key_file
from survey_pipeline.store.engine import writing
from survey_pipeline.store.sealed import unlock
from survey_pipeline.store.tables import inbound
from survey_pipeline.testing import workspace

NUMBER = "+8613857710001"
ASKED = ("138 5771 0001", "--by", "Li")


@pytest.fixture(params=["en", "zh_CN"])
def locale(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Open a workspace with one text of a citizen, in a language, as the command line does."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "pipeline.toml").write_text(f'locale = "{request.param}"\n')
    keys = new_keys()
    write_key_file(tmp_path / "survey.key", keys)
    context = workspace(tmp_path)
    unlock(context.engine, keys)
    with writing(context.engine) as connection:
        connection.execute(
            inbound.insert().values(
                gateway="simulated", provider_id="1", received_at=datetime(2024, 1, 1, tzinfo=UTC),
                use="no_survey", phone=keys.encrypt(NUMBER), text="hello",
                phone_hash=keys.phone_hash(NUMBER),
            )
        )  # fmt: skip
    context.engine.dispose()
    support.called_with(tmp_path)
    return str(request.param)


def run(*words: str) -> Any:
    return CliRunner().invoke(privacy.group, list(words), catch_exceptions=False)


def test_a_citizen_is_shown_what_is_held_and_then_nothing_is(locale: str) -> None:
    shown = json.loads(run("show", *ASKED, "--json").stdout)
    assert shown["number"] == "138****0001"
    assert [row["text"] for row in shown["found"]["inbound"]] == ["hello"]
    assert "hello" in run("show", *ASKED).stdout
    done = json.loads(run("forget", *ASKED, "--reason", "letter", "--json").stdout)
    assert done["receipt"]["counts"] == {"inbound": 1}
    assert len(done["receipt"]["sha256"]) == 64
    said = run("show", *ASKED).stdout
    assert {"en": "Nothing is held of 138****0001", "zh_CN": "没有与138****0001有关"}[
        locale
    ] in said
    again = run("forget", *ASKED, "--reason", "letter").stdout
    assert {"en": "Nothing was held", "zh_CN": "没有与138****0001有关的信息。"}[locale] in again


def test_the_receipt_of_a_deletion_is_printed(locale: str) -> None:
    said = run("forget", *ASKED, "--reason", "letter").stdout
    assert "SHA-256" in said
    assert {"en": "all that was held", "zh_CN": "所存的全部信息"}[locale] in said


def test_no_number_is_taken_that_is_none(locale: str) -> None:
    assert run("show", "1385771", "--by", "Li").exit_code == 2
    assert run("forget", *ASKED, "--reason", " ").exit_code == 2
