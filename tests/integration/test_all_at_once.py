"""Senders, readers, callers, withdrawals, opt-outs and closings against each other on PostgreSQL.

Each works for a bounded number of rounds in a thread with a workspace of its own, as on hosts of
their own. Afterwards the journals, the states and the carrier's ledger tell one story.
"""

import random
import shutil
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from survey_pipeline.context import Context
from survey_pipeline.edited import shipped
from survey_pipeline.errors import CannotProceed
from survey_pipeline.gateways.port import InboundEvent, OutgoingMessage, ReceiptEvent, SendResult
from survey_pipeline.inbound.mailbox import store_inbound, store_receipts
from survey_pipeline.stages.callbacks import CallResult, log_result, next_call, queue_calls
from survey_pipeline.stages.dispatch import apply_receipts, dispatch
from survey_pipeline.stages.dispatch.outbox import Outbox, Sent
from survey_pipeline.stages.dispatch.shares import EVERYTHING
from survey_pipeline.stages.intake.withdrawing import withdraw
from survey_pipeline.stages.replies import read_inbound
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    call_attempts,
    calls,
    inbound,
    message_events,
    messages,
    opt_outs,
    surveys,
)
from survey_pipeline.survey.closing import close_due
from survey_pipeline.survey.outcome import refresh_outcomes
from survey_pipeline.testing import (
    NOON,
    FakeGateway,
    SetContext,
    add_offices,
    add_survey,
    add_text,
    reopened,
    workspace,
)
from survey_pipeline.vocabulary import (
    MAY_HAVE_GONE_OUT,
    CallOutcome,
    CallState,
    MessageState,
    Rating,
    ReceiptState,
    RecordKind,
    SendOutcome,
    SurveyState,
)

pytestmark = [
    pytest.mark.parametrize("database", ["postgresql"], indirect=True),
    pytest.mark.usefixtures("database"),
]

MORNING = NOON.replace(hour=2)  # 10:00 in Shanghai: texts and calls
MOBILES, LANDLINES, ROUNDS = 60, 20, 12
ANSWERS = (SendOutcome.NOT_SENT, SendOutcome.UNKNOWN, None, None, None)
"""What the carrier answers, by chance; None: it accepts."""


class Carrier(FakeGateway):
    """Takes texts of two senders at once, some without a word."""

    def __init__(self) -> None:
        chance = random.Random(5)
        self._lock = threading.Lock()

        def script(_message: OutgoingMessage) -> SendResult | None:
            with self._lock:
                outcome = chance.choice(ANSWERS)
            return None if outcome is None else SendResult(outcome)

        super().__init__(script)


def city(home: Path) -> SetContext:
    shutil.copytree(shipped() / "templates", home / "templates")
    context = workspace(home, at=MORNING)
    add_offices(context, "agency")
    for number in range(MOBILES + LANDLINES):
        phone = f"+86138{number:08d}" if number < MOBILES else f"+86577{number:08d}"
        closes = context.now() + timedelta(minutes=10 * (number % 40) + 5)
        add_survey(context, "AG-1", f"K-{number}", phone, closes_at=closes)
    return context


def send(context: Context, carrier: Carrier, _number: int, _chance: random.Random) -> None:
    dispatch(context, {"simulated": carrier}, ignore_hours=True)


def hear(context: Context, carrier: Carrier, _number: int, chance: random.Random) -> None:
    """Bring receipts, ratings and opt-outs for some of the texts taken so far, and read them."""
    taken = chance.sample(list(carrier.ledger), min(8, len(carrier.ledger)))
    states = (ReceiptState.DELIVERED, ReceiptState.UNDELIVERED)
    receipts = [
        ReceiptEvent(f"p-{text.attempt_id}", chance.choice(states), text.attempt_id)
        for text in taken[:5]
    ]
    words = ("1", "2", "3", "TD", "???")
    texts = [
        InboundEvent(f"in-{chance.random()}", text.to, chance.choice(words), context.now())
        for text in taken[3:]
    ]
    with writing(context.engine) as connection:
        store_receipts(connection, "simulated", receipts, context.now())
        store_inbound(connection, context.keys, "simulated", texts, context.now())
    apply_receipts(context)
    read_inbound(context)


def call(context: Context, _carrier: Carrier, number: int, chance: random.Random) -> None:
    queue_calls(context)
    by = f"caller-{chance.getrandbits(1)}"
    card = next_call(context, by).call
    if card is not None:
        results = (
            CallResult(CallOutcome.ANSWERED, Rating.SATISFIED),
            CallResult(CallOutcome.REFUSED),
            CallResult(CallOutcome.NO_ANSWER),
        )
        log_result(context, card.id, by, results[number % 3])


def take_back(context: Context, _carrier: Carrier, _number: int, chance: random.Random) -> None:
    case = f"AG-1/K-{chance.randrange(MOBILES + LANDLINES)}"
    withdraw(context, RecordKind.CASES, case, reason="a slip")


def close(context: Context, _carrier: Carrier, number: int, _chance: random.Random) -> None:
    with writing(context.engine) as connection:
        close_due(connection, context.now() + timedelta(minutes=10 * number))


