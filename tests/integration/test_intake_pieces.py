"""An import beside other writers: in short pieces, rehearsed without a lock, cut off, repeated."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlmodel import SQLModel

from survey_pipeline.errors import CannotProceed, UnreadableFile
from survey_pipeline.stages.intake import import_file, report_zero, withdraw
from survey_pipeline.stages.intake.chunk_flow import FileBounds
from survey_pipeline.stages.intake.formats.header import CHUNK_ROWS
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import cases, daily_reports, import_runs
from survey_pipeline.testing import SetContext, add_offices, add_survey, workspace
from survey_pipeline.vocabulary import Category, RecordKind

pytestmark = pytest.mark.usefixtures("database")

HEADER = "office_code,case_no,served_on,phone,item,remark\n"
ROWS = 2 * CHUNK_ROWS + 100


class Cut(Exception):
    """Ends an import where the test wants it."""


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    return workspace(tmp_path)


@pytest.fixture
def office(context: SetContext) -> Any:
    return add_offices(context, Category.AGENCY)[0]


def line(context: SetContext, office: Any, number: Any, item: str = "x", phone: Any = None) -> str:
    day = context.today()
    return f"{office},A-{number},{day},{phone or 13800000000 + number},{item},\n"


def saved(
    context: SetContext, office: Any, numbers: Any, name: str = "cases.csv", **more: Any
) -> Any:
    path = context.home / name
    path.write_text(HEADER + "".join(line(context, office, number, **more) for number in numbers))
    return path


def bring(context: SetContext, path: Path, **options: Any) -> Any:
    return import_file(context, RecordKind.CASES, path, **options)


def counts(summary: Any) -> Any:
    return summary.accepted, summary.updated, summary.unchanged, summary.refused


def count(context: SetContext, table: Any) -> Any:
    with reading(context.engine) as connection:
        return connection.scalar(select(func.count()).select_from(table))


def reported(context: SetContext) -> Any:
    with reading(context.engine) as connection:
        return connection.scalar(select(func.sum(daily_reports.c.reported)))


def write_beside(context: SetContext) -> None:
    """Write as another process would, waiting for nobody."""
    with writing(context.engine) as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA busy_timeout = 0"))
        connection.execute(daily_reports.update().values(by="beside"))
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA busy_timeout = 60000"))


def snapshot(context: SetContext) -> Any:
    """Return all that the database holds."""
    with reading(context.engine) as connection:
        return {
            table.name: connection.execute(select(table).order_by(*table.primary_key)).all()
            for table in SQLModel.metadata.sorted_tables
        }


def test_other_writers_come_in_between_the_pieces_of_a_file(
    context: SetContext, office: Any
) -> None:
    path = saved(context, office, range(ROWS))
    seen = []

    def progress(_done: Any, _total: Any) -> None:
        write_beside(context)
        seen.append(count(context, cases))

    assert counts(bring(context, path, progress=progress)) == (ROWS, 0, 0, 0)
    assert seen == [CHUNK_ROWS, 2 * CHUNK_ROWS, ROWS]
    assert reported(context) == ROWS


def test_a_file_that_is_cut_off_is_taken_up_by_the_same_file(
    context: SetContext, office: Any
) -> None:
    report_zero(context, office, context.today())
    path = saved(context, office, range(ROWS))

    def cut(_done: Any, _total: Any) -> None:
        raise Cut

    with pytest.raises(Cut):
        bring(context, path, progress=cut)
    assert count(context, cases) == reported(context) == CHUNK_ROWS
    with reading(context.engine) as connection:
        assert connection.scalar(select(import_runs.c.accepted)) == CHUNK_ROWS
        assert not connection.scalar(select(daily_reports.c.zero))
    assert counts(bring(context, path)) == (ROWS - CHUNK_ROWS, 0, CHUNK_ROWS, 0)
    assert counts(bring(context, path)) == (0, 0, ROWS, 0)
    assert count(context, cases) == reported(context) == ROWS


def test_a_key_twice_in_different_pieces_counts_once(context: SetContext, office: Any) -> None:
    lines = [line(context, office, number) for number in range(ROWS)]
    lines += [line(context, office, 1), line(context, office, 2, item="y")]
    path = context.home / "cases.csv"
    path.write_text(HEADER + "".join(lines))
    for dry_run in (True, False):
        summary = bring(context, path, dry_run=dry_run)
        assert counts(summary) == (ROWS, 0, 1, 1)
        assert "same key" in summary.problems[0].reason.render()
    assert reported(context) == ROWS


def test_a_long_file_that_is_damaged_at_its_end_stores_nothing(
    context: SetContext, office: Any
) -> None:
    path = saved(context, office, range(ROWS))
    with path.open("a") as file:
        file.write(f'{office},B-1,{context.today()},13800000000,"' + "x\n" * 2_000_000)
    with pytest.raises(UnreadableFile, match="never closed"):
        bring(context, path)
    assert (count(context, cases), count(context, import_runs)) == (0, 0)


def test_the_refused_rows_of_all_pieces_are_in_one_file(context: SetContext, office: Any) -> None:
    path = saved(context, office, range(ROWS), phone="138****0001")
    summary = bring(context, path)
    assert summary.refused == ROWS
    assert len(summary.rejected_file.read_text("utf-8-sig").splitlines()) == ROWS + 1


def mixed(context: SetContext, office: Any) -> Any:
    """A file in which everything may happen, beside cases that are there, drawn or withdrawn."""
    bring(context, saved(context, office, range(2, 40), "before.csv"))
    add_survey(context, office, "A-0")
    withdraw(context, RecordKind.CASES, f"{office}/A-3", reason="entered twice")
    lines = [line(context, office, number) for number in (3, 20, *range(50, 60))]
    lines += [line(context, office, 0, item="drawn"), line(context, office, 21, item="changed")]
    lines += [line(context, office, 50), line(context, office, 51, item="twice")]
    lines += [line(context, "XX-1", 1), line(context, office, 90, phone="138****0001")]
    path = context.home / "mixed.csv"
    path.write_text(HEADER + "".join(lines))
    return path


def test_a_rehearsal_finds_what_the_import_finds(context: SetContext, office: Any) -> None:
    path = mixed(context, office)
    before = snapshot(context)
    rehearsed = bring(context, path, dry_run=True)
    assert snapshot(context) == before
    real = bring(context, path)
    assert counts(rehearsed) == counts(real) == (10, 1, 2, 5)
    assert rehearsed.problems == real.problems
    assert rehearsed.warned == real.warned


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_rehearsal_waits_for_no_writer_and_no_writer_for_it(
    context: SetContext, office: Any
) -> None:
    path = saved(context, office, range(ROWS))

    def progress(_done: Any, _total: Any) -> None:
        write_beside(context)

    with writing(context.engine):  # held all the time
        assert counts(bring(context, path, dry_run=True)) == (ROWS, 0, 0, 0)
    assert counts(bring(context, path, dry_run=True, progress=progress)) == (ROWS, 0, 0, 0)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_kind_is_rehearsed_without_the_lock(context: SetContext) -> None:
    (context.home / "p.csv").write_text("parent_code,name,hotline_group\nP-1,市局,city_agency\n")
    (context.home / "o.csv").write_text(
        "office_code,name,category,parent_code\nO-1,处,agency,P-1\nO-2,处,agency,P-9\n"
    )
    for kind, name, wanted in (
        (RecordKind.PARENTS, "p.csv", (1, 0, 0, 0)),
        (RecordKind.OFFICES, "o.csv", (1, 0, 0, 1)),
    ):
        with writing(context.engine):
            assert counts(import_file(context, kind, context.home / name, dry_run=True))[0] <= 1
        assert counts(import_file(context, kind, context.home / name)) == wanted


def test_the_pulse_of_the_reading_ends_it(context: SetContext, office: Any) -> None:
    path = saved(context, office, range(ROWS))
    beats = []

    def pulse() -> None:
        beats.append(1)
        if len(beats) > 3:
            raise CannotProceed("enough")

    with pytest.raises(CannotProceed, match="enough"):
        bring(context, path, dry_run=True, pulse=pulse)
    assert count(context, cases) == 0


@pytest.mark.parametrize(
    ("bounds", "content", "words"),
    [
        (FileBounds(9, 9_999), "\n" * 20, "more than 9 rows, blank ones counted"),
        (FileBounds(9, 9_999), "{good}" * 11, "more than 9 rows"),
        (FileBounds(99, 999), "{bad}" * 40, "can be listed, the first in row 2"),
    ],
)
def test_what_somebody_may_bring_is_bounded(
    context: SetContext, office: Any, bounds: Any, content: Any, words: str
) -> None:
    path = context.home / "cases.csv"
    good, bad = line(context, office, 1), line(context, office, 2, phone="138****0001")
    path.write_text(HEADER + content.format(good=good, bad=bad) + good)
    for dry_run in (True, False):
        with pytest.raises(CannotProceed, match=words):
            bring(context, path, bounds=bounds, dry_run=dry_run)
    assert count(context, cases) == 0
    assert counts(bring(context, path, dry_run=True))[0] == 1
