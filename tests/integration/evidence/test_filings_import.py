"""Self-check filings, and supervision records that name theirs (specification, section 14.C)."""

from datetime import date
from typing import Any

import pytest

from survey_pipeline.stages.intake import withdraw
from survey_pipeline.store.tables import audit_log, filings, supervision_records
from survey_pipeline.vocabulary import RecordKind

pytestmark = pytest.mark.usefixtures("database")

FILINGS = (
    "filing_no,parent_code,month,filed_on,nothing_found,problems,people,causes,measures,"
    "office_responsible,schedule,document_no"
)
WHOLE = "F-1,P-1,2023-02,2023-03-24,,late replies,a talk,habit,training,A-1,by June,温报〔2023〕3号"
SUPERVISION = (
    "record_no,clause,office_code,parent_code,occurred_on,points,self_found,rectified,filing_no,"
    "filed_on"
)


def warnings(summary: Any) -> list[tuple[str, str]]:
    return [(warning.column, str(warning.reason)) for warning in summary.warned]


def test_a_filing_is_kept_with_the_six_contents(evidence: Any) -> None:
    summary = evidence.bring("filings", FILINGS, WHOLE)
    assert evidence.numbers(summary) == (1, 0, 0, 0)
    assert warnings(summary) == []
    (kept,) = evidence.rows(filings)
    assert (kept.year, kept.filing_no, kept.parent_code, kept.month) == (
        2023,
        "F-1",
        "P-1",
        "2023-02",
    )
    assert (kept.filed_on, kept.nothing_found) == (date(2023, 3, 24), False)
    assert (kept.problems, kept.people, kept.causes) == ("late replies", "a talk", "habit")
    assert (kept.measures, kept.office_responsible, kept.schedule) == ("training", "A-1", "by June")
    assert kept.document_no == "温报〔2023〕3号"


def test_chinese_headings_are_read(evidence: Any) -> None:
    summary = evidence.bring(
        "filings",
        "备案编号,主管单位编码,自查月份,备案日期,未发现问题,自查发现问题,人员查处情况,根源剖析,"
        "整改措施,责任处室,整改时序,文号",
        "F-1,P-1,2023年2月,2023年3月24日,否,办件超时,诫勉谈话1人,责任心不强,开展培训,A-1,6月底前,",
        "F-2,P-2,2023年2月,2023年3月24日,是,无,无,无,无,,,",
    )
    assert evidence.numbers(summary) == (2, 0, 0, 0)
    assert warnings(summary) == []
    full, nothing = evidence.rows(filings)
    assert (full.problems, full.schedule) == ("办件超时", "6月底前")
    assert (nothing.nothing_found, nothing.problems) == (True, None)


def test_what_a_filing_does_not_say_is_named(evidence: Any) -> None:
    summary = evidence.bring("filings", FILINGS, "F-1,P-1,2023-02,2023-03-24,,late,,habit,,,,")
    assert evidence.numbers(summary) == (1, 0, 0, 0)
    [(column, reason)] = warnings(summary)
    assert column == "people"
    assert reason == (
        "the filing does not say people (人员查处情况), measures (整改措施), office_responsible "
        "(责任处室), schedule (整改时序)"
    )


@pytest.mark.parametrize(
    ("line", "column", "word"),
    [
        ("F-1,P-1,2023-02,2023-03-24,,,,,,,,", "nothing_found", "holds nothing"),
        ("F-1,P-1,2023-02,2023-03-24,no,无,,,,,,", "nothing_found", "holds nothing"),
        ("F-1,P-1,2023-02,2023-03-24,yes,late,,,,,,", "nothing_found", "fills problems"),
        ("F-1,P-9,2023-02,2023-03-24,yes,,,,,,,", "parent_code", "no parent department P-9"),
        ("F-1,P-1,2023-12,2023-11-10,yes,,,,,,,", "month", "in the future"),
        ("F-1,P-1,2023-10,2023-11-16,yes,,,,,,,", "filed_on", "in the future"),
        ("F-1,P-1,2023-04,2023-03-24,yes,,,,,,,", "filed_on", "before 2023-04 began"),
        ("F-1,P-1,2023-02,,yes,,,,,,,", "filed_on", "the cell is empty"),
    ],
)
def test_a_filing_that_cannot_be_taken(evidence: Any, line: str, column: str, word: str) -> None:
    summary = evidence.bring("filings", FILINGS, line)
    assert evidence.numbers(summary) == (0, 0, 0, 1)
    ((row, found, reason),) = evidence.reasons(summary)
    assert (row, found) == (2, column)
    assert word in reason
    assert evidence.rows(filings) == []
    assert summary.rejected_file is not None


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("F-1,P-1,2023-02,2023-03-28,yes", "filed late: due by 2023-03-27"),
        ("F-1,P-1,2023-02,2023-02-24,yes", "2023-02 was not over on 2023-02-24"),
        ("F-1,P-1,2022-10,2022-11-24,yes", "2022-10 is no month of the appraisal year 2023"),
    ],
    ids=["late", "too early", "of another year"],
)
def test_a_filing_that_is_taken_with_a_warning(evidence: Any, line: str, word: str) -> None:
    summary = evidence.bring("filings", FILINGS, f"{line},,,,,,,")
    assert evidence.numbers(summary) == (1, 0, 0, 0)
    [(_, reason)] = warnings(summary)
    assert word in reason


