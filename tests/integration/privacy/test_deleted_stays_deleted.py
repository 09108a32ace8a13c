"""What was deleted does not come back with a file that is imported again."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from survey_pipeline.privacy.purging import due_now, purge
from survey_pipeline.stages.intake import import_file
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import hotline_records, year_scores
from survey_pipeline.testing import NOON, SetContext, add_offices, workspace
from survey_pipeline.vocabulary import RecordKind

pytestmark = pytest.mark.usefixtures("database")

FILE = (
    "record_no,clause,office_code,occurred_on,points,remark\n"
    "H1,D1.1,{office},2023-05-03,0.2,marked remark\n"
)


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    return workspace(tmp_path)


def bring(context: SetContext, path: Path, *, dry_run: bool = False) -> list[str]:
    summary = import_file(context, RecordKind.HOTLINE, path, year=2023, dry_run=dry_run)
    assert summary.refused == 0
    return [str(warned.reason) for warned in summary.warned if warned.column == "remark"]


def remarks(context: SetContext) -> list[str | None]:
    with reading(context.engine) as connection:
        return list(connection.scalars(select(hotline_records.c.remark)))


def publish(context: SetContext) -> None:
    with writing(context.engine) as connection:
        connection.execute(
            year_scores.insert().values(
                year=2023, version=1, computed_at=NOON, as_of=NOON.date(), complete=True, head={},
                standard="s", standard_hash="h", program_version="1", inputs_hash="i",
                published_at=NOON, published_by="Li",
            )
        )  # fmt: skip


def test_texts_of_a_record_stay_deleted_when_its_file_comes_again(
    context: SetContext, tmp_path: Path
) -> None:
    (office,) = add_offices(context, "agency")
    path = tmp_path / "hotline.csv"
    path.write_text(FILE.format(office=office), "utf-8")
    assert bring(context, path) == []
    assert bring(context, path) == []
    publish(context)
    assert bring(context, path) == []
    context.clock.advance(timedelta(days=91))
    assert bring(context, path) == []  # not deleted yet: nothing changes
    assert remarks(context) == ["marked remark"]
    purge(context)
    for dry_run in (True, False):
        (warned,) = bring(context, path, dry_run=dry_run)
        assert "not stored: the time of names and texts of 2023's records is up" in warned
    assert remarks(context) == [None]
    path.write_text(FILE.format(office=office).replace("H1", "H2"), "utf-8")
    assert len(bring(context, path)) == 1
    assert remarks(context) == [None, None]
    assert due_now(context) == {}
