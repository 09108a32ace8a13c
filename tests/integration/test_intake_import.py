"""Files against the database: stored, refused, unchanged, updated.

Source: specification, sections 3 and 12.
"""

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from survey_pipeline.errors import CannotProceed, UnreadableFile
from survey_pipeline.stages.intake import import_file, report_zero, withdraw
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    audit_log,
    cases,
    daily_reports,
    import_runs,
    offices,
    parents,
    satisfaction_results,
)
from survey_pipeline.testing import SetContext, add_offices, add_survey, workspace
from survey_pipeline.vocabulary import RecordKind

pytestmark = pytest.mark.usefixtures("database")

REPORTS = Path(__file__).parents[1] / "data" / "reports"
DAY = date(2023, 5, 4)
HEADER = "office_code,case_no,served_on,phone,item,remark"


@pytest.fixture
def context(tmp_path: Path) -> Any:
    context = workspace(tmp_path)
    for kind, name in ((RecordKind.PARENTS, "parents.csv"), (RecordKind.OFFICES, "offices.csv")):
        summary = taken(context, kind, REPORTS / name, tmp_path)
        assert summary.refused == 0
    return context


def taken(context: SetContext, kind: Any, path: Path, folder: Path, **options: Any) -> Any:
    """Import a copy of a file, so that a rejected file stays out of the source tree."""
    copy = folder / path.name
    copy.write_bytes(path.read_bytes())
    return import_file(context, kind, copy, **options)


def rows_of(context: SetContext, table: Any, *where: Any) -> Any:
    with reading(context.engine) as connection:
        return connection.execute(select(table).where(*where).order_by(*table.primary_key)).all()


def count(context: SetContext, table: Any) -> Any:
    with reading(context.engine) as connection:
        return connection.scalar(select(func.count()).select_from(table))


def report(
    context: SetContext, *lines: Any, name: str = "cases.csv", header: Any = HEADER, **options: Any
) -> Any:
    path = context.home / name
    path.write_text("\n".join([header, *lines]), encoding="utf-8")
    return import_file(context, RecordKind.CASES, path, **options)


def line(
    case_no: Any,
    served: str = "2023-05-04",
    phone: str = "13857710001",
    item: str = "咨询",
    remark: str = "",
    office: str = "WZ-AG-001",
) -> str:
    return f"{office},{case_no},{served},{phone},{item},{remark}"


def numbers(summary: Any) -> Any:
    return (summary.accepted, summary.updated, summary.unchanged, summary.refused)


@pytest.mark.parametrize(
    ("name", "accepted", "refused"),
    [
        ("01-agency-utf8.csv", 12, 1),
        ("02-education-gb18030.csv", 12, 0),
        ("03-health-semicolon.csv", 12, 0),
        ("04-finance-tab.txt", 12, 0),
        ("05-social.xlsx", 12, 1),
        ("06-soe-1904.xlsx", 12, 0),
        ("07-refusals.csv", 2, 20),
        ("08-formulas.csv", 1, 2),
    ],
)
def test_a_report_is_stored_and_again_changes_nothing(
    context: SetContext, tmp_path: Path, name: str, accepted: int, refused: int
) -> None:
    summary = taken(context, RecordKind.CASES, REPORTS / name, tmp_path)
    again = taken(context, RecordKind.CASES, REPORTS / name, tmp_path)
    known = 1 if name.startswith("07") else 0  # a row that is there twice, alike
    assert numbers(summary) == (accepted, 0, known, refused)
    assert numbers(again) == (0, 0, accepted + known, refused)
    assert count(context, cases) == accepted
    assert sum(row.reported for row in rows_of(context, daily_reports)) == accepted


def test_what_is_stored_is_encrypted_and_normalised(context: SetContext) -> None:
    report(context, line("A-1", "2023年5月3日", "0577-88966822", remark="王先生来过"))
    (case,) = rows_of(context, cases)
    assert case.served_on == date(2023, 5, 3)
    assert case.reported_on == DAY
    assert context.keys.decrypt(case.phone) == "+8657788966822"
    assert case.phone_hash == context.keys.phone_hash("+8657788966822")
    assert case.phone_kind == "landline"
    assert context.keys.decrypt(case.remark) == "王先生来过"
    assert case.channel is None
    assert case.row_no == 2
    assert case.never_a_case is False


