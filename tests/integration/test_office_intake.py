"""What an office brings itself: its own cases alone, row by row, and files it confirms."""

import csv
import io
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.errors import CannotProceed, UnknownRecord, UnreadableFile
from survey_pipeline.i18n import Message
from survey_pipeline.pipeline import run_day
from survey_pipeline.stages.intake.rejected_files.refused_rows import read_refused, rejected_lines
from survey_pipeline.stages.intake.scope import cases_of
from survey_pipeline.stages.intake.uploads.posted_rows import MOST_ROWS, import_rows
from survey_pipeline.stages.intake.uploads.upload import Declaration
from survey_pipeline.stages.intake.uploads.upload_folder import (
    MOST_BYTES,
    MOST_KEPT,
    UPLOADS,
    drop_old_uploads,
)
from survey_pipeline.stages.intake.uploads.uploads import (
    drop_upload,
    find_upload,
    keep_upload,
    list_uploads,
    take_upload,
)
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import cases, import_runs
from survey_pipeline.testing import NOON, SetContext, add_offices, add_survey, workspace
from survey_pipeline.vocabulary import Category, RecordKind

TEMPLATES = Path(__file__).parents[2] / "templates"
HEADER = "office_code,case_no,served_on,phone,item,citizen_name"
MINE, OTHER = "AG-1", "AG-2"
A_REPORT = Declaration(RecordKind.CASES)


@pytest.fixture
def context(tmp_path: Path) -> Any:
    context = workspace(tmp_path)
    add_offices(context, Category.AGENCY, Category.AGENCY)
    return context.acting("zhao")


def row(
    case_no: str = "K-1", *, office: Any = MINE, phone: str = "13857710001", **more: Any
) -> Any:
    values = {"served_on": "2023-05-04", "item": "Licence", **more}
    return {"office_code": office, "case_no": case_no, "phone": phone, **values}


def sent(context: SetContext, *rows: Any, **options: Any) -> Any:
    return import_rows(context, rows, office=MINE, name="api", digest="0" * 64, **options)


def outcomes(taken: Any) -> Any:
    return [one.outcome.value for one in taken.rows]


def reasons(taken: Any) -> Any:
    return [(one.row, p.column, str(p.reason)) for one in taken.rows for p in one.problems]


def line(case_no: Any, *, office: Any = MINE, phone: str = "13857710001") -> str:
    return f"{office},{case_no},2023-05-04,{phone},Licence,"


def upload(
    context: SetContext, *lines: Any, name: str = "cases.csv", office: Any = MINE, **options: Any
) -> Any:
    file = io.BytesIO("\n".join([HEADER, *lines]).encode())
    return keep_upload(context, cases_of(office), A_REPORT, name, file, **options)


def stored(context: SetContext) -> Any:
    with reading(context.engine) as connection:
        return connection.execute(select(cases).order_by(cases.c.case_no)).all()


def counts(upload: Any) -> Any:
    return (upload.accepted, upload.updated, upload.unchanged, upload.refused)


def test_each_row_is_answered_by_itself(context: SetContext) -> None:
    sent(context, row("K-1"), row("K-2"))
    again = sent(
        context,
        row("K-1"),
        row("K-2", item="Permit"),
        row("K-3"),
        row("K-4", phone="138****0001"),
        row("K-5", office=OTHER),
    )
    assert outcomes(again) == ["unchanged", "updated", "accepted", "refused", "refused"]
    assert reasons(again) == [
        (4, "phone", "the number is masked; the survey needs all digits"),
        (5, "office_code", "AG-2 is another office; report the cases of AG-1 alone"),
    ]
    assert [one.case_no for one in stored(context)] == ["K-1", "K-2", "K-3"]


def test_an_office_that_does_not_exist_is_another_office_like_any(context: SetContext) -> None:
    taken = sent(context, row("K-1", office="NO-SUCH"))
    assert "is another office" in reasons(taken)[0][2]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (5, "this is no row: write an object with the columns as names"),
        ({}, "the row is empty"),
        ({"phone": None, "remark": " "}, "the row is empty"),
        ({**row(), "item": ["a"]}, "the value is no text and no number"),
        ({**row(), "item": True}, "the value is no text and no number"),
        ({**row(), "item": "\ud800"}, "the text holds control characters; type it again"),
        ({**row(), "case_no": "a\0b"}, "the key holds line breaks or control characters"),
        ({**row(), "item": "合计", "office_code": "合计"}, "this is a totals row"),
    ],
)
def test_what_is_no_row_is_refused_alone(context: SetContext, value: Any, reason: str) -> None:
    taken = sent(context, value, row("K-9"))
    assert outcomes(taken) == ["refused", "accepted"]
    assert reasons(taken)[0][2].startswith(reason)


