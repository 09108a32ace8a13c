"""Writes texts into the outbox: the question of each drawn case, and the one follow-up.

A question too long for `sending.max_segments` gives way to the short template; if that is too long
as well, it is stored as failed with the reason `too_long`, and the case is called.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Row,
    String,
    literal,
    literal_column,
    select,
    tuple_,
    update,
)

from survey_pipeline.context import Context
from survey_pipeline.stages.dispatch.composer import Composer, WrittenText
from survey_pipeline.stages.dispatch.due_texts import (
    TOLD,
    due_cases,
    lock_due_cases,
    not_asked,
    text_case,
    to_ask_why,
)
from survey_pipeline.store.bulk import scratch
from survey_pipeline.store.columns import UtcDateTime
from survey_pipeline.store.engine import writing
from survey_pipeline.store.locks import lock_name
from survey_pipeline.store.sealed import seal
from survey_pipeline.store.tables import cases, messages, offices, parents, surveys
from survey_pipeline.survey.lifecycle import Move, add_messages, move_messages
from survey_pipeline.survey.restored import doubt_texts, last_doubtful_day
from survey_pipeline.vocabulary import (
    MessagePurpose,
    MessageState,
    MessageWhy,
    PhoneKind,
    Rating,
)

T = TypeVar("T")

CASES_AT_ONCE = 400
"""Cases looked up by their keys in one statement: SQLite bounds the variables of one."""
_WRITTEN = {
    "survey_id": BigInteger,
    "body": String,
    "template": String,
    "version": String,
    "digits": JSON,
    "variables": JSON,
    "encoding": String,
    "segments": Integer,
    "fits": Integer,
}


@dataclass(frozen=True)
class Composed:
    """How many texts were written."""

    questions: int = 0
    reasons: int = 0
    too_long: int = 0
    """Of the questions: too long even in the short form, so they are called."""

    def __bool__(self) -> bool:
        """Return whether anything was written."""
        return bool(self.questions or self.reasons)


def compose(context: Context, composer: Composer, *, day: date | None = None) -> Composed:
    """Write every text that is due to be written; a second run writes nothing.

    Args:
        context: the workspace.
        composer: made by `make_composer`.
        day: only for what was drawn that day.
    """
    questions = too_long = reasons = 0
    while written := _in_transaction(context, lambda c: write_questions(c, context, composer, day)):
        questions, too_long = questions + written.questions, too_long + written.too_long
    _in_transaction(context, lambda connection: _cancel_obsolete(connection, context))
    while written := _in_transaction(context, lambda c: write_reasons(c, context, composer, day)):
        reasons += written.reasons
    return Composed(questions, reasons, too_long)


def _in_transaction(context: Context, work: Callable[[Connection], T]) -> T:
    """Run `work` in a transaction under a lock: two hosts would write the same texts."""
    with writing(context.engine) as connection:
        lock_name(connection, "compose", "")
        return work(connection)


def write_questions(
    connection: Connection, context: Context, composer: Composer, day: date | None
) -> Composed:
    """Write at most `AT_ONCE` questions; the result is false if none was due."""
    asked = lock_due_cases(connection, not_asked(), day)
    too_long = _store(connection, context, MessagePurpose.SURVEY, asked, composer.question)
    return Composed(questions=len(asked), too_long=too_long)


def write_reasons(
    connection: Connection, context: Context, composer: Composer, day: date | None
) -> Composed:
    """Write at most `AT_ONCE` follow-ups; the result is false if none was due."""
    if not context.settings.survey.ask_reason:
        return Composed()
    unhappy = lock_due_cases(connection, to_ask_why(), day)
    _store(connection, context, MessagePurpose.REASON, unhappy, composer.reason)
    return Composed(reasons=len(unhappy))


class Unwritten(NamedTuple):
    """A text that is due and not written yet."""

    office_code: str
    case_no: str
    phone: bytes
    """Encrypted."""
    purpose: MessagePurpose
    text: WrittenText


def compose_unwritten(
    connection: Connection, context: Context, composer: Composer, day: date | None
) -> Iterator[Unwritten]:
    """Compose what `write_questions` and `write_reasons` would write; nothing is stored."""
    due: list[tuple[MessagePurpose, ColumnElement[bool], Any]] = [
        (MessagePurpose.SURVEY, not_asked(), composer.question)
    ]
    if context.settings.survey.ask_reason:
        due.append((MessagePurpose.REASON, to_ask_why(), composer.reason))
    addressed = (surveys.c.office_code, surveys.c.case_no, surveys.c.phone)
    for purpose, condition, render in due:
        for row in connection.execute(due_cases(condition, day).add_columns(*addressed)):
            text = render(text_case(row))
            yield Unwritten(row.office_code, row.case_no, row.phone, purpose, text)


def compose_questions(
    connection: Connection, composer: Composer, drawn: Sequence[tuple[str, str]]
) -> Iterator[Unwritten]:
    """Compose the questions of cases that have no survey yet: a draw is rehearsed.

    Args:
        connection: in a transaction.
        composer: of the workspace.
        drawn: the cases by office and number.
    """
    for start in range(0, len(drawn), CASES_AT_ONCE):
        keys = tuple_(cases.c.office_code, cases.c.case_no)
        rows = connection.execute(
            select(
                cases.c.office_code,
                cases.c.case_no,
                cases.c.phone,
                *TOLD,
            )
            .join(offices, offices.c.office_code == cases.c.office_code)
            .join(parents, parents.c.parent_code == offices.c.parent_code)
            .where(keys.in_(drawn[start : start + CASES_AT_ONCE]))
            .where(cases.c.phone_kind == PhoneKind.MOBILE)
            .order_by(cases.c.id)
        )
        for row in rows:
            text = composer.question(text_case(row))
            yield Unwritten(row.office_code, row.case_no, row.phone, MessagePurpose.SURVEY, text)


def _cancel_obsolete(connection: Connection, context: Context) -> None:
    """Cancel unsent follow-ups of citizens who are satisfied after all."""
    ids = connection.scalars(
        select(messages.c.id)
        .join(surveys, surveys.c.id == messages.c.survey_id)
        .where(
            messages.c.state == MessageState.QUEUED,
            messages.c.purpose == MessagePurpose.REASON,
            surveys.c.rating == Rating.SATISFIED,
        )
    )
    moves = [
        Move(key, MessageState.FAILED, MessageWhy.NOT_NEEDED, only_from=MessageState.QUEUED)
        for key in ids
    ]
    move_messages(connection, context, moves)


def _store(
    connection: Connection,
    context: Context,
    purpose: MessagePurpose,
    found: Iterable[Row[Any]],
    render: Any,
) -> int:
    """Put texts into the outbox; return how many do not fit."""
    written = [(row.id, *_sealed(context, render(text_case(row)))) for row in found]
    if not written:
        return 0
    with scratch(connection, "written_now", _WRITTEN, written) as texts:
        source = select(surveys.c.id).join_from(texts, surveys, surveys.c.id == texts.c.survey_id)
        columns, fits = _message_columns(context, purpose, texts), texts.c.fits == 1
        add_messages(connection, columns, source.order_by(surveys.c.id), fits, context.now())
        if purpose is MessagePurpose.SURVEY:
            connection.execute(
                update(surveys)
                .where(surveys.c.id == texts.c.survey_id)
                .values(asked_at=context.now())
            )
        _doubt(connection, context, purpose, texts)
    return sum(1 for row in written if not row[-1])


def _doubt(connection: Connection, context: Context, purpose: MessagePurpose, texts: Any) -> None:
    """Hold back what a lost database may have sent before a copy of it was put back.

    Which cases it had drawn is not known, so every service of its time is in doubt.
    """
    until = last_doubtful_day(connection)
    if until is not None:
        these = messages.c.survey_id.in_(select(texts.c.survey_id))
        served = surveys.c.case_id.in_(select(cases.c.id).where(cases.c.served_on <= until))
        doubt_texts(connection, context, these, messages.c.purpose == purpose, served)


def _sealed(context: Context, text: WrittenText) -> WrittenText:
    """Encrypt a text: it reaches its table by a statement in which no column type takes part."""
    body, variables = (seal(context.keys, part) for part in (text.body, text.variables))
    return text._replace(body=body, variables=json.dumps(variables))


def _message_columns(context: Context, purpose: MessagePurpose, texts: Any) -> dict[str, Any]:
    """Return the columns of the new messages."""
    now = context.now()
    moment = literal(now, UtcDateTime)
    return {
        "survey_id": surveys.c.id,
        "purpose": literal(purpose.value),
        "phone": surveys.c.phone,
        "phone_hash": surveys.c.phone_hash,
        "text": texts.c.body,
        "template": texts.c.template,
        "template_version": texts.c.version,
        "digits": texts.c.digits,
        "variables": texts.c.variables,
        "encoding": texts.c.encoding,
        "segments": texts.c.segments,
        "queued_at": moment,
        "not_before": moment,
        "expires_at": literal(now + context.settings.sending.hold_for, UtcDateTime),
        "tries": literal_column("0"),
    }
