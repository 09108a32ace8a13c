"""Why a text was not delivered, and how long its receipt took: what a receipt says counts."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.gateways.port import ReceiptEvent
from survey_pipeline.inbound.mailbox import store_receipts
from survey_pipeline.stages.callbacks import queue_calls
from survey_pipeline.stages.dispatch import apply_receipts, dispatch
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import messages, opt_outs, receipts, surveys
from survey_pipeline.testing import (
    NOON,
    FakeGateway,
    SetContext,
    add_offices,
    add_survey,
    workspace,
)
from survey_pipeline.vocabulary import CallReason, Disposition, ReceiptState, RefusalReason

TEMPLATES = Path(__file__).parents[2] / "templates"
MORNING = NOON - timedelta(hours=2)
U, D = ReceiptState.UNDELIVERED, ReceiptState.DELIVERED


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    made = workspace(tmp_path, at=MORNING)
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    add_offices(made, "agency")
    return made


@pytest.fixture
def attempt(context: SetContext) -> str:
    """The attempt of one text that its gateway took."""
    add_survey(context, "AG-1")
    gateway = FakeGateway()
    dispatch(context, {"simulated": gateway})
    return gateway.ledger[0].attempt_id


def told(
    context: SetContext,
    attempt: str,
    state: ReceiptState,
    reason: RefusalReason | None = None,
    *,
    named: bool = True,
) -> None:
    event = ReceiptEvent(f"p-{attempt}", state, attempt if named else None, "30003", reason)
    with writing(context.engine) as connection:
        store_receipts(connection, "simulated", [event], context.now())
    apply_receipts(context)


def one(context: SetContext, table: Any) -> Any:
    with reading(context.engine) as connection:
        return connection.execute(select(table)).one()


def test_a_dead_number_known_by_receipt_ends_like_one_refused_at_once(
    context: SetContext, attempt: str
) -> None:
    told(context, attempt, U, RefusalReason.BAD_NUMBER)
    assert (one(context, messages).state, one(context, messages).reason) == (
        "undelivered",
        "bad_number",
    )
    survey = one(context, surveys)
    assert (survey.disposition, survey.contact_data_bad) == (Disposition.BAD_CONTACT, True)
    assert queue_calls(context).queued[CallReason.UNDELIVERED] == 1


def test_a_late_delivered_still_wins_over_a_dead_number(context: SetContext, attempt: str) -> None:
    told(context, attempt, U, RefusalReason.BAD_NUMBER)
    told(context, attempt, D)
    assert (one(context, messages).state, one(context, messages).reason) == ("delivered", None)
    survey = one(context, surveys)
    assert (survey.disposition, survey.contact_data_bad) == (Disposition.NOTHING_BACK, False)


def test_other_reasons_are_kept_and_the_text_counts_as_undelivered(
    context: SetContext, attempt: str
) -> None:
    told(context, attempt, U, RefusalReason.FILTERED)
    assert one(context, messages).reason == "filtered"
    assert one(context, receipts).reason == "filtered"
    assert one(context, surveys).disposition == Disposition.TEXT_UNDELIVERED


def test_a_receipt_that_tells_of_an_opt_out_is_one_with_us(
    context: SetContext, attempt: str
) -> None:
    told(context, attempt, U, RefusalReason.OPTED_OUT)
    assert one(context, opt_outs).gateway == "simulated"
    survey = one(context, surveys)
    assert (survey.opted_out, survey.disposition) == (True, Disposition.REFUSAL)
    assert queue_calls(context).total == 0


@pytest.mark.parametrize("named", [True, False])
def test_a_receipt_keeps_how_long_it_took_and_of_which_attempt(
    context: SetContext, attempt: str, named: bool
) -> None:
    context.clock.advance(timedelta(minutes=4, milliseconds=7))
    told(context, attempt, D, named=named)
    kept = one(context, receipts)
    assert (kept.waited, kept.attempt_id) == (240_007, attempt)
