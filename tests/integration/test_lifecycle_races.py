"""Two transactions that want the same row on PostgreSQL: the later one moves nothing.

(SQLite has one writer at a time: its second transaction begins after the first one ended.)
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from survey_pipeline.context import Context
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import calls, message_events, messages, survey_events, surveys
from survey_pipeline.survey.lifecycle import (
    Lease,
    add_calls,
    cancel_messages,
    claim_messages,
    end_calls,
    end_surveys,
    reopen_calls,
)
from survey_pipeline.testing import NOON, add_offices, add_survey, add_text, workspace
from survey_pipeline.vocabulary import CallEnd, CallState, MessageState, MessageWhy, SurveyEnd

pytestmark = [
    pytest.mark.parametrize("database", ["postgresql"], indirect=True),
    pytest.mark.usefixtures("database"),
]

Work = Callable[[Connection], int]


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    opened = workspace(tmp_path, at=NOON)
    add_offices(opened, "agency")
    yield opened
    opened.engine.dispose()


@pytest.fixture
def survey(context: Context) -> int:
    return add_survey(context, "AG-1")


class Rollback(Exception):
    """The first transaction changes its mind."""


def race(context: Context, first: Work, second: Work, *, commits: bool = True) -> tuple[int, int]:
    """Let the second begin when the first has done its work, and before it commits.

    The second waits for the row, or passes over it; then the first ends.
    """
    begun = threading.Event()

    def later() -> int:
        with writing(context.engine) as connection:
            begun.set()
            return second(connection)

    with ThreadPoolExecutor(1) as beside:
        try:
            with writing(context.engine) as connection:
                moved = first(connection)
                waiting = beside.submit(later)
                assert begun.wait(30)
                until_it_ends_or_waits(waiting, context)
                if not commits:
                    raise Rollback
        except Rollback:
            moved = 0
        return moved, waiting.result(30)


def until_it_ends_or_waits(work: "Future[int]", context: Context) -> None:
    waits = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    while not work.done():
        with context.engine.connect() as connection:
            if connection.scalar(waits):
                return
        time.sleep(0.005)


def claiming(context: Context, key: int, *, skip_locked: bool = True) -> Work:
    def claim(connection: Connection) -> int:
        now = context.now()
        due: Any = select(messages.c.id).where(
            messages.c.id == key, messages.c.state == MessageState.QUEUED
        )
        if skip_locked:
            due = due.with_for_update(skip_locked=True)
        lease = Lease("simulated", "w", now + timedelta(minutes=1), context.new_token())
        rows = claim_messages(connection, due, lease, now, [messages.c.id])
        return len(rows)

    return claim


def cancelling(context: Context, survey: int) -> Work:
    return lambda connection: cancel_messages(
        connection, [survey], MessageWhy.OPTED_OUT, context.now()
    )


def story(context: Context) -> tuple[list[str], list[tuple[str, str]]]:
    """The states of all texts, and the moves in their journal."""
    with reading(context.engine) as connection:
        states = connection.scalars(select(messages.c.state)).all()
        events = connection.execute(
            select(message_events.c.before, message_events.c.after).order_by(message_events.c.id)
        )
        return list(states), [(event.before, event.after) for event in events]


def test_a_text_that_a_sender_claims_is_not_cancelled(context: Context, survey: int) -> None:
    key = add_text(context, survey, state=MessageState.QUEUED)
    assert race(context, claiming(context, key), cancelling(context, survey)) == (1, 0)
    assert story(context) == (["sending"], [("queued", "sending")])


@pytest.mark.parametrize("skip_locked", [True, False])
def test_a_text_that_is_cancelled_is_not_claimed(
    context: Context, survey: int, *, skip_locked: bool
) -> None:
    """Also where the claim chose it before, and waited for the row."""
    key = add_text(context, survey, state=MessageState.QUEUED)
    claim = claiming(context, key, skip_locked=skip_locked)
    assert race(context, cancelling(context, survey), claim) == (1, 0)
    assert story(context) == (["failed"], [("queued", "failed")])


def test_a_cancellation_takes_place_if_the_claim_is_rolled_back(
    context: Context, survey: int
) -> None:
    key = add_text(context, survey, state=MessageState.QUEUED)
    claim, cancel = claiming(context, key), cancelling(context, survey)
    assert race(context, claim, cancel, commits=False) == (0, 1)
    assert story(context) == (["failed"], [("queued", "failed")])


def test_two_ends_of_a_call_are_one(context: Context, survey: int) -> None:
    now = context.now()
    row = {"reason": "landline", "priority": 0, "queued_at": now, "due_at": now, "last_at": now}
    row |= {"survey_id": survey, "attempts": 0, "extra_attempts": 0, "slots": ""}
    with writing(context.engine) as connection:
        add_calls(connection, [row])

    def ending(after: CallState, why: CallEnd) -> Work:
        return lambda connection: end_calls(
            connection, after, why, now, calls.c.survey_id == survey
        )

    used_up = ending(CallState.EXHAUSTED, CallEnd.ATTEMPTS_USED)
    closed = ending(CallState.CLOSED, CallEnd.SMS_REPLY)
    assert race(context, used_up, closed) == (1, 0)
    reopen: Work = lambda connection: reopen_calls(  # noqa: E731 - as the others above
        connection, [CallState.EXHAUSTED], calls.c.survey_id == survey
    )
    assert race(context, reopen, reopen) == (1, 0)
    assert race(context, closed, used_up) == (1, 0)
    with reading(context.engine) as connection:
        found = connection.execute(select(calls.c.state, calls.c.why)).one()
    assert tuple(found) == ("closed", "sms_reply")


def test_two_ends_of_a_survey_are_one(context: Context, survey: int) -> None:
    def ending(why: SurveyEnd) -> Work:
        return lambda connection: end_surveys(connection, [survey], why, context.now())

    both = race(context, ending(SurveyEnd.WITHDRAWN), ending(SurveyEnd.SURVEY_CLOSED))
    assert both == (1, 0)
    with reading(context.engine) as connection:
        assert connection.scalars(select(surveys.c.state)).all() == ["closed"]
        told = connection.execute(select(survey_events.c.what, survey_events.c.after)).all()
    assert [tuple(row) for row in told] == [("closed", "withdrawn")]
