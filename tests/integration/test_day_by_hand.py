"""The daily run started by a person: now, once at a time on all hosts, again if need be."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from survey_pipeline import day_runs
from survey_pipeline.catching_up import begin_day, missed_days, run_begun_day, run_missed_days
from survey_pipeline.day_runs import DayRun
from survey_pipeline.edited import shipped
from survey_pipeline.errors import CannotProceed, DrawError
from survey_pipeline.reports.day_preview import preview_day
from survey_pipeline.stages.dispatch import preview
from survey_pipeline.stages.intake.importing import import_file
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import audit_log, cases, draws, import_runs
from survey_pipeline.testing import SetContext, add_case, add_offices, workspace
from survey_pipeline.vocabulary import RecordKind

pytestmark = pytest.mark.usefixtures("database")

TODAY = date(2023, 5, 4)


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    shutil.copytree(shipped() / "templates", tmp_path / "templates")
    made = workspace(tmp_path).acting("wang")
    add_case(made, add_offices(made, "agency")[0], "K-1", "+8613812345678")
    return made


def latest(context: SetContext) -> DayRun:
    with reading(context.engine) as connection:
        found = day_runs.run_of(connection, TODAY)
    assert found is not None
    return found


def drawn(context: SetContext) -> list[date]:
    with reading(context.engine) as connection:
        return list(connection.scalars(select(draws.c.day).order_by(draws.c.day)))


def test_a_run_by_hand_is_the_days_run(context: SetContext) -> None:
    begun = begin_day(context)
    assert begun.day == TODAY
    assert latest(context).under_way(context.now())
    run_begun_day(context, {}, begun)
    assert not latest(context).under_way(context.now())
    assert latest(context).result == {"frame": 1, "drawn": 1, "by": "wang"}
    assert missed_days(context, due_today=True) == []


def test_who_started_it_stands_in_the_audit_log(context: SetContext) -> None:
    begin_day(context)
    with reading(context.engine) as connection:
        query = select(audit_log).where(audit_log.c.kind == "job_runs")
        row = connection.execute(query).one()
    assert (row.actor, row.action, row.key) == ("wang", "created", "2023-05-04")


def test_nobody_starts_a_run_while_one_is_under_way(context: SetContext) -> None:
    begin_day(context)
    with pytest.raises(CannotProceed, match="under way"):
        begin_day(context.acting("li"))


def test_nor_while_another_host_catches_up_on_an_earlier_day(context: SetContext) -> None:
    with writing(context.engine) as connection:
        day_runs.claim(connection, TODAY - timedelta(days=1), context.now())
    with pytest.raises(CannotProceed, match="under way"):
        begin_day(context)


def test_the_scheduler_leaves_a_day_alone_that_is_run_by_hand(context: SetContext) -> None:
    begin_day(context)
    assert run_missed_days(context, {}, due_today=True) == []
    assert drawn(context) == []


def test_a_day_may_be_run_again(context: SetContext) -> None:
    run_begun_day(context, {}, begin_day(context))
    run_begun_day(context, {}, begin_day(context.acting("li")))
    assert drawn(context) == [TODAY]


def test_days_still_owed_are_run_first(context: SetContext) -> None:
    with writing(context.engine) as connection:
        row = dict.fromkeys(("frame_hash", "roll_hash", "seed_hash"), "")
        connection.execute(
            draws.insert().values(
                **row,
                day=date(2023, 5, 1),
                drawn_at=context.now(),
                frame=0,
                seed=context.keys.encrypt("seed"),
                policy={},
                roll=b"",
            )
        )
    run_begun_day(context, {}, begin_day(context))
    assert drawn(context) == [date(2023, 5, number) for number in (1, 2, 3, 4)]


def test_a_run_that_failed_says_why_and_may_be_started_again(context: SetContext) -> None:
    run_begun_day(context, {}, begin_day(context))
    begun = begin_day(context)
    (context.home / "templates/sms/survey.txt").rename(context.home / "kept.txt")
    with pytest.raises(CannotProceed):
        run_begun_day(context, {}, begun)
    failed = latest(context)
    assert failed.finished_at is None
    assert "survey.txt is missing" in str(failed.error)
    (context.home / "kept.txt").rename(context.home / "templates/sms/survey.txt")
    run_begun_day(context, {}, begin_day(context))
    assert latest(context).error is None


def test_a_past_day_is_run_alone(context: SetContext) -> None:
    yesterday = TODAY - timedelta(days=1)
    begun = begin_day(context, yesterday)
    assert begun.day == yesterday
    run_begun_day(context, {}, begun)
    assert drawn(context) == [yesterday]
    with pytest.raises(DrawError, match="not begun"):
        begin_day(context, TODAY + timedelta(days=1))
    run_begun_day(context, {}, begin_day(context, TODAY))
    with pytest.raises(DrawError, match="can no longer be"):
        begin_day(context, yesterday - timedelta(days=1))


def test_a_dry_run_says_what_the_run_then_does(context: SetContext) -> None:
    add_case(context, "AG-1", "K-2", "+8613900000002")
    add_case(context, "AG-1", "K-3", "+8657788886666")
    planned = preview_day(context, TODAY)
    chosen = {case_no for _, case_no in planned.draw.drawn}
    assert (planned.draw.frame, len(chosen), planned.draw.drawn_before) == (3, 2, False)
    assert {one.case_no for one in planned.texts.texts} == chosen - {"K-3"}
    assert planned.opens_at == context.now() + timedelta(hours=2)
    assert planned.texts.costs == {}  # no gateway, no price
    assert drawn(context) == []
    done = run_begun_day(context, {}, begin_day(context))
    assert [(one.office_code, one.case_no) for one in done.draw.drawn] == list(planned.draw.drawn)
    again = preview_day(context, TODAY)
    assert (again.draw.drawn_before, again.draw.frame) == (True, 3)
    assert [one.text for one in again.texts.texts] == [one.text for one in planned.texts.texts]


def test_a_dry_run_waits_for_no_writer_and_holds_none_up(context: SetContext) -> None:
    with writing(context.engine) as connection:
        connection.execute(update(cases).values(item="held"))
        assert preview_day(context, TODAY).draw.frame == 1
        assert preview(context).texts == []


def test_a_day_after_a_later_draw_is_refused(context: SetContext) -> None:
    context.clock.at += timedelta(days=1)
    run_begun_day(context, {}, begin_day(context))
    context.clock.at -= timedelta(days=1)
    with pytest.raises(DrawError):
        run_begun_day(context, {}, begin_day(context))


def test_an_import_keeps_why_rows_were_refused_and_no_cell(context: SetContext) -> None:
    file = context.home / "cases.csv"
    file.write_text(
        "office_code,case_no,served_on,phone,item\n"
        "AG-1,A-1,2023-05-04,138****1234,Licence\n"
        "AG-1,A-2,2023-05-04,139****1234,Licence\n"
        "AG-1,A-3,13900001111,13812345670,Licence\n"
        "13700002222,A-4,2023-05-04,13812345671,Licence\n"
    )
    import_file(context, RecordKind.CASES, file)
    with reading(context.engine) as connection:
        kept = connection.execute(select(import_runs)).one()
    assert kept.refused == 4
    masked = next(one for one in kept.reasons if "masked" in one["reason"])
    assert (masked["column"], masked["rows"], masked["first"]) == ("phone", 2, 2)
    assert "139" not in str(kept.reasons)
    assert "137" not in str(kept.reasons)
