"""Which attempts to call count: all but those that their caller took back at once.

An attempt is never deleted or changed. A caller may take
one back within a minute (`stages.callbacks.undoing`): a row in another table records it, and every
count of attempts, or of what was heard in them, leaves it out by these conditions.
"""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, select

from survey_pipeline.calendar import ONE_DAY, Calendar
from survey_pipeline.store.tables import answers, call_attempts, undone_attempts


def counted_on(calendar: Calendar, day: date) -> ColumnElement[bool]:
    """Return the condition that an attempt was logged on a day, in local time, and counts."""
    return counted_between(calendar.end_of(day - ONE_DAY), calendar.end_of(day))


def counted_between(begin: datetime, end: datetime) -> ColumnElement[bool]:
    """Return the condition that an attempt was logged from `begin` until before `end`, and counts.

    It counts unless its caller took it back.
    """
    logged_at = call_attempts.c.logged_at
    return and_(logged_at >= begin, logged_at < end, ~undone())


def undone() -> ColumnElement[bool]:
    """Return the condition that an attempt was taken back."""
    query = select(undone_attempts.c.attempt_id)
    return query.where(undone_attempts.c.attempt_id == call_attempts.c.id).exists()


def heard_in_undone() -> ColumnElement[bool]:
    """Return the condition that an answer was logged with an attempt that was taken back."""
    query = select(undone_attempts.c.attempt_id)
    return query.where(undone_attempts.c.attempt_id == answers.c.call_attempt_id).exists()
