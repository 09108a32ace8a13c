"""Which calls and texts are in hand, and which attempts count: each question has one answer."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import select, update

from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.context import Context
from survey_pipeline.reports.day_course import read_day_course
from survey_pipeline.stages.callbacks import (
    CallResult,
    log_result,
    next_call,
    queue_calls,
    undo_attempt,
)
from survey_pipeline.stages.callbacks.capacity import made_on
from survey_pipeline.stages.callbacks.desk_view import made_today
from survey_pipeline.stages.callbacks.queueing import schedule_of
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import call_attempts, calls, messages
from survey_pipeline.survey.leases import held, held_by, is_held, sender_silent, unheld
from survey_pipeline.survey.undone import counted_between, counted_on
from survey_pipeline.testing import NOON, add_offices, add_survey, add_text, workspace
from survey_pipeline.vocabulary import CallOutcome, MessageState

pytestmark = pytest.mark.usefixtures("database")

PACKAGE = Path(__file__).parents[2] / "survey_pipeline"
LANDLINE = "+8657788886666"
SECOND = timedelta(seconds=1)


class Lease(NamedTuple):
    lease_until: datetime | None


@pytest.fixture
def context(tmp_path: Path) -> Context:
    made = workspace(tmp_path, at=NOON - timedelta(hours=2))
    add_offices(made, "agency")
    add_survey(made, "AG-1", "L-1", LANDLINE)
    queue_calls(made)
    return made


@pytest.mark.parametrize(
    ("ends_in", "in_hand"), [(None, False), (-SECOND, False), (0 * SECOND, False), (SECOND, True)]
)
def test_a_call_is_in_hand_until_its_lease_ends(
    context: Context, ends_in: timedelta | None, in_hand: bool
) -> None:
    now = context.now()
    until = None if ends_in is None else now + ends_in
    with writing(context.engine) as connection:
        connection.execute(update(calls).values(lease_by="li", lease_until=until))
        found = [
            bool(connection.scalars(select(calls.c.id).where(condition)).all())
            for condition in (held(now), held_by("li", now), ~unheld(now), held_by("wang", now))
        ]
    assert found == [in_hand, in_hand, in_hand, False]
    assert is_held(Lease(until), now) is in_hand


@pytest.mark.parametrize(("ends_in", "silent"), [(-SECOND, 1), (0 * SECOND, 1), (SECOND, 0)])
def test_a_sender_is_silent_once_its_lease_has_ended(
    context: Context, ends_in: timedelta, silent: int
) -> None:
    survey = add_survey(context, "AG-1", "M-1")
    add_text(context, survey)
    now = context.now()
    for state in (MessageState.SENDING, MessageState.QUEUED):
        with writing(context.engine) as connection:
            connection.execute(update(messages).values(state=state, lease_until=now + ends_in))
            found = connection.scalars(select(messages.c.id).where(sender_silent(now))).all()
        assert len(found) == (silent if state is MessageState.SENDING else 0)


def counts(context: Context) -> list[int]:
    """Today's attempts, as the desk, the capacity and the day's course count them."""
    with reading(context.engine) as connection:
        made = made_on(connection, schedule_of(context), context.today())
    course = read_day_course(context, context.today())
    return [made_today(context, "li"), made, course.activity.calls]


def test_every_view_counts_the_same_attempts(context: Context) -> None:
    assert counts(context) == [0, 0, 0]
    call = next_call(context, "li").call
    assert call is not None
    log_result(context, call.id, "li", CallResult(CallOutcome.BUSY))
    assert counts(context) == [1, 1, 1]
    undo_attempt(context, call.id, "li")
    assert counts(context) == [0, 0, 0]


def test_an_attempt_counts_on_its_local_day(context: Context) -> None:
    call = next_call(context, "li").call
    assert call is not None
    log_result(context, call.id, "li", CallResult(CallOutcome.BUSY))
    today = context.today()
    midnight = context.calendar.end_of(today - ONE_DAY)
    for logged_at, days in (
        (midnight - SECOND, [today - ONE_DAY]),
        (midnight, [today]),
        (midnight + ONE_DAY - SECOND, [today]),
        (midnight + ONE_DAY, [today + ONE_DAY]),
    ):
        with writing(context.engine) as connection:
            connection.execute(update(call_attempts).values(logged_at=logged_at))
            found = [
                day
                for day in (today - ONE_DAY, today, today + ONE_DAY)
                if connection.scalar(
                    select(call_attempts.c.id).where(counted_on(context.calendar, day))
                )
            ]
            within = counted_between(logged_at, logged_at + SECOND)
            assert connection.scalar(select(call_attempts.c.id).where(within))
        assert found == days


def test_no_other_file_compares_the_end_of_a_call_s_lease() -> None:
    compares = re.compile(r"\b(?:calls|messages|call|row)(?:\.c)?\.lease_until (?:[<>]=?) ")
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if compares.search(path.read_text("utf-8"))
    }
    assert found == {"survey/leases.py"}