def test_chinese_headings_count_and_unknown_columns_are_told(context: SetContext) -> None:
    chinese = {
        "处室编码": MINE,
        "办件编号": 17,
        "服务日期": "2023年5月4日",
        "电话": "13857710001.0",
        "事项": "咨询",
        "天气": "晴",
    }
    taken = sent(context, chinese)
    assert outcomes(taken) == ["accepted"]
    assert taken.ignored == ["天气"]
    assert stored(context)[0].case_no == "17"


def test_the_same_key_twice_counts_once(context: SetContext) -> None:
    taken = sent(context, row("K-1"), row("K-1"), row("K-1", item="Permit"))
    assert outcomes(taken) == ["accepted", "unchanged", "refused"]


def test_too_many_rows_at_once_store_nothing(context: SetContext) -> None:
    with pytest.raises(CannotProceed, match="too many at once"):
        sent(context, *[row(f"K-{n}") for n in range(MOST_ROWS + 1)])
    assert stored(context) == []


def test_nothing_tells_which_cases_were_drawn(context: SetContext) -> None:
    """Of one frame, one case was drawn and one was not: changes to both get the same answer."""
    add_survey(context, MINE, "DRAWN", "+8613857710001")
    sent(context, row("UNDRAWN", phone="13857710002"))
    with writing(context.engine) as connection:
        connection.execute(
            cases.update().where(cases.c.case_no == "UNDRAWN").values(frame_on=context.today())
        )
    answers = sent(
        context,
        row("DRAWN", item="Permit"),
        row("UNDRAWN", item="Permit", phone="13857710002"),
    )
    (drawn, undrawn) = reasons(answers)
    assert drawn[1:] == undrawn[1:]
    assert "drawn" not in drawn[2]


def test_deleted_numbers_do_not_tell_which_cases_were_drawn(context: SetContext) -> None:
    """Numbers of undrawn cases are deleted first; a changed number must not show the difference."""
    add_survey(context, MINE, "DRAWN", "+8613857710001")
    sent(context, row("UNDRAWN", phone="13857710002"))
    with writing(context.engine) as connection:
        connection.execute(
            cases.update()
            .where(cases.c.case_no == "UNDRAWN")
            .values(frame_on=context.today(), phone=None, phone_hash=None)
        )
    context.clock.advance(timedelta(days=context.settings.privacy.undrawn_retention_days))
    answers = sent(
        context,
        row("DRAWN", phone="13857719999"),
        row("UNDRAWN", phone="13857719999"),
    )
    assert outcomes(answers) == ["unchanged", "unchanged"]


def test_a_missed_day_may_be_reported_but_not_an_old_one(context: SetContext) -> None:
    assert sent(context, reported_on=date(2023, 4, 10)).reported_on == date(2023, 4, 10)
    with pytest.raises(CannotProceed, match="more than 30 days ago"):
        sent(context, reported_on=date(2023, 4, 3))
    with pytest.raises(CannotProceed, match="in the future"):
        sent(context, reported_on=date(2023, 5, 5))


def test_an_upload_is_looked_at_before_anything_is_stored(context: SetContext) -> None:
    kept = upload(context, line("K-1"), line("K-2", phone="1380"), line("K-3", office=OTHER))
    assert counts(kept) == (1, 0, 0, 2)
    assert stored(context) == []
    with reading(context.engine) as connection:
        assert connection.execute(select(import_runs)).all() == []
    shown = [(one.row, [p.column for p in one.problems]) for one in read_refused(kept.refused_file)]
    assert shown == [(3, ["phone"]), (4, ["office_code"])]
    assert [one.row for one in read_refused(kept.refused_file, start=1, count=5)] == [4]


def test_a_confirmed_upload_is_stored_once_and_its_file_goes(context: SetContext) -> None:
    kept = upload(context, line("K-1"), line("K-2", phone="1380"))
    taken = take_upload(context, cases_of(MINE), kept.token)
    assert counts(taken) == (1, 0, 0, 1)
    assert counts(take_upload(context, cases_of(MINE), kept.token)) == (1, 0, 0, 1)
    assert [one.case_no for one in stored(context)] == ["K-1"]
    assert list((context.home / UPLOADS).rglob("cases.csv")) == []
    with reading(context.engine) as connection:
        (run,) = connection.execute(select(import_runs)).all()
    assert (run.file_name, run.by) == ("cases.csv", "zhao")


