"""`import representatives` and `import ballots` (specification, sections 3, 10 and 12)."""

import csv
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.scoring.facts import Answers
from survey_pipeline.stages.intake import import_file, withdraw
from survey_pipeline.stages.intake.kinds.review_kinds import NO_ANSWER
from survey_pipeline.stages.review import (
    cast,
    close_review,
    draw_representatives,
    paper,
    review_status,
    tallies,
)
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log, ballots, import_runs, representatives
from survey_pipeline.testing import SetContext, workspace
from survey_pipeline.vocabulary import RecordKind

YEAR = 2023
BALLOTS = "rep_no,office_code,answer"
PEOPLE = "rep_no,name,phone,group"


def taken(
    context: SetContext,
    kind: Any,
    header: Any,
    *lines: Any,
    name: str = "file.csv",
    encoding: str = "utf-8",
    **options: Any,
) -> Any:
    path = context.home / name
    path.write_text("\n".join([header, *lines]) + "\n", encoding=encoding)
    return import_file(context, kind, path, **{"year": YEAR, **options})


def papers(city: Any, *lines: Any, header: Any = BALLOTS, **options: Any) -> Any:
    return taken(city.context, RecordKind.BALLOTS, header, *lines, **options)


def numbers(summary: Any) -> Any:
    return (summary.accepted, summary.updated, summary.unchanged, summary.refused)


def rejected(context: SetContext, name: str = "file.csv") -> Any:
    text = (context.home / f"{name}.rejected.csv").read_text(encoding="utf-8-sig")
    return text, list(csv.reader(text.splitlines()))


# ---- representatives


def test_representatives_are_stored_encrypted(tmp_path: Path) -> None:
    context = workspace(tmp_path)
    summary = taken(context, RecordKind.REPRESENTATIVES, PEOPLE, "R-1,王小明,13857710001,商会")
    assert numbers(summary) == (1, 0, 0, 0)
    with reading(context.engine) as connection:
        [stored] = connection.execute(select(representatives)).all()
        [entry] = connection.execute(select(audit_log)).all()
        lying = connection.scalar(text("SELECT after FROM audit_values"))
    assert context.keys.decrypt(stored.name) == "王小明"
    assert context.keys.decrypt(stored.phone) == "+8613857710001"
    assert (stored.year, stored.group, stored.phone_kind) == (YEAR, "商会", "mobile")
    assert (entry.kind, entry.key) == ("representatives", "2023/R-1")
    assert entry.after["name"] == "王小明"
    assert str(lying).startswith(("sealed:", '"sealed:'))


def test_chinese_headings_and_another_file_of_the_same_year(tmp_path: Path) -> None:
    context = workspace(tmp_path)
    header = "代表编号,姓名,联系电话,组别"
    first = "R-1,王,138 5771 0001,"
    assert numbers(taken(context, RecordKind.REPRESENTATIVES, header, first)) == (1, 0, 0, 0)
    assert numbers(taken(context, RecordKind.REPRESENTATIVES, header, first)) == (0, 0, 1, 0)
    moved = "R-1,王,13857710002,"
    assert numbers(taken(context, RecordKind.REPRESENTATIVES, header, moved)) == (0, 1, 0, 0)
    other = taken(context, RecordKind.REPRESENTATIVES, header, moved, year=2024)
    assert numbers(other) == (1, 0, 0, 0)


def test_a_masked_number_is_refused(tmp_path: Path) -> None:
    context = workspace(tmp_path)
    summary = taken(context, RecordKind.REPRESENTATIVES, PEOPLE, "R-1,王,138****0001,")
    assert numbers(summary) == (0, 0, 0, 1)
    assert "masked" in str(summary.problems[0].reason)


def test_a_withdrawn_representative_is_not_drawn(tmp_path: Path) -> None:
    context = workspace(tmp_path)
    lines = [f"R-{n},王,13857710001," for n in (1, 2)]
    taken(context, RecordKind.REPRESENTATIVES, PEOPLE, *lines)
    withdraw(context, RecordKind.REPRESENTATIVES, "R-1", reason="moved away", year=YEAR)
    assert [one.rep_no for one in draw_representatives(context, YEAR).drawn] == ["R-2"]


