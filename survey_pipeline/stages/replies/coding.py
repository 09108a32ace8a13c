"""A reader's decision on an unclear text.

The reader sees the text and not the office. What the reader cannot tell goes to the phone, save
where the citizen opted out.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.stages.replies.booking import book_denial, book_rating, rating_of
from survey_pipeline.store import audit
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import inbound, surveys
from survey_pipeline.survey.outcome import refresh_outcomes
from survey_pipeline.survey.rating import GivenAnswer
from survey_pipeline.vocabulary import (
    AnswerRole,
    AuditAction,
    Audited,
    InboundUse,
    Mode,
    ReaderDecision,
    SurveyState,
)
from survey_pipeline.vocabulary.names import READ_AS

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


def code_reply(
    context: Context,
    reply_id: int,
    decision: ReaderDecision,
    by: str,
    *,
    must_hold: bool = False,
    override: str | None = None,
) -> Coded:
    """Decide what an unclear text says.

    Args:
        context: the workspace.
        reply_id: the text, as `list_replies` shows it.
        decision: an answer, `not_my_case`, or `cannot_tell`.
        by: the reader.
        must_hold: whether `by` must have been given the text to read; a text that nobody reads may
            be decided without.
        override: why a supervisor decides a text that somebody else is reading; kept on record.

    Raises:
        UsageError: `by` or `override` is blank.
        UnknownRecord: there is no such text.
        CannotProceed: it is not unclear, was decided by somebody, is in other hands, or its survey
            has ended.
    """
    if override is not None and not override.strip():
        raise UsageError("say why you decide over the reader").at_terminal("--override WHY")
    by, now = require_reader(by), context.now()
    with writing(context.engine) as connection:
        row, survey = lock_reply(connection, reply_id)
        if (row.decision, row.decided_by) == (decision, by):
            return Coded(reply_id, decision, InboundUse(row.use), survey.rating, repeated=True)
        _check(row, survey)
        over = None if _may_decide(row, by, must_hold, now) else _over(row, override, must_hold)
        use = decide(connection, row, decision, by, now)
        note_decision(connection, row, decision, by, now, reason=over)
        refresh_outcomes(connection, [survey.id], now)
        rating = connection.scalar(select(surveys.c.rating).where(surveys.c.id == survey.id))
    return Coded(reply_id, decision, use, rating)


def require_reader(by: str) -> str:
    """Return who reads, trimmed.

    Raises:
        UsageError: it is blank.
    """
    if not by.strip():
        raise UsageError("say who reads: --by NAME")
    return by.strip()


def lock_reply(connection: Connection, reply_id: int) -> tuple[Row[Any], Row[Any]]:
    """Lock survey and text, in the order in which every stage does.

    Raises:
        UnknownRecord: there is no such text.
        CannotProceed: it answers no survey.
    """
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
            "reply {reply} answers no survey: there is nothing to decide. It stays in the list",
            reply=reply_id,
        )
    survey = connection.execute(
        select(surveys).where(surveys.c.id == found.survey_id).with_for_update(key_share=True)
    ).one()
    row = connection.execute(
        select(inbound).where(inbound.c.id == reply_id).with_for_update()
    ).one()
    return row, survey


def _check(row: Row[Any], survey: Row[Any]) -> None:
    if row.decision is not None and row.use == InboundUse.CODED:
        raise CannotProceed(
            "reply {reply} was decided by {name}: {decision}. Correct it, with the reason, if that "
            "is wrong",
            reply=row.id,
            name=row.decided_by,
            decision=Message(READ_AS[row.decision]),
        ).at_terminal("--correct WHY")
    if row.use not in UNDECIDED:
        raise CannotProceed(
            "reply {reply} waits for no reader: it was read as {reading}. The citizen's next text "
            "replaces it",
            reply=row.id,
            reading=Message(READ_AS.get(row.reply_class, row.use)),
        )
    check_open(row, survey)


def check_open(row: Row[Any], survey: Row[Any]) -> None:
    """Check that the survey of a text has not ended.

    Raises:
        CannotProceed: it has.
    """
    if survey.state != SurveyState.OPEN:
        raise CannotProceed(
            "the survey of reply {reply} has ended: what counts of it stays. An office may file an "
            "objection to the month",
            reply=row.id,
        ).at_terminal("objections add OFFICE --month M --text T")


def _may_decide(row: Row[Any], by: str, must_hold: bool, now: datetime) -> bool:
    """Return whether a text is in the reader's hands, or may be decided from no hands at all."""
    if row.reader == by:
        return True
    held = row.reader is not None and row.reader_until is not None and row.reader_until > now
    return not held and not must_hold


def _over(row: Row[Any], override: str | None, must_hold: bool) -> str:
    """Return the reason for a decision over a reader's head.

    Raises:
        CannotProceed: none was given.
    """
    if override is not None:
        return override.strip()
    if must_hold:
        raise CannotProceed(
            "reply {reply} is not in your hands. Take the next text, and decide what is shown",
            reply=row.id,
        )
    raise CannotProceed(
        "{name} is reading reply {reply}. Wait for the decision, or decide over the reader with a "
        "reason",
        name=row.reader,
        reply=row.id,
    ).at_terminal("--override WHY")


def decide(
    connection: Connection,
    row: Row[Any],
    decision: ReaderDecision,
    by: str,
    now: datetime,
    *,
    why: str | None = None,
) -> InboundUse:
    """Do what a decision says, and keep it with the text; `why` comes with a correction.

    The answer is recorded at the moment of the decision: by that it counts as long as the decision
    stands.
    """
    undecided = decision is ReaderDecision.CANNOT_TELL
    use = InboundUse.CANNOT_TELL if undecided else InboundUse.CODED
    connection.execute(
        update(inbound)
        .where(inbound.c.id == row.id)
        .values(use=use, decision=decision, decided_by=by, decided_at=now, reader_until=None)
    )
    rating = rating_of(decision)
    if rating is not None:
        given = GivenAnswer(
            AnswerRole.RATING, Mode.SMS, rating, row.received_at, row.id, by=by, why=why
        )
        book_rating(connection, row.survey_id, given, now)
    elif decision is ReaderDecision.NOT_MY_CASE:
        book_denial(connection, row.survey_id, now)
    return use


def note_decision(
    connection: Connection,
    row: Row[Any],
    decision: ReaderDecision | None,
    by: str,
    now: datetime,
    *,
    reason: str | None = None,
) -> None:
    """Put a decision into the audit log, or that one was taken back.

    Args:
        connection: a transaction that writes.
        row: the text as it was before.
        decision: what was decided; nothing where a decision was taken back.
        by: the reader.
        now: the present moment.
        reason: why it was corrected, or made over the reader who holds the text.
    """
    decided = audit.entry(
        at=now,
        actor=by,
        action=AuditAction.DECIDED if decision else AuditAction.WITHDRAWN,
        kind=Audited.INBOUND,
        key=str(row.id),
        before={"decision": row.decision, "by": row.decided_by, "reader": row.reader},
        after={"decision": decision.value} if decision else None,
        reason=reason,
    )
    audit.append(connection, [decided])
