"""A reader's decision on an unclear text.

The reader sees the text and not the office. What the reader cannot tell goes to the phone, save
where the citizen opted out.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.stages.replies.booking import book_denial, book_rating, rating_of
from survey_pipeline.store import audit
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import inbound, surveys
from survey_pipeline.survey.context import Context
from survey_pipeline.survey.outcome import refresh_outcomes
from survey_pipeline.survey.rating import GivenAnswer
from survey_pipeline.vocabulary import (
    AnswerRole,
    AuditAction,
    InboundUse,
    Mode,
    ReaderDecision,
    SurveyState,
)

UNDECIDED = (InboundUse.READER, InboundUse.CANNOT_TELL)
"""A reader may still decide what nobody read in time."""


@dataclass(frozen=True)
class Coded:
    """What a decision did."""

    reply_id: int
    decision: ReaderDecision
    use: InboundUse
    rating: str | None
    """The survey's rating of record now."""
    repeated: bool = False
    """The same reader had decided the same: nothing changed."""


def code_reply(context: Context, reply_id: int, decision: ReaderDecision, by: str) -> Coded:
    """Decide what an unclear text says.

    Args:
        context: the workspace.
        reply_id: the text, as `list_replies` shows it.
        decision: an answer, `not_my_case`, or `cannot_tell`.
        by: the reader.

    Raises:
        UsageError: `by` is blank.
        UnknownRecord: there is no such text.
        CannotProceed: it is not unclear, was decided by somebody, or its survey has ended.
    """
    if not by.strip():
        raise UsageError("say who reads: --by NAME")
    by, now = by.strip(), context.now()
    with writing(context.engine) as connection:
        row, survey = _locked(connection, reply_id)
        if (row.decision, row.decided_by) == (decision, by):
            return Coded(reply_id, decision, InboundUse(row.use), survey.rating, repeated=True)
        _check(row, survey)
        use = _decide(connection, row, decision, by, now)
        _note(connection, row, decision, by, now)
        refresh_outcomes(connection, [survey.id], now)
        rating = connection.scalar(select(surveys.c.rating).where(surveys.c.id == survey.id))
    return Coded(reply_id, decision, use, rating)


def _locked(connection: Connection, reply_id: int) -> tuple[Row[Any], Row[Any]]:
    """Lock survey and text, in the order in which every stage does."""
    missing = UnknownRecord("there is no reply {reply}", reply=reply_id).at_terminal(
        "See: replies list"
    )
    found: Any = connection.execute(
        select(inbound.c.survey_id).where(inbound.c.id == reply_id)
    ).one_or_none()
    if found is None:
        raise missing
    if found.survey_id is None:
        raise CannotProceed(
            "reply {reply} answers no survey: there is nothing to decide", reply=reply_id
        )
    survey = connection.execute(
        select(surveys).where(surveys.c.id == found.survey_id).with_for_update()
    ).one()
    row = connection.execute(
        select(inbound).where(inbound.c.id == reply_id).with_for_update()
    ).one()
    return row, survey


def _check(row: Row[Any], survey: Row[Any]) -> None:
    if row.decision is not None and row.use == InboundUse.CODED:
        raise CannotProceed(
            "reply {reply} was decided by {name}: {decision}",
            reply=row.id,
            name=row.decided_by,
            decision=row.decision,
        )
    if row.use not in UNDECIDED:
        raise CannotProceed(
            "reply {reply} waits for no reader: it was read as {reading}",
            reply=row.id,
            reading=row.reply_class or row.use,
        )
    if survey.state != SurveyState.OPEN:
        raise CannotProceed("the survey of reply {reply} has ended", reply=row.id)


def _decide(
    connection: Connection, row: Row[Any], decision: ReaderDecision, by: str, now: datetime
) -> InboundUse:
    rating = rating_of(decision)
    if rating is not None:
        given = GivenAnswer(
            AnswerRole.RATING, Mode.SMS, rating, row.received_at, inbound_id=row.id, by=by
        )
        book_rating(connection, row.survey_id, given, now)
    elif decision is ReaderDecision.NOT_MY_CASE:
        book_denial(connection, row.survey_id, now)
    undecided = decision is ReaderDecision.CANNOT_TELL
    use = InboundUse.CANNOT_TELL if undecided else InboundUse.CODED
    connection.execute(
        update(inbound)
        .where(inbound.c.id == row.id)
        .values(use=use, decision=decision, decided_by=by, decided_at=now, reader_until=None)
    )
    return use


def _note(
    connection: Connection, row: Row[Any], decision: ReaderDecision, by: str, now: datetime
) -> None:
    decided = audit.entry(
        at=now,
        actor=by,
        action=AuditAction.DECIDED,
        kind="inbound",
        key=str(row.id),
        before={"decision": row.decision},
        after={"decision": decision.value},
    )
    audit.append(connection, [decided])
