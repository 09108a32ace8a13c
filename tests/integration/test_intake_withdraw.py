"""Records taken back (specification, sections 2 and 12)."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.stages.intake import withdraw
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import audit_log, cases, daily_reports, offices, surveys
from survey_pipeline.testing import SetContext, add_case, add_offices, add_survey, workspace
from survey_pipeline.vocabulary import RecordKind

pytestmark = pytest.mark.usefixtures("database")

PHONE = "+8613857710001"
WHY = "entered twice"


@pytest.fixture
def context(tmp_path: Path) -> Any:
    context = workspace(tmp_path)
    assert add_offices(context, "finance", "social") == ["FI-1", "SO-2"]
    return context


def only(context: SetContext, table: Any) -> Any:
    with reading(context.engine) as connection:
        return connection.execute(select(table)).one()


@pytest.mark.parametrize("key", ["\u200bFI-1/K\u202a1", ' FI-1 / ="K1" ', "FI-1/K1\ufeff"])
def test_a_key_is_found_however_it_was_copied(context: SetContext, key: str) -> None:
    add_case(context, "FI-1", "K1", PHONE)
    assert withdraw(context, RecordKind.CASES, key, reason=WHY).key == "FI-1/K1"
    assert only(context, cases).withdrawn_reason == WHY


def test_a_case_stays_visible_with_who_when_and_why(context: SetContext) -> None:
    add_case(context, "FI-1", "2023/05/1", PHONE)
    done = withdraw(context, RecordKind.CASES, "FI-1/2023/05/1", reason=f" {WHY} ", by="王")
    assert (done.drawn, done.survey_closed) == (False, False)
    case = only(context, cases)
    assert (case.withdrawn_by, case.withdrawn_reason) == ("王", WHY)
    assert case.withdrawn_at == context.now()
    assert only(context, daily_reports).reported == 0
    entry = only(context, audit_log)
    assert (entry.action, entry.key, entry.reason) == ("withdrawn", "FI-1/2023/05/1", WHY)


def test_a_drawn_case_is_closed_as_withdrawn(context: SetContext) -> None:
    add_survey(context, "FI-1", "A-1")
    done = withdraw(context, RecordKind.CASES, "FI-1/A-1", reason=WHY)
    assert (done.drawn, done.survey_closed, done.rating_stays) == (True, True, False)
    survey = only(context, surveys)
    assert (survey.state, survey.disposition, survey.withdrawn) == ("closed", "4.10", True)


def test_never_a_case_needs_a_name(context: SetContext) -> None:
    add_survey(context, "FI-1", "A-1")
    with pytest.raises(UsageError, match="--by"):
        withdraw(context, RecordKind.CASES, "FI-1/A-1", reason=WHY, never_a_case=True)
    withdraw(context, RecordKind.CASES, "FI-1/A-1", reason=WHY, never_a_case=True, by="王")
    assert only(context, surveys).disposition == "4.90"
    assert only(context, cases).never_a_case


def test_the_proof_may_come_after_the_withdrawal(context: SetContext) -> None:
    add_survey(context, "FI-1", "A-1")
    withdraw(context, RecordKind.CASES, "FI-1/A-1", reason=WHY)
    withdraw(context, RecordKind.CASES, "FI-1/A-1", reason="no visit", never_a_case=True, by="王")
    assert only(context, surveys).disposition == "4.90"
    assert only(context, daily_reports).reported == 0


def test_a_rating_stays(context: SetContext) -> None:
    add_survey(context, "FI-1", "A-1", rating="dissatisfied", disposition="1.1")
    done = withdraw(context, RecordKind.CASES, "FI-1/A-1", reason=WHY)
    assert done.rating_stays
    survey = only(context, surveys)
    assert (survey.rating, survey.disposition, survey.withdrawn) == ("dissatisfied", "1.1", False)


@pytest.mark.parametrize(
    ("kind", "key", "error"),
    [
        (RecordKind.CASES, "FI-1/none", UnknownRecord),
        (RecordKind.CASES, "FI-1", UsageError),
        (RecordKind.CASES, "FI-1/", UsageError),
        (RecordKind.SATISFACTION, "FI-1/May", UsageError),
        (RecordKind.OFFICES, "X", UnknownRecord),
    ],
)
def test_keys_that_name_nothing(context: SetContext, kind: Any, key: str, error: Any) -> None:
    with pytest.raises(error):
        withdraw(context, kind, key, reason=WHY)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_reason_is_needed(context: SetContext, reason: Any) -> None:
    add_case(context, "FI-1", "A-1", PHONE)
    with pytest.raises(UsageError):
        withdraw(context, RecordKind.CASES, "FI-1/A-1", reason=reason)
    assert only(context, cases).withdrawn_at is None


def test_twice_is_said(context: SetContext) -> None:
    add_case(context, "FI-1", "A-1", PHONE)
    withdraw(context, RecordKind.CASES, "FI-1/A-1", reason=WHY)
    with pytest.raises(CannotProceed, match="already"):
        withdraw(context, RecordKind.CASES, "FI-1/A-1", reason="again")
    assert only(context, cases).withdrawn_reason == WHY


def test_who_is_needed_by_others_stays(context: SetContext) -> None:
    add_case(context, "FI-1", "A-1", PHONE)
    with pytest.raises(CannotProceed, match="valid_until"):
        withdraw(context, RecordKind.OFFICES, "FI-1", reason=WHY)
    with pytest.raises(CannotProceed, match="still has offices"):
        withdraw(context, RecordKind.PARENTS, "P-1", reason=WHY)


def test_an_office_without_history_can_go_and_then_its_department(context: SetContext) -> None:
    withdraw(context, RecordKind.OFFICES, "FI-1", reason=WHY)
    with writing(context.engine) as connection:
        connection.execute(offices.delete().where(offices.c.office_code == "SO-2"))
    withdraw(context, RecordKind.PARENTS, "P-1", reason=WHY)
    with pytest.raises(UsageError, match="cases alone"):
        withdraw(context, RecordKind.PARENTS, "P-1", reason=WHY, never_a_case=True, by="王")
