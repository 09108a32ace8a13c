"""A reader's decision: by the holder alone, taken back within a minute, corrected on record."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.gateways.port import InboundEvent
from survey_pipeline.inbound.mailbox import store_inbound
from survey_pipeline.stages.callbacks import next_call, queue_calls
from survey_pipeline.stages.replies import (
    code_reply,
    correct_decision,
    held_text,
    keep_text,
    last_decision,
    read_inbound,
    take_text,
    undo_decision,
)
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import answers, audit_log, calls, inbound, surveys
from survey_pipeline.survey.closing import close_due
from survey_pipeline.testing import NOON, SetContext, add_offices, add_survey, add_text, workspace
from survey_pipeline.vocabulary import CallReason, MessagePurpose, ReaderDecision

pytestmark = pytest.mark.usefixtures("database")

PHONE = "+8613812345678"
SATISFIED, NEUTRAL, DISSATISFIED = list(ReaderDecision)[:3]
NOT_THEIRS, CANNOT_TELL = ReaderDecision.NOT_MY_CASE, ReaderDecision.CANNOT_TELL


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    made = workspace(tmp_path, at=NOON - timedelta(hours=2), callbacks={"verify_satisfied": "0"})
    add_offices(made, "agency")
    add_text(made, add_survey(made, "AG-1", "K-1", PHONE))
    receive(made, "哪件事？")
    return made


def receive(context: SetContext, text: str) -> None:
    with writing(context.engine) as connection:
        known = len(connection.execute(select(inbound.c.id)).all())
        event = InboundEvent(f"in-{known}", PHONE, text, context.now())
        store_inbound(connection, context.keys, "simulated", [event], context.now())
    read_inbound(context)


def rows(context: SetContext, table: Any) -> list[Any]:
    with reading(context.engine) as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def survey(context: SetContext) -> Any:
    return rows(context, surveys)[-1]


def text(context: SetContext) -> Any:
    return rows(context, inbound)[0]


def later(context: SetContext, **span: float) -> None:
    context.clock.advance(timedelta(**span))


def logged(context: SetContext) -> list[Any]:
    return [row for row in rows(context, audit_log) if row.kind == "inbound"]


@pytest.mark.parametrize("decision", list(ReaderDecision))
def test_a_decision_taken_back_leaves_the_survey_as_it_was(
    context: SetContext, decision: ReaderDecision
) -> None:
    before = survey(context)._asdict()
    take_text(context, "Wang")
    code_reply(context, 1, decision, "Wang", must_hold=True)
    later(context, seconds=50)
    undo_decision(context, 1, "Wang")
    assert {
        name: value for name, value in survey(context)._asdict().items() if value != before[name]
    } == {}
    assert (text(context).use, text(context).decision) == ("reader", None)
    held = held_text(context, "Wang")
    assert held is not None
    assert held.id == 1
    assert [(row.actor, row.action) for row in logged(context)] == [
        ("Wang", "decided"),
        ("Wang", "withdrawn"),
    ]


def test_what_was_taken_back_can_be_decided_as_it_was_meant(context: SetContext) -> None:
    code_reply(context, 1, SATISFIED, "Wang")
    undo_decision(context, 1, "Wang")
    code_reply(context, 1, DISSATISFIED, "Wang")
    assert survey(context).rating == "dissatisfied"
    assert [row.rating for row in rows(context, answers)] == ["satisfied", "dissatisfied"]


def test_an_undone_decision_gives_unclear_texts_and_calls_back(context: SetContext) -> None:
    later(context, hours=24)
    assert queue_calls(context).queued[CallReason.UNCLEAR] == 1
    receive(context, "说不清")
    code_reply(context, 2, NEUTRAL, "Wang")
    assert [row.use for row in rows(context, inbound)] == ["cannot_tell", "coded"]
    undo_decision(context, 2, "Wang")
    assert [row.use for row in rows(context, inbound)] == ["cannot_tell", "reader"]


def test_texts_that_a_decision_superseded_wait_again(context: SetContext) -> None:
    receive(context, "说不清")
    code_reply(context, 2, NEUTRAL, "Wang")
    assert text(context).use == "superseded"
    undo_decision(context, 2, "Wang")
    assert [row.use for row in rows(context, inbound)] == ["reader", "reader"]


def test_a_call_that_waited_waits_again(context: SetContext) -> None:
    later(context, hours=24)
    queue_calls(context)
    code_reply(context, 1, NEUTRAL, "Wang")
    assert [row.state for row in rows(context, calls)] == ["closed"]
    undo_decision(context, 1, "Wang")
    assert [row.state for row in rows(context, calls)] == ["open"]
    code_reply(context, 1, CANNOT_TELL, "Wang")
    undo_decision(context, 1, "Wang")
    assert [row.state for row in rows(context, calls)] == ["open"]


def test_a_call_that_was_queued_for_the_decision_is_closed(context: SetContext) -> None:
    code_reply(context, 1, CANNOT_TELL, "Wang")
    later(context, seconds=5)
    queue_calls(context)
    undo_decision(context, 1, "Wang")
    assert [row.state for row in rows(context, calls)] == ["closed"]


def test_a_decision_is_taken_back_by_its_reader_within_a_minute_alone(context: SetContext) -> None:
    with pytest.raises(CannotProceed, match="no decision of yours"):
        undo_decision(context, 1, "Wang")
    code_reply(context, 1, SATISFIED, "Wang")
    with pytest.raises(CannotProceed, match="no decision of yours"):
        undo_decision(context, 1, "Li")
    later(context, seconds=61)
    assert last_decision(context, "Wang") is None
    with pytest.raises(CannotProceed, match=r"more than a minute.*Correct it"):
        undo_decision(context, 1, "Wang")


def test_nothing_is_taken_back_once_something_rests_on_it(context: SetContext) -> None:
    code_reply(context, 1, DISSATISFIED, "Wang")
    later(context, seconds=5)
    add_text(context, 1, purpose=MessagePurpose.REASON)
    with pytest.raises(CannotProceed, match=r"something else has happened.*Correct it"):
        undo_decision(context, 1, "Wang")


def test_a_call_that_a_colleague_took_since_keeps_the_decision(context: SetContext) -> None:
    code_reply(context, 1, CANNOT_TELL, "Wang")
    queue_calls(context)
    later(context, seconds=5)
    assert next_call(context, "Li").call is not None
    with pytest.raises(CannotProceed, match="something else has happened"):
        undo_decision(context, 1, "Wang")


@pytest.mark.parametrize("wrong", list(ReaderDecision))
@pytest.mark.parametrize("right", list(ReaderDecision))
def test_a_correction_counts_as_if_it_had_been_decided_so(
    context: SetContext, wrong: ReaderDecision, right: ReaderDecision
) -> None:
    if wrong is right:
        return
    code_reply(context, 1, wrong, "Wang")
    later(context, hours=3)
    corrected = correct_decision(context, 1, right, "Li", "a wrong key")
    rating = right.value if right in (SATISFIED, NEUTRAL, DISSATISFIED) else None
    found = survey(context)
    assert (corrected.rating, found.rating) == (rating, rating)
    assert (found.denied, found.corrected) == (right is NOT_THEIRS, False)
    assert (text(context).decision, text(context).decided_by) == (right.value, "Li")
    assert queue_calls(context).queued[CallReason.UNCLEAR] == (right is CANNOT_TELL)
    entry = logged(context)[-1]
    assert (entry.actor, entry.reason, entry.before["decision"]) == (
        "Li",
        "a wrong key",
        wrong.value,
    )


def test_a_correction_needs_a_decision_a_reason_and_another_answer(context: SetContext) -> None:
    with pytest.raises(CannotProceed, match="nobody has decided"):
        correct_decision(context, 1, NEUTRAL, "Li", "slip")
    code_reply(context, 1, SATISFIED, "Wang")
    with pytest.raises(UsageError, match="say why"):
        correct_decision(context, 1, NEUTRAL, "Li", " ")
    with pytest.raises(UsageError, match="shorten"):
        correct_decision(context, 1, NEUTRAL, "Li", "x" * 501)
    with pytest.raises(UsageError, match="choose another"):
        correct_decision(context, 1, SATISFIED, "Li", "slip")
    with pytest.raises(CannotProceed, match=r"Wang decided.*Ask them"):
        correct_decision(context, 1, NEUTRAL, "Li", "slip", only_own=True)
    assert survey(context).rating == "satisfied"


def test_no_decision_is_corrected_after_the_survey_has_ended(context: SetContext) -> None:
    code_reply(context, 1, SATISFIED, "Wang")
    later(context, days=9)
    with writing(context.engine) as connection:
        close_due(connection, context.now())
    with pytest.raises(CannotProceed, match=r"has ended.*objection"):
        correct_decision(context, 1, NEUTRAL, "Wang", "slip")


def test_a_later_text_of_the_citizen_stays_the_rating_after_a_correction(
    context: SetContext,
) -> None:
    code_reply(context, 1, SATISFIED, "Wang")
    later(context, minutes=5)
    receive(context, "2")
    correct_decision(context, 1, DISSATISFIED, "Wang", "slip")
    assert survey(context).rating == "neutral"


def test_a_reader_decides_only_the_text_that_is_before_them(context: SetContext) -> None:
    with pytest.raises(CannotProceed, match="not in your hands"):
        code_reply(context, 1, SATISFIED, "Li", must_hold=True)
    take_text(context, "Wang")
    with pytest.raises(CannotProceed, match="not in your hands"):
        code_reply(context, 1, SATISFIED, "Li", must_hold=True)
    assert not keep_text(context, 1, "Li")
    later(context, minutes=6)
    assert not keep_text(context, 1, "Li")
    code_reply(context, 1, NEUTRAL, "Wang", must_hold=True)
    assert survey(context).rating == "neutral"


def test_an_override_says_so(context: SetContext) -> None:
    take_text(context, "Wang")
    with pytest.raises(CannotProceed, match="Wang is reading reply 1"):
        code_reply(context, 1, SATISFIED, "Li")
    with pytest.raises(UsageError, match="say why you decide"):
        code_reply(context, 1, SATISFIED, "Li", override=" ")
    code_reply(context, 1, SATISFIED, "Li", override="Wang has gone home")
    (entry,) = logged(context)
    assert (entry.actor, entry.reason) == ("Li", "Wang has gone home")
    assert entry.before["reader"] == "Wang"


def test_a_text_that_nobody_reads_is_decided_at_the_command_line(context: SetContext) -> None:
    take_text(context, "Wang")
    later(context, minutes=6)
    code_reply(context, 1, SATISFIED, "Li")
    assert logged(context)[0].reason is None
