"""What the database's surroundings refuse becomes one line with a remedy, at one border."""

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, make_url, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool

from survey_pipeline.errors import DatabaseFault, SchemaError, SurveyPipelineError, UsageError
from survey_pipeline.store import migrate
from survey_pipeline.store.columnar import fetch_tuples
from survey_pipeline.store.engine import open_engine, reading, require_writable, writing
from survey_pipeline.store.tables import audit_log, surveys
from survey_pipeline.testing.databases import POSTGRESQL, new_database

Damage = Callable[[Path], object]


def opened(home: Path) -> Engine:
    return open_engine(new_database(home), home)


def work(engine: Engine, *statements: str) -> None:
    """Run statements in one transaction that writes."""
    with writing(engine) as connection:
        for statement in statements:
            connection.execute(text(statement))


def refused(engine: Engine) -> SurveyPipelineError:
    with pytest.raises(SurveyPipelineError) as fault:
        migrate.check(engine)
    engine.dispose()
    assert fault.value.exit_code == 4
    assert "\n" not in str(fault.value)
    assert fault.value.remedy or "Put back" in str(fault.value)
    return fault.value


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def cut(file: Path) -> None:
    os.truncate(file, 20_000)


DAMAGES: dict[str, tuple[Damage, type[SurveyPipelineError], str]] = {
    "gone": (Path.unlink, DatabaseFault, "not there"),
    "garbage": (lambda file: file.write_bytes(b"garbage"), DatabaseFault, "damaged"),
    "a text": (lambda file: file.write_bytes(b"x" * 9000), DatabaseFault, "damaged"),
    "cut": (cut, DatabaseFault, "damaged"),
    "empty": (lambda file: file.write_bytes(b""), SchemaError, "no tables"),
    "a folder": (a_folder, DatabaseFault, "cannot be opened"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_file_is_one_line_with_its_remedy(name: str, tmp_path: Path) -> None:
    damage, kind, words = DAMAGES[name]
    new_database(tmp_path)
    damage(tmp_path / "survey.db")
    fault = refused(open_engine("sqlite:///survey.db", tmp_path))
    assert type(fault) is kind
    assert re.search(words, str(fault))


def test_looking_for_a_database_that_is_gone_makes_none(tmp_path: Path) -> None:
    refused(open_engine("sqlite:///survey.db", tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    fault = refused(open_engine("sqlite:///nowhere/x.db", tmp_path))
    assert str(tmp_path / "nowhere/x.db") in str(fault)


def test_no_look_of_any_kind_makes_a_file(tmp_path: Path) -> None:
    engine = opened(tmp_path)
    engine.dispose()
    (tmp_path / "survey.db").unlink()
    for transaction in (reading, writing):
        with pytest.raises(DatabaseFault, match="is not there"), transaction(engine) as connection:
            connection.execute(text("SELECT 1"))
    with pytest.raises(DatabaseFault, match="is not there"):
        require_writable(engine)
    assert list(tmp_path.iterdir()) == []


def test_an_open_connection_writes_into_no_deleted_file(tmp_path: Path) -> None:
    """What it takes is lost, so it takes nothing; a file that is put back is used at once."""
    engine = opened(tmp_path)
    work(engine, "CREATE TABLE numbers (n INTEGER)")
    with closing(sqlite3.connect(tmp_path / "survey.db")) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = (tmp_path / "survey.db").read_bytes()
    for path in tmp_path.glob("survey.db*"):
        path.unlink()
    with pytest.raises(DatabaseFault, match="is not there"):
        work(engine, "INSERT INTO numbers VALUES (1)")
    (tmp_path / "survey.db").write_bytes(kept)
    work(engine, "INSERT INTO numbers VALUES (2)")
    with reading(engine) as connection:
        assert connection.scalars(text("SELECT n FROM numbers")).all() == [2]
    engine.dispose()


def read_only(file: Path, answer: bool) -> None:
    """Mark a SQLite file as one that this version may only read (file format, offset 18)."""
    with file.open("r+b") as opened_file:
        opened_file.seek(18)
        opened_file.write(bytes([3 if answer else 2]))


def test_whether_a_file_takes_writes_is_found_without_waiting_long(tmp_path: Path) -> None:
    engine = opened(tmp_path)
    require_writable(engine)
    other = sqlite3.connect(tmp_path / "survey.db")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseFault, match="held by another program"):
        require_writable(engine)
    other.close()
    engine.dispose()
    read_only(tmp_path / "survey.db", answer=True)
    with pytest.raises(DatabaseFault, match="cannot be written"):
        require_writable(engine)
    read_only(tmp_path / "survey.db", answer=False)
    require_writable(engine)
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    engine.dispose()


def test_a_page_that_was_overwritten_is_damage_where_rows_are_fetched_too(tmp_path: Path) -> None:
    engine = opened(tmp_path)
    with writing(engine) as connection:
        root = connection.scalar(text("SELECT rootpage FROM sqlite_master WHERE name = 'surveys'"))
        size = connection.scalar(text("PRAGMA page_size"))
    engine.dispose()
    with (tmp_path / "survey.db").open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(DatabaseFault, match="damaged"), reading(engine) as connection:
        fetch_tuples(connection, select(surveys))


def test_a_writer_that_waited_too_long_is_told_who_is_in_the_way(tmp_path: Path) -> None:
    new_database(tmp_path)
    other = sqlite3.connect(tmp_path / "survey.db")
    other.execute("BEGIN IMMEDIATE")
    impatient = open_engine("sqlite:///survey.db", tmp_path, busy=0.1)
    with pytest.raises(DatabaseFault, match="held by another program"):
        work(impatient, "DELETE FROM audit_log")
    other.close()
    impatient.dispose()


def test_a_full_disk_is_said_and_keeps_what_was_stored(tmp_path: Path) -> None:
    engine = opened(tmp_path)
    with reading(engine) as connection:
        pages = connection.scalar(text("PRAGMA page_count"))
    with pytest.raises(DatabaseFault, match="disk is full"):
        work(
            engine,
            f"PRAGMA max_page_count = {pages}",
            "CREATE TABLE large (x BLOB)",
            "INSERT INTO large VALUES (zeroblob(10000000))",
        )
    migrate.check(engine)
    engine.dispose()


def test_a_database_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    engine = opened(tmp_path)
    with pytest.raises(DatabaseFault, match="cannot be written"):
        work(engine, "PRAGMA query_only = ON", "DELETE FROM audit_log")
    engine.dispose()


@pytest.mark.usefixtures("database")
class TestBothEngines:
    def test_a_number_that_no_database_holds_is_wrong_usage(self, tmp_path: Path) -> None:
        engine = opened(tmp_path)
        query = select(audit_log.c.id).where(audit_log.c.id == 10**19)
        with suppress(UsageError), reading(engine) as connection:  # PostgreSQL compares it
            assert connection.scalar(query) is None
        work(engine, "CREATE TABLE numbers (n INTEGER)")
        with pytest.raises(UsageError, match="too large"), writing(engine) as connection:
            connection.execute(text("INSERT INTO numbers VALUES (:n)"), {"n": 10**30})
        engine.dispose()

    def test_a_table_that_is_gone_is_said(self, tmp_path: Path) -> None:
        engine = opened(tmp_path)
        with writing(engine) as connection:
            connection.execute(text("DROP TABLE import_runs"))
        with pytest.raises(DatabaseFault, match="lacks a table"), reading(engine) as connection:
            connection.execute(text("SELECT 1 FROM import_runs"))
        engine.dispose()

    def test_a_fault_of_ours_stays_a_fault_of_ours(self, tmp_path: Path) -> None:
        engine = opened(tmp_path)
        with pytest.raises(IntegrityError):
            work(engine, "INSERT INTO parents (parent_code) VALUES (NULL)")
        engine.dispose()


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
class TestPostgreSQL:
    def test_a_server_that_is_down_is_said(self, tmp_path: Path) -> None:
        address = "postgresql+psycopg://postgres:geheim@127.0.0.1:1/city"
        fault = refused(open_engine(address, tmp_path))
        assert "cannot be reached" in str(fault)
        assert "geheim" not in str(fault)

    @pytest.mark.parametrize("part", [{"database": "nowhere"}, {"username": "stranger"}])
    def test_a_server_that_refuses_is_said(self, tmp_path: Path, part: dict[str, Any]) -> None:
        address = make_url(os.environ[POSTGRESQL]).set(**part)
        engine = open_engine(address.render_as_string(hide_password=False), tmp_path)
        assert "cannot be reached" in str(refused(engine))

    def test_a_read_only_server_is_said(self, tmp_path: Path) -> None:
        engine = opened(tmp_path)
        with pytest.raises(DatabaseFault, match="cannot be written"):
            work(engine, "SET TRANSACTION READ ONLY", "DELETE FROM audit_log")
        engine.dispose()

    def test_a_server_that_takes_no_writes_is_found_beforehand(self, tmp_path: Path) -> None:
        engine = opened(tmp_path)
        require_writable(engine)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            name = engine.url.database
            connection.execute(
                text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
            )
        engine.dispose()
        with pytest.raises(DatabaseFault, match="the server takes no writes"):
            require_writable(engine)
        engine.dispose()

    def test_a_connection_that_the_server_ends_is_said(self, tmp_path: Path) -> None:
        engine = opened(tmp_path)
        other = create_engine(engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with pytest.raises(DatabaseFault, match="cannot be reached"), reading(engine) as connection:  # noqa: PT012 - the block is the transaction
            pid = connection.scalar(text("SELECT pg_backend_pid()"))
            with other.connect() as killer:
                killer.execute(text(f"SELECT pg_terminate_backend({pid})"))
            connection.execute(text("SELECT 1"))
        engine.dispose()

    def test_a_writer_waits_for_a_lock_with_an_end(self, tmp_path: Path) -> None:
        engine = opened(tmp_path)
        with reading(engine) as connection:
            assert connection.scalar(text("SHOW lock_timeout")) == "1min"
        engine.dispose()
        engine = open_engine(new_database(tmp_path), tmp_path, busy=0.05)
        with writing(engine) as holder:
            holder.execute(text("LOCK TABLE audit_log"))
            with pytest.raises(DatabaseFault, match="held by another"):
                work(engine, "DELETE FROM audit_log")
        engine.dispose()
