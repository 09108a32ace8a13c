"""Receipts in any order, unknown texts, and senders that die: no harm, and no second text."""

import shutil
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.gateways.port import (
    OutgoingMessage,
    ReceiptEvent,
    SendResult,
    SentAnswer,
    SentState,
    unknown,
)
from survey_pipeline.inbound.mailbox import store_receipts
from survey_pipeline.stages.callbacks import queue_calls
from survey_pipeline.stages.dispatch import DispatchReport, apply_receipts, dispatch
from survey_pipeline.stages.dispatch.outbox import Outbox
from survey_pipeline.stages.dispatch.shares import EVERYTHING
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import message_events, messages, receipts, surveys
from survey_pipeline.testing import (
    NOON,
    FakeGateway,
    SetContext,
    add_offices,
    add_survey,
    workspace,
)
from survey_pipeline.vocabulary import CallReason, MessageState, ReceiptState

pytestmark = pytest.mark.usefixtures("database")

TEMPLATES = Path(__file__).parents[2] / "templates"
MORNING = NOON - timedelta(hours=2)
A, U, D = ReceiptState.ACCEPTED, ReceiptState.UNDELIVERED, ReceiptState.DELIVERED


def made(home: Path, **sections: Any) -> SetContext:
    context = workspace(home, at=MORNING, **sections)
    shutil.copytree(TEMPLATES, home / "templates")
    add_offices(context, "agency")
    return context


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    return made(tmp_path)


def send(context: SetContext, gateway: FakeGateway) -> DispatchReport:
    return dispatch(context, {gateway.label: gateway})


def told(context: SetContext, *states: ReceiptState, attempt: str | None, provider_id: str) -> int:
    events = [ReceiptEvent(provider_id, state, attempt) for state in states]
    with writing(context.engine) as connection:
        store_receipts(connection, "simulated", events, context.now())
    return apply_receipts(context)


def one(context: SetContext, table: Any) -> Any:
    with reading(context.engine) as connection:
        return connection.execute(select(table)).one()


def journal(context: SetContext) -> list[str]:
    with reading(context.engine) as connection:
        return list(
            connection.scalars(select(message_events.c.after).order_by(message_events.c.id))
        )


def advance(context: SetContext, **by: float) -> None:
    context.clock.advance(timedelta(**by))


def lost(_: OutgoingMessage) -> SendResult:
    return unknown("read timeout")


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("order", list(permutations([A, D, D, A])) + list(permutations([A, U, D])))
def test_delivered_holds_in_whatever_order_receipts_come(
    context: SetContext, order: tuple[ReceiptState, ...], together: bool
) -> None:
    add_survey(context, "AG-1")
    gateway = FakeGateway()
    send(context, gateway)
    attempt = gateway.ledger[0].attempt_id
    for states in [order] if together else [(state,) for state in order]:
        told(context, *states, attempt=attempt, provider_id=f"p-{attempt}")
    assert one(context, messages).state == MessageState.DELIVERED
    survey = one(context, surveys)
    assert (survey.texted, survey.delivered) == (True, True)
    assert journal(context).count("delivered") == 1


def test_a_receipt_without_an_attempt_id_is_found_by_the_providers(context: SetContext) -> None:
    add_survey(context, "AG-1")
    gateway = FakeGateway()
    send(context, gateway)
    provider_id = f"p-{gateway.ledger[0].attempt_id}"
    assert told(context, U, attempt=None, provider_id=provider_id) == 1
    assert one(context, messages).state == MessageState.UNDELIVERED
    assert one(context, surveys).disposition == "3.30"
    assert queue_calls(context).queued[CallReason.UNDELIVERED] == 1


def test_a_text_delivered_after_it_was_given_up_takes_the_call_back(context: SetContext) -> None:
    add_survey(context, "AG-1")
    gateway = FakeGateway()
    send(context, gateway)
    attempt = gateway.ledger[0].attempt_id
    told(context, U, attempt=attempt, provider_id=f"p-{attempt}")
    queue_calls(context)
    told(context, D, attempt=attempt, provider_id=f"p-{attempt}")
    assert queue_calls(context).not_needed == 1


def test_a_receipt_that_comes_before_the_answer_is_recorded_proves_acceptance(
    context: SetContext,
) -> None:
    add_survey(context, "AG-1")
    outbox_claims(context)
    attempt = one(context, messages).attempt_id
    told(context, D, attempt=attempt, provider_id="p-1")
    text = one(context, messages)
    assert (text.state, text.provider_id) == ("delivered", "p-1")
    assert one(context, surveys).reply_until is not None


def outbox_claims(context: SetContext) -> None:
    """Claim as a sender does that dies before it hands anything over."""
    context.clock.at = NOON
    send(context, FakeGateway())  # writes the text, and holds it until two
    advance(context, hours=2)
    claimed = Outbox(context, "simulated", "dead", None).claim(EVERYTHING, 10)
    assert len(claimed) == 1