def test_the_rejected_file_names_row_column_and_reason(context: SetContext, tmp_path: Path) -> None:
    summary = taken(context, RecordKind.CASES, REPORTS / "07-refusals.csv", tmp_path)
    path = tmp_path / "07-refusals.csv.rejected.csv"
    assert summary.rejected_file == path
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:3] == ["row", "column", "reason"]
    assert [int(row["row"]) for row in rows] == [*range(3, 22), 23]
    assert rows[0]["column"] == "phone"
    assert rows[0]["phone"] == "138****1234"
    by_remark = {row["remark"]: row for row in rows}
    assert by_remark["晚于报送日"]["column"] == "served_on"
    assert "30 days" in by_remark["超过30天"]["reason"]
    assert "WZ-XX-999" in by_remark["处室不存在"]["reason"]
    assert "same key" in by_remark["正好30天"]["reason"]
    assert len({row["reason"] for row in rows}) >= 18


def test_no_copy_of_an_imported_file_is_kept(context: SetContext) -> None:
    """Once the sound rows are stored and its own file has gone, no file holds their numbers."""
    summary = report(context, line("A-1", phone="13857710077"), line("A-2", phone="1385771"))
    assert numbers(summary) == (1, 0, 0, 1)
    (context.home / "cases.csv").unlink()
    kept = [path for path in context.home.rglob("*") if path.is_file()]
    assert context.home / "cases.csv.rejected.csv" in kept
    assert [path.name for path in kept if b"13857710077" in path.read_bytes()] == []


def test_formulas_are_disarmed_and_come_back_unharmed(context: SetContext, tmp_path: Path) -> None:
    taken(context, RecordKind.CASES, REPORTS / "08-formulas.csv", tmp_path)
    path = tmp_path / "08-formulas.csv.rejected.csv"
    text = path.read_text(encoding="utf-8-sig")
    assert "'@SUM(A1)" in text
    assert "'+1 202" in text
    assert "'=1+1" in text
    mended = text.replace("无", "13857713002").replace("'+1 202 555 0100", "'+8613857713003")
    path.write_text(mended, encoding="utf-8-sig")
    summary = import_file(context, RecordKind.CASES, path)
    assert numbers(summary) == (2, 0, 0, 0)
    assert summary.warnings == 0
    stored = {row.case_no: row for row in rows_of(context, cases)}
    assert stored["F-002"].item == "@SUM(A1)"
    assert context.keys.decrypt(stored["F-003"].remark) == "=1+1"


def test_a_rejected_file_goes_when_nothing_is_refused(context: SetContext) -> None:
    assert report(context, line("A-1", phone="x")).rejected_file is not None
    assert report(context, line("A-1")).rejected_file is None
    assert not list(context.home.glob("*.rejected.csv"))
    assert not list(context.home.glob(".*rejected*"))


def test_other_contents_are_an_update_with_before_and_after(context: SetContext) -> None:
    report(context, line("A-1"), line("A-2"))
    context.clock.advance(timedelta(days=1))
    summary = report(context, line("A-1", item="缴费"), line("A-2"))
    assert numbers(summary) == (0, 1, 1, 0)
    changed, _ = rows_of(context, cases)
    assert (changed.item, changed.reported_on) == ("缴费", DAY)
    (entry,) = rows_of(context, audit_log, audit_log.c.kind == "cases")
    assert (entry.action, entry.key) == ("updated", "WZ-AG-001/A-1")
    assert (entry.before, entry.after) == ({"item": "咨询"}, {"item": "缴费"})
    assert entry.actor == "tester"
    assert entry.row_no == 2


def test_an_update_of_the_phone_leaves_no_number_in_the_log(context: SetContext) -> None:
    report(context, line("A-1"))
    report(context, line("A-1", phone="13857710002"))
    with reading(context.engine) as connection:
        lying = connection.execute(text("SELECT before, after FROM audit_values")).all()
    assert len(lying) > 0
    assert "1385771" not in json.dumps([list(values) for values in lying])


