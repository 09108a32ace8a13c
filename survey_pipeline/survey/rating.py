"""Which of a citizen's answers is the rating of record.

Source: specification, sections 6.2, 7.3 and 13.3. The answer given first counts; within the reply
window a later clear text replaces an earlier one; a call to somebody who has answered keeps its
answer beside the rating, unless the citizen says that the text was misread. Where others delivered
an answer of the case too (`case_results`, section 14.A), `ours_was_first` decides between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    false,
    func,
    or_,
    select,
    update,
)

from survey_pipeline.store.tables import (
    answers,
    case_results,
    inbound,
    survey_events,
    surveys,
)
from survey_pipeline.survey.outcome import refresh_outcomes
from survey_pipeline.survey.undone import heard_in_undone
from survey_pipeline.vocabulary import AnswerRole, Mode, Rating, SurveyEventKind


@dataclass(frozen=True)
class GivenAnswer:
    """One answer of a citizen, as `answers` keeps it."""

    role: AnswerRole
    mode: Mode
    rating: Rating
    given_at: datetime
    inbound_id: int | None = None
    call_attempt_id: int | None = None
    by: str | None = None
    why: str | None = None


@dataclass(frozen=True)
class RatingOfRecord:
    """What the survey counts: the rating, and the answer of a call beside it."""

    rating: Rating | None = None
    mode: Mode | None = None
    given_at: datetime | None = None
    corrected: bool = False
    verification: Rating | None = None


def rating_of_record(given: Sequence[GivenAnswer], reply_until: datetime | None) -> RatingOfRecord:
    """Decide which answer counts.

    Args:
        given: every answer of one survey, in the order in which they were recorded.
        reply_until: the end of the reply window; nothing where no text was accepted.
    """
    first = _first_of_record(given, reply_until)
    beside = [
        answer
        for answer in given
        if answer.mode is Mode.PHONE
        and answer is not first
        and answer.role is not AnswerRole.CORRECTION
    ]
    verification = beside[-1].rating if first and beside else None
    corrections = [answer for answer in given if answer.role is AnswerRole.CORRECTION]
    counted = corrections[-1] if corrections else first
    if counted is None:
        return RatingOfRecord()
    return RatingOfRecord(
        counted.rating, counted.mode, counted.given_at, bool(corrections), verification
    )


def _first_of_record(
    given: Sequence[GivenAnswer], reply_until: datetime | None
) -> GivenAnswer | None:
    ratings = sorted(
        (answer for answer in given if answer.role is AnswerRole.RATING),
        key=lambda answer: answer.given_at,
    )
    if not ratings:
        return None
    first = ratings[0]
    if first.mode is Mode.PHONE or reply_until is None or first.given_at > reply_until:
        return first
    in_time = [
        answer for answer in ratings if answer.mode is Mode.SMS and answer.given_at <= reply_until
    ]
    return in_time[-1]


def ours_was_first() -> ColumnElement[bool]:
    """Return the condition that our survey was answered before others heard the citizen.

    For `surveys` joined with `case_results`. One case has one rating, the one given first, no
    matter who asked: what decides is when the first answer was given to us, and the day of the
    delivered one. When a result was delivered plays no part. Of answers of one day ours is the
    first, because its moment is on record. A later text within the reply window, or a correction,
    changes what the first answer says and not when it was given. A survey without a rating, or
    one that was handed over, has no answer that could be the first.
    """
    first_given = (
        select(func.min(answers.c.given_at))
        .where(
            answers.c.survey_id == surveys.c.id,
            answers.c.role == AnswerRole.RATING,
            ~heard_in_undone(),
            ~_read_otherwise(),
        )
        .scalar_subquery()
    )
    given_at = func.coalesce(first_given, surveys.c.rated_at)
    later = and_(given_at.is_not(None), given_at >= case_results.c.answered_until)
    return case((or_(surveys.c.rating.is_(None), later), false()), else_=surveys.c.id.is_not(None))


def record_answer(
    connection: Connection, survey_id: int, answer: GivenAnswer, now: datetime
) -> RatingOfRecord:
    """Store an answer, decide anew which one counts, and write that onto the survey.

    Idempotence is the caller's: one inbound text or one attempt is recorded once. A survey that
    was handed over to those who call for us keeps the answer and stays without a rating: its
    result comes back as a delivered one, and would count twice (specification, section 7).
    """
    connection.execute(
        answers.insert().values(
            survey_id=survey_id,
            role=answer.role,
            mode=answer.mode,
            rating=answer.rating,
            given_at=answer.given_at,
            recorded_at=now,
            inbound_id=answer.inbound_id,
            call_attempt_id=answer.call_attempt_id,
            by=answer.by,
            why=answer.why,
        )
    )
    survey = connection.execute(
        select(surveys.c.reply_until, surveys.c.rating, surveys.c.handed_over_at).where(
            surveys.c.id == survey_id
        )
    ).one()
    if survey.handed_over_at is not None:
        what, change = SurveyEventKind.KEPT_AFTER_HANDOVER, (survey.rating, answer.rating)
        _journal(connection, survey_id, what, change, answer.by, now)
        return RatingOfRecord()
    record = _rate(connection, survey_id, survey.reply_until)
    _log(connection, survey_id, answer, survey.rating, record, now)
    refresh_outcomes(connection, [survey_id], now)
    return record


def rate_again(
    connection: Connection, survey_id: int, what: SurveyEventKind, by: str, now: datetime
) -> RatingOfRecord:
    """Decide anew which answer counts, after `by` took one back.

    A survey that was handed over to those who call for us stays without a rating.

    Args:
        connection: a transaction that writes.
        survey_id: the survey.
        what: the journal's word for it: undone, or corrected.
        by: who took the answer back.
        now: the present moment.
    """
    survey = connection.execute(
        select(surveys.c.reply_until, surveys.c.rating, surveys.c.handed_over_at).where(
            surveys.c.id == survey_id
        )
    ).one()
    if survey.handed_over_at is not None:
        return RatingOfRecord()
    record = _rate(connection, survey_id, survey.reply_until)
    _journal(connection, survey_id, what, (survey.rating, record.rating), by, now)
    refresh_outcomes(connection, [survey_id], now)
    return record


def _rate(connection: Connection, survey_id: int, reply_until: datetime | None) -> RatingOfRecord:
    record = rating_of_record(answers_of(connection, survey_id), reply_until)
    connection.execute(
        update(surveys)
        .where(surveys.c.id == survey_id)
        .values(
            rating=record.rating,
            rated_by=record.mode,
            rated_at=record.given_at,
            corrected=record.corrected,
            verification=record.verification,
        )
    )
    return record


def answers_of(connection: Connection, survey_id: int) -> list[GivenAnswer]:
    """Return a survey's answers as they were recorded, without those that were taken back."""
    rows = connection.execute(
        select(answers)
        .where(answers.c.survey_id == survey_id, ~heard_in_undone(), ~_read_otherwise())
        .order_by(answers.c.id)
    )
    return [
        GivenAnswer(
            AnswerRole(row.role),
            Mode(row.mode),
            Rating(row.rating),
            row.given_at,
            row.inbound_id,
            row.call_attempt_id,
            row.by,
            row.why,
        )
        for row in rows
    ]


