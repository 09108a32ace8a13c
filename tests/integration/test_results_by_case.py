"""Results that others deliver case by case: whose they may be, and which answer counts."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from survey_pipeline.errors import UnknownRecord
from survey_pipeline.stages.callbacks import next_call, queue_calls
from survey_pipeline.stages.intake import FileSummary, import_file, withdraw
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    audit_log,
    calls,
    case_results,
    messages,
    surveys,
    unknown_results,
)
from survey_pipeline.survey.rating import GivenAnswer, record_answer
from survey_pipeline.testing import (
    SetContext,
    add_case,
    add_offices,
    add_survey,
    add_text,
    workspace,
)
from survey_pipeline.vocabulary import AnswerRole, MessageState, Mode, Rating, RecordKind

pytestmark = pytest.mark.usefixtures("database")

HEADINGS = "office_code,case_no,answer,mode,answered_on,source,delivered_on"
PHONE = "+8613812345678"
IN_TIME = datetime(2023, 6, 20, 4, tzinfo=UTC)


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    made = workspace(tmp_path, at=datetime(2023, 5, 4, 4, tzinfo=UTC))
    add_offices(made, "education", "health", "finance")
    add_offices(made, "agency", approval_service=True)
    return made


def bring(
    context: SetContext, *rows: str, dry_run: bool = False, at: datetime = IN_TIME
) -> FileSummary:
    """Import rows of `office,case,answer,mode,answered_on`, delivered by the bureau on `at`."""
    path = context.home / "results.csv"
    lines = [HEADINGS, *(f"{row},Bureau,{at:%Y-%m-%d}" for row in rows)]
    path.write_text("\n".join(lines), "utf-8")
    now, context.clock.at = context.clock.at, at
    try:
        return import_file(context, RecordKind.RESULTS, path, dry_run=dry_run)
    finally:
        context.clock.at = now


def whole_month(context: SetContext, office: str) -> FileSummary:
    path = context.home / "month.csv"
    path.write_text(
        "office_code,month,reported,sampled,satisfied,neutral,dissatisfied,source\n"
        f"{office},2023-05,10,5,5,0,0,Bureau\n",
        "utf-8",
    )
    now, context.clock.at = context.clock.at, datetime(2023, 6, 20, 4, tzinfo=UTC)
    try:
        return import_file(context, RecordKind.SATISFACTION, path)
    finally:
        context.clock.at = now


def reasons(summary: FileSummary) -> list[tuple[str, str]]:
    return [(problem.column, problem.reason.render("en")) for problem in summary.problems]


def stored(context: SetContext) -> list[Any]:
    with reading(context.engine) as connection:
        return list(connection.execute(select(case_results).order_by(case_results.c.case_no)))


def survey_of(context: SetContext, survey: int) -> Any:
    with reading(context.engine) as connection:
        return connection.execute(select(surveys).where(surveys.c.id == survey)).one()


def handed_over(context: SetContext, case_no: str, phone: str = PHONE) -> int:
    on = {"handed_over_on": date(2023, 5, 6), "handed_over_at": datetime(2023, 5, 6, tzinfo=UTC)}
    return add_survey(context, "HE-2", case_no, phone, **on)


# ---- Whose cases -------------------------------------------------------------------------------


def test_education_delivers_any_case_that_was_reported(context: SetContext) -> None:
    add_case(context, "ED-1", "K-1", PHONE)
    summary = bring(context, "ED-1,K-1,满意,网络,2023-05-05")
    assert (summary.accepted, summary.refused) == (1, 0)
    (row,) = stored(context)
    assert (row.month, row.answer, row.mode, row.late) == ("2023-05", "satisfied", "web", False)


def test_an_office_with_approval_services_does_too(context: SetContext) -> None:
    add_case(context, "AG-4", "K-1", PHONE)
    assert bring(context, "AG-4,K-1,neutral,sms,2023-05-05").accepted == 1


def test_an_office_that_we_survey_alone_takes_none(context: SetContext) -> None:
    add_case(context, "FI-3", "K-1", PHONE)
    (reason,) = reasons(bring(context, "FI-3,K-1,satisfied,sms,2023-05-05"))
    assert reason[0] == "office_code"
    assert "alone surveys it" in reason[1]


def test_a_case_that_was_never_reported_is_refused(context: SetContext) -> None:
    (reason,) = reasons(bring(context, "ED-1,K-9,satisfied,sms,2023-05-05"))
    assert reason[0] == "case_no"
    assert "has reported no case K-9" in reason[1]


def test_health_delivers_the_cases_of_the_handover_alone(context: SetContext) -> None:
    handed_over(context, "K-1")
    add_survey(context, "HE-2", "K-2", "+8613812345679")
    summary = bring(
        context,
        "HE-2,K-1,satisfied,phone,2023-05-08",
        "HE-2,K-2,satisfied,phone,2023-05-08",
        "HE-2,K-3,satisfied,phone,2023-05-08",
    )
    assert (summary.accepted, summary.refused) == (1, 2)
    assert all("never handed over" in why for _, why in reasons(summary))
    with reading(context.engine) as connection:
        noted = connection.scalars(select(unknown_results.c.case_no)).all()
    assert sorted(noted) == ["K-2", "K-3"]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("ED-1,K-1,satisfied,sms,2023-07-05", "answered_on"),
        ("ED-1,K-1,satisfied,sms,2023-05-03", "answered_on"),
        ("ED-1,K-1,,sms,2023-05-05", "answer"),
        ("ED-1,K-1,satisfied,sms,", "answered_on"),
        ("ED-1,K-1,satisfied,letter,2023-05-05", "mode"),
        ("ED-1,K-1,satisfied,,2023-05-05", "mode"),
        ("XX-1,K-1,satisfied,sms,2023-05-05", "office_code"),
    ],
)
def test_what_cannot_be_a_result_is_refused(context: SetContext, row: str, column: str) -> None:
    add_case(context, "ED-1", "K-1", PHONE)
    assert [name for name, _ in reasons(bring(context, row))] == [column]
    assert stored(context) == []


def test_a_case_that_was_withdrawn_keeps_an_answer_given_before(context: SetContext) -> None:
    """Taking a case back must not mend a score; an answer after it cannot be."""
    add_case(context, "ED-1", "K-1", PHONE)
    context.clock.advance(timedelta(days=3))
    withdraw(context, RecordKind.CASES, "ED-1/K-1", reason="entered twice")
    (reason,) = reasons(bring(context, "ED-1,K-1,satisfied,sms,2023-05-08"))
    assert reason == ("answered_on", "the case was withdrawn on 2023-05-07, before this answer")
    assert bring(context, "ED-1,K-1,satisfied,sms,2023-05-07").accepted == 1


# ---- One way of delivering a month -------------------------------------------------------------


def test_a_month_that_was_delivered_as_a_whole_takes_no_single_cases(context: SetContext) -> None:
    add_case(context, "ED-1", "K-1", PHONE)
    assert whole_month(context, "ED-1").accepted == 1
    (reason,) = reasons(bring(context, "ED-1,K-1,satisfied,sms,2023-05-05"))
    assert "withdraw satisfaction ED-1/2023-05" in reason[1]
    withdraw(context, RecordKind.SATISFACTION, "ED-1/2023-05", reason="case by case instead")
    assert bring(context, "ED-1,K-1,satisfied,sms,2023-05-05").accepted == 1


def test_a_month_with_single_cases_takes_no_delivery_as_a_whole(context: SetContext) -> None:
    add_case(context, "ED-1", "K-1", PHONE)
    bring(context, "ED-1,K-1,satisfied,sms,2023-05-05")
    (reason,) = reasons(whole_month(context, "ED-1"))
    assert reason[0] == "month"
    assert reason[1].startswith("1 results of this office and 2023-05 were delivered case by case")
    withdraw(context, RecordKind.RESULTS, "ED-1/K-1", reason="a whole month instead")
    assert whole_month(context, "ED-1").accepted == 1


# ---- As every kind -----------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing_and_other_contents_are_an_update(
    context: SetContext,
) -> None:
    add_case(context, "ED-1", "K-1", PHONE)
    row = "ED-1,K-1,satisfied,sms,2023-05-05"
    bring(context, row)
    again = bring(context, row)
    changed = bring(context, row.replace("satisfied", "neutral"))
    assert (again.unchanged, changed.updated) == (1, 1)
    with reading(context.engine) as connection:
        last = connection.execute(select(audit_log).order_by(audit_log.c.id.desc())).first()
    assert last is not None
    assert (last.kind, last.key) == ("results", "ED-1/K-1")
    assert (last.before, last.after) == ({"answer": "satisfied"}, {"answer": "neutral"})


def test_a_rehearsal_says_the_same_and_stores_nothing(context: SetContext) -> None:
    add_case(context, "ED-1", "K-1", PHONE)
    handed_over(context, "K-2")
    rows = (
        "ED-1,K-1,satisfied,sms,2023-05-05",
        "HE-2,K-2,neutral,phone,2023-05-08",
        "HE-2,K-3,neutral,phone,2023-05-08",
    )
    rehearsed = bring(context, *rows, dry_run=True)
    assert (rehearsed.accepted, rehearsed.refused) == (2, 1)
    assert stored(context) == []
    with reading(context.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(unknown_results)) == 0
    done = bring(context, *rows)
    assert reasons(done) == reasons(rehearsed)


def test_a_result_that_was_taken_back_comes_again_with_other_contents_alone(
    context: SetContext,
) -> None:
    add_case(context, "ED-1", "K-1", PHONE)
    row = "ED-1,K-1,satisfied,sms,2023-05-05"
    bring(context, row)
    withdraw(context, RecordKind.RESULTS, "ED-1/K-1", reason="another case was meant")
    assert bring(context, row).refused == 1
    assert bring(context, row.replace("05-05", "05-06")).updated == 1
    with pytest.raises(UnknownRecord):
        withdraw(context, RecordKind.RESULTS, "ED-1/K-7", reason="no such case")


def test_a_drawn_case_counts_as_rated_as_long_as_its_result_stands(context: SetContext) -> None:
    survey = handed_over(context, "K-1")
    bring(context, "HE-2,K-1,satisfied,phone,2023-05-08")
    assert survey_of(context, survey).disposition == "1.1"
    withdraw(context, RecordKind.RESULTS, "HE-2/K-1", reason="the wrong number was called")
    assert survey_of(context, survey).disposition == "3.11"


def test_a_text_after_the_handover_stays_uncounted(context: SetContext) -> None:
    survey = handed_over(context, "K-1")
    with writing(context.engine) as connection:
        given = GivenAnswer(AnswerRole.RATING, Mode.SMS, Rating.SATISFIED, context.now())
        record_answer(connection, survey, given, context.now())
    bring(context, "HE-2,K-1,dissatisfied,phone,2023-05-08")
    assert survey_of(context, survey).rating is None


# ---- No citizen is asked twice -----------------------------------------------------------------


def test_a_result_ends_the_call_that_waits_and_none_is_queued_again(context: SetContext) -> None:
    survey = add_survey(context, "ED-1", "L-1", "+8657788886666")
    queue_calls(context)
    bring(context, "ED-1,L-1,satisfied,phone,2023-05-05")
    queue_calls(context)
    with reading(context.engine) as connection:
        (call,) = connection.execute(select(calls)).all()
    assert (call.survey_id, call.state, call.why) == (survey, "closed", "answered_elsewhere")


def test_a_result_ends_a_call_that_is_held_when_its_lease_has_run_out(context: SetContext) -> None:
    add_survey(context, "ED-1", "L-1", "+8657788886666")
    queue_calls(context)
    context.clock.advance(timedelta(hours=2))  # 14:00, the callers are back
    assert next_call(context, "Li").call is not None
    bring(context, "ED-1,L-1,satisfied,phone,2023-05-04", at=context.now())
    with reading(context.engine) as connection:
        assert connection.scalars(select(calls.c.state)).all() == ["open"]
    context.clock.advance(timedelta(hours=1))
    queue_calls(context)
    assert next_call(context, "Wang").call is None
    with reading(context.engine) as connection:
        (call,) = connection.execute(select(calls)).all()
    assert (call.state, call.why) == ("closed", "answered_elsewhere")


def test_a_text_that_was_not_sent_yet_is_not_sent_any_more(context: SetContext) -> None:
    text = add_text(context, add_survey(context, "ED-1", "M-1", PHONE), state=MessageState.QUEUED)
    bring(context, "ED-1,M-1,satisfied,phone,2023-05-05")
    with reading(context.engine) as connection:
        (message,) = connection.execute(select(messages)).all()
    assert (message.id, message.state, message.reason) == (text, "failed", "answered")
