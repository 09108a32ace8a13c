"""`audit head` and `audit verify` as they are typed (specification, sections 2.1 and 10.4)."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from typer.testing import CliRunner

from survey_pipeline.app import open_app
from survey_pipeline.audit_chain.heads import FOLDER, read_head, write_daily_head
from survey_pipeline.cli import audit, support
from survey_pipeline.configuration_log import ConfigurationLog
from survey_pipeline.errors import CannotProceed
from survey_pipeline.store.crypto import derived_keys, write_key_file
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import audit_log
from survey_pipeline.survey.pausing import pause_sending, resume_sending
from survey_pipeline.testing import SetContext, workspace
from survey_pipeline.vocabulary import Audited
from survey_pipeline.web.spool_drain import jobs_beside_requests


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    """A workspace as the command line opens it, with two entries."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "pipeline.toml").write_text('locale = "en"\n')
    write_key_file(tmp_path / "survey.key", derived_keys("test"))
    made = workspace(tmp_path)
    pause_sending(made.acting("wang"))
    resume_sending(made.acting("wang"))
    support.called_with(tmp_path)
    return made


def run(*words: object) -> Any:
    return CliRunner().invoke(audit.group, [str(word) for word in words], catch_exceptions=False)


def test_a_head_that_was_kept_shows_what_was_done_since(context: SetContext) -> None:
    printed = run("head", "--json").stdout
    kept = context.home / "head.json"
    kept.write_text(printed)
    assert json.loads(printed)["position"] == 2
    assert f"hash: {json.loads(printed)['hash']}" in run("head").stdout
    held = run("verify", "--head", kept)
    assert (held.exit_code, "The log holds: 2 entries, 3 signed heads" in held.stdout) == (0, True)
    with writing(context.engine) as connection:
        connection.execute(text("UPDATE audit_log SET actor = 'li' WHERE id = 2"))
    broken = run("verify", "--head", kept)
    assert broken.exit_code == 4
    assert "position 2, entry 2, of 2023-05-04" in broken.stdout
    assert "by li: the entry was changed after it was linked" in broken.stdout
    with writing(context.engine) as connection:
        for name in ("log", "links", "heads"):
            column = {"log": "id", "links": "entry_id", "heads": "1 + id * 0"}[name]
            connection.execute(text(f"DELETE FROM audit_{name} WHERE {column} IN (1, 2)"))
    document = json.loads(run("verify", "--head", kept, "--json").stdout)
    assert (document["ok"], document["entries"]) == (False, 0)
    assert [(each["fault"], each["position"]) for each in document["findings"]] == [("cut_off", 2)]


def test_a_file_that_is_no_head_is_refused(context: SetContext) -> None:
    file = context.home / "no.json"
    for content in ("{}", "[]", "no JSON", '{"position": "2"}'):
        file.write_text(content)
        refused = run("verify", "--head", file)
        assert refused.exit_code == 4
        assert "holds no head of the audit log" in refused.stderr


def test_the_daily_head_lies_in_the_workspace_for_its_owner(context: SetContext) -> None:
    path = write_daily_head(context)
    assert path == context.home / FOLDER / "2023-05-04.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_head(path).is_signed_by(context.keys)
    with pytest.raises(CannotProceed):
        read_head(path.with_name("none.json"))


def test_each_start_and_each_change_of_the_configuration_is_on_record(context: SetContext) -> None:
    file = context.home / "config" / "pipeline.toml"
    noted = ConfigurationLog(context)
    noted.look()
    noted.begin("worker")
    noted.look()
    file.write_text('locale = "en"\n[sampling]\nrate = 0.5\n')
    noted.look()
    ConfigurationLog(context).begin("serve")
    with reading(context.engine) as connection:
        query = audit_log.select().where(audit_log.c.kind == Audited.CONFIGURATION)
        first, changed, second = connection.execute(query.order_by(audit_log.c.id)).all()
    assert [(row.action, row.key) for row in (first, changed, second)] == [
        ("started", "worker"), ("updated", "worker"), ("started", "serve"),
    ]  # fmt: skip
    assert first.before is None
    assert {"config/pipeline.toml", "settings", "program"} < set(first.after)
    assert "config/standards/wenzhou-2023.toml" in first.after
    different = {name for name in changed.after if changed.after[name] != changed.before[name]}
    assert different == {"config/pipeline.toml"}
    assert second.before == second.after == changed.after


def test_serve_alone_puts_a_change_on_record_while_it_runs(context: SetContext) -> None:
    app = open_app(context.home, environ={})
    app.configuration.begin("serve")
    (context.home / "config" / "pipeline.toml").write_text('locale = "en"\n\n', encoding="utf-8")
    for _ in range(2):
        for _seconds, job in jobs_beside_requests(app):
            job()
    app.close()
    query = select(audit_log.c.action).where(audit_log.c.kind == Audited.CONFIGURATION)
    with reading(context.engine) as connection:
        assert connection.scalars(query.order_by(audit_log.c.id)).all() == ["started", "updated"]


def test_another_setting_from_the_environment_is_another_hash(context: SetContext) -> None:
    found = []
    for environ in ({}, {"SURVEY_SAMPLING__RATE": "0.4"}, {"SURVEY_SAMPLING__SEED": "secret"}):
        app = open_app(context.home, environ=environ)
        app.configuration.begin("run")
        app.close()
        with reading(context.engine) as connection:
            query = audit_log.select().order_by(audit_log.c.id.desc()).limit(1)
            found.append(connection.execute(query).one().after["settings"])
    assert found[0] == found[2] != found[1], "a secret is in no hash"
