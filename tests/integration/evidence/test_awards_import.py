"""Awards, and the shares of those to a parent department (specification, section 14.G)."""

from typing import Any

import pytest

from survey_pipeline.reports.possible_duplicates import evidence_mark, possible_duplicates
from survey_pipeline.store.tables import awards

HEADER = "award_no,work,level,recipient,office_code,parent_code,share,document_no,issued_on,kind"


def shared(office: Any, share: Any, award: str = "W-1", parent: str = "P-1") -> str:
    return f"{award},优化营商环境,G2,parent,{office},{parent},{share},浙政〔2023〕5号,2023-05-01,"


def test_an_award_is_kept(evidence: Any) -> None:
    summary = evidence.bring(
        "awards",
        "表彰编号,表彰工作,表彰级别,表彰对象,处室编码,文号,发文日期,表彰类别,是否主要职能",
        "温/1,优化营商环境,国家部委、省委省政府,个人,A-1,,2023-05-01,,",
        "温/2,先进集体,市委市政府,处室,A-1,温委〔2023〕1号,2023-05-01,综合类表彰,否",
    )
    assert evidence.numbers(summary) == (2, 0, 0, 0)
    first, second = evidence.rows(awards)
    assert (first.award_no, first.level, first.recipient, first.kind) == (
        "温/1",
        "G2",
        "person",
        "commendation",
    )
    assert (first.document_no, first.confirmed, first.core_function) == (None, False, None)
    assert (second.level, second.kind, second.core_function) == ("G4", "general", False)


def test_a_file_without_the_column_of_an_optional_part_of_the_key(evidence: Any) -> None:
    header = "award_no,work,level,recipient,parent_code,issued_on"
    summary = evidence.bring("awards", header, "W-1,优化营商环境,G2,parent,P-1,2023-05-01")
    assert [row[:2] for row in evidence.reasons(summary)] == [(2, "office_code")]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("W-1,x,G5,office,A-1,,,,2023-05-01,", "level"),
        ("W-1,x,G1,nobody,A-1,,,,2023-05-01,", "recipient"),
        ("W-1,x,G1,office,,,,,2023-05-01,", "office_code"),
        ("W-1,x,G1,office,X-9,,,,2023-05-01,", "office_code"),
        ("W-1,x,G1,office,A-1,,0.5,,2023-05-01,", "share"),
        ("W-1,x,G1,office,A-1,P-2,,,2023-05-01,", "office_code"),
        ("W-1,x,G1,parent,A-1,,,,2023-05-01,", "parent_code"),
        ("W-1,x,G1,parent,,P-1,,,2023-05-01,", "office_code"),
        ("W-1,x,G1,parent,A-1,P-9,,,2023-05-01,", "parent_code"),
        ("W-1,x,G1,parent,E-1,P-1,,,2023-05-01,", "office_code"),
        ("W-1,x,G1,parent,A-1,P-1,1.5,,2023-05-01,", "share"),
        ("W-1,x,G1,office,A-1,,,,2023-11-16,", "issued_on"),
        ("W-1,x,G1,office,A-1,,,,2023-05-01,prize", "kind"),
    ],
)
def test_an_award_that_cannot_be(evidence: Any, line: str, column: str) -> None:
    summary = evidence.bring("awards", HEADER, line)
    assert [row[:2] for row in evidence.reasons(summary)] == [(2, column)]
    assert evidence.rows(awards) == []


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("党中央、国务院", "G1"),
        ("国务院办公厅", "G1"),
        ("国家部委办公厅", "G2"),
        ("省委、省政府", "G2"),
        ("国家部委司局", "G3"),
        ("省委办公厅、省政府办公厅", "G3"),
        ("省级部门办公厅", "G4"),
        ("市委办公室、市政府办公室", "G4"),
        ("市委市政府（含办公室名义）", "G4"),
    ],
)
def test_levels_are_recognised_by_the_standards_own_words(
    evidence: Any, written: str, level: str
) -> None:
    evidence.bring("awards", HEADER, f"W-1,x,{written},office,A-1,,,,2023-05-01,")
    assert [award.level for award in evidence.rows(awards)] == [level]


