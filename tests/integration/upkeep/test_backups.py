"""A backup is one consistent view of the database, without any key; put back, it is equal."""

import base64
import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from survey_pipeline.cli.main import app
from survey_pipeline.edited import shipped
from survey_pipeline.errors import CannotProceed, DatabaseFault, KeyFileError
from survey_pipeline.privacy.purging import purge
from survey_pipeline.stages.sampling import draw_day
from survey_pipeline.store.ballot_key import key_path, make_key
from survey_pipeline.store.crypto import derived_keys, write_key_file
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import ballots, cases, reviews
from survey_pipeline.survey.pausing import sending_pause
from survey_pipeline.testing import SetContext, add_cases
from survey_pipeline.testing.databases import database_url
from survey_pipeline.upkeep.backing_up import make_backup
from survey_pipeline.upkeep.restoring import restore
from survey_pipeline.upkeep.soundness import look_into
from survey_pipeline.vocabulary import Rating

pytestmark = pytest.mark.usefixtures("database")

City = Callable[..., SetContext]
Count = Callable[[SetContext, Any], int]
CASES = 4


def test_a_backup_is_one_view_while_others_write(
    context: SetContext, count: Count, tmp_path: Path
) -> None:
    """Each transaction adds a case and counts it: a copy that mixed two of them would show it."""
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            add_cases(context, [("AG-1", f"W-{number}", "+8613912345678")])
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [make_backup(context, tmp_path / f"{name}.backup") for name in ("one", "two")]
    finally:
        stop.set()
        writer.join()
    counts = []
    for backup in made:
        with closing(sqlite3.connect(backup.file)) as file:
            (stored,) = file.execute("SELECT count(*) FROM cases").fetchone()
            (said,) = file.execute("SELECT sum(reported) FROM daily_reports").fetchone()
        assert stored == said == backup.tables["cases"]
        counts.append(stored)
    assert CASES <= counts[0] <= counts[1] <= count(context, cases.c.id)
    assert count(context, cases.c.id) > CASES, "the writer wrote"


def test_a_backup_is_one_file_for_its_owner(context: SetContext) -> None:
    made = make_backup(context)
    assert made.file.parent == context.home / "backups"
    assert list(made.file.parent.iterdir()) == [made.file]
    assert made.file.stat().st_mode & 0o777 == 0o600
    assert made.file.parent.stat().st_mode & 0o777 == 0o700
    with closing(sqlite3.connect(made.file)) as file:
        assert file.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert b"13812345600" not in made.file.read_bytes()


def test_no_key_is_in_a_backup(context: SetContext, tmp_path: Path) -> None:
    """The key of an open review is in no backup (specification, section 10.5)."""
    write_key_file(context.home / "survey.key", context.keys)
    key = make_key(context.home, 2023)
    with writing(context.engine) as connection:
        connection.execute(reviews.insert().values(year=2023, opened_at=context.now()))
        voter = key.voter("1", "AG-1")
        sealed = key.seal(voter, Rating.SATISFIED)
        connection.execute(ballots.insert().values(voter=voter, year=2023, sealed=sealed))
    folder = tmp_path / "kept"
    folder.mkdir()
    made = make_backup(context, folder)
    assert made.tables["ballots"] == 1
    assert made.keys == ["survey.key", "review-2023.key"]
    written = key_path(context.home, 2023).read_text().split()[-1]
    copied = b"".join(path.read_bytes() for path in folder.rglob("*"))
    secrets = [written.encode(), base64.b64decode(written), *vars(context.keys).values()]
    assert [secret for secret in secrets if isinstance(secret, bytes) and secret in copied] == []
    assert sealed in copied, "the look finds what is there"


def test_older_backups_are_removed_when_a_new_one_is_whole(context: SetContext) -> None:
    files = []
    for _ in range(3):
        files.append(make_backup(context, keep=2).file)
        context.clock.advance(timedelta(hours=1))
    assert sorted(files[0].parent.iterdir()) == files[1:]
    with pytest.raises(CannotProceed, match="is there already"):
        make_backup(context, files[1], keep=1)
    assert sorted(files[0].parent.iterdir()) == files[1:]


