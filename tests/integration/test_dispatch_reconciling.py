"""Once a day providers are asked about texts without an end; the whole life of *unknown*."""

import logging
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from survey_pipeline.cli.days import to_json
from survey_pipeline.gateways.port import (
    OutgoingMessage,
    ReceiptEvent,
    SendResult,
    SentAnswer,
    SentState,
    unknown,
)
from survey_pipeline.inbound.mailbox import store_receipts
from survey_pipeline.pipeline import run_day
from survey_pipeline.stages.callbacks import queue_calls
from survey_pipeline.stages.dispatch import (
    Reconciled,
    apply_receipts,
    dispatch,
    reconcile,
)
from survey_pipeline.stages.dispatch.provider_lookup import BATCH
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import messages, opt_outs, send_attempts, surveys
from survey_pipeline.survey.closing import close_due
from survey_pipeline.testing import (
    NOON,
    FakeGateway,
    SetContext,
    add_offices,
    add_survey,
    workspace,
)
from survey_pipeline.vocabulary import (
    CallReason,
    Disposition,
    ReceiptState,
    RefusalReason,
)

pytestmark = pytest.mark.usefixtures("database")

TEMPLATES = Path(__file__).parents[2] / "templates"
MORNING = NOON - timedelta(hours=2)
ABSENT = SentAnswer(SentState.ABSENT)
CANNOT_TELL = SentAnswer(SentState.CANNOT_TELL)


def found(state: ReceiptState | None = None, reason: RefusalReason | None = None) -> SentAnswer:
    return SentAnswer(SentState.FOUND, "p-1", state, reason)


class Asked(FakeGateway):
    """A gateway that answers questions as a test says, and keeps what it was asked."""

    def __init__(
        self,
        answer: SentAnswer,
        script: Callable[[OutgoingMessage], SendResult | None] | None = None,
        *,
        label: str = "simulated",
    ) -> None:
        super().__init__(script, label=label)
        self.answer = answer
        self.questions: list[tuple[str, datetime, str | None]] = []

    async def find_sent(
        self, message: OutgoingMessage, since: datetime, provider_id: str | None = None
    ) -> SentAnswer:
        self.questions.append((message.attempt_id, since, provider_id))
        return self.answer


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    made = workspace(tmp_path, at=MORNING)
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    add_offices(made, "agency")
    return made


def sent(context: SetContext, gateway: Asked, number: int = 1) -> None:
    """Send so many texts, and let `unknown_after` pass."""
    for key in range(number):
        add_survey(context, "AG-1", f"K-{key}", f"+86139{key:08d}")
    dispatch(context, {gateway.label: gateway})
    advance(context, minutes=30)


def advance(context: SetContext, **by: float) -> None:
    context.clock.advance(timedelta(**by))


def asks(context: SetContext, *gateways: Asked) -> Reconciled:
    return reconcile(context, {one.label: one for one in gateways})


def one(context: SetContext, table: Any) -> Any:
    with reading(context.engine) as connection:
        return connection.execute(select(table)).one()


def lost(_: OutgoingMessage) -> SendResult:
    return unknown("read timeout")


@pytest.mark.parametrize(
    ("state", "ends"),
    [(ReceiptState.DELIVERED, "delivered"), (ReceiptState.UNDELIVERED, "undelivered")],
)
def test_a_text_whose_receipt_was_lost_moves_on_by_the_providers_word(
    context: SetContext, state: ReceiptState, ends: str
) -> None:
    gateway = Asked(found(state))
    sent(context, gateway)
    assert asks(context, gateway) == Reconciled(asked=1, settled=1)
    attempt = gateway.ledger[0].attempt_id
    assert gateway.questions == [(attempt, MORNING, f"p-{attempt}")]
    assert one(context, messages).state == ends
    assert asks(context, gateway) == Reconciled()


def test_a_providers_reason_counts_as_a_receipts(context: SetContext) -> None:
    gateway = Asked(found(ReceiptState.UNDELIVERED, RefusalReason.BAD_NUMBER))
    sent(context, gateway)
    asks(context, gateway)
    assert one(context, messages).reason == "bad_number"
    assert one(context, surveys).disposition == Disposition.BAD_CONTACT


def test_an_opt_out_that_the_provider_tells_of_is_one_with_us(context: SetContext) -> None:
    gateway = Asked(found(ReceiptState.UNDELIVERED, RefusalReason.OPTED_OUT))
    sent(context, gateway)
    asks(context, gateway)
    assert one(context, opt_outs).ended_at is None
    assert queue_calls(context).total == 0


@pytest.mark.parametrize("answer", [found(), found(ReceiptState.ACCEPTED), CANNOT_TELL])
def test_an_answer_without_an_end_moves_nothing(context: SetContext, answer: SentAnswer) -> None:
    gateway = Asked(answer)
    sent(context, gateway)
    assert asks(context, gateway) == Reconciled(asked=1)
    assert one(context, messages).state == "accepted"


