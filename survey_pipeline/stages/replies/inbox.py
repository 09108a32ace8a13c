"""Reads stored texts: which survey each one answers, what it says, and what follows at once.

A text is read once. What it changes (the rating, the opt-out, a waiting call) changes in the same
transaction as its own mark, so that a crash leaves it either unread or done.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, exists, or_, select, update

from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, Message
from survey_pipeline.stages.replies.booking import Asked, Booked, book
from survey_pipeline.stages.replies.reading import STANDARD_OPTIONS, Reading, read_reply
from survey_pipeline.store.engine import writing
from survey_pipeline.store.locks import lock_name
from survey_pipeline.store.tables import inbound, messages, send_attempts, surveys
from survey_pipeline.survey.lifecycle import hold_surveys, of_phones
from survey_pipeline.survey.outcome import refresh_outcomes
from survey_pipeline.vocabulary import (
    MAY_HAVE_GONE_OUT,
    InboundUse,
    MessagePurpose,
    MessageState,
    Rating,
    ReplyClass,
    SendOutcome,
    SurveyState,
)

AT_ONCE = 200
"""Texts read in one transaction."""


@dataclass(frozen=True)
class ReadReplies:
    """What one reading brought."""

    answers: int = 0
    """Ratings read from texts."""
    comments: int = 0
    """Reasons given after a follow-up."""
    unclear: int = 0
    """Left to a reader."""
    not_my_case: int = 0
    opted_out: int = 0
    opted_in: int = 0
    no_survey: int = 0
    """Kept, not counted: no survey of that phone was open."""

    @property
    def total(self) -> int:
        """All texts read."""
        return sum(getattr(self, part.name) for part in fields(self))

    def __add__(self, other: "ReadReplies") -> "ReadReplies":
        return ReadReplies(
            *(getattr(self, part.name) + getattr(other, part.name) for part in fields(self))
        )


def read_inbound(context: Context) -> ReadReplies:
    """Read every text that has come in and was not read yet, in the order of their coming."""
    done = ReadReplies()
    while True:
        with writing(context.engine) as connection:
            lock_name(connection, "inbox", "")  # a STOP before a START, on any number of hosts
            pending = _pending(connection)
            _hold_surveys(connection, pending)
            for row in pending:
                done += _read(connection, context, row)
        if len(pending) < AT_ONCE:
            return done


def _pending(connection: Connection) -> Sequence[Row[Any]]:
    query: Any = (
        select(inbound)
        .where(inbound.c.use == InboundUse.PENDING)
        .order_by(inbound.c.received_at, inbound.c.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    rows: Sequence[Row[Any]] = connection.execute(query).all()
    return rows


def _hold_surveys(connection: Connection, pending: Sequence[Row[Any]]) -> None:
    """Hold the surveys of all texts at once, not one by one as texts came in."""
    hold_surveys(connection, of_phones({row.phone_hash for row in pending} - {None}))


def _read(connection: Connection, context: Context, row: Row[Any]) -> ReadReplies:
    asked = _asked(connection, row.phone_hash, row.received_at)
    reading = _reading(row, asked)
    booked = book(connection, context, row, asked, reading)
    connection.execute(
        update(inbound)
        .where(inbound.c.id == row.id)
        .values(
            reply_class=reading.reply_class,
            why=Message(reading.why).to_json(),
            use=booked.use,
            read_at=context.now(),
            survey_id=asked.survey.id if asked else None,
            opted_out=reading.reply_class is ReplyClass.OPT_OUT,
        )
    )
    if asked is not None:
        refresh_outcomes(connection, [asked.survey.id], context.now())
    return _counted(booked)


def _asked(connection: Connection, phone_hash: bytes | None, at: datetime) -> Asked | None:
    """Return the one open survey of a phone whose question may have reached it by then."""
    tried = exists().where(
        send_attempts.c.message_id == messages.c.id,
        or_(
            send_attempts.c.outcome.is_(None),
            send_attempts.c.outcome.in_((SendOutcome.ACCEPTED, SendOutcome.UNKNOWN)),
        ),
    )
    went_out = or_(
        messages.c.state.in_(MAY_HAVE_GONE_OUT),
        and_(messages.c.state == MessageState.QUEUED, tried),
    )
    query: Any = (
        select(surveys, messages.c.digits, messages.c.state.label("text_state"))
        .join(
            messages,
            and_(
                messages.c.survey_id == surveys.c.id,
                messages.c.purpose == MessagePurpose.SURVEY,
            ),
        )
        .where(
            surveys.c.phone_hash == phone_hash,
            surveys.c.state == SurveyState.OPEN,
            surveys.c.closes_at > at,
            messages.c.queued_at <= at,
            went_out,
        )
        .with_for_update(of=surveys, key_share=True)
    )
    found: Row[Any] | None = connection.execute(query).first()
    if found is None:
        return None
    return Asked(found, *_asked_why(connection, found.id, at))


def _asked_why(connection: Connection, survey_id: int, at: datetime) -> tuple[bool, bool]:
    """Return whether the follow-up went out by then, and whether a comment has come."""
    sent = exists().where(
        messages.c.survey_id == survey_id,
        messages.c.purpose == MessagePurpose.REASON,
        messages.c.state.in_(MAY_HAVE_GONE_OUT),
        messages.c.queued_at <= at,
    )
    told = exists().where(inbound.c.survey_id == survey_id, inbound.c.use == InboundUse.COMMENT)
    query = select(case((sent, 1), else_=0), case((told, 1), else_=0))
    went_out, came = connection.execute(query).one()
    return bool(went_out), bool(came)


_BY_PROVIDER = "the provider took the text as an opt-out"
_REASON = N_("The text answers the question for the reason: it is no rating.")
_DENIES_RATED = N_("The reply denies a case that the citizen has rated.")


def _reading(row: Row[Any], asked: Asked | None) -> Reading:
    """Read a text by the digits of the question it answers; a provider's opt-out holds."""
    options = STANDARD_OPTIONS
    if asked is not None:
        options = {digit: Rating(word) for digit, word in asked.survey.digits.items()}
    reading = read_reply(row.text or "", options)
    told = row.reply_class == ReplyClass.OPT_OUT
    if told and reading.reply_class is not ReplyClass.OPT_OUT:
        return Reading(ReplyClass.OPT_OUT, _BY_PROVIDER)
    return _after_why(reading) if asked is not None and asked.wants_reason else reading


def _after_why(reading: Reading) -> Reading:
    """Read a text that came after the question for the reason.

    Words that would rate by themselves (态度差) give the reason; only an option alone rates anew.
    """
    if reading.rating is not None and not reading.bare:
        return Reading(ReplyClass.UNCLEAR, _REASON)
    if reading.reply_class is ReplyClass.NOT_MY_CASE:
        return replace(reading, why=_DENIES_RATED)
    return reading


def _counted(booked: Booked) -> ReadReplies:
    return ReadReplies(**{booked.counts_as: 1})
