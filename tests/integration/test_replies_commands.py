"""`replies code` and `replies try` as they are typed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from survey_pipeline.cli import replies, support
from survey_pipeline.context import Context
from survey_pipeline.stages.replies import take_text
from survey_pipeline.store.crypto import new_keys, parse_keys, write_key_file
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log, surveys
from survey_pipeline.testing import add_inbound, add_offices, add_survey, add_text, workspace


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """A workspace with one unclear text."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "pipeline.toml").write_text('locale = "en"\n')
    write_key_file(tmp_path / "survey.key", new_keys())
    support.called_with(tmp_path)
    keys = parse_keys((tmp_path / "survey.key").read_text())
    made = replace(workspace(tmp_path, at=datetime.now(UTC)), keys=keys)
    add_offices(made, "agency")
    survey = add_survey(made, "AG-1", "K-1", "+8613812345678")
    add_text(made, survey)
    add_inbound(made, survey, "哪件事？")
    yield made
    made.engine.dispose()


def run(*words: str) -> Result:
    return CliRunner().invoke(replies.group, list(words))


def code(answer: str, by: str, *more: str) -> Result:
    return run("code", "1", "--answer", answer, "--by", by, *more)


def rating(context: Context) -> str | None:
    with reading(context.engine) as connection:
        found: str | None = connection.scalar(select(surveys.c.rating))
        return found


def test_a_wrong_decision_is_refused_with_its_remedy_and_corrected(context: Context) -> None:
    assert code("satisfied", "Wang").exit_code == 0
    refused = code("neutral", "Wang")
    assert refused.exit_code == 4
    assert "--correct WHY" in refused.stderr
    corrected = code("neutral", "Li", "--correct", "a wrong key", "--json")
    assert corrected.exit_code == 0
    assert json.loads(corrected.stdout)["rating"] == rating(context) == "neutral"
    with reading(context.engine) as connection:
        reasons = list(connection.scalars(select(audit_log.c.reason).order_by(audit_log.c.id)))
    assert reasons[-1] == "a wrong key"


def test_a_text_in_other_hands_needs_an_override(context: Context) -> None:
    take_text(context, "Wang")
    refused = code("neutral", "Li")
    assert refused.exit_code == 4
    assert "--override WHY" in refused.stderr
    assert code("neutral", "Li", "--override", "Wang is ill").exit_code == 0
    assert rating(context) == "neutral"


def test_a_file_of_replies_may_be_a_table(tmp_path: Path) -> None:
    plain, table = tmp_path / "plain.txt", tmp_path / "table.tsv"
    plain.write_text("满意\\n谢谢\n1\t\n", encoding="utf-8")
    table.write_text("text\tclass\n满意\\n谢谢\tsatisfied\n1\tsatisfied\n", encoding="utf-8-sig")
    for file in (plain, table):
        read = json.loads(run("try", "--file", str(file), "--json").stdout)
        assert [one["class"] for one in read] == ["satisfied", "satisfied"]
        assert read[0]["text"] == "满意\n谢谢"