def test_the_refused_rows_come_as_the_file_of_section_12_in_the_readers_language(
    context: SetContext,
) -> None:
    kept = upload(context, line("K-2", phone="138****0001"))
    rows = list(csv.reader(io.StringIO("".join(rejected_lines(kept.refused_file, "en")))))
    assert rows[0] == ["\ufeffrow", "column", "reason", *HEADER.split(",")]
    assert rows[1][:3] == ["2", "phone", "the number is masked; the survey needs all digits"]
    assert rows[1][6] == "138****0001"
    chinese = "".join(rejected_lines(kept.refused_file, "zh_CN"))
    assert Message("the number is masked; the survey needs all digits").render("zh_CN") in chinese


def test_only_who_brought_a_file_finds_it(context: SetContext) -> None:
    kept = upload(context, line("K-1"))
    assert find_upload(context, cases_of(MINE), kept.token).name == "cases.csv"
    for somebody, office in ((context.acting("qian"), MINE), (context, OTHER)):
        for act in (find_upload, take_upload, drop_upload):
            with pytest.raises(UnknownRecord):
                act(somebody, cases_of(office), kept.token)
        assert list_uploads(somebody, cases_of(office)) == []
    with pytest.raises(UnknownRecord):
        find_upload(context, cases_of(MINE), "../" + kept.token)


def test_whatever_lies_there_is_private(context: SetContext) -> None:
    upload(context, line("K-1", phone="1"))
    found = list((context.home / UPLOADS).rglob("*"))
    assert {one.stat().st_mode & 0o777 for one in found if one.is_file()} == {0o600}
    assert {one.stat().st_mode & 0o777 for one in found if one.is_dir()} == {0o700}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/办件.csv", "办件.csv"),
        ("C:\\fakepath\\May 4.csv", "May 4.csv"),
        ("..", "report"),
        ("a\0b\n.csv", "ab.csv"),
        ("長" * 300 + ".csv", "長" * 48 + ".csv"),
        ("\ud800.csv", "csv"),
    ],
)
def test_a_files_name_leads_nowhere_else(context: SetContext, name: Any, kept: Any) -> None:
    assert upload(context, line("K-1"), name=name).name == kept


def test_a_number_in_the_wrong_column_is_masked_on_the_page_and_whole_in_the_file(
    context: SetContext,
) -> None:
    lines = (line("K-1", phone="x"), "AG-1,13857710001 张三,0577-88966822,13857710002,Licence,")
    kept = upload(context, *lines)
    reasons = [str(one.reason) for row in read_refused(kept.refused_file) for one in row.problems]
    assert not any("1385771" in reason or "88966822" in reason for reason in reasons)
    assert "13857710001 张三,0577-88966822" in "".join(rejected_lines(kept.refused_file, "en"))


def test_what_cannot_be_read_or_is_too_large_leaves_nothing(context: SetContext) -> None:
    with pytest.raises(UnreadableFile):
        keep_upload(context, cases_of(MINE), A_REPORT, "x.csv", io.BytesIO(b"no header"))
    large = io.BytesIO(b"x" * (MOST_BYTES + 1))
    with pytest.raises(CannotProceed, match="larger than 64 MiB"):
        keep_upload(context, cases_of(MINE), A_REPORT, "x.csv", large)
    assert [one for one in (context.home / UPLOADS).rglob("*") if one.is_file()] == []


def test_a_dropped_upload_is_gone(context: SetContext) -> None:
    kept = upload(context, line("K-1"))
    drop_upload(context, cases_of(MINE), kept.token)
    assert list_uploads(context, cases_of(MINE)) == []
    assert [one for one in (context.home / UPLOADS).rglob("*") if one.is_file()] == []


def test_old_uploads_go_with_the_data_of_cases_never_drawn(context: SetContext) -> None:
    old = upload(context, line("K-1"))
    context.clock.at = NOON + timedelta(days=5)
    new = upload(context, line("K-2"))
    context.clock.at = NOON + timedelta(days=7, seconds=1)
    assert drop_old_uploads(context) == 1
    assert (
        [one.token for one in list_uploads(context, cases_of(MINE))] == [new.token] != [old.token]
    )


def test_the_daily_run_drops_old_uploads_though_nobody_brings_another(context: SetContext) -> None:
    shutil.copytree(TEMPLATES, context.home / "templates")
    upload(context, line("K-1"))
    context.clock.at = NOON + timedelta(days=7)
    run_day(context, {}, context.today())
    assert len(list_uploads(context, cases_of(MINE))) == 1
    context.clock.at = NOON + timedelta(days=8)
    run_day(context, {}, context.today())
    assert [one for one in (context.home / UPLOADS).rglob("*") if one.is_file()] == []


def test_somebody_who_only_tries_fills_no_disk(context: SetContext) -> None:
    for number in range(MOST_KEPT + 2):
        context.clock.advance(timedelta(seconds=1))
        upload(context, line(f"K-{number}"))
    kept = list_uploads(context, cases_of(MINE))
    assert len(kept) == MOST_KEPT
    assert kept[0].at == context.now()