def test_a_filing_is_updated_withdrawn_and_tried(evidence: Any) -> None:
    tried = evidence.bring("filings", FILINGS, WHOLE, dry_run=True)
    assert evidence.numbers(tried) == (1, 0, 0, 0)
    assert evidence.rows(filings) == []
    evidence.bring("filings", FILINGS, WHOLE)
    assert evidence.numbers(evidence.bring("filings", FILINGS, WHOLE)) == (0, 0, 1, 0)
    changed = evidence.bring("filings", FILINGS, WHOLE.replace("2023-03-24", "2023-03-28"))
    assert evidence.numbers(changed) == (0, 1, 0, 0)
    entry = evidence.rows(audit_log)[-1]
    assert (entry.kind, entry.key, entry.action) == ("filings", "F-1", "updated")
    assert (entry.before, entry.after) == (
        {"filed_on": "2023-03-24"},
        {"filed_on": "2023-03-28"},
    )
    withdraw(evidence.context, RecordKind.FILINGS, "F-1", reason="of another department")
    (kept,) = evidence.rows(filings)
    assert kept.withdrawn_reason == "of another department"
    again = evidence.bring("filings", FILINGS, WHOLE)
    assert evidence.numbers(again) == (0, 0, 0, 1)


def record(filing_no: str, filed_on: str = "", office: str = "A-1") -> str:
    return f"S-1,C1.1,{office},,2023-02-26,3,yes,yes,{filing_no},{filed_on}"


def test_a_record_names_its_filing(evidence: Any) -> None:
    evidence.bring("filings", FILINGS, WHOLE)
    summary = evidence.bring("supervision", SUPERVISION, record("F-1"))
    assert evidence.numbers(summary) == (1, 0, 0, 0)
    (kept,) = evidence.rows(supervision_records)
    assert (kept.filing_no, kept.filed_on) == ("F-1", None)
    tried = evidence.bring("supervision", SUPERVISION, record("F-1"), dry_run=True)
    assert evidence.numbers(tried) == (0, 0, 1, 0)


def test_the_filings_day_decides_where_the_record_has_another(evidence: Any) -> None:
    evidence.bring("filings", FILINGS, WHOLE)
    summary = evidence.bring("supervision", SUPERVISION, record("F-1", "2023-03-20"))
    assert evidence.numbers(summary) == (1, 0, 0, 0)
    assert warnings(summary) == [
        ("filed_on", "the filing F-1 came on 2023-03-24: that day decides, not 2023-03-20")
    ]
    same = evidence.bring("supervision", SUPERVISION, record("F-1", "2023-03-24"))
    assert warnings(same) == []


@pytest.mark.parametrize(
    ("filing_no", "office", "word"),
    [
        ("F-9", "A-1", "there is no filing F-9; import filings first"),
        ("F-2", "A-1", "says that nothing was found"),
        ("F-3", "A-1", "F-3 was withdrawn"),
        ("F-1", "T-01", "that of the department P-1, not of P-3"),
    ],
    ids=["unknown", "nothing found", "withdrawn", "another department's"],
)
def test_a_filing_that_a_record_may_not_name(
    evidence: Any, filing_no: str, office: str, word: str
) -> None:
    evidence.bring(
        "filings",
        FILINGS,
        WHOLE,
        "F-2,P-1,2023-02,2023-03-24,yes,,,,,,,",
        WHOLE.replace("F-1", "F-3"),
    )
    withdraw(evidence.context, RecordKind.FILINGS, "F-3", reason="entered twice")
    summary = evidence.bring("supervision", SUPERVISION, record(filing_no, office=office))
    assert evidence.numbers(summary) == (0, 0, 0, 1)
    ((_, column, reason),) = evidence.reasons(summary)
    assert column == "filing_no"
    assert word in reason
