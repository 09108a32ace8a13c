"""Supervision and hotline files, and hotline ranks, against register and standard."""

import csv
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from survey_pipeline.errors import UsageError
from survey_pipeline.reports.possible_duplicates import possible_duplicates
from survey_pipeline.stages.intake import withdraw
from survey_pipeline.stages.intake.formats.header import CHUNK_ROWS
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    audit_log,
    hotline_ranks,
    hotline_records,
    import_runs,
    offices,
    parents,
    supervision_records,
)
from survey_pipeline.vocabulary import RecordKind

SUPERVISION = "record_no,clause,office_code,parent_code,occurred_on,points,person,matter,is_head"
HOTLINE = "record_no,clause,office_code,occurred_on,points,unreasonable_claim"
PARENTS = "parent_code,name,hotline_group"


def test_a_finding_is_kept_with_where_it_came_from(evidence: Any) -> None:
    summary = evidence.bring(
        "supervision", SUPERVISION, "S-1,C2.1a,A-1,,2023-03-01,3,张 三,酒驾,是"
    )
    assert evidence.numbers(summary) == (1, 0, 0, 0)
    (kept,) = evidence.rows(supervision_records)
    (run,) = evidence.rows(import_runs)
    keys = evidence.context.keys
    assert (kept.year, kept.clause, kept.office_code, kept.parent_code) == (
        2023,
        "C2.1a",
        "A-1",
        None,
    )
    assert (kept.occurred_on, kept.points, kept.matter) == (date(2023, 3, 1), 30_000, "酒驾")
    assert keys.decrypt(kept.person) == "张 三"
    assert kept.person_hash == keys.person_hash("张三")
    assert (kept.is_head, kept.self_found, kept.rectified) == (True, False, False)
    assert (kept.duty_related, kept.adverse_effect, kept.filed_on) == (None, None, None)
    assert (kept.import_id, kept.row_no) == (run.id, 2)
    assert (run.kind, run.file_name, run.by) == ("supervision", "supervision.csv", "tester")


def test_chinese_headings_are_read(evidence: Any) -> None:
    summary = evidence.bring(
        "supervision",
        "记录编号,条款,处室（站所）编码,发生日期,扣分,责任人,事由,是否主要负责人,是否与职务有关,"
        "是否造成不良影响,自查发现,整改到位,备案日期,文号,备注",
        "S-1,C2.1f,A-1,2023年3月1日,0.9分,李四,迟到,否,否,否,是,是,2023/3/20,温纪〔2023〕1号,无",
    )
    assert evidence.numbers(summary) == (1, 0, 0, 0)
    assert summary.warnings == 0
    (kept,) = evidence.rows(supervision_records)
    assert (kept.points, kept.duty_related, kept.adverse_effect) == (9_000, False, False)
    assert (kept.self_found, kept.rectified, kept.filed_on) == (True, True, date(2023, 3, 20))
    assert (kept.document_no, kept.remark) == ("温纪〔2023〕1号", None)


@pytest.mark.parametrize(
    ("line", "column", "word"),
    [
        ("S-1,C9.9,A-1,,2023-03-01,,,,", "clause", "no clause C9.9"),
        ("S-1,D1.1,A-1,,2023-03-01,,,,", "clause", "no clause D1.1"),
        ("S-1,C2.1,A-1,,2023-03-01,3,,,", "clause", "C2.1a, C2.1b"),
        ("S-1,C1.1,A-1,,2023-03-01,,,,", "points", "range"),
        ("S-1,C1.1,A-1,,2023-03-01,5.0001,,,", "points", "from 3 to 5"),
        ("S-1,C1.1,A-1,,2023-03-01,4.00001,,,", "points", "decimals"),
        ("S-1,C2.1a,A-1,,2023-03-01,4.5,,,是", "points", "factors"),
        ("S-1,C1.1,,,2023-03-01,3,,,", "office_code", "neither"),
        ("S-1,C1.1,,P-1,2023-03-01,3,,,", "office_code", "needs office_code"),
        ("S-1,C1.1,A-1,P-1,2023-03-01,3,,,", "parent_code", "leave parent_code blank"),
        ("S-1,C1.1,X-9,,2023-03-01,3,,,", "office_code", "no office X-9"),
        ("S-1,C3.4,A-1,,2023-03-01,,,,", "parent_code", "needs parent_code"),
        ("S-1,C3.4,A-1,P-1,2023-03-01,,,,", "office_code", "leave office_code blank"),
        ("S-1,C3.4,,P-9,2023-03-01,,,,", "parent_code", "no parent department P-9"),
        ("S-1,C3.4,,P-1,2023-03-01,0,,,", "points", "more than 0"),
        ("S-1,C3.4,,P-1,2023-03-01,2.5,,,", "points", "at most 2"),
        ("S-1,C1.1,A-1,,2023-11-16,3,,,", "occurred_on", "future"),
        ("S-1,C1.1,A-1,,2023-03-01,3,,,vielleicht", "is_head", "not in the list"),
    ],
)
def test_a_row_that_the_standard_or_the_register_does_not_allow(
    evidence: Any, line: str, column: str, word: str
) -> None:
    summary = evidence.bring("supervision", SUPERVISION, line)
    assert evidence.numbers(summary) == (0, 0, 0, 1)
    ((row, found, reason),) = evidence.reasons(summary)
    assert (row, found) == (2, column)
    assert word in reason
    assert evidence.rows(supervision_records) == []