Work = Callable[[Context, Carrier, int, random.Random], None]
WORKERS: tuple[Work, ...] = (send, send, hear, hear, call, call, take_back, close)


@pytest.mark.parametrize(
    ("column", "why"),
    [
        ("opted_out", "opted_out"),
        ("withdrawn", "withdrawn"),
        ("denied", "not_my_case"),
        ("closed", "survey_closed"),
        ("rated", "answered"),
    ],
)
def test_a_text_that_comes_back_to_the_queue_of_an_ended_survey_is_not_sent(
    tmp_path: Path, column: str, why: str
) -> None:
    """It was with a sender when the survey ended, so that nothing could be cancelled."""
    context = workspace(tmp_path, at=MORNING)
    add_offices(context, "agency")
    survey = add_survey(context, "AG-1", asked_at=context.now())
    add_text(context, survey, state=MessageState.QUEUED)
    outbox = Outbox(context, "simulated", "worker", None)
    (held,) = outbox.claim(EVERYTHING, 1)
    endings: dict[str, dict[str, Any]] = {
        "closed": {"state": SurveyState.CLOSED, "closed_at": context.now()},
        "rated": {"rating": Rating.NEUTRAL},
    }
    values = endings.get(column, {column: True})
    with writing(context.engine) as connection:
        connection.execute(surveys.update().where(surveys.c.id == survey).values(values))
    outbox.record([Sent(held, SendResult(SendOutcome.NOT_SENT))])
    with reading(context.engine) as connection:
        stands = connection.execute(select(messages.c.state, messages.c.reason)).one()
    assert tuple(stands) == (MessageState.FAILED, why)
    context.engine.dispose()


def at_once(home: Path, carrier: Carrier) -> list[BaseException]:
    """Let everybody work; return their faults, deadlocks too, apart from what came too late."""
    faults: list[BaseException] = []
    begin = threading.Barrier(len(WORKERS))

    def run(work: Work, seed: int) -> None:
        context, chance = reopened(home, MORNING), random.Random(seed)
        for number in range(ROUNDS):
            begin.wait(60)  # together, so that each round has everybody in it
            try:
                work(context, carrier, number, chance)
            except CannotProceed:  # another was first, and it says so
                continue
            except BaseException as error:
                faults.append(error)
        context.engine.dispose()

    threads = [threading.Thread(target=run, args=(work, seed)) for seed, work in enumerate(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def test_all_who_work_at_once_leave_one_story(tmp_path: Path) -> None:
    context, carrier = city(tmp_path), Carrier()
    assert at_once(tmp_path, carrier) == []
    texts = Counter((text.to, text.template == "reason") for text in carrier.ledger)
    assert texts
    assert max(texts.values()) == 1, "no citizen got a text twice"

    with writing(context.engine) as connection:  # what surveys hold of texts and calls
        ids = connection.scalars(select(surveys.c.id)).all()
        assert refresh_outcomes(connection, ids, context.now()) == 0
    with reading(context.engine) as connection:
        rows = connection.execute(select(messages.c.id, messages.c.state)).all()
        states = {row.id: row.state for row in rows}
        events = connection.execute(select(message_events).order_by(message_events.c.id)).all()
        stood: dict[int, str] = {}
        for event in events:
            assert stood.get(event.message_id, event.before) == event.before
            stood[event.message_id] = event.after
        assert {**states, **stood} == states

        taken = {int(text.attempt_id.rpartition(".")[2]) for text in carrier.ledger}
        wrong = {key: states[key] for key in taken if states[key] not in MAY_HAVE_GONE_OUT}
        assert wrong == {}, "what the carrier took is not said to have failed or to wait"
        went_out = {key for key, state in states.items() if state in MAY_HAVE_GONE_OUT}
        assert went_out == taken, "and nothing else is said to have gone out"

        closed = select(surveys.c.id).where(surveys.c.state == SurveyState.CLOSED)
        waiting = messages.c.survey_id.in_(closed), messages.c.state == MessageState.QUEUED
        assert connection.scalar(select(func.count()).where(*waiting)) == 0
        open_calls = calls.c.survey_id.in_(closed), calls.c.state == CallState.OPEN
        assert connection.scalar(select(func.count()).where(*open_calls)) == 0
        active = select(opt_outs.c.phone_hash).where(opt_outs.c.ended_at.is_(None))
        asked = messages.c.phone_hash.in_(active), messages.c.state == MessageState.QUEUED
        assert connection.scalar(select(func.count()).where(*asked)) == 0
        numbers = connection.execute(select(call_attempts.c.call_id, call_attempts.c.number)).all()
        assert len(numbers) == len(set(numbers)), "no attempt counts twice"
        done = [connection.scalar(select(func.count(table.c.id))) for table in (inbound, calls)]
        withdrawn = connection.scalar(select(func.count()).where(surveys.c.withdrawn))
    assert all((*done, numbers, withdrawn, len(taken))), "everybody had something to do"
    context.engine.dispose()