def test_of_one_key_in_one_file_the_first_row_counts(context: SetContext) -> None:
    summary = report(context, line("A-1"), line("A-1", item="缴费"), line("A-1"))
    assert numbers(summary) == (1, 0, 1, 1)
    assert summary.problems[0].row == 3
    # against what is stored already it is the same, wherever the rows stand
    again = report(context, line("A-1", item="缴费"), line("A-1"), line("A-1", item="缴费"))
    assert numbers(again) == (0, 1, 1, 1)
    unchanged = report(context, line("A-1", item="缴费"), line("A-1", item="其他"))
    assert numbers(unchanged) == (0, 0, 1, 1)
    assert rows_of(context, cases)[0].item == "缴费"


def test_one_key_in_chunks_far_apart(context: SetContext) -> None:
    filler = [line(f"B-{n}") for n in range(10_500)]
    summary = report(context, line("A-1"), *filler, line("A-1", item="缴费"), line("A-1"))
    assert numbers(summary) == (10_501, 0, 1, 1)
    again = report(context, line("A-1"), *filler, line("A-1", item="缴费"), line("A-1"))
    assert numbers(again) == (0, 0, 10_502, 1)
    (day,) = rows_of(context, daily_reports)
    assert day.reported == 10_501


def test_a_drawn_case_cannot_be_changed_but_may_come_again(context: SetContext) -> None:
    add_survey(context, "WZ-AG-001", "A-1", "+8613857710001")
    refused = report(context, line("A-1", item="缴费"))
    assert numbers(refused) == (0, 0, 0, 1)
    assert "drawn" in refused.problems[0].reason.render()
    assert numbers(report(context, line("A-1", item="Licence"))) == (0, 0, 1, 0)


def test_a_case_in_a_frame_but_not_drawn_may_still_change(context: SetContext) -> None:
    report(context, line("A-1"))
    with writing(context.engine) as connection:
        connection.execute(cases.update().values(frame_on=DAY))
    assert numbers(report(context, line("A-1", item="缴费"))) == (0, 1, 0, 0)


def test_age_is_counted_from_the_first_report(context: SetContext) -> None:
    oldest = line("A-1", "2023-04-04")
    assert numbers(report(context, oldest, line("A-2", "2023-04-03"))) == (1, 0, 0, 1)
    context.clock.advance(timedelta(days=20))
    assert numbers(report(context, oldest)) == (0, 0, 1, 0)
    assert numbers(report(context, line("A-1", "2023-04-04", item="缴费"))) == (0, 1, 0, 0)
    assert numbers(report(context, line("A-1", "2023-05-05"))) == (0, 0, 0, 1)


def test_the_report_day(context: SetContext) -> None:
    report(context, line("A-1", "2023-05-02"), reported_on=date(2023, 5, 3))
    assert rows_of(context, cases)[0].reported_on == date(2023, 5, 3)
    assert report(context, line("A-2"), reported_on=date(2023, 5, 3)).refused == 1
    with pytest.raises(CannotProceed, match="future"):
        report(context, line("A-3"), reported_on=date(2023, 5, 5))


def test_a_withdrawn_case_does_not_come_back(context: SetContext) -> None:
    report(context, line("A-1"))
    withdraw(context, RecordKind.CASES, "WZ-AG-001/A-1", reason="entered twice")
    summary = report(context, line("A-1"))
    assert numbers(summary) == (0, 0, 0, 1)
    assert "entered twice" in summary.problems[0].reason.render()


def test_a_dry_run_finds_the_same_and_leaves_nothing(context: SetContext) -> None:
    report(context, line("A-1"))
    before = {table: count(context, table) for table in (cases, import_runs, audit_log)}
    lines = [line("A-1", item="缴费"), line("A-2"), line("A-2"), line("A-3", phone="x")]
    rehearsed = report(context, *lines, name="new.csv", dry_run=True)
    assert before == {table: count(context, table) for table in before}
    assert not (context.home / "new.csv.rejected.csv").exists()
    assert rehearsed.rejected_file is None
    real = report(context, *lines, name="new.csv")
    assert numbers(rehearsed) == numbers(real) == (1, 1, 1, 1)


