"""What counts for a gateway's health, and that counting it stays cheap."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from survey_pipeline.context import Context
from survey_pipeline.stages.dispatch.gateway_figures import recent_figures
from survey_pipeline.stages.dispatch.gateway_health import GatewayFigures
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import receipts, send_attempts
from survey_pipeline.testing import NOON, add_offices, add_survey, add_text, workspace
from survey_pipeline.vocabulary import ReceiptState, RefusalReason, SendOutcome

pytestmark = pytest.mark.usefixtures("database")

A, U, D = ReceiptState.ACCEPTED, ReceiptState.UNDELIVERED, ReceiptState.DELIVERED
TEN = timedelta(minutes=10)
Attempt = Callable[..., str]


@pytest.fixture
def context(tmp_path: Path) -> Context:
    made = workspace(tmp_path)
    add_offices(made, "agency")
    return made


@pytest.fixture
def attempt(context: Context) -> Attempt:
    """A function that puts one attempt of gateway `a` on record and returns its id."""
    message, numbers = add_text(context, add_survey(context, "AG-1")), count()

    def put(
        outcome: SendOutcome | None,
        reason: str | None = None,
        started_at: datetime = NOON,
        gateway: str = "a",
    ) -> str:
        key = f"attempt-{next(numbers)}"
        row = {
            "id": key,
            "message_id": message,
            "gateway": gateway,
            "started_at": started_at,
            "ended_at": started_at if outcome else None,
            "outcome": outcome,
            "reason": reason,
        }
        with writing(context.engine) as connection:
            connection.execute(send_attempts.insert().values(**row))
        return key

    return put


def receipt(
    context: Context,
    attempt: str,
    state: ReceiptState,
    reason: RefusalReason | None = None,
    waited: int | None = 1000,
    received_at: datetime = NOON,
) -> None:
    row = {
        "gateway": "a",
        "provider_id": f"p-{attempt}",
        "attempt_id": attempt,
        "state": state,
        "reason": reason,
        "received_at": received_at,
        "waited": waited,
    }
    with writing(context.engine) as connection:
        connection.execute(receipts.insert().values(**row))


def figures(context: Context) -> GatewayFigures:
    with reading(context.engine) as connection:
        found = recent_figures(connection, context.settings, NOON)
    return found.get("a", GatewayFigures())


@pytest.mark.parametrize(
    ("outcome", "reason", "counts"),
    [
        (SendOutcome.ACCEPTED, None, GatewayFigures(attempts=1)),
        (SendOutcome.NOT_SENT, None, GatewayFigures(attempts=1, failed=1)),
        (SendOutcome.NOT_SENT, "not_handed_over", GatewayFigures()),
        (SendOutcome.UNKNOWN, None, GatewayFigures(attempts=1, failed=1)),
        (SendOutcome.THROTTLED, None, GatewayFigures()),
        (SendOutcome.REFUSED, RefusalReason.FILTERED, GatewayFigures(attempts=1, failed=1)),
        (SendOutcome.REFUSED, RefusalReason.CONFIGURATION, GatewayFigures(attempts=1, failed=1)),
        (SendOutcome.REFUSED, RefusalReason.OTHER, GatewayFigures(attempts=1, failed=1)),
        (SendOutcome.REFUSED, RefusalReason.BAD_NUMBER, GatewayFigures(attempts=1)),
        (SendOutcome.REFUSED, RefusalReason.OPTED_OUT, GatewayFigures(attempts=1)),
        (SendOutcome.REFUSED, RefusalReason.TOO_LONG, GatewayFigures(attempts=1)),
        (None, None, GatewayFigures()),
    ],
)
def test_an_attempt_counts_by_its_outcome_and_reason(
    context: Context,
    attempt: Attempt,
    outcome: SendOutcome | None,
    reason: str | None,
    counts: GatewayFigures,
) -> None:
    attempt(outcome, reason)
    assert figures(context) == counts


def test_an_attempt_without_an_outcome_has_failed_once_its_lease_ran_out(
    context: Context, attempt: Attempt
) -> None:
    attempt(None, started_at=NOON - timedelta(seconds=59))
    assert figures(context) == GatewayFigures()
    attempt(None, started_at=NOON - timedelta(seconds=60))
    assert figures(context) == GatewayFigures(attempts=1, failed=1)


def test_only_the_last_ten_minutes_count(context: Context, attempt: Attempt) -> None:
    before = NOON - TEN - timedelta(seconds=1)
    old = attempt(SendOutcome.UNKNOWN, started_at=before)
    receipt(context, old, D, received_at=before)
    new = attempt(SendOutcome.UNKNOWN, started_at=NOON - TEN)
    receipt(context, new, D, received_at=NOON - TEN)
    assert figures(context) == GatewayFigures(attempts=1, failed=1, receipts=1)


def test_each_gateway_has_figures_of_its_own(context: Context, attempt: Attempt) -> None:
    attempt(SendOutcome.ACCEPTED)
    attempt(SendOutcome.UNKNOWN, gateway="b")
    with reading(context.engine) as connection:
        assert recent_figures(connection, context.settings, NOON) == {
            "a": GatewayFigures(attempts=1),
            "b": GatewayFigures(attempts=1, failed=1),
        }


@pytest.mark.parametrize("reason", list(RefusalReason))
def test_an_accepted_text_given_up_for_the_gateways_own_reasons_has_failed(
    context: Context, attempt: Attempt, reason: RefusalReason
) -> None:
    receipt(context, attempt(SendOutcome.ACCEPTED), U, reason)
    own = reason in {RefusalReason.FILTERED, RefusalReason.CONFIGURATION, RefusalReason.OTHER}
    assert figures(context) == GatewayFigures(attempts=1, failed=int(own), receipts=1)


def test_an_attempt_fails_once_and_an_old_one_no_more(context: Context, attempt: Attempt) -> None:
    receipt(context, attempt(SendOutcome.UNKNOWN), U, RefusalReason.OTHER)
    old = attempt(SendOutcome.ACCEPTED, started_at=NOON - TEN - timedelta(seconds=1))
    receipt(context, old, U, RefusalReason.OTHER)
    assert figures(context) == GatewayFigures(attempts=1, failed=1, receipts=2)


@pytest.mark.parametrize(
    ("state", "waited", "counts"),
    [
        (D, 240_000, (1, 0)),
        (D, 240_001, (1, 1)),
        (U, 240_001, (1, 1)),
        (A, 240_001, (0, 0)),  # not every provider sends intermediate ones
        (D, None, (0, 0)),  # it speaks of no attempt of ours
    ],
)
def test_a_receipt_is_late_after_more_than_four_minutes(
    context: Context,
    attempt: Attempt,
    state: ReceiptState,
    waited: int | None,
    counts: tuple[int, int],
) -> None:
    receipt(context, attempt(SendOutcome.ACCEPTED), state, waited=waited)
    found = figures(context)
    assert (found.receipts, found.late) == counts


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # it reads SQLite's plan
def test_both_queries_read_the_rows_of_the_window_alone(context: Context) -> None:
    asked: list[tuple[str, Any]] = []

    @event.listens_for(context.engine, "before_cursor_execute")
    def note(_c: object, _k: object, statement: str, parameters: object, *_: object) -> None:
        asked.append((statement, parameters))

    figures(context)
    event.remove(context.engine, "before_cursor_execute", note)
    with reading(context.engine) as connection:
        plans = [
            connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            for statement, parameters in asked
            if statement.startswith(("SELECT send_attempts", "SELECT receipts"))
        ]
    first = [plan[0].detail for plan in plans]
    assert first == [
        "SEARCH send_attempts USING INDEX ix_send_attempts_started_at (started_at>?)",
        "SEARCH receipts USING INDEX ix_receipts_received (received_at>?)",
    ]