@pytest.mark.parametrize("points", ["", "0.5", "2"])
def test_material_that_was_not_filed_is_the_departments(evidence: Any, points: str) -> None:
    summary = evidence.bring("supervision", SUPERVISION, f"S-1,C3.4,,P-1,2023-03-01,{points},,,")
    assert evidence.numbers(summary) == (1, 0, 0, 0)
    (kept,) = evidence.rows(supervision_records)
    assert (kept.office_code, kept.parent_code) == (None, "P-1")


def test_sound_rows_are_stored_beside_refused_ones_and_the_mended_file_completes_them(
    evidence: Any,
) -> None:
    sound, wrong = "S-1,C1.1,A-1,,2023-03-01,3,,,", "S-2,C1.1,A-1,,2023-03-01,6,王五,,"
    summary = evidence.bring("supervision", SUPERVISION, sound, wrong)
    assert evidence.numbers(summary) == (1, 0, 0, 1)
    with summary.rejected_file.open(encoding="utf-8-sig", newline="") as file:
        (refused,) = csv.DictReader(file)
    assert (refused["row"], refused["column"], refused["record_no"]) == ("3", "points", "S-2")
    mended = evidence.bring("supervision", SUPERVISION, sound, wrong.replace(",6,", ",5,"))
    assert evidence.numbers(mended) == (1, 0, 1, 0)
    assert mended.rejected_file is None


def test_other_contents_are_an_update_with_before_and_after(evidence: Any) -> None:
    evidence.bring("supervision", SUPERVISION, "S-1,C1.1,A-1,,2023-03-01,3,张三,,")
    summary = evidence.bring("supervision", SUPERVISION, "S-1,C1.1,A-2,,2023-03-01,4,张三,,")
    again = evidence.bring("supervision", SUPERVISION, "S-1,C1.1,A-2,,2023-03-01,4,张三,,")
    assert (evidence.numbers(summary), evidence.numbers(again)) == ((0, 1, 0, 0), (0, 0, 1, 0))
    created, updated = evidence.rows(audit_log)
    assert (created.action, created.before, created.key) == ("created", None, "S-1")
    assert created.after["points"] == 30_000
    assert created.after["person"] == "张三"
    with reading(evidence.context.engine) as connection:
        lying = connection.scalars(text("SELECT after FROM audit_values")).all()
    assert [str(value).strip('"')[:7] for value in lying] == ["sealed:"] * 2
    assert updated.before == {"office_code": "A-1", "points": 30_000}
    assert updated.after == {"office_code": "A-2", "points": 40_000}
    (kept,) = evidence.rows(supervision_records)
    assert kept.import_id == updated.import_id


def test_the_year_can_be_corrected(evidence: Any) -> None:
    line = "S-1,C1.1,A-1,,2023-03-01,3,,,"
    wrong = evidence.bring("supervision", SUPERVISION, line, year=2022)
    assert [str(one.reason).partition(" (")[0] for one in wrong.warned] == [
        "2023-03-01 lies outside the appraisal window"
    ]
    right = evidence.bring("supervision", SUPERVISION, line, year=2023)
    assert evidence.numbers(right) == (0, 1, 0, 0)
    (kept,) = evidence.rows(supervision_records)
    assert kept.year == 2023


