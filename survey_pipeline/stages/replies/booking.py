"""What a text, as it was read, does to the survey it answers.

Nothing here guesses: a rating is booked where the reading is one, by the rules of `survey.rating`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, update

from survey_pipeline.context import Context
from survey_pipeline.stages.replies.reading import Reading
from survey_pipeline.store.tables import inbound, surveys
from survey_pipeline.survey.closing import close_calls
from survey_pipeline.survey.lifecycle import cancel_messages
from survey_pipeline.survey.opt_outs import opt_in, opt_out
from survey_pipeline.survey.rating import GivenAnswer, record_answer
from survey_pipeline.vocabulary import (
    AnswerRole,
    CallEnd,
    InboundUse,
    MessageState,
    MessageWhy,
    Mode,
    Rating,
    ReplyClass,
)


@dataclass(frozen=True)
class Asked:
    """The open survey that a text answers."""

    survey: Row[Any]
    """Its row, with `digits` and `text_state` of the question."""
    asked_why: bool
    """The follow-up went out before the text came."""
    told: bool
    """It has brought a comment."""

    @property
    def wants_reason(self) -> bool:
        """Return whether a free text now gives the reason for the rating of record."""
        return self.asked_why and self.survey.rating is not None


@dataclass(frozen=True)
class Booked:
    """What became of a text."""

    use: InboundUse
    counts_as: str
    """The field of `ReadReplies` that it counts in."""


def book(
    connection: Connection, context: Context, row: Row[Any], asked: Asked | None, reading: Reading
) -> Booked:
    """Do what a text asks for.

    Args:
        connection: a transaction that writes.
        context: the workspace.
        row: the stored text.
        asked: the survey it answers, if one is open.
        reading: how the text was read.
    """
    now = context.now()
    if asked is not None:
        _mark_replied(connection, asked.survey.id)
    if reading.reply_class is ReplyClass.OPT_OUT:
        opt_out(connection, row.phone_hash, row.gateway, row.id, now)
        rated = reading.with_rating and asked is not None
        booked = Booked(InboundUse.READER if rated else InboundUse.OPT, "opted_out")
    elif reading.reply_class is ReplyClass.OPT_IN:
        opt_in(connection, row.phone_hash, row.id, now)
        booked = Booked(InboundUse.OPT, "opted_in")
    elif asked is None:
        return Booked(InboundUse.NO_SURVEY, "no_survey")
    else:
        booked = _answer(connection, row, asked, reading, now)
    return booked


def _mark_replied(connection: Connection, survey_id: int) -> None:
    connection.execute(update(surveys).where(surveys.c.id == survey_id).values(replied=True))


def _answer(
    connection: Connection, row: Row[Any], asked: Asked, reading: Reading, now: datetime
) -> Booked:
    survey = asked.survey
    if reading.rating is not None:
        given = GivenAnswer(
            AnswerRole.RATING, Mode.SMS, reading.rating, row.received_at, inbound_id=row.id
        )
        book_rating(connection, survey.id, given, now)
        _call_off_question(connection, survey, now)
        return Booked(InboundUse.ANSWER, "answers")
    denied = reading.reply_class is ReplyClass.NOT_MY_CASE
    if denied and not asked.wants_reason:
        book_denial(connection, survey.id, now)
        return Booked(InboundUse.ANSWER, "not_my_case")
    if asked.wants_reason and not asked.told and not denied:
        close_calls(connection, [survey.id], CallEnd.SMS_REPLY, now)
        return Booked(InboundUse.COMMENT, "comments")
    if survey.rating is None:
        close_calls(connection, [survey.id], CallEnd.SMS_REPLY, now)
    return Booked(InboundUse.READER, "unclear")


def book_rating(connection: Connection, survey_id: int, given: GivenAnswer, now: datetime) -> None:
    """Record a rating given by text; the waiting call and earlier unclear texts are done with."""
    record_answer(connection, survey_id, given, now)
    close_calls(connection, [survey_id], CallEnd.SMS_REPLY, now)
    connection.execute(
        update(inbound)
        .where(
            inbound.c.survey_id == survey_id,
            inbound.c.use == InboundUse.READER,
            inbound.c.id != given.inbound_id,
            inbound.c.received_at <= given.given_at,
        )
        .values(use=InboundUse.SUPERSEDED)
    )


def book_denial(connection: Connection, survey_id: int, now: datetime) -> None:
    """Note that it was not the citizen's case: no rating, no more texts and calls."""
    connection.execute(update(surveys).where(surveys.c.id == survey_id).values(denied=True))
    cancel_messages(connection, [survey_id], MessageWhy.NOT_MY_CASE, now)
    close_calls(connection, [survey_id], CallEnd.SMS_REPLY, now)


def _call_off_question(connection: Connection, survey: Row[Any], now: datetime) -> None:
    """Call off a question that waits to be sent again: its first sending was answered."""
    if survey.text_state == MessageState.QUEUED:
        cancel_messages(connection, [survey.id], MessageWhy.ANSWERED, now)


def rating_of(word: str) -> Rating | None:
    """Return a decision's rating, where it is one."""
    return Rating(word) if word in {rating.value for rating in Rating} else None
