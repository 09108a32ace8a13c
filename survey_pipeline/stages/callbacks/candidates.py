"""Which surveys need a call: one condition for each reason, as SQL, so that a day is one query.

The rules, beside those of section 7 of the specification:

- A citizen whose answer may still come by itself is not called: while the reply window is open, or
  while a reader has their text.
- A survey whose call was *done* is not called again. One whose attempts are exhausted is called
  again only for a later text of the citizen that no reader could classify.
- A rating stands when its reply window is over: only then is the citizen asked about it.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from survey_pipeline.settings import Settings
from survey_pipeline.store.tables import calls, inbound, messages, opt_outs, send_attempts, surveys
from survey_pipeline.survey.delivered_result import answered_elsewhere
from survey_pipeline.survey.restored import NOT_KNOWN_SINCE
from survey_pipeline.vocabulary import (
    BESIDE_RATING,
    GIVEN_UP,
    ON_ITS_WAY,
    TAKEN,
    WENT_OUT,
    CallReason,
    CallState,
    InboundUse,
    MessagePurpose,
    MessageState,
    MessageWhy,
    Mode,
    PhoneKind,
    Rating,
    SurveyState,
)

MUST_NOT_CALL = (
    MessageWhy.OPTED_OUT,
    MessageWhy.WITHDRAWN,
    MessageWhy.SURVEY_CLOSED,
    MessageWhy.FORGOTTEN,
)
"""Reasons of a failed text that are no reason to call."""


def may_be_called(due_at: datetime) -> ColumnElement[bool]:
    """Return the condition that a survey may be called at all, at `due_at` at the earliest."""
    return and_(
        surveys.c.state == SurveyState.OPEN,
        surveys.c.own_calls,
        ~surveys.c.opted_out,
        ~surveys.c.withdrawn,
        ~surveys.c.denied,
        surveys.c.phone.is_not(None),
        surveys.c.closes_at > due_at,
        ~_called(calls.c.state.in_((CallState.OPEN, CallState.DONE))),
        ~_wrote(inbound.c.use == InboundUse.READER),
        ~select(opt_outs.c.id)
        .where(opt_outs.c.phone_hash == surveys.c.phone_hash, opt_outs.c.ended_at.is_(None))
        .exists(),
    )


def conditions(
    settings: Settings, now: datetime, windows_ended: datetime
) -> Mapping[CallReason, ColumnElement[bool]]:
    """Return which surveys need a call, by reason, in the order of the queue.

    Args:
        settings: windows, policies, what is called at all.
        now: the present moment.
        windows_ended: for `no_reply`, the moment by which the reply window must have ended.
    """
    needed = {
        CallReason.LANDLINE: and_(_unrated(), surveys.c.phone_kind == PhoneKind.LANDLINE),
        CallReason.UNDELIVERED: and_(_unrated(), _text_failed(settings, now)),
        CallReason.UNCLEAR: and_(
            _unrated(),
            _wrote(inbound.c.use == InboundUse.CANNOT_TELL),
            ~_wrote(inbound.c.opted_out),
        ),
        CallReason.NO_REPLY: no_reply(windows_ended),
        CallReason.DISSATISFIED: _to_ask_why(settings, now),
        CallReason.VERIFY: _stands(Rating.SATISFIED, now),
    }
    return {
        reason: and_(condition, ~_called(calls.c.reason == reason), *_not_exhausted(reason))
        for reason, condition in needed.items()
    }


def no_reply(windows_ended: datetime) -> ColumnElement[bool]:
    """Return the condition that a survey's text went out and brought nothing usable by then."""
    return and_(
        _unrated(),
        surveys.c.reply_until <= windows_ended,
        _text(messages.c.state.in_(WENT_OUT)),
        ~_wrote(inbound.c.use == InboundUse.CANNOT_TELL),
    )


def text_arrived_after_all(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a survey's text did arrive and its reply window still runs."""
    return and_(
        surveys.c.reply_until > now,
        _text(messages.c.state.in_(TAKEN)),
    )


def _not_exhausted(reason: CallReason) -> tuple[ColumnElement[bool], ...]:
    if reason is CallReason.UNCLEAR:
        return ()
    return (~_called(calls.c.state == CallState.EXHAUSTED),)


def _unrated() -> ColumnElement[bool]:
    return and_(surveys.c.rating.is_(None), ~answered_elsewhere())


def _text_failed(settings: Settings, now: datetime) -> ColumnElement[bool]:
    failed = and_(
        messages.c.state == MessageState.FAILED,
        func.coalesce(messages.c.reason, "").not_in(MUST_NOT_CALL),
    )
    asked_long_ago = select(send_attempts.c.id).where(
        send_attempts.c.id == messages.c.attempt_id,
        send_attempts.c.started_at <= now - settings.sending.unknown_after,
    )
    if settings.sending.unknown_policy == "resend":  # others are sent once more instead of a call
        asked_long_ago = asked_long_ago.where(send_attempts.c.reason == NOT_KNOWN_SINCE)
    unknown = and_(messages.c.state == MessageState.UNKNOWN, asked_long_ago.exists())
    return _text(or_(failed, messages.c.state.in_(GIVEN_UP), unknown))


def _to_ask_why(settings: Settings, now: datetime) -> ColumnElement[bool]:
    if not settings.callbacks.dissatisfied:
        return false()
    since = now - settings.survey.reply_window
    asked = messages.c.purpose == MessagePurpose.REASON
    waiting = or_(
        messages.c.state.in_(ON_ITS_WAY),
        and_(
            messages.c.state.in_(WENT_OUT),
            func.coalesce(messages.c.accepted_at, messages.c.queued_at) > since,
        ),
    )
    # Where a follow-up is to be sent, the dispatch gets time to write it.
    not_to_come = or_(_message(asked), surveys.c.rated_at <= since)
    return and_(
        _stands(Rating.DISSATISFIED, now),
        ~_message(and_(asked, waiting)),
        ~_wrote(inbound.c.use == InboundUse.COMMENT),
        *((not_to_come,) if settings.survey.ask_reason else ()),
    )


def _stands(rating: Rating, now: datetime) -> ColumnElement[bool]:
    """Return the condition that an SMS rating stands and the citizen was not called about it."""
    return and_(
        surveys.c.rating == rating,
        surveys.c.rated_by == Mode.SMS,
        ~surveys.c.corrected,
        surveys.c.verification.is_(None),
        or_(surveys.c.reply_until.is_(None), surveys.c.reply_until <= now),
        ~_called(calls.c.reason.in_(BESIDE_RATING)),
    )


def _called(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(calls.c.id).where(calls.c.survey_id == surveys.c.id, condition).exists()


def _wrote(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(inbound.c.id).where(inbound.c.survey_id == surveys.c.id, condition).exists()


def _text(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return _message(and_(messages.c.purpose == MessagePurpose.SURVEY, condition))


def _message(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(messages.c.id).where(messages.c.survey_id == surveys.c.id, condition).exists()