@pytest.mark.parametrize("name", ["empty.csv", "binary.csv", "nul.csv", "entities.xlsx"])
def test_an_unreadable_file_stores_nothing(context: SetContext, tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableFile):
        taken(context, RecordKind.CASES, REPORTS / "hostile" / name, tmp_path)
    assert count(context, cases) == 0


def test_a_file_that_breaks_in_the_middle_stores_nothing(context: SetContext) -> None:
    good = "\n".join([HEADER, *(line(f"A-{n}") for n in range(20_000))])
    path = context.home / "broken.csv"
    path.write_text(f'{good}\nWZ-AG-001,B-1,2023-05-04,13857710001,"' + "x,y\n" * 700_000)
    runs = count(context, import_runs)
    with pytest.raises(UnreadableFile, match="never closed"):
        import_file(context, RecordKind.CASES, path)
    assert count(context, cases) == 0
    assert count(context, import_runs) == runs
    assert not list(context.home.glob(".*rejected*"))


def test_the_summary_as_json(context: SetContext) -> None:
    summary = report(context, line("A-1"), line("A-2", phone="138****0001"))
    assert summary.to_dict("en") == {
        "file": str(context.home / "cases.csv"),
        "kind": "cases",
        "accepted": 1,
        "updated": 0,
        "unchanged": 0,
        "refused": 1,
        "warnings": 0,
        "rejected_file": str(context.home / "cases.csv.rejected.csv"),
        "problems": [
            {
                "row": 3,
                "column": "phone",
                "reason": "the number is masked; the survey needs all digits",
            }
        ],
        "warned": [],
    }


def test_only_the_first_hundred_problems_are_listed(context: SetContext) -> None:
    summary = report(context, *(line(f"A-{n}", phone="x") for n in range(150)))
    assert (summary.refused, len(summary.problems)) == (150, 100)


def test_warnings_are_counted(context: SetContext) -> None:
    header = f"{HEADER},满意度"
    summary = report(context, line("A-1", phone="14912345678") + ",", header=header)
    assert (summary.accepted, summary.warnings) == (1, 2)
    assert [one.column for one in summary.warned] == ["满意度", "phone"]


def test_the_register_checks_itself(context: SetContext, tmp_path: Path) -> None:
    path = tmp_path / "more.csv"
    path.write_text(
        "处室编码,处室名称,类别,主管单位编码,承担审批服务,停用日期\n"
        "N-1,新处,机关中层,P-01,是,\n"
        "N-2,新处,机关中层,P-99,,\n"
        "N-3,新处,不知道,P-01,,\n"
        "WZ-AG-001,市市场监督管理局企业注册处,agency,P-01,否,2023年12月31日\n",
        encoding="utf-8",
    )
    summary = import_file(context, RecordKind.OFFICES, path)
    assert numbers(summary) == (1, 1, 0, 2)
    assert [(one.row, one.column) for one in summary.problems] == [(3, "主管单位编码"), (4, "类别")]
    stored = {row.office_code: row for row in rows_of(context, offices)}
    assert stored["N-1"].approval_service is True
    assert stored["WZ-AG-001"].valid_until == date(2023, 12, 31)
    (entry,) = rows_of(context, audit_log, audit_log.c.action == "updated")
    assert entry.before == {"valid_until": None}
    assert entry.after == {"valid_until": "2023-12-31"}


def test_the_register_again_changes_nothing(context: SetContext, tmp_path: Path) -> None:
    entries = count(context, audit_log)
    for kind, name in ((RecordKind.PARENTS, "parents.csv"), (RecordKind.OFFICES, "offices.csv")):
        summary = taken(context, kind, REPORTS / name, tmp_path)
        assert (summary.accepted, summary.updated, summary.refused) == (0, 0, 0)
    assert count(context, audit_log) == entries
    assert count(context, parents) == 6


def delivered(context: SetContext, *lines: Any) -> Any:
    path = context.home / "delivered.csv"
    head = (
        "office_code,month,reported,sampled,satisfied,neutral,dissatisfied,source,mode,delivered_on"
    )
    path.write_text("\n".join([head, *lines]), encoding="utf-8")
    return import_file(context, RecordKind.SATISFACTION, path)


