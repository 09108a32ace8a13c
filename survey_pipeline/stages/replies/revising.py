"""A reader's decision taken back within a minute, or corrected on record afterwards.

Nothing is deleted. The answer that a decision made stays as it was recorded; it counts only while
the decision on its text is the one that made it (`survey.rating`). The journal of the survey gets
an event, the audit log an entry with what was decided before, and, for a correction, why.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select, true, update

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.stages.replies.coding import (
    Coded,
    check_open,
    decide,
    lock_reply,
    note_decision,
    require_reader,
)
from survey_pipeline.stages.replies.desk import hold, put_back
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import answers, calls, inbound, messages, surveys
from survey_pipeline.survey.denied import is_denied
from survey_pipeline.survey.lifecycle import end_calls, reopen_calls
from survey_pipeline.survey.outcome import refresh_outcomes
from survey_pipeline.survey.rating import answers_of, rate_again
from survey_pipeline.vocabulary import (
    CallEnd,
    CallState,
    InboundUse,
    MessagePurpose,
    Mode,
    ReaderDecision,
    SurveyEventKind,
    SurveyState,
)

WITHIN = timedelta(minutes=1)
"""So long after it was made a decision may be taken back without a word."""
LONGEST_WHY = 500
DECIDED = (InboundUse.CODED, InboundUse.CANNOT_TELL)


@dataclass(frozen=True)
class LastDecision:
    """What somebody has decided within the last minute."""

    reply_id: int
    text: str | None
    decision: str
    until: datetime
    """Until when it may be taken back."""


def last_decision(context: Context, by: str) -> LastDecision | None:
    """Return the latest decision that `by` may still take back, as far as time goes."""
    query = (
        select(inbound)
        .where(
            inbound.c.use.in_(DECIDED),
            inbound.c.decided_by == by,
            inbound.c.decided_at > context.now() - WITHIN,
        )
        .order_by(inbound.c.decided_at.desc(), inbound.c.id.desc())
        .limit(1)
    )
    with reading(context.engine) as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return LastDecision(row.id, row.text, row.decision, row.decided_at + WITHIN)


def undo_decision(context: Context, reply_id: int, by: str) -> None:
    """Take back a decision made less than a minute ago; the reader holds the text again.

    A text taken since goes back: a reader has one text at a time.

    Raises:
        UnknownRecord: there is no such text.
        CannotProceed: `by` has not decided it, it is too late, or something has happened since.
    """
    by, now = require_reader(by), context.now()
    with writing(context.engine) as connection:
        row, survey = lock_reply(connection, reply_id)
        if row.use not in DECIDED or row.decided_by != by:
            raise CannotProceed(
                "there is no decision of yours on reply {reply}: nothing is taken back. Decide the "
                "text that is shown",
                reply=reply_id,
            )
        if row.decided_at <= now - WITHIN:
            raise CannotProceed(
                "more than a minute has passed: the decision on reply {reply} stays. Correct it, "
                "with the reason, under the decisions of today",
                reply=reply_id,
            )
        if survey.state != SurveyState.OPEN or _changed_since(connection, row):
            raise CannotProceed(
                "something else has happened to the case since: the decision on reply {reply} "
                "stays. Correct it, with the reason, under the decisions of today",
                reply=reply_id,
            )
        put_back(connection, by)
        _take_back(connection, row, survey, by, now, SurveyEventKind.UNDONE)
        _restore_calls(connection, row, now)
        hold(connection, reply_id, by, now)
        note_decision(connection, row, None, by, now)
        refresh_outcomes(connection, [survey.id], now)


def correct_decision(
    context: Context,
    reply_id: int,
    decision: ReaderDecision,
    by: str,
    why: str,
    *,
    only_own: bool = False,
) -> Coded:
    """Put another decision in the place of one that was wrong, with its reason.

    Args:
        context: the workspace.
        reply_id: the text.
        decision: what the text says.
        by: who corrects.
        why: what was wrong; kept in the audit log and with the answer.
        only_own: whether `by` may correct only what they decided themselves.

    Raises:
        UsageError: `by` or `why` is blank, `why` is too long, or nothing would change.
        UnknownRecord: there is no such text.
        CannotProceed: nobody has decided it, somebody else has, or its survey has ended.
    """
    by, why, now = require_reader(by), _reason(why), context.now()
    with writing(context.engine) as connection:
        row, survey = lock_reply(connection, reply_id)
        _check_correction(row, survey, decision, by if only_own else row.decided_by)
        _take_back(connection, row, survey, by, now, SurveyEventKind.CORRECTED)
        use = decide(connection, row, decision, by, now, why=why)
        note_decision(connection, row, decision, by, now, reason=why)
        refresh_outcomes(connection, [survey.id], now)
        rating = connection.scalar(select(surveys.c.rating).where(surveys.c.id == survey.id))
    return Coded(reply_id, decision, use, rating)


def _reason(why: str) -> str:
    why = why.strip()
    if not why:
        raise UsageError("say why the decision was wrong").at_terminal("--correct WHY")
    if len(why) > LONGEST_WHY:
        raise UsageError(
            "the reason is longer than {most} characters: shorten it", most=LONGEST_WHY
        )
    return why


def _check_correction(
    row: Row[Any], survey: Row[Any], decision: ReaderDecision, allowed: str | None
) -> None:
    if row.use not in DECIDED or row.decision is None:
        raise CannotProceed(
            "nobody has decided reply {reply}: there is nothing to correct", reply=row.id
        ).at_terminal("Leave --correct out to decide it")
    if row.decided_by != allowed:
        raise CannotProceed(
            "{name} decided reply {reply}. Ask them, or an operator, to correct it",
            name=row.decided_by,
            reply=row.id,
        )
    if row.decision == decision:
        raise UsageError("reply {reply} is decided so already: choose another answer", reply=row.id)
    check_open(row, survey)


def _changed_since(connection: Connection, row: Row[Any]) -> bool:
    """Return whether anything may rest on a decision: a text, an answer, a call, a follow-up."""
    since, survey = row.decided_at, row.survey_id
    moments = (inbound.c.received_at, inbound.c.read_at, inbound.c.decided_at)
    happened = (
        select(inbound.c.id).where(
            inbound.c.survey_id == survey,
            inbound.c.id != row.id,
            or_(*(moment > since for moment in moments)),
        ),
        select(answers.c.id).where(answers.c.survey_id == survey, answers.c.recorded_at > since),
        select(calls.c.id).where(calls.c.survey_id == survey, calls.c.leased_at > since),
        select(messages.c.id).where(
            messages.c.survey_id == survey,
            messages.c.purpose == MessagePurpose.REASON,
            messages.c.queued_at > since,
        ),
    )
    return any(connection.execute(query.limit(1)).first() is not None for query in happened)


def _take_back(
    connection: Connection,
    row: Row[Any],
    survey: Row[Any],
    by: str,
    now: datetime,
    what: SurveyEventKind,
) -> None:
    """Make a text wait for its reader again, and undo what its decision did to the survey."""
    connection.execute(
        update(inbound)
        .where(inbound.c.id == row.id)
        .values(use=InboundUse.READER, decision=None, decided_by=None, decided_at=None)
    )
    rated = row.decision not in (ReaderDecision.NOT_MY_CASE, ReaderDecision.CANNOT_TELL)
    if rated:
        rate_again(connection, survey.id, what, by, now)
        _let_wait_again(connection, survey.id)
    elif row.decision == ReaderDecision.NOT_MY_CASE:
        denied = is_denied(connection, survey.id)
        connection.execute(update(surveys).where(surveys.c.id == survey.id).values(denied=denied))


def _let_wait_again(connection: Connection, survey_id: int) -> None:
    """Give back to the readers the unclear texts that no answer supersedes any more."""
    given = [answer for answer in answers_of(connection, survey_id) if answer.mode is Mode.SMS]
    latest = max((answer.given_at for answer in given), default=None)
    superseded = and_(inbound.c.survey_id == survey_id, inbound.c.use == InboundUse.SUPERSEDED)
    later = inbound.c.received_at > latest if latest is not None else true()
    connection.execute(
        update(inbound).where(superseded, later).values(use=InboundUse.READER, reader_until=None)
    )


def _restore_calls(connection: Connection, row: Row[Any], now: datetime) -> None:
    """Reopen the calls that waited before the decision, and close those queued for it."""
    of_survey, since = calls.c.survey_id == row.survey_id, row.decided_at
    by_text = CallEnd.SMS_REPLY
    queued_for_it = calls.c.queued_at > since
    end_calls(connection, CallState.CLOSED, by_text, now, of_survey, queued_for_it)
    closed_by_it = and_(calls.c.why == by_text, calls.c.ended_at == since)
    reopen_calls(connection, [CallState.CLOSED], of_survey, closed_by_it)
