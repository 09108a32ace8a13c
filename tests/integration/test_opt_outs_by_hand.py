"""People who ask by phone, letter or at the counter not to be asked again (sections 6 and 7)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.stages.callbacks import (
    CallResult,
    held_call,
    log_result,
    next_call,
    queue_calls,
    undo_attempt,
)
from survey_pipeline.stages.sampling.draw import draw_day
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import audit_log, calls, messages, opt_outs, surveys
from survey_pipeline.survey.opt_out_list import add_opt_out, list_opt_outs, remove_opt_out
from survey_pipeline.survey.opt_outs import opt_in, opt_out
from survey_pipeline.testing import (
    NOON,
    SetContext,
    add_case,
    add_offices,
    add_survey,
    add_text,
    workspace,
)
from survey_pipeline.vocabulary import CallOutcome, MessageState, SurveyState

pytestmark = pytest.mark.usefixtures("database")

MORNING = NOON - timedelta(hours=2)
MOBILE, LANDLINE = "+8613812345678", "+8657788886666"
NEVER_AGAIN = CallResult(CallOutcome.REFUSED, never_again=True)


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    made = workspace(tmp_path, at=MORNING)
    add_offices(made, "agency")
    return made


def row_of(context: SetContext, table: Any) -> Any:
    with reading(context.engine) as connection:
        return connection.execute(select(table).order_by(table.c.id.desc()).limit(1)).one()


def take(context: SetContext) -> int:
    call = next_call(context, "li").call
    assert call is not None
    return call.id


def called(context: SetContext) -> int:
    """Take the call of a landline's survey."""
    add_survey(context, "AG-1", "L-1", LANDLINE)
    queue_calls(context)
    return take(context)


def drawn_on(context: SetContext, phone: str) -> bool:
    """Return whether a case of that phone, reported three months later, is drawn."""
    context.clock.advance(timedelta(days=90))
    with writing(context.engine) as connection:
        connection.execute(
            update(surveys).values(state=SurveyState.CLOSED, closed_at=context.now())
        )
    context.clock.advance(timedelta(minutes=1))  # closed in the moment of a draw is open in it
    add_case(context, "AG-1", "LATER", phone)
    draw_day(context, context.today())
    with reading(context.engine) as connection:
        later = select(surveys.c.id).where(surveys.c.case_no == "LATER")
        return connection.execute(later).first() is not None


def test_a_number_added_by_hand_loses_its_queued_text_and_is_drawn_no_more(
    context: SetContext,
) -> None:
    add_text(context, add_survey(context, "AG-1", phone=MOBILE), state=MessageState.QUEUED)
    assert add_opt_out(context, MOBILE, "li", "letter of 3 May")
    text, survey = row_of(context, messages), row_of(context, surveys)
    assert (text.state, text.reason) == ("failed", "opted_out")
    assert survey.opted_out
    assert not drawn_on(context, MOBILE)


def test_a_waiting_call_ends_and_the_journal_has_who_and_why(context: SetContext) -> None:
    add_survey(context, "AG-1", "L-1", LANDLINE)
    queue_calls(context)
    assert add_opt_out(context, LANDLINE, "li", "at the counter")
    call, entry = row_of(context, calls), row_of(context, audit_log)
    assert (call.state, call.why) == ("closed", "opted_out")
    assert (entry.actor, entry.kind, entry.action) == ("li", "opt_outs", "created")
    assert entry.reason == "at the counter"
    assert next_call(context, "li").call is None


def test_the_list_keeps_a_hash_and_a_masked_number_alone(context: SetContext) -> None:
    add_opt_out(context, MOBILE, "li", "asked from 13812345678")
    row = row_of(context, opt_outs)
    assert row.phone_hash == context.keys.phone_hash(MOBILE)
    assert "13812345678" not in str(row)
    assert context.keys.encrypt(MOBILE) not in tuple(row)
    assert row.masked == "138****5678"


def test_adding_a_number_again_changes_nothing(context: SetContext) -> None:
    add_opt_out(context, MOBILE, "li", "letter")
    assert not add_opt_out(context, MOBILE, "wang", "another letter")
    assert [(found.by, found.reason) for found in list_opt_outs(context)] == [("li", "letter")]


