"""Which attempts to call count: all but those that their caller took back at once.

An attempt is never deleted or changed. One logged by a slip of the hand is taken back within a
minute (`stages.callbacks.undoing`): a row beside it says so, and everything that counts attempts,
or what was heard in them, leaves it out by these conditions.
"""

from sqlalchemy import ColumnElement, select

from survey_pipeline.store.tables import answers, call_attempts, undone_attempts


def undone() -> ColumnElement[bool]:
    """Say which attempts were taken back."""
    query = select(undone_attempts.c.attempt_id)
    return query.where(undone_attempts.c.attempt_id == call_attempts.c.id).exists()


def heard_in_undone() -> ColumnElement[bool]:
    """Say which answers were logged with an attempt that was taken back."""
    query = select(undone_attempts.c.attempt_id)
    return query.where(undone_attempts.c.attempt_id == answers.c.call_attempt_id).exists()
