"""When calls are due: from section 7 of the specification, whatever the sequence of outcomes."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.calendar import Calendar
from survey_pipeline.notation import Hours
from survey_pipeline.settings import Callbacks
from survey_pipeline.stages.callbacks.call_plan import CallPlan, Made, Next
from survey_pipeline.stages.callbacks.retry_waits import EXTRA_ATTEMPTS, WAITS
from survey_pipeline.stages.callbacks.slots import coming_parts, part_at, parts_of_day
from survey_pipeline.vocabulary import RETRIED, CallOutcome

SHANGHAI = Calendar(ZoneInfo("Asia/Shanghai"))
SHIPPED = CallPlan(Callbacks(), SHANGHAI)
FAR = datetime(2023, 6, 30, tzinfo=UTC)


def at(clock: str, day: int = 8) -> datetime:
    """A moment in May 2023, local time; the 8th is a Monday, no holiday comes before 22 June."""
    return SHANGHAI.at(date(2023, 5, day), time.fromisoformat(clock))


def after(outcome: CallOutcome, now: datetime, tried: str = "a", **values: Any) -> Next:
    made = Made(
        **{"attempts": len(tried), "extra_attempts": 0, "slots": tried, "last_at": FAR, **values}
    )
    return SHIPPED.after(outcome, made, now)


def test_the_shipped_hours_make_four_parts() -> None:
    assert [(part.letter, f"{part.start:%H:%M}", f"{part.end:%H:%M}") for part in
            parts_of_day(SHIPPED.hours)] == [
        ("a", "09:00", "10:30"), ("b", "10:30", "12:00"), ("c", "14:00", "15:45"),
        ("d", "15:45", "17:30"),
    ]  # fmt: skip


def test_a_short_window_is_one_part() -> None:
    assert len(parts_of_day([Hours(time(9), time(11))])) == 1


@pytest.mark.parametrize(
    ("clock", "letter"),
    [
        ("09:00", "a"),
        ("10:29", "a"),
        ("10:30", "b"),
        ("13:00", "b"),
        ("17:45", "d"),
        ("07:00", "a"),
    ],
)
def test_a_moment_has_its_part(clock: str, letter: str) -> None:
    assert part_at(at(clock), parts_of_day(SHIPPED.hours), SHANGHAI).letter == letter


def test_every_part_comes_once_and_soonest_first() -> None:
    coming = coming_parts(at("15:00", 12), parts_of_day(SHIPPED.hours), SHANGHAI)
    assert [(moment, part.letter) for moment, part in coming] == [
        (at("15:00", 12), "c"),
        (at("15:45", 12), "d"),
        (at("09:00", 15), "a"),
        (at("10:30", 15), "b"),
    ]


def test_the_first_attempt_is_due_at_once_within_hours() -> None:
    assert SHIPPED.first_due(at("10:07")) == at("10:07")


@pytest.mark.parametrize(("clock", "day", "due", "due_day"), [
    ("12:00", 8, "14:00", 8), ("17:30", 8, "09:00", 9), ("16:00", 13, "09:00", 15),
])  # fmt: skip
def test_outside_hours_the_first_attempt_waits(
    clock: str, day: int, due: str, due_day: int
) -> None:
    assert SHIPPED.first_due(at(clock, day)) == at(due, due_day)


def test_the_first_retry_has_the_second_wait_of_the_plan() -> None:
    plan = CallPlan(Callbacks(plan="0h 5h 1d"), SHANGHAI)
    assert [plan.planned_wait(made) for made in (0, 1, 2, 3)] == [
        timedelta(0), timedelta(hours=5), timedelta(days=1), timedelta(days=1),
    ]  # fmt: skip


def test_no_answer_is_tried_four_hours_later_in_another_part() -> None:
    assert after(CallOutcome.NO_ANSWER, at("10:00")).due_at == at("14:00")


def test_the_third_attempt_waits_a_day_and_finds_an_unused_part() -> None:
    assert after(CallOutcome.NO_ANSWER, at("14:10"), "ac").due_at == at("15:45", 9)


def test_busy_is_tried_half_an_hour_later_whatever_the_part() -> None:
    assert after(CallOutcome.BUSY, at("09:10")).due_at == at("09:40")


def test_busy_just_before_noon_waits_for_the_afternoon() -> None:
    assert after(CallOutcome.BUSY, at("11:50")).due_at == at("14:00")


def test_all_attempts_used_is_the_end() -> None:
    assert after(CallOutcome.NO_ANSWER, at("14:10"), "abc") == Next(exhausted=True)


def test_no_time_left_is_another_end() -> None:
    coming = after(CallOutcome.NO_ANSWER, at("10:00"), last_at=at("14:00"))
    assert coming == Next()


def test_a_part_after_the_last_moment_is_not_waited_for() -> None:
    tried_in_the_afternoon = after(CallOutcome.NO_ANSWER, at("14:10"), "cb", last_at=at("15:00", 9))
    assert tried_in_the_afternoon.due_at == at("14:10", 9)


def test_an_appointment_may_add_one_attempt_and_not_two() -> None:
    made = Made(3, 0, "abc", FAR)
    first = SHIPPED.after(CallOutcome.AGAIN, made, at("15:00"), at("16:00"))
    assert (first.due_at, first.extra_attempts) == (at("16:00"), 1)
    again = SHIPPED.after(CallOutcome.AGAIN, Made(4, 1, "abcd", FAR), at("16:00"), at("17:00"))
    assert again.exhausted


def test_an_appointment_with_attempts_left_adds_none() -> None:
    coming = SHIPPED.after(CallOutcome.AGAIN, Made(1, 0, "a", FAR), at("10:00"), at("11:00"))
    assert (coming.due_at, coming.extra_attempts) == (at("11:00"), 0)


@pytest.mark.parametrize(("asked", "start", "end"), [
    ("10:00", "10:00", "10:30"), ("12:30", "14:00", "14:30"), ("11:50", "11:50", "12:00"),
])  # fmt: skip
def test_an_appointment_lies_in_hours(asked: str, start: str, end: str) -> None:
    found = SHIPPED.appointment(at(asked))
    assert (found.start, found.end) == (at(start), at(end))


def test_every_outcome_that_goes_on_has_a_wait() -> None:
    assert set(WAITS) == RETRIED


@dataclass
class Life:
    """One call from its queueing to its end, driven by what callers log."""

    schedule: CallPlan
    last_at: datetime
    due_at: datetime | None
    attempts: int = 0
    extra: int = 0
    slots: str = ""
    made_at: list[datetime] = field(default_factory=list)
    waits: list[tuple[CallOutcome, datetime, datetime]] = field(default_factory=list)

    def make(self, outcome: CallOutcome, delay: timedelta, ask: timedelta) -> None:
        """Make the attempt that is due, `delay` late, as soon as calls may be made again."""
        now = self.schedule.next_open((self.due_at or self.last_at) + delay)
        if now >= self.last_at:
            self.due_at = None
            return
        self.made_at.append(now)
        self.attempts += 1
        parts = parts_of_day(self.schedule.hours)
        self.slots += part_at(now, parts, self.schedule.calendar).letter
        made = Made(self.attempts, self.extra, self.slots, self.last_at)
        again_at = now + ask if outcome is CallOutcome.AGAIN else None
        coming = self.schedule.after(outcome, made, now, again_at)
        self.due_at, self.extra = coming.due_at, coming.extra_attempts
        if coming.due_at and outcome in RETRIED:
            self.waits.append((outcome, now, coming.due_at))


windows = st.sampled_from([
    ("09:00-12:00", "14:00-17:30"), ("08:30-11:30",), ("09:00-10:00", "12:00-12:30", "18:00-21:00"),
])  # fmt: skip
minutes = st.integers(0, 3 * 24 * 60).map(lambda count: timedelta(minutes=count))
steps = st.lists(
    st.tuples(
        st.sampled_from([*RETRIED, CallOutcome.AGAIN]),
        minutes,
        minutes.filter(lambda wait: wait > timedelta(0)),
    ),
    max_size=9,
)


@given(
    hours=windows,
    plan=st.sampled_from(["0h 4h 1d", "1h", "0h 30m 2h 3d"]),
    most=st.integers(1, 5),
    queued=st.datetimes(datetime(2023, 4, 20), datetime(2023, 10, 10), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants naive bounds
    days=st.integers(1, 15),
    steps=steps,
)
def test_whatever_callers_log_the_rules_of_the_plan_hold(
    hours: tuple[str, ...],
    plan: str,
    most: int,
    queued: datetime,
    days: int,
    steps: list[tuple[CallOutcome, timedelta, timedelta]],
) -> None:
    schedule = CallPlan(Callbacks(hours=hours, plan=plan, max_attempts=most), SHANGHAI)
    life = Life(schedule, queued + timedelta(days=days), schedule.first_due(queued))
    for step in steps:
        if life.due_at is not None:
            assert schedule.is_open(life.due_at)
            assert life.due_at < life.last_at or not life.made_at
            life.make(*step)
    assert life.attempts <= most + EXTRA_ATTEMPTS
    assert life.attempts <= most + life.extra
    assert all(moment < life.last_at for moment in life.made_at)
    for outcome, made, due in life.waits:
        planned = schedule.settings.plan[min(life.made_at.index(made) + 1, len(plan.split()) - 1)]
        if outcome is CallOutcome.BUSY:
            assert due == schedule.next_open(made + min(planned, timedelta(minutes=30)))
        else:
            earliest = schedule.next_open(made + max(planned, timedelta(hours=4)))
            parts = parts_of_day(schedule.hours)
            assert due in [moment for moment, _ in coming_parts(earliest, parts, SHANGHAI)]
