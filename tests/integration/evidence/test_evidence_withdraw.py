"""Evidence taken back: it stays visible, and does not come back by the same file."""

from typing import Any

import pytest

from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.stages.intake import withdraw
from survey_pipeline.store.tables import (
    audit_log,
    awards,
    hotline_ranks,
    offices,
    parent_grades,
    performance_points,
    supervision_records,
)
from survey_pipeline.vocabulary import RecordKind

pytestmark = pytest.mark.usefixtures("database")

SUPERVISION = "record_no,clause,office_code,parent_code,occurred_on,points"
POINTS = "office_code,points,source,delivered_on"
AWARD = "award_no,work,level,recipient,office_code,parent_code,share,issued_on"
WHY = "entered for the wrong office"


def test_a_record_stays_visible_as_withdrawn(evidence: Any) -> None:
    evidence.bring("supervision", SUPERVISION, "温/S/1,C1.1,A-1,,2023-03-01,3")
    done = withdraw(evidence.context, RecordKind.SUPERVISION, "温/S/1", reason=WHY, by="王")
    assert (done.kind, done.key) == ("supervision", "温/S/1")
    (kept,) = evidence.rows(supervision_records)
    assert (kept.withdrawn_by, kept.withdrawn_reason, kept.points) == ("王", WHY, 30_000)
    assert kept.withdrawn_at == evidence.context.now()
    entry = evidence.rows(audit_log)[-1]
    assert (entry.action, entry.kind, entry.key, entry.reason, entry.actor) == (
        "withdrawn",
        "supervision",
        "温/S/1",
        WHY,
        "王",
    )
    with pytest.raises(CannotProceed, match="withdrawn already"):
        withdraw(evidence.context, RecordKind.SUPERVISION, "温/S/1", reason=WHY)


def test_a_withdrawn_record_does_not_come_back_by_a_file(evidence: Any) -> None:
    line = "S-1,C1.1,A-1,,2023-03-01,{}"
    evidence.bring("supervision", SUPERVISION, line.format(3))
    withdraw(evidence.context, RecordKind.SUPERVISION, "S-1", reason=WHY)
    for points in (3, 4):
        summary = evidence.bring("supervision", SUPERVISION, line.format(points))
        assert evidence.numbers(summary) == (0, 0, 0, 1)
        assert WHY in evidence.reasons(summary)[0][2]
    (kept,) = evidence.rows(supervision_records)
    assert kept.points == 30_000


def test_every_kind_is_withdrawn_by_its_key(evidence: Any) -> None:
    evidence.bring("hotline-rank", "parent_code,rank", "P-1,3")
    evidence.bring("performance", POINTS, "A-1,9,市委直属机关工委,")
    evidence.bring("parent-points", POINTS, "E-1,5,市教育局,")
    evidence.bring("parent-grades", "office_code,grade", "A-1,good", "A-2,good", "A-3,good")
    evidence.bring("awards", AWARD, "温/1,x,G1,office,A-1,,,2023-05-01")
    evidence.bring("hotline", "record_no,clause,office_code,occurred_on", "R-1,D1.1,A-1,2023-03-01")
    for kind, key in {
        "hotline-rank": "P-1",
        "performance": "A-1",
        "parent-points": "E-1",
        "parent-grades": "A-2",
        "awards": "温/1/A-1",
    }.items():
        withdraw(evidence.context, RecordKind(kind), key, reason=WHY, year=2023)
        assert evidence.rows(audit_log)[-1].key == f"2023/{key}"
    withdraw(evidence.context, RecordKind.HOTLINE, "R-1", reason=WHY)
    withdrawn = [
        row.withdrawn_reason
        for table in (hotline_ranks, performance_points, awards)
        for row in evidence.rows(table)
    ]
    assert withdrawn == [WHY] * 3
    grades = evidence.rows(parent_grades)
    assert [one.office_code for one in grades if one.withdrawn_at] == ["A-2"]


def test_the_year_is_part_of_the_key_where_it_has_one(evidence: Any) -> None:
    for year in (2022, 2023):
        evidence.bring("performance", POINTS, "A-1,9,市委直属机关工委,2022-11-01", year=year)
    withdraw(evidence.context, RecordKind.PERFORMANCE, "A-1", reason=WHY, year=2022)
    assert [(one.year, bool(one.withdrawn_at)) for one in evidence.rows(performance_points)] == [
        (2022, True),
        (2023, False),
    ]
    with pytest.raises(UnknownRecord, match="2021"):
        withdraw(evidence.context, RecordKind.PERFORMANCE, "A-1", reason=WHY, year=2021)
    with pytest.raises(UsageError, match="--year"):
        withdraw(evidence.context, RecordKind.SUPERVISION, "S-1", reason=WHY, year=2023)
    with pytest.raises(UsageError, match="AWARD_NO/OFFICE_CODE"):
        withdraw(evidence.context, RecordKind.AWARDS, "W-1", reason=WHY, year=2023)


def test_other_points_may_be_delivered_after_a_withdrawal(evidence: Any) -> None:
    line = "A-1,{},市委直属机关工委,2023-11-10"
    evidence.bring("performance", POINTS, line.format(9))
    withdraw(evidence.context, RecordKind.PERFORMANCE, "A-1", reason=WHY)
    same = evidence.bring("performance", POINTS, line.format(9))
    assert evidence.numbers(same) == (0, 0, 0, 1)
    assert "same contents do not come back" in evidence.reasons(same)[0][2]
    other = evidence.bring("performance", POINTS, line.format(8))
    assert evidence.numbers(other) == (0, 1, 0, 0)
    (kept,) = evidence.rows(performance_points)
    assert (kept.points, kept.withdrawn_at, kept.withdrawn_reason) == (80_000, None, None)
    entry = evidence.rows(audit_log)[-1]
    assert (entry.before["points"], entry.before["withdrawn_reason"]) == (90_000, WHY)
    assert entry.after["withdrawn_reason"] is None


def test_a_withdrawn_share_is_not_counted_with_the_others(evidence: Any) -> None:
    lines = ["W-1,x,G2,parent,A-1,P-1,0.5,2023-05-01", "W-1,x,G2,parent,A-2,P-1,0.5,2023-05-01"]
    evidence.bring("awards", AWARD, *lines)
    withdraw(evidence.context, RecordKind.AWARDS, "W-1/A-2", reason=WHY)
    whole = evidence.bring("awards", AWARD, lines[0].replace("0.5", "1"))
    assert evidence.numbers(whole) == (0, 1, 0, 0)


def test_offices_and_departments_with_evidence_stay_on_the_register(evidence: Any) -> None:
    evidence.bring("supervision", SUPERVISION, "S-1,C1.1,A-1,,2023-03-01,3")
    with pytest.raises(CannotProceed, match="A-1 has records of kind supervision"):
        withdraw(evidence.context, RecordKind.OFFICES, "A-1", reason=WHY)
    withdraw(evidence.context, RecordKind.SUPERVISION, "S-1", reason=WHY)
    withdraw(evidence.context, RecordKind.OFFICES, "A-1", reason=WHY)
    evidence.bring("hotline-rank", "parent_code,rank", "P-1,3")
    evidence.change(
        offices.update().where(offices.c.parent_code == "P-1").values(parent_code="P-2")
    )
    with pytest.raises(CannotProceed, match="P-1 has records of kind hotline-rank"):
        withdraw(evidence.context, RecordKind.PARENTS, "P-1", reason=WHY)
