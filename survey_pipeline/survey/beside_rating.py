"""Answers that callers hear from citizens who have rated by SMS: conditions for queries.

For `call_attempts` joined with `calls`.
"""

from sqlalchemy import ColumnElement, and_, exists, or_

from survey_pipeline.store.tables import answers, call_attempts, calls
from survey_pipeline.vocabulary import BESIDE_RATING, AnswerRole, CallOutcome


def corrects_rating() -> ColumnElement[bool]:
    """Return the condition that an attempt corrected the rating.

    Not by the citizen's words, which are deleted with the personal data.
    """
    return exists().where(
        answers.c.survey_id == call_attempts.c.survey_id,
        answers.c.call_attempt_id == call_attempts.c.id,
        answers.c.role == AnswerRole.CORRECTION,
    )


def heard_beside_rating() -> ColumnElement[bool]:
    """Return the condition that an attempt brought an answer of somebody who had rated by SMS."""
    answered = call_attempts.c.outcome == CallOutcome.ANSWERED
    return and_(answered, or_(calls.c.reason.in_(BESIDE_RATING), corrects_rating()))