def test_a_receipt_that_names_nothing_waits_and_is_found_later(context: SetContext) -> None:
    assert told(context, D, attempt=None, provider_id="p-later") == 0
    assert one(context, receipts).applied_at is None
    advance(context, days=8)
    apply_receipts(context)
    assert one(context, receipts).applied_at is not None


def test_a_dead_senders_text_is_unknown_and_sent_again_only_if_it_never_arrived(
    context: SetContext,
) -> None:
    add_survey(context, "AG-1")
    outbox_claims(context)
    gateway = FakeGateway()
    advance(context, seconds=59)
    assert not send(context, gateway).lapsed
    advance(context, seconds=1)
    assert send(context, gateway).lapsed == 1
    assert (one(context, messages).state, gateway.ledger) == ("unknown", [])
    advance(context, minutes=30)
    report = send(context, gateway)
    assert report.asked == {SentState.ABSENT: 1}
    assert len(gateway.ledger) == 1


def test_an_unknown_text_that_arrived_is_not_sent_again(context: SetContext) -> None:
    add_survey(context, "AG-1")
    gateway = FakeGateway(lost, takes=True)
    send(context, gateway)
    advance(context, minutes=30)
    assert send(context, gateway).asked == {SentState.FOUND: 1}
    assert (len(gateway.ledger), one(context, messages).state) == (1, "accepted")
    assert one(context, surveys).reply_until is not None


def test_where_nobody_can_tell_the_case_becomes_a_call_and_no_second_text(
    context: SetContext,
) -> None:
    add_survey(context, "AG-1")
    gateway = FakeGateway(lost, can_tell=False)
    send(context, gateway)
    assert one(context, surveys).texted
    for _ in range(5):
        advance(context, minutes=30)
        send(context, gateway)
    assert (gateway.calls, one(context, messages).state) == (1, "unknown")
    assert queue_calls(context).queued[CallReason.UNDELIVERED] == 1


def test_under_resend_it_is_sent_again_once_the_provider_cannot_tell(tmp_path: Path) -> None:
    context = made(tmp_path, sending={"unknown_policy": "resend"})
    add_survey(context, "AG-1")
    answers = [unknown("read timeout")]
    gateway = FakeGateway(lambda _: answers.pop() if answers else None, can_tell=False)
    send(context, gateway)
    advance(context, minutes=30)
    send(context, gateway)
    assert (gateway.calls, one(context, messages).state) == (2, "accepted")


@pytest.mark.parametrize("policy", ["phone", "resend"])
def test_a_provider_that_could_not_be_asked_is_asked_again_and_decides_nothing(
    tmp_path: Path, policy: str
) -> None:
    """Its own fault at the question is no proof that it never had the text."""

    class Deaf(FakeGateway):
        async def find_sent(self, *_: object) -> SentAnswer:
            self.asked += 1
            if self.asked == 1:
                raise RuntimeError("what its author forgot")
            return SentAnswer(SentState.NO_ANSWER)

        asked = 0

    context = made(tmp_path, sending={"unknown_policy": policy})
    add_survey(context, "AG-1")
    gateway = Deaf(lost)
    send(context, gateway)
    for _ in range(3):
        advance(context, minutes=30)
        assert send(context, gateway).asked == {SentState.NO_ANSWER: 1}
    assert (gateway.calls, gateway.asked, one(context, messages).state) == (1, 3, "unknown")


def test_a_late_receipt_calls_off_a_text_that_waits_to_be_sent_again(tmp_path: Path) -> None:
    context = made(tmp_path, sending={"unknown_policy": "resend"})
    add_survey(context, "AG-1")
    gateway = FakeGateway(lost, can_tell=False)
    send(context, gateway)
    attempt = gateway.ledger[0].attempt_id
    context.clock.at = NOON  # hours are closed: it goes back to the queue and waits
    send(context, gateway)
    assert one(context, messages).state == MessageState.QUEUED
    told(context, D, attempt=attempt, provider_id="p-1")
    advance(context, hours=2)
    send(context, gateway)
    assert (gateway.calls, one(context, messages).state) == (1, "delivered")


def test_a_provider_is_not_asked_twice_within_unknown_after(context: SetContext) -> None:
    add_survey(context, "AG-1")
    gateway = FakeGateway(lost, can_tell=False)
    send(context, gateway)
    advance(context, minutes=30)
    assert send(context, gateway).asked == {SentState.CANNOT_TELL: 1}
    advance(context, minutes=29)
    assert not send(context, gateway).asked
    advance(context, minutes=1)
    assert send(context, gateway).asked == {SentState.CANNOT_TELL: 1}