def test_who_comes_after_the_draw_is_stored_with_a_warning(city: Any) -> None:
    draw_representatives(city.context, YEAR)
    lines = ("R-1,Another Name,13857710001,", "R-9,王,13857710001,")
    summary = taken(city.context, RecordKind.REPRESENTATIVES, PEOPLE, *lines)
    assert (numbers(summary), summary.warnings) == ((1, 1, 0, 0), 1)
    assert [one.row for one in summary.warned] == [3]
    assert "drawn already" in str(summary.warned[0].reason)


# ---- ballots


def test_ballots_on_paper_count_like_those_of_the_page(city: Any) -> None:
    city.open()
    summary = papers(city, "R-1,AG-1,满意", "R-1,HE-2,不满意", "R-2,AG-1,neutral", "R-3,AG-1,一般")
    assert numbers(summary) == (4, 0, 0, 0)
    assert review_status(city.context, YEAR).voted == 3
    close_review(city.context, YEAR)
    assert tallies(city.context, YEAR) == {"AG-1": Answers(1, 2, 0), "HE-2": Answers(0, 0, 1)}


def test_chinese_headings_and_encoding(city: Any) -> None:
    city.open()
    header = "评议代表编号,单位编码,评议意见"
    assert numbers(papers(city, "R-1,AG-1,满意", header=header, encoding="gb18030"))[0] == 1


def test_a_ballot_on_paper_and_one_by_link_are_the_same_ballot(city: Any) -> None:
    tokens = city.open().tokens()
    cast(city.context, tokens["R-1"], {"AG-1": "satisfied"})
    assert numbers(papers(city, "R-1,AG-1,dissatisfied")) == (0, 1, 0, 0)
    assert paper(city.context, tokens["R-1"]).offices[0].answer == "dissatisfied"
    close_review(city.context, YEAR)
    assert tallies(city.context, YEAR)["AG-1"] == Answers(0, 0, 1)


@pytest.mark.parametrize("answer", ["satisfied", "neutral", "dissatisfied"])
def test_the_summary_is_no_way_of_asking_how_somebody_voted(city: Any, answer: str) -> None:
    city.open()
    papers(city, "R-1,AG-1,neutral")
    assert numbers(papers(city, f"R-1,AG-1,{answer}", dry_run=True)) == (0, 1, 0, 0)


def test_a_dry_run_casts_nothing_and_marks_nobody(city: Any) -> None:
    city.open()
    assert numbers(papers(city, "R-1,AG-1,satisfied", dry_run=True)) == (1, 0, 0, 0)
    status = review_status(city.context, YEAR)
    assert (status.ballots, status.voted) == (0, 0)


def test_the_same_ballot_twice_in_a_file_the_first_counts(city: Any) -> None:
    city.open()
    lines = ("R-1,AG-1,satisfied", "R-1,AG-1,satisfied", "R-1,AG-1,neutral")
    summary = papers(city, *lines)
    assert numbers(summary) == (1, 0, 1, 1)
    close_review(city.context, YEAR)
    assert tallies(city.context, YEAR)["AG-1"] == Answers(1, 0, 0)


def test_refused_ballots_say_why(city: Any) -> None:
    draw_representatives(city.context, YEAR)
    taken(city.context, RecordKind.REPRESENTATIVES, PEOPLE, "R-9,王,13857710001,")
    city.open()
    summary = papers(
        city, "R-9,AG-1,satisfied", "R-1,XX-9,satisfied", "R-1,AG-1,very good", "R-1,AG-1,"
    )
    assert numbers(summary) == (0, 0, 0, 4)
    assert [(one.row, one.column, str(one.reason)) for one in summary.problems] == [
        (2, "rep_no", "no such representative is drawn for the online review of 2023"),
        (3, "office_code", "this office takes no part in the online review of 2023"),
        (4, "answer", "the answer is none of the three: satisfied, neutral, dissatisfied"),
        (5, "answer", "the cell is empty, but answer is needed"),
    ]


