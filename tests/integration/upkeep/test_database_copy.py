"""A database moves to another engine and back: equal, also when the copy was killed half-way."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text

from survey_pipeline.app import open_app
from survey_pipeline.errors import CannotProceed, SchemaError
from survey_pipeline.reports.month_report import read_month
from survey_pipeline.simulation.demo import DemoSize, run_demo
from survey_pipeline.stages.export.answers_file import write_answers
from survey_pipeline.stages.export.formats import write_month
from survey_pipeline.stages.sampling import verify_draw
from survey_pipeline.store import audit, migrate
from survey_pipeline.store.crypto import read_key_file
from survey_pipeline.store.engine import open_engine, reading, writing
from survey_pipeline.store.sealed import unlock
from survey_pipeline.store.tables import audit_log, cases, draws
from survey_pipeline.testing import NOON, SetContext, add_cases
from survey_pipeline.testing.databases import POSTGRESQL, database_url, new_database
from survey_pipeline.upkeep.copying import copy_database
from survey_pipeline.upkeep.moving import move_to
from survey_pipeline.upkeep.stored_tables import rows_of, stored_tables
from survey_pipeline.vocabulary import AuditAction, Audited

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["postgresql"], indirect=True),
]

SIZE = DemoSize(offices=8, days=2, cases_per_day=8)
MONTH = "2023-05"
KILLED = """
import os, signal, sys
from pathlib import Path
from survey_pipeline.store.engine import open_engine
from survey_pipeline.upkeep.copying import copy_database

def die(done, _total):
    if done >= int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

home = Path(sys.argv[1])
source, target = open_engine("sqlite:///survey.db", home), open_engine(sys.argv[2], home)
copy_database(source, target, rows_at_once=50, progress=die)
"""
"""Copies, and is killed when so many rows are there."""


BEGIN_AGAIN = text(f"UPDATE alembic_version SET version_num = '{migrate.begun_copy()}'")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city on SQLite that has lived a month: every kind of record, scores and exports."""
    folder = tmp_path_factory.mktemp("lived") / "city"
    usual = os.environ.pop(POSTGRESQL)
    run_demo(folder, MONTH, "one seed", SIZE, environ={})
    os.environ[POSTGRESQL] = usual
    return folder


@pytest.fixture
def opened(home: Path) -> Iterator[Callable[[str], Engine]]:
    """A function that opens a database by its address."""
    engines: list[Engine] = []

    def by_address(url: str) -> Engine:
        engines.append(open_engine(url, home))
        return engines[-1]

    yield by_address
    for engine in engines:
        engine.dispose()


def contents(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with reading(engine) as connection:
        return {table.name: sorted(rows_of(connection, table)) for table in stored_tables()}


def exported(home: Path, url: str, folder: Path) -> dict[str, bytes]:
    """The exports of a month, and a draw computed again, from the database at an address."""
    app = open_app(home, environ={"SURVEY_DATABASE__URL": url})
    try:
        folder.mkdir()
        report = read_month(app.context, MONTH)
        for form in ("csv", "json", "html", "xlsx"):
            write_month(report, form, folder / f"month.{form}", "zh_CN")
        write_answers(app.context, MONTH, folder / "answers.csv", "csv")
        with reading(app.context.engine) as connection:
            day = connection.scalars(select(draws.c.day).where(draws.c.frame > 0)).first()
        assert day is not None
        assert verify_draw(app.context, day).ok
    finally:
        app.close()
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_city_moves_to_postgresql_and_back_killed_on_its_way(
    home: Path, opened: Callable[[str], Engine], tmp_path: Path
) -> None:
    url = new_database(tmp_path, empty=True)
    source, there = opened("sqlite:///survey.db"), opened(url)
    rows = sum(len(found) for found in contents(source).values())
    for fraction in (3, 2):
        command = [sys.executable, "-c", KILLED, str(home), url, str(rows // fraction)]
        assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
        with pytest.raises(SchemaError, match="has not ended"):
            migrate.check(there)
    already = sum(len(found) for found in contents(there).values())
    assert rows // 3 < already < rows, "the second run went on with what the first had copied"

    copied = copy_database(source, there)
    assert copied.rows == rows
    assert contents(there) == contents(source)
    (home / "back.db").touch()
    back = opened("sqlite:///back.db")
    copy_database(there, back)
    assert contents(back) == contents(source)

    before = exported(home, "sqlite:///survey.db", tmp_path / "before")
    assert len(before) == 5
    assert exported(home, url, tmp_path / "there") == before
    assert exported(home, "sqlite:///back.db", tmp_path / "back") == before

    unlock(there, read_key_file(home / "survey.key"))
    with writing(there) as connection:  # ids go on where they ended
        last = connection.scalar(select(func.max(audit_log.c.id)))
        assert last is not None
        entry = audit.entry(
            at=NOON, actor="x", action=AuditAction.CREATED, kind=Audited.PAUSES, key="x"
        )
        audit.append(connection, [entry])
        assert connection.scalar(select(func.max(audit_log.c.id))) == last + 1


def test_what_changed_since_a_copy_was_begun_is_copied_anew(
    context: SetContext, opened: Callable[[str], Engine], tmp_path: Path
) -> None:
    """Rows that were changed, added and taken away while the copy stood still."""
    target = tmp_path / "target.db"
    target.touch()
    engine = opened(f"sqlite:///{target}")
    copy_database(context.engine, engine)
    with writing(engine) as connection:
        connection.execute(BEGIN_AGAIN)
        connection.execute(cases.update().values(item="Another"))
        connection.execute(cases.delete().where(cases.c.case_no == "K-1"))
    add_cases(context, [("AG-1", "N-1", "+8613712345678")])
    copy_database(context.engine, engine)
    assert contents(engine) == contents(context.engine)
    migrate.check(engine)


def test_a_database_with_other_data_and_one_that_is_written_to_are_refused(
    context: SetContext, tmp_path: Path
) -> None:
    to = f"sqlite:///{tmp_path / 'target.db'}"
    written = iter(range(1000))

    def write(_done: int, _total: int) -> None:
        add_cases(context, [("AG-1", f"N-{next(written)}", "+8613712345678")])

    with pytest.raises(CannotProceed, match=r"differ from their copies: .*cases"):
        move_to(context, to, progress=write)
    assert (tmp_path / "target.db").stat().st_mode & 0o077 == 0
    move_to(context, to)
    with pytest.raises(CannotProceed, match="not empty"):
        move_to(context, to)
    with pytest.raises(CannotProceed, match="to itself"):
        move_to(context, database_url(context.home))