def _read_otherwise() -> ColumnElement[bool]:
    """Return the condition that an answer rests on a reader's decision that was changed since."""
    other = or_(
        inbound.c.decision.is_(None),
        inbound.c.decision != answers.c.rating,
        inbound.c.decided_at != answers.c.recorded_at,
    )
    of_text = inbound.c.id == answers.c.inbound_id
    return exists().where(of_text, answers.c.by.is_not(None), other)


def _log(
    connection: Connection,
    survey_id: int,
    answer: GivenAnswer,
    before: str | None,
    record: RatingOfRecord,
    now: datetime,
) -> None:
    if answer.role is AnswerRole.CORRECTION:
        what = SurveyEventKind.CORRECTED
    elif record.rating != before:
        what = SurveyEventKind.REPLACED if before else SurveyEventKind.RATED
    elif answer.mode is Mode.SMS:
        what = SurveyEventKind.CONFIRMED
    else:
        what = SurveyEventKind.VERIFIED
    _journal(connection, survey_id, what, (before, answer.rating), answer.by, now)


def _journal(
    connection: Connection,
    survey_id: int,
    what: SurveyEventKind,
    change: tuple[str | None, str | None],
    by: str | None,
    now: datetime,
) -> None:
    before, after = change
    connection.execute(
        survey_events.insert().values(
            survey_id=survey_id, at=now, what=what, before=before, after=after, by=by
        )
    )