def test_a_withdrawn_representatives_ballot_is_refused(city: Any) -> None:
    city.open()
    withdraw(city.context, RecordKind.REPRESENTATIVES, "R-1", reason="ill", year=YEAR)
    assert numbers(papers(city, "R-1,AG-1,satisfied")) == (0, 0, 0, 1)


SECRETS = ("满意", "非常满意", "不 满意", "dissatisfied", "Satisfied!", "NEUTRAL", "一般")


@pytest.mark.parametrize("answer", SECRETS)
@pytest.mark.parametrize(
    ("header", "line"),
    [
        (BALLOTS, "R-9,AG-1,{}"),  # an unknown representative
        (BALLOTS, "R-1,{},AG-1"),  # the columns changed places
        (BALLOTS, "{},AG-1,R-1"),
        (BALLOTS, "R-1,AG-1,,{}"),  # a separator too many
        (f"{BALLOTS},remark", "R-9,AG-1,,{}"),  # in a column that nothing reads
    ],
)
@pytest.mark.usefixtures("database")
def test_a_rejected_row_carries_no_answer(city: Any, answer: Any, header: Any, line: str) -> None:
    city.open()
    summary = papers(city, line.format(answer), header=header)
    assert summary.refused == 1
    text, _ = rejected(city.context)
    said = (text, *(str(summary.to_dict(locale)) for locale in ("en", "zh_CN")))
    listed = [NO_ANSWER.render(locale) for locale in ("en", "zh_CN")]  # that names all three
    for one in said:
        for words in listed:
            one = one.replace(words, "")  # noqa: PLW2901 - what is left is what the row gave
        assert answer not in one


def test_a_rejected_row_names_representative_and_office(city: Any) -> None:
    city.open()
    papers(city, "R-9,AG-1,满意")
    _, [header, row] = rejected(city.context)
    assert header == ["row", "column", "reason", "rep_no", "office_code", "answer"]
    assert row[0] == "2"
    assert row[3:] == ["R-9", "AG-1", ""]


def test_a_ballot_has_no_provenance(city: Any) -> None:
    """Neither import nor row, no before and after; and no hash that tells a short file's contents.

    One paper with one answer is one of three files: a stored hash would say which.
    """
    city.open()
    with reading(city.context.engine) as connection:
        logged = connection.execute(select(audit_log)).all()
    papers(city, "R-1,AG-1,satisfied")
    papers(city, "R-1,AG-1,neutral")
    with reading(city.context.engine) as connection:
        assert connection.execute(select(audit_log)).all() == logged
        runs = connection.execute(select(import_runs)).all()
        assert [(run.kind, run.file_hash, run.accepted, run.updated) for run in runs] == [
            ("ballots", "", 1, 0),
            ("ballots", "", 0, 1),
        ]
        assert len(connection.execute(select(ballots)).all()) == 1


def test_ballots_come_in_only_while_the_review_is_open(city: Any) -> None:
    with pytest.raises(CannotProceed, match="not open yet"):
        papers(city.prepare(), "R-1,AG-1,satisfied")
    city.open()
    papers(city, "R-1,AG-1,satisfied")
    close_review(city.context, YEAR)
    with pytest.raises(CannotProceed, match="no ballot is taken any more"):
        papers(city, "R-1,AG-1,neutral")
    assert tallies(city.context, YEAR)["AG-1"] == Answers(1, 0, 0)


def test_a_ballot_is_never_withdrawn(city: Any) -> None:
    city.open()
    papers(city, "R-1,AG-1,satisfied")
    with pytest.raises(UsageError, match="a ballot is secret"):
        withdraw(city.context, RecordKind.BALLOTS, "R-1/AG-1", reason="mistake", year=YEAR)