def test_a_refused_level_offers_the_standards_own_words(evidence: Any) -> None:
    summary = evidence.bring("awards", HEADER, "W-1,x,县政府,office,A-1,,,,2023-05-01,")
    [(_, _, reason)] = evidence.reasons(summary)
    assert "党中央、国务院 (G1)" in reason
    assert "市委市政府(含办公室名义) (G4)" in reason
    assert "g1" not in reason


@pytest.mark.parametrize(("day", "warned"), [("2022-10-31", 1), ("2022-11-01", 0)])
def test_a_document_outside_the_window_is_stored_with_a_warning(
    evidence: Any, day: str, warned: int
) -> None:
    summary = evidence.bring("awards", HEADER, f"W-1,x,G1,office,A-1,,,,{day},")
    assert (summary.accepted, summary.warnings) == (1, warned)


def test_an_award_to_two_offices_is_two_rows(evidence: Any) -> None:
    lines = [f"W-1,x,G1,office,{code},,,,2023-05-01," for code in ("A-1", "A-2")]
    assert evidence.numbers(evidence.bring("awards", HEADER, *lines)) == (2, 0, 0, 0)
    assert evidence.numbers(evidence.bring("awards", HEADER, *lines)) == (0, 0, 2, 0)


@pytest.mark.parametrize(
    "shares", [("0.5", "0.3", "0.2"), ("50%", "25%", "0.25"), ("", "", ""), ("1", None, None)]
)
def test_shares_that_add_up_to_one_or_are_all_blank(evidence: Any, shares: Any) -> None:
    lines = [
        shared(f"A-{number}", share) for number, share in enumerate(shares, 1) if share is not None
    ]
    summary = evidence.bring("awards", HEADER, *lines)
    assert evidence.numbers(summary) == (len(lines), 0, 0, 0)
    first = evidence.rows(awards)[0]
    assert first.share in {"0.5", None, "1"}


@pytest.mark.parametrize(
    ("shares", "word"),
    [
        (("0.5", "0.3", "0.1999"), "0.9999"),
        (("0.5", "0.3", "0.3"), "1.1"),
        (("0.5", "0.5", ""), "give all of them or leave all blank"),
        (("0.5",), "0.5, not to 1"),
    ],
)
def test_other_shares_refuse_the_award_and_no_other(evidence: Any, shares: Any, word: str) -> None:
    lines = [shared(f"A-{number}", share) for number, share in enumerate(shares, 1)]
    summary = evidence.bring(
        "awards", HEADER, *lines, shared("E-1", "1", award="W-2", parent="P-2")
    )
    assert evidence.numbers(summary) == (1, 0, 0, len(shares))
    assert {row[1] for row in evidence.reasons(summary)} == {"share"}
    assert all(word in row[2] for row in evidence.reasons(summary))
    assert [one.award_no for one in evidence.rows(awards)] == ["W-2"]


def test_a_refused_office_takes_its_award_s_other_shares_along(evidence: Any) -> None:
    summary = evidence.bring("awards", HEADER, shared("A-1", "0.5"), shared("E-1", "0.5"))
    assert evidence.numbers(summary) == (0, 0, 0, 2)
    assert [row[:2] for row in evidence.reasons(summary)] == [(2, "share"), (3, "office_code")]


def test_shares_are_changed_together(evidence: Any) -> None:
    evidence.bring("awards", HEADER, shared("A-1", "0.5"), shared("A-2", "0.5"))
    alone = evidence.bring("awards", HEADER, shared("A-1", "0.6"))
    assert evidence.numbers(alone) == (0, 0, 0, 1)
    another = evidence.bring("awards", HEADER, shared("A-3", "0.5"))
    assert evidence.numbers(another) == (0, 0, 0, 1)
    together = evidence.bring("awards", HEADER, shared("A-1", "0.6"), shared("A-2", "0.4"))
    assert evidence.numbers(together) == (0, 2, 0, 0)
    assert [one.share for one in evidence.rows(awards)] == ["0.6", "0.4"]