def test_without_a_year_it_is_this_calendar_year(evidence: Any) -> None:
    evidence.bring("supervision", SUPERVISION, "S-1,C1.1,A-1,,2023-03-01,3,,,", year=None)
    assert [row.year for row in evidence.rows(supervision_records)] == [2023]


def test_a_kind_without_years_takes_none(evidence: Any) -> None:
    with pytest.raises(UsageError, match="no appraisal year"):
        evidence.bring("parents", "parent_code,name,hotline_group", "P-4,X,city_agency", year=2023)


def test_a_dry_run_stores_nothing(evidence: Any) -> None:
    summary = evidence.bring(
        "supervision", SUPERVISION, "S-1,C1.1,A-1,,2023-03-01,3,,,", "S-2,C1.1,,,,,,,", dry_run=True
    )
    assert (summary.accepted, summary.refused) == (1, 1)
    assert evidence.rows(supervision_records) == evidence.rows(import_runs) == []
    assert not (evidence.context.home / "supervision.csv.rejected.csv").exists()


@pytest.mark.parametrize(
    ("day", "warned"),
    [("2022-10-31", 1), ("2022-11-01", 0), ("2023-10-31", 0), ("2023-11-01", 1)],
)
def test_a_day_outside_the_window_is_stored_with_a_warning(
    evidence: Any, day: str, warned: int
) -> None:
    summary = evidence.bring("supervision", SUPERVISION, f"S-1,C1.1,A-1,,{day},3,,,")
    assert evidence.numbers(summary) == (1, 0, 0, 0)
    assert summary.warnings == warned


def test_an_exempt_office_is_warned_of(evidence: Any) -> None:
    evidence.change(
        offices.update().where(offices.c.office_code == "A-1").values(exempt_reason="机构改革")
    )
    summary = evidence.bring("supervision", SUPERVISION, "S-1,C1.1,A-1,,2022-01-01,3,,,")
    assert evidence.numbers(summary) == (1, 0, 0, 0)
    assert [one.column for one in summary.warned] == ["occurred_on", "office_code"]
    assert "机构改革" in str(summary.warned[1].reason)


def test_a_withdrawn_office_is_refused(evidence: Any) -> None:
    withdraw(evidence.context, RecordKind.OFFICES, "A-1", reason="merged")
    summary = evidence.bring("supervision", SUPERVISION, "S-1,C1.1,A-1,,2023-03-01,3,,,")
    assert evidence.reasons(summary)[0][1] == "office_code"


def test_a_name_that_was_deleted_is_no_change(evidence: Any) -> None:
    line = "S-1,C1.1,A-1,,2023-03-01,3,{},,"
    evidence.bring("supervision", SUPERVISION, line.format("张三"))
    evidence.change(supervision_records.update().values(person=None))
    assert evidence.numbers(evidence.bring("supervision", SUPERVISION, line.format("张三")))[
        :3
    ] == (0, 0, 1)
    assert evidence.numbers(evidence.bring("supervision", SUPERVISION, line.format("李四")))[
        :3
    ] == (0, 1, 0)


def test_a_key_twice_in_one_file_counts_once_across_chunks(evidence: Any) -> None:
    def line(number: Any, points: int = 3) -> str:
        return f"S-{number},C1.1,A-1,,2023-03-01,{points},,,"

    many = [line(number) for number in range(CHUNK_ROWS)]
    doubled = [line(0), line(1, points=4)]
    first = evidence.bring("supervision", SUPERVISION, *many, *doubled)
    assert evidence.numbers(first) == (CHUNK_ROWS, 0, 1, 1)
    assert "earlier row" in evidence.reasons(first)[0][2]
    again = evidence.bring("supervision", SUPERVISION, *many, *doubled)
    assert evidence.numbers(again) == (0, 0, CHUNK_ROWS + 1, 1)
    changed = [line(0, points=5), *many[1:], line(0)]
    assert evidence.numbers(evidence.bring("supervision", SUPERVISION, *changed)) == (
        0,
        1,
        CHUNK_ROWS - 1,
        1,
    )


