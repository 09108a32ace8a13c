"""The engine: WAL, writers that wait for each other, transactions that hold or vanish."""

import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from survey_pipeline.errors import ConfigurationError
from survey_pipeline.store import migrate
from survey_pipeline.store.engine import open_engine, reading, writing
from survey_pipeline.testing.databases import new_database

pytestmark = pytest.mark.usefixtures("database")

ROUNDS = 150
COUNT_UP = f"""
import sys
from pathlib import Path
from sqlalchemy import text
from survey_pipeline.store.engine import open_engine, writing

engine = open_engine("sqlite:///survey.db", Path(sys.argv[1]))
for _ in range({ROUNDS}):
    with writing(engine) as connection:
        number = connection.scalar(text("SELECT n FROM counter"))
        connection.execute(text("UPDATE counter SET n = :n"), {{"n": number + 1}})
"""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_engine(new_database(tmp_path, empty=True), tmp_path)
    with writing(made) as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    yield made
    made.dispose()


def count(engine: Engine) -> int | None:
    with reading(engine) as connection:
        return connection.scalar(text("SELECT n FROM counter"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_runs_in_wal_mode_and_keeps_foreign_keys(engine: Engine, tmp_path: Path) -> None:
    with reading(engine) as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
    assert (tmp_path / "survey.db").is_file()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # PostgreSQL locks rows instead
def test_processes_that_read_and_then_write_take_turns(engine: Engine, tmp_path: Path) -> None:
    """Without BEGIN IMMEDIATE one of them fails with "database is locked", or counts are lost."""
    code = [sys.executable, "-c", COUNT_UP, str(tmp_path)]
    workers = [subprocess.Popen(code, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [worker.communicate()[1] for worker in workers]
    assert said == ["", ""]
    assert count(engine) == 2 * ROUNDS


def test_a_transaction_that_fails_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as connection:  # noqa: PT012 - both lines are the point
        connection.execute(text("UPDATE counter SET n = 7"))
        connection.execute(text("UPDATE counter SET n = NULL"))
    assert count(engine) == 0


def test_a_reader_sees_one_moment_and_no_writer_waits_for_it(engine: Engine) -> None:
    with reading(engine) as reader:
        assert reader.scalar(text("SELECT n FROM counter")) == 0
        with writing(engine) as writer:
            writer.execute(text("UPDATE counter SET n = 1"))
        assert reader.scalar(text("SELECT n FROM counter")) == 0
    assert count(engine) == 1


def test_no_error_repeats_what_was_to_be_stored(engine: Engine) -> None:
    with pytest.raises(IntegrityError) as refused, writing(engine) as connection:  # noqa: PT012 - the block is the transaction
        statement = text("INSERT INTO counter SELECT NULL WHERE :phone <> ''")
        connection.execute(statement, {"phone": "+8613812345678"})
    assert "13812345678" not in str(refused.value)


def test_no_error_tells_what_is_stored(engine: Engine) -> None:
    """PostgreSQL's DETAIL has the values of the row that it refuses."""
    with writing(engine) as connection:
        connection.execute(
            text("CREATE TABLE texts (number TEXT UNIQUE, said TEXT CHECK (said <> 'no'))")
        )
        connection.execute(text("INSERT INTO texts VALUES ('13812345678', 'yes')"))
    for values in ("'13812345678', 'yes'", "'13987654321', 'no'"):
        with pytest.raises(IntegrityError) as refused, writing(engine) as connection:
            connection.execute(text("INSERT INTO texts SELECT " + values))
        told = "".join(traceback.format_exception(refused.value))
        assert "13812345678)" not in told
        assert "13987654321," not in told


@pytest.mark.parametrize("url", ["", "survey.db", "mysql://host/x", "sqlite+nonsense:///x"])
def test_another_address_is_refused_with_its_key(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"database\.url"):
        open_engine(url, tmp_path)


def test_a_missing_driver_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"postgresql\+pg9.*not installed"):
        open_engine("postgresql+pg9://host/x", tmp_path)


def test_a_password_in_the_address_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        open_engine("mysql://user:geheim@host/x", tmp_path)
    assert "geheim" not in str(refused.value)


def test_an_absolute_address_leaves_the_workspace(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.db"
    elsewhere.touch()
    engine = open_engine(f"sqlite:///{elsewhere}", tmp_path / "home")
    migrate.upgrade(engine)
    engine.dispose()
    assert elsewhere.stat().st_size