def test_an_award_that_was_the_parents_is_not_changed_in_half(evidence: Any) -> None:
    evidence.bring("awards", HEADER, shared("A-1", "0.5"), shared("A-2", "0.5"))
    half = evidence.bring("awards", HEADER, "W-1,优化营商环境,G2,office,A-1,,,,2023-05-01,")
    assert evidence.numbers(half) == (0, 0, 0, 1)
    assert {one.recipient for one in evidence.rows(awards)} == {"parent"}


@pytest.mark.parametrize("order", [1, -1])
def test_shares_of_two_departments_are_added_up_apart(evidence: Any, order: Any) -> None:
    lines = [
        shared("A-1", "0.5"),
        shared("E-1", "0.5", parent="P-2"),
        shared("H-1", "0.5", parent="P-2"),
    ]
    summary = evidence.bring("awards", HEADER, *lines[::order])
    assert evidence.numbers(summary) == (0, 0, 0, 3)
    assert all("0.5, not to 1" in reason for _, _, reason in evidence.reasons(summary))


def warned(summary: Any) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, str(one.reason)) for one in summary.warned]


def test_a_work_that_differs_by_little_is_named_and_not_merged(evidence: Any) -> None:
    evidence.bring("awards", HEADER, "W-1,优化营商环境,G4,office,A-1,,,1号,2023-05-01,")
    summary = evidence.bring(
        "awards",
        HEADER,
        "W-2,优化营商环境。,G4,office,A-1,,,2号,2023-05-01,",
        "W-3, 优化 营商环境,G4,office,A-1,,,3号,2023-05-01,",
        "W-4,优化营商环境工作,G4,office,A-2,,,4号,2023-05-01,",
        "W-5,平安建设,G4,office,A-1,,,5号,2023-05-01,",
    )
    assert evidence.numbers(summary) == (4, 0, 0, 0)
    (second, third) = warned(summary)
    assert second[:2] == (2, "work")
    assert "that of W-1 (优化营商环境)" in second[2]
    assert "Nothing was merged" in second[2]
    assert third[0] == 3
    assert "W-2" in third[2], "W-3 is the same work as W-1, and near to W-2"
    assert possible_duplicates(evidence.context, 2023, "A-2") == []
    assert [str(said) for said in possible_duplicates(evidence.context, 2023)] == [
        "A-1: the works of awards W-1 (优化营商环境) and W-2 (优化营商环境。) may be the same",
        "A-1: the works of awards W-2 (优化营商环境。) and W-3 (优化营商环境) may be the same",
    ]


def test_a_work_that_is_written_alike_later_is_no_possible_duplicate(evidence: Any) -> None:
    lines = [
        "W-1,reform,G4,office,A-1,,,1号,2023-05-01,",
        "W-2,Reform,G4,office,A-1,,,2号,2023-05-01,",
    ]
    assert len(warned(evidence.bring("awards", HEADER, *lines))) == 1
    before = evidence_mark(evidence.context, 2023)
    summary = evidence.bring("awards", HEADER, lines[0], lines[1].replace("Reform", "reform"))
    assert warned(summary) == []
    assert possible_duplicates(evidence.context, 2023) == []
    assert evidence_mark(evidence.context, 2023) != before, "a page made before is made anew"


def test_a_rehearsal_names_them_too(evidence: Any) -> None:
    evidence.bring("awards", HEADER, "W-1,reform,G4,office,A-1,,,1号,2023-05-01,")
    line = "W-2,Reform,G4,office,A-1,,,2号,2023-05-01,"
    assert len(warned(evidence.bring("awards", HEADER, line, dry_run=True))) == 1
