"""When a call is due: the first attempt, the retries, appointments. Pure: no database, no clock.

Source: specification, section 7.2. Every due time lies in calling hours of a working day, before
the survey's last moment; the plan's waits come one after the other, the first retry included.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from survey_pipeline.calendar import Calendar
from survey_pipeline.notation import Hours
from survey_pipeline.settings import Callbacks
from survey_pipeline.stages.callbacks.retry_waits import APPOINTMENT, EXTRA_ATTEMPTS, WAITS
from survey_pipeline.stages.callbacks.slots import coming_parts, parts_of_day
from survey_pipeline.vocabulary import RETRIED, CallOutcome


@dataclass(frozen=True)
class Appointment:
    """A time the citizen asked for, within calling hours."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Made:
    """Where a call stands after an attempt."""

    attempts: int
    """Attempts made, the present one included."""
    extra_attempts: int
    """Attempts that appointments had added before this one."""
    slots: str
    """The parts of the day tried, one letter an attempt, the present one included."""
    last_at: datetime
    """The survey's last moment."""


@dataclass(frozen=True)
class Next:
    """What becomes of the call: another attempt at `due_at`, or none."""

    due_at: datetime | None = None
    appointment: Appointment | None = None
    extra_attempts: int = 0
    exhausted: bool = False
    """All attempts are used; otherwise, without `due_at`, no time is left."""


def may_appoint(attempts: int, most: int, extra: int) -> bool:
    """Return whether an appointment can still be kept after so many attempts.

    Args:
        attempts: attempts made, the present one included.
        most: `callbacks.max_attempts`.
        extra: attempts that appointments have added.
    """
    return attempts < most + extra or extra < EXTRA_ATTEMPTS


@dataclass(frozen=True)
class CallPlan:
    """The calling rules of one workspace."""

    settings: Callbacks
    calendar: Calendar

    @property
    def hours(self) -> Sequence[Hours]:
        """The windows of the calling day."""
        return self.settings.hours

    def is_open(self, moment: datetime) -> bool:
        """Return whether calls may be made at a moment."""
        return self.calendar.is_open(moment, self.hours, working_days=True)

    def next_open(self, moment: datetime) -> datetime:
        """Return the first moment from `moment` on at which calls may be made."""
        return self.calendar.next_open(moment, self.hours, working_days=True)

    def first_due(self, queued_at: datetime) -> datetime:
        """Return when a call queued now is due."""
        return self.next_open(queued_at + self.settings.plan[0])

    def planned_wait(self, attempts_made: int) -> timedelta:
        """Return the plan's wait before the next attempt; its last entry repeats."""
        return self.settings.plan[min(attempts_made, len(self.settings.plan) - 1)]

    def appointment(self, asked_for: datetime) -> Appointment:
        """Return the appointment for a time asked for: moved into calling hours where needed."""
        start = self.next_open(asked_for)
        day = self.calendar.day(start)
        ends = (self.calendar.at(day, window.end) for window in self.hours)
        return Appointment(start, min(start + APPOINTMENT, *(end for end in ends if end > start)))

    def after(
        self, outcome: CallOutcome, made: Made, now: datetime, again_at: datetime | None = None
    ) -> Next:
        """Return what follows an attempt that did not end the calling.

        Args:
            outcome: one of `RETRIED`, or `again`.
            made: where the call stands, this attempt included.
            now: when the attempt was logged.
            again_at: for `again`, the time asked for; none where no time before the end suits.
        """
        allowed = self.settings.max_attempts + made.extra_attempts
        if outcome is CallOutcome.AGAIN:
            return self._appointed(made, again_at)
        if outcome not in RETRIED or made.attempts >= allowed:
            return Next(extra_attempts=made.extra_attempts, exhausted=True)
        return Next(self._retry(outcome, made, now), extra_attempts=made.extra_attempts)

    def _appointed(self, made: Made, again_at: datetime | None) -> Next:
        most, extra = self.settings.max_attempts, made.extra_attempts
        if again_at is None:
            return Next(extra_attempts=extra)
        if not may_appoint(made.attempts, most, extra):
            return Next(extra_attempts=extra, exhausted=True)
        appointment = self.appointment(again_at)
        if appointment.start >= made.last_at:
            return Next(extra_attempts=extra)
        adds = made.attempts >= most + extra
        return Next(appointment.start, appointment, extra + adds)

    def _retry(self, outcome: CallOutcome, made: Made, now: datetime) -> datetime | None:
        wait = WAITS[outcome]
        earliest = self.next_open(now + wait.applied_to(self.planned_wait(made.attempts)))
        if earliest >= made.last_at:
            return None
        if not wait.another_part:
            return earliest
        coming = coming_parts(earliest, parts_of_day(self.hours), self.calendar)
        in_time = [(at, part) for at, part in coming if at < made.last_at]
        return min(in_time, key=lambda item: (made.slots.count(item[1].letter), item[0]))[0]