def test_backups_in_the_workspace_are_deleted_with_the_data(context: SetContext) -> None:
    """Personal data is not kept on in copies (specification, section 10.3)."""
    files = make_backup(context).file, make_backup(context, context.home / "mine").file
    for file in files:
        os.utime(file, times=(0, (context.now() - timedelta(days=91)).timestamp()))
    context.clock.advance(timedelta(hours=1))
    kept = make_backup(context).file
    purge(context)
    assert [file.exists() for file in (*files, kept)] == [False, True, True]


def test_nothing_is_put_over_data_and_nothing_half(
    context: SetContext, city: City, count: Count, tmp_path: Path
) -> None:
    file = make_backup(context, tmp_path / "one.backup").file
    with pytest.raises(CannotProceed, match="not empty"):
        restore(context, file, until=None)
    (tmp_path / "junk").write_bytes(b"no database" * 1000)
    elsewhere = city("elsewhere", filled=False)
    with pytest.raises(DatabaseFault, match="damaged"):
        restore(elsewhere, tmp_path / "junk", until=None)
    object.__setattr__(elsewhere, "keys", derived_keys("another"))
    with pytest.raises(KeyFileError):
        restore(elsewhere, file, until=None)
    assert count(elsewhere, cases.c.id) == 0
    assert [path.name for path in elsewhere.home.iterdir() if path.name.startswith(".")] == []


def test_a_backup_put_back_is_equal_and_paused(
    context: SetContext, city: City, tmp_path: Path
) -> None:
    draw_day(context, context.today())
    made = make_backup(context, tmp_path / "one.backup")
    elsewhere = city("elsewhere", filled=False)
    found = restore(elsewhere, made.file, until=None)
    tables = dict(look_into(elsewhere.engine).tables)
    assert (found.rows, found.doubted) == (sum(made.tables.values()), 0)
    logged = {name: made.tables[name] + 1 for name in ("audit_log", "audit_waiting")}
    new = {"pauses": 1, **logged}
    assert tables == {**made.tables, **new}
    assert sending_pause(elsewhere) is not None
    add_cases(elsewhere, [("AG-1", "N-1", "+8613712345678")])  # ids go on


def test_a_sound_database_has_no_problem_and_a_dangling_row_is_told(context: SetContext) -> None:
    draw_day(context, context.today())
    found = look_into(context.engine)
    assert (found.problems, found.tables["cases"]) == ([], CASES)
    if context.engine.dialect.name == "postgresql":
        return  # keeps its foreign keys itself
    with closing(sqlite3.connect(context.home / "survey.db")) as file:
        file.execute("DELETE FROM draws")
        file.commit()
    told = [str(problem) for problem in look_into(context.engine).problems]
    assert told == ["1 rows of draw_offices refer to rows of draws that are not there"]


def test_the_commands_report_as_documents(city: City, tmp_path: Path) -> None:
    runner = CliRunner()
    for name in ("city", "elsewhere"):
        made = city(name, filled=name == "city")
        (made.home / "config").mkdir(exist_ok=True)
        url = json.dumps(database_url(made.home))
        shutil.copy(shipped() / "config" / "pipeline.toml", made.home / "config")
        text = (made.home / "config" / "pipeline.toml").read_text("utf-8")
        assert '"sqlite:///survey.db"' in text
        text = text.replace('"sqlite:///survey.db"', url)
        (made.home / "config" / "pipeline.toml").write_text(text, "utf-8")
        write_key_file(made.home / "survey.key", made.keys)

    def says(home: str, *words: str) -> Any:
        done = runner.invoke(app, ["--home", str(tmp_path / home), "db", *words, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    made = says("city", "backup", str(tmp_path / "one.backup"), "--keep", "3")
    assert (made["tables"]["cases"], made["keys"]) == (CASES, ["survey.key"])
    found = says("elsewhere", "restore", made["file"], "--until", "2023-05-04")
    assert (found["until"], found["doubted"]) == ("2023-05-04", 0)
    looked = says("elsewhere", "check")
    assert (looked["problems"], looked["tables"]["cases"]) == ([], CASES)