def test_a_fault_in_a_hotline_case(evidence: Any) -> None:
    summary = evidence.bring(
        "hotline",
        HOTLINE,
        "R-1,D1.1,A-1,2023-03-01,,",
        "R-2,D3.8,A-1,2023-03-01,0.5,",
        "R-3,D2.7,A-1,2023-03-01,0.4,yes",
        "R-4,D2.5,A-1,2023-03-01,,yes",
        "R-5,D3.8,A-1,2023-03-01,,",
        "R-6,D4,A-1,2023-03-01,,",
        "R-7,C1.1,A-1,2023-03-01,3,",
    )
    assert evidence.numbers(summary) == (4, 0, 0, 3)
    assert [(one.row, one.column) for one in summary.warned] == [(5, "unreasonable_claim")]
    assert [(row, column) for row, column, _ in evidence.reasons(summary)] == [
        (6, "points"),
        (7, "clause"),
        (8, "clause"),
    ]
    kept = evidence.rows(hotline_records)
    assert [(one.clause, one.points, one.unreasonable_claim) for one in kept] == [
        ("D1.1", None, False),
        ("D3.8", 5_000, False),
        ("D2.7", 4_000, True),
        ("D2.5", None, True),
    ]


def test_ranks_of_departments_may_be_equal(evidence: Any) -> None:
    summary = evidence.bring("hotline-rank", "主管单位编码,排名", "P-1,第3名", "P-3,3", "P-2,0")
    assert evidence.numbers(summary) == (2, 0, 0, 1)
    assert [(one.parent_code, one.rank) for one in evidence.rows(hotline_ranks)] == [
        ("P-1", 3),
        ("P-3", 3),
    ]
    changed = evidence.bring("hotline-rank", "parent_code,rank", "P-1,4", "P-3,3")
    assert evidence.numbers(changed) == (0, 1, 1, 0)
    assert [entry.key for entry in evidence.rows(audit_log)][-1] == "2023/P-1"


def test_each_year_has_its_own_rank(evidence: Any) -> None:
    for year in (2023, 2022):
        evidence.bring("hotline-rank", "parent_code,rank", f"P-1,{year - 2020}", year=year)
    assert [(one.year, one.rank) for one in evidence.rows(hotline_ranks)] == [(2023, 3), (2022, 2)]


def test_a_department_without_a_group_has_no_rank(evidence: Any) -> None:
    evidence.change(parents.update().where(parents.c.parent_code == "P-1").values(hotline_group=""))
    summary = evidence.bring("hotline-rank", "parent_code,rank", "P-1,3")
    assert [row[:2] for row in evidence.reasons(summary)] == [(2, "parent_code")]


@pytest.mark.parametrize("word", ["none", "不参加排名"])
def test_a_department_in_no_ranking_is_registered_so_and_takes_no_rank(
    evidence: Any, word: str
) -> None:
    registered = evidence.bring(
        "parents", "parent_code,name,hotline_group", f"P-1,局,{word}", year=None
    )
    assert evidence.numbers(registered) == (0, 1, 0, 0)
    summary = evidence.bring("hotline-rank", "parent_code,rank", "P-1,3")
    assert "in no hotline ranking" in evidence.reasons(summary)[0][2]


@pytest.mark.parametrize("blank", ["", "无", "-"])
def test_a_department_without_a_hotline_group_is_refused(evidence: Any, blank: str) -> None:
    summary = evidence.bring(
        "parents", "parent_code,name,hotline_group", f"P-9,局,{blank}", year=None
    )
    assert [row[:2] for row in evidence.reasons(summary)] == [(2, "hotline_group")]


def test_a_person_or_matter_that_differs_by_little_is_named_and_not_merged(evidence: Any) -> None:
    evidence.bring("supervision", SUPERVISION, "S-1,C2.1a,A-1,,2023-03-01,,王小伟,收受礼品,")
    summary = evidence.bring(
        "supervision",
        SUPERVISION,
        "S-2,C2.2a,A-1,,2023-03-01,,王晓伟,收受礼品,",
        "S-3,C2.2a,A-2,,2023-03-01,,王晓伟,收受礼品,",
        "S-4,C2.2a,A-1,,2023-03-01,,张军,收受礼品,",
        "S-5,C1.5,A-1,,2023-03-01,0.3,王晓伟,收受礼品,",
        "S-6,C2.2a,A-1,,2023-03-01,,王晓伟,,",
    )
    (found,) = summary.warned
    assert (found.row, found.column) == (2, "matter")
    assert "person and matter differ by little from those of S-1" in str(found.reason)
    said = [str(one) for one in possible_duplicates(evidence.context, 2023)]
    assert said == ["A-1: persons and matters of S-1 and S-2 may be the same"], "nobody is named"
    assert possible_duplicates(evidence.context, 2022) == []