def test_what_a_provider_has_lost_stays_as_it_is_and_the_log_says_how_many(
    context: SetContext, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = Asked(ABSENT)
    sent(context, gateway, 3)
    assert asks(context, gateway) == Reconciled(asked=3, lost=3)
    (record,) = [one for one in caplog.records if one.levelno == logging.WARNING]
    assert (record.action, record.gateway, record.count) == (  # type: ignore[attr-defined] # logged as extra
        "provider_lost_message",
        "simulated",
        3,
    )
    dispatch(context, {"simulated": gateway})
    assert gateway.calls == 3


def test_texts_too_young_too_old_ended_or_just_asked_about_are_left_alone(
    context: SetContext,
) -> None:
    gateway = Asked(found())
    sent(context, gateway)
    context.clock.at = MORNING + timedelta(minutes=29)
    assert asks(context, gateway) == Reconciled()
    context.clock.at = MORNING + timedelta(minutes=30)
    assert asks(context, gateway).asked == 1
    advance(context, minutes=29)
    assert asks(context, gateway) == Reconciled()
    advance(context, minutes=1)
    assert asks(context, gateway).asked == 1
    context.clock.at = MORNING + timedelta(days=7)
    assert asks(context, gateway).asked == 1
    context.clock.at = MORNING + timedelta(days=7, seconds=1)
    with writing(context.engine) as connection:
        connection.execute(update(messages).values(looked_up_at=None))
    assert asks(context, gateway) == Reconciled()


def test_a_text_held_as_long_as_may_be_is_asked_about_for_seven_days_too(
    context: SetContext,
) -> None:
    context.clock.at = NOON  # hours are closed: it waits
    gateway = Asked(found())
    add_survey(context, "AG-1")
    dispatch(context, {"simulated": gateway})
    advance(context, days=2, hours=23)
    dispatch(context, {"simulated": gateway}, ignore_hours=True)
    assert one(context, messages).state == "accepted"
    context.clock.at = one(context, send_attempts).started_at + timedelta(days=7)
    assert asks(context, gateway).asked == 1


def test_texts_are_asked_about_and_settled_in_batches(context: SetContext) -> None:
    class Breaks(Asked):
        """Fails as no gateway should when the second batch begins."""

        async def __aenter__(self) -> "Breaks":
            if len(self.questions) >= BATCH:
                raise RuntimeError("no more")
            return self

    gateway = Asked(found(ReceiptState.DELIVERED))
    sent(context, gateway, BATCH + 20)
    breaking = Breaks(found(ReceiptState.DELIVERED))
    with pytest.raises(RuntimeError):
        asks(context, breaking)
    assert asks(context, gateway) == Reconciled(asked=20, settled=20)


def test_a_provider_that_can_tell_nothing_is_not_asked_about_all(context: SetContext) -> None:
    gateway = Asked(CANNOT_TELL)
    sent(context, gateway, BATCH + 20)
    assert asks(context, gateway) == Reconciled(asked=BATCH)


def test_each_provider_is_asked_about_its_own_alone(context: SetContext) -> None:
    first, second = Asked(found(), label="a"), Asked(found(), label="b")
    for key in range(40):
        add_survey(context, "AG-1", f"K-{key}", f"+86139{key:08d}")
    dispatch(context, {"a": first, "b": second})
    advance(context, minutes=30)
    assert asks(context, first, second).asked == 40
    for gateway in (first, second):
        mine = {one.attempt_id for one in gateway.ledger}
        assert {question[0] for question in gateway.questions} == mine


def test_a_text_unknown_when_its_survey_closed_is_found_and_never_sent_again(
    context: SetContext,
) -> None:
    gateway = Asked(CANNOT_TELL, lost)
    sent(context, gateway)
    with writing(context.engine) as connection:
        connection.execute(update(surveys).values(closes_at=context.now()))
        close_due(connection, context.now())
    gateway.answer = ABSENT
    assert asks(context, gateway).asked == 1
    assert one(context, messages).state == "unknown"
    advance(context, minutes=30)
    gateway.answer = found(ReceiptState.DELIVERED)
    assert asks(context, gateway).settled == 1
    dispatch(context, {"simulated": gateway})
    assert (one(context, messages).state, gateway.calls) == ("delivered", 1)


def test_the_daily_run_reconciles(context: SetContext) -> None:
    gateway = Asked(found(ReceiptState.DELIVERED))
    sent(context, gateway)
    advance(context, days=1)
    report = run_day(context, {"simulated": gateway}, context.today())
    assert report.reconciled == Reconciled(asked=1, settled=1)
    assert to_json(report)["reconciled"] == {"asked": 1, "settled": 1, "lost": 0}


def told(context: SetContext, attempt: str) -> None:
    event = ReceiptEvent(f"p-{attempt}", ReceiptState.DELIVERED, attempt)
    with writing(context.engine) as connection:
        store_receipts(connection, "simulated", [event], context.now())
    apply_receipts(context)


def test_unknown_then_shown_absent_then_delivered_by_a_late_receipt_is_not_sent_again(
    context: SetContext,
) -> None:
    context.clock.at = MORNING + timedelta(hours=1, minutes=45)
    gateway = Asked(ABSENT, lost)
    add_survey(context, "AG-1")
    dispatch(context, {"simulated": gateway})
    advance(context, minutes=30)  # 12:15: hours are closed
    assert dispatch(context, {"simulated": gateway}).asked == {SentState.ABSENT: 1}
    assert one(context, messages).state == "queued"
    told(context, gateway.ledger[0].attempt_id)
    advance(context, hours=2)
    dispatch(context, {"simulated": gateway})
    assert (gateway.calls, one(context, messages).state) == (1, "delivered")
    assert queue_calls(context).total == 0


def test_unknown_that_nobody_can_tell_becomes_a_call_until_a_receipt_takes_it_back(
    context: SetContext,
) -> None:
    gateway = Asked(CANNOT_TELL, lost)
    sent(context, gateway)
    dispatch(context, {"simulated": gateway})
    assert queue_calls(context).queued[CallReason.UNDELIVERED] == 1
    told(context, gateway.ledger[0].attempt_id)
    assert queue_calls(context).not_needed == 1
    assert gateway.calls == 1