def test_the_list_shows_texts_calls_and_entries_by_hand(context: SetContext) -> None:
    log_result(context, called(context), "li", NEVER_AGAIN)
    add_opt_out(context, MOBILE, "wang", "letter")
    texter = "+8613800001111"
    add_survey(context, "AG-1", "S-1", texter)
    with writing(context.engine) as connection:
        opt_out(connection, context.keys.phone_hash(texter), "simulated", 1, context.now())
        unknown = context.keys.phone_hash("+8613900001111")
        opt_out(connection, unknown, "simulated", 2, context.now())
    assert [(found.number, found.how, found.by) for found in list_opt_outs(context)] == [
        ("*********66", "phone", "li"),
        ("138****5678", "by_hand", "wang"),
        ("138****1111", "sms", None),
        (None, "sms", None),
    ]
    assert [found.how for found in list_opt_outs(context, MOBILE)] == ["by_hand"]
    assert not list_opt_outs(context, "+8613700001111")


def test_a_number_removed_may_be_drawn_again_and_what_was_cancelled_stays(
    context: SetContext,
) -> None:
    add_text(context, add_survey(context, "AG-1", phone=MOBILE), state=MessageState.QUEUED)
    add_opt_out(context, MOBILE, "li", "letter")
    remove_opt_out(context, MOBILE, "wang", "it was another person's letter")
    assert not list_opt_outs(context)
    row, entry = row_of(context, opt_outs), row_of(context, audit_log)
    assert (row.ended_by, row.ended_reason) == ("wang", "it was another person's letter")
    assert (entry.actor, entry.action, entry.reason) == ("wang", "withdrawn", row.ended_reason)
    assert row_of(context, messages).state == "failed"


def test_only_a_number_on_the_list_is_removed(context: SetContext) -> None:
    with pytest.raises(UnknownRecord, match=r"138\*\*\*\*5678 is not on the list"):
        remove_opt_out(context, MOBILE, "li", "mistake")


@pytest.mark.parametrize(("by", "reason"), [(" ", "letter"), ("li", " "), ("li", "x" * 501)])
def test_a_name_and_a_short_reason_are_needed(context: SetContext, by: str, reason: str) -> None:
    for act in (add_opt_out, remove_opt_out):
        with pytest.raises(UsageError):
            act(context, MOBILE, by, reason)
    assert not list_opt_outs(context)


def test_start_from_the_number_ends_what_was_entered_by_hand(context: SetContext) -> None:
    add_opt_out(context, MOBILE, "li", "letter")
    with writing(context.engine) as connection:
        assert opt_in(connection, context.keys.phone_hash(MOBILE), 7, context.now())
    assert not list_opt_outs(context)


def test_never_again_on_the_phone_is_a_refusal_and_an_opt_out(context: SetContext) -> None:
    logged = log_result(context, called(context), "li", NEVER_AGAIN)
    assert [note.text for note in logged.notes] == [
        "The number is on the list of opt-outs: no more texts and calls."
    ]
    call, survey = row_of(context, calls), row_of(context, surveys)
    assert (call.state, call.why) == ("done", "refused")
    assert survey.opted_out
    assert survey.disposition == "2.112"
    assert not drawn_on(context, LANDLINE)


def test_a_refusal_alone_is_no_opt_out(context: SetContext) -> None:
    log_result(context, called(context), "li", CallResult(CallOutcome.REFUSED))
    assert not list_opt_outs(context)
    assert drawn_on(context, LANDLINE)


def test_never_again_goes_with_a_refusal(context: SetContext) -> None:
    call = called(context)
    with pytest.raises(UsageError, match="goes with the outcome refused"):
        log_result(context, call, "li", CallResult(CallOutcome.HUNG_UP, never_again=True))


def test_the_same_log_again_changes_nothing_and_another_is_not_the_same(
    context: SetContext,
) -> None:
    call = called(context)
    log_result(context, call, "li", NEVER_AGAIN)
    assert log_result(context, call, "li", NEVER_AGAIN).repeated
    assert len(list_opt_outs(context)) == 1
    with pytest.raises(CannotProceed):
        log_result(context, call, "li", CallResult(CallOutcome.REFUSED))


def test_undo_takes_the_opt_out_back_with_the_attempt(context: SetContext) -> None:
    call = called(context)
    log_result(context, call, "li", NEVER_AGAIN)
    context.clock.advance(timedelta(seconds=30))
    undo_attempt(context, call, "li")
    assert not list_opt_outs(context)
    assert not row_of(context, surveys).opted_out
    held = held_call(context, "li")
    assert held is not None
    assert held.id == call
    log_result(context, call, "li", CallResult(CallOutcome.NO_ANSWER))
    assert row_of(context, calls).state == "open"


def test_undo_leaves_an_opt_out_that_was_there_before(context: SetContext) -> None:
    call = called(context)
    add_opt_out(context, LANDLINE, "wang", "letter")
    log_result(context, call, "li", NEVER_AGAIN)
    with pytest.raises(CannotProceed):
        undo_attempt(context, call, "li")
    assert [found.by for found in list_opt_outs(context)] == ["wang"]