def test_delivered_results_are_taken_with_their_usual_mode(
    context: SetContext, tmp_path: Path
) -> None:
    summary = taken(context, RecordKind.SATISFACTION, REPORTS / "satisfaction.csv", tmp_path)
    assert numbers(summary) == (3, 0, 0, 0)
    stored = {row.office_code: row for row in rows_of(context, satisfaction_results)}
    assert {code: row.mode for code, row in stored.items()} == {
        "WZ-ED-001": "joint",
        "WZ-HE-001": "phone",
        "WZ-AG-002": "all",
    }
    assert not any(row.late for row in stored.values())


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("WZ-AG-001,2023-04,10,5,5,0,0,x,,", "office_code"),
        ("WZ-FI-001,2023-04,10,5,5,0,0,x,,", "office_code"),
        ("WZ-XX-001,2023-04,10,5,5,0,0,x,,", "office_code"),
        ("WZ-HE-001,2023-04,10,5,5,0,0,x,all,", "mode"),
        ("WZ-AG-002,2023-04,10,5,5,0,0,x,phone,", "mode"),
        ("WZ-ED-001,2023-04,10,5,5,1,0,x,,", "sampled"),
        ("WZ-ED-001,2023-04,4,5,5,0,0,x,,", "sampled"),
        ("WZ-ED-001,2023-06,10,5,5,0,0,x,,", "month"),
        ("WZ-ED-001,2023-04,10,5,-5,0,0,x,,", "satisfied"),
        ("WZ-ED-001,2023-04,10,5,5,0,0,,,", "source"),
        ("WZ-ED-001,2023-04,10,5,5,0,0,x,,2023-05-05", "delivered_on"),
    ],
)
def test_deliveries_that_may_not_be(context: SetContext, row: str, column: str) -> None:
    summary = delivered(context, row)
    assert numbers(summary) == (0, 0, 0, 1)
    assert summary.problems[0].column == column


def test_a_late_delivery_is_taken_and_marked(context: SetContext) -> None:
    # February's results were due by 25 March 2023, a Saturday: Monday the 27th
    summary = delivered(
        context,
        "WZ-ED-001,2023-02,10,5,5,0,0,x,,2023-03-27",
        "WZ-HE-001,2023-02,10,5,5,0,0,x,,2023-03-28",
    )
    assert (summary.accepted, summary.warnings) == (2, 1)
    late = {row.office_code: row.late for row in rows_of(context, satisfaction_results)}
    assert late == {"WZ-ED-001": False, "WZ-HE-001": True}


def test_another_mode_for_the_same_month_is_an_update(context: SetContext) -> None:
    delivered(context, "WZ-ED-001,2023-04,10,5,5,0,0,x,all,")
    context.clock.advance(timedelta(days=1))
    assert numbers(delivered(context, "WZ-ED-001,2023-04,10,5,5,0,0,x,all,")) == (0, 0, 1, 0)
    assert numbers(delivered(context, "WZ-ED-001,2023-04,10,5,5,0,0,x,phone,")) == (0, 1, 0, 0)
    (row,) = rows_of(context, satisfaction_results)
    assert (row.mode, row.delivered_on) == ("phone", DAY)


def test_a_zero_report_and_cases_exclude_each_other(context: SetContext) -> None:
    assert report_zero(context, "WZ-AG-001", DAY).new
    assert not report_zero(context, "WZ-AG-001", DAY).new
    report(context, line("A-1"))
    (day,) = rows_of(context, daily_reports)
    assert (day.reported, day.zero) == (1, False)
    with pytest.raises(CannotProceed, match="reported 1 cases"):
        report_zero(context, "WZ-AG-001", DAY)
    withdraw(context, RecordKind.CASES, "WZ-AG-001/A-1", reason="wrong day")
    assert report_zero(context, "WZ-AG-001", DAY).new


def test_a_zero_report_of_nobody_or_of_tomorrow(context: SetContext) -> None:
    with pytest.raises(CannotProceed, match="no office"):
        report_zero(context, "X", DAY)
    with pytest.raises(CannotProceed, match="future"):
        report_zero(context, "WZ-AG-001", DAY + timedelta(days=1))


def test_add_offices_and_files_share_the_register(tmp_path: Path) -> None:
    context = workspace(tmp_path)
    (code,) = add_offices(context, "finance")
    assert report(context, line("A-1", office=code)).accepted == 1
