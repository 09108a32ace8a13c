"""Results of single cases in everything that is made of a month: its row, answers, checks, year."""

import csv
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from survey_pipeline.scoring.facts import Answers
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.stages.assessment import verify_month
from survey_pipeline.stages.export.answers_file import write_answers
from survey_pipeline.stages.satisfaction import gather_month, gather_months
from survey_pipeline.standard.load import FOLDER, standard_of_month
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import case_results, satisfaction_results, surveys
from survey_pipeline.vocabulary import ScoreSource

pytestmark = pytest.mark.usefixtures("database")

SIXTH = datetime(2023, 5, 6, 4, tzinfo=UTC)
RESULTS = {
    "K-5-1": ("dissatisfied", 5),  # we heard satisfied by SMS on the 6th
    "K-5-2": ("satisfied", 8),  # we heard neutral by SMS on the 6th
    "K-5-4": ("satisfied", 9),  # opted out of ours
    "U-1": ("neutral", 9),  # never drawn
}
"""Case -> what ED-2's citizens told the bureau on the phone, and on which day of May."""


@pytest.fixture
def by_case(month: Any) -> Any:
    """The small month, ED-2's results delivered case by case."""
    with writing(month.context.engine) as connection:
        connection.execute(
            update(satisfaction_results)
            .where(satisfaction_results.c.office_code == "ED-2")
            .values(withdrawn_at=month.context.now())
        )
        connection.execute(
            update(surveys).where(surveys.c.office_code == "ED-2").values(rated_at=SIXTH)
        )
        calendar = month.context.calendar
        for case_no, (answer, day) in RESULTS.items():
            answered = date(2023, 5, day)
            connection.execute(
                insert(case_results).values(
                    office_code="ED-2", case_no=case_no, month="2023-05", answer=answer,
                    mode="phone", answered_on=answered, answered_until=calendar.end_of(answered),
                    source="bureau", delivered_on=date(2023, 6, 20), late=False, import_id=0,
                    row_no=2,
                )
            )  # fmt: skip
    return month


def row_of(month: Any) -> MonthRow:
    row: MonthRow = month.score().office("ED-2").row
    return row


def test_the_months_row_has_each_case_once(by_case: Any) -> None:
    row = row_of(by_case)
    assert row.answers == Answers(1, 2, 2)
    assert (row.rated, row.rated_by_sms, row.rated_by_phone, row.rated_elsewhere) == (5, 1, 1, 3)
    assert row.source is ScoreSource.MIXED


def test_our_later_answer_is_compared_with_the_delivered_one(by_case: Any) -> None:
    pairs = row_of(by_case).verification
    assert (pairs.pairs, pairs.same) == (1, 0)


def test_what_does_not_count_is_said(by_case: Any) -> None:
    said = [note.render("en").split(" do not count")[0] for note in row_of(by_case).notes]
    assert "1 answers to the survey of 市评议办 (1 satisfied, 0 neutral, 0 dissatisfied)" in said
    assert (
        "1 answers delivered case by case by bureau (1 satisfied, 0 neutral, 0 dissatisfied)"
        in said
    )


def test_the_months_numbers_follow_from_its_answers_and_what_was_delivered(
    by_case: Any, tmp_path: Path
) -> None:
    path = tmp_path / "answers.csv"
    write_answers(by_case.context, "2023-05", path, "csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["office_code"] == "ED-2"]
    row = row_of(by_case)
    modes = Counter(answer["mode"] for answer in rows)
    assert (modes["sms"], modes["phone"]) == (row.rated_by_sms, row.rated_by_phone)
    assert sum(1 for answer in rows if answer["rating"]) + row.rated_elsewhere == row.rated
    (later,) = [answer for answer in rows if answer["verification"]]
    assert (later["rating"], later["value"], later["verification"]) == ("", "", "satisfied")


def test_a_stored_score_is_computed_again_alike(by_case: Any) -> None:
    context, stored = by_case.context, by_case.score()
    in_force = standard_of_month("2023-05", context.settings.standards, context.home / FOLDER)
    facts = gather_month(context, in_force.standard, "2023-05")
    assert verify_month(stored, in_force, facts).ok
    with writing(context.engine) as connection:
        connection.execute(update(case_results).values(answer="neutral"))
    changed = gather_month(context, in_force.standard, "2023-05")
    assert not verify_month(stored, in_force, changed).ok


def test_a_result_makes_a_new_version_and_no_result_leaves_the_old_hash(month: Any) -> None:
    before = month.score()
    assert "delivered_by_case" not in before.office("ED-1").facts
    with writing(month.context.engine) as connection:
        connection.execute(
            insert(case_results).values(
                office_code="ED-1", case_no="U-1", month="2023-05", answer="satisfied", mode="web",
                answered_on=date(2023, 5, 9), answered_until=SIXTH, source="bureau",
                delivered_on=date(2023, 6, 20), late=False, import_id=0, row_no=2,
                withdrawn_at=month.context.now(),
            )
        )  # fmt: skip
    assert month.score().version == before.version
    with writing(month.context.engine) as connection:
        connection.execute(update(case_results).values(withdrawn_at=None))
    assert month.score().version == before.version + 1


def test_the_year_has_the_same_results_up_to_its_day(by_case: Any) -> None:
    context = by_case.context
    in_force = standard_of_month("2023-05", context.settings.standards, context.home / FOLDER)

    def delivered(as_of: date) -> int:
        with reading(context.engine) as connection:
            year = gather_months(connection, in_force.standard.window, as_of)
        (office,) = [entry for entry in year.offices if entry.office.office_code == "ED-2"]
        results = office.months[-1].results
        return results.delivered.rated if results else 0

    assert delivered(date(2023, 5, 31)) == 4
    assert delivered(date(2023, 5, 8)) == 2
    assert delivered(date(2023, 5, 4)) == 0
