"""Writes texts into the outbox: the question of each drawn case, and the one follow-up.

A question too long for `sending.max_segments` gives way to the short template; if that is too long
as well, it stands as failed with the reason `too_long`, and the phone takes the case.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Row,
    String,
    and_,
    exists,
    literal,
    literal_column,
    select,
    tuple_,
    update,
)

from survey_pipeline.context import Context
from survey_pipeline.stages.dispatch.segments import Size, measure
from survey_pipeline.stages.dispatch.templates import (
    FOLDER,
    QUESTIONS,
    REASON,
    SmsTemplate,
    load_templates,
)
from survey_pipeline.store.bulk import scratch
from survey_pipeline.store.columns import UtcDateTime
from survey_pipeline.store.engine import writing
from survey_pipeline.store.locks import lock_name
from survey_pipeline.store.tables import cases, inbound, messages, offices, surveys
from survey_pipeline.survey.lifecycle import Move, add_messages, move_messages
from survey_pipeline.vocabulary import (
    InboundUse,
    MessagePurpose,
    MessageState,
    MessageWhy,
    Mode,
    PhoneKind,
    Rating,
    SurveyState,
)

T = TypeVar("T")

AT_ONCE = 5_000
"""Texts written in one transaction."""
CASES_AT_ONCE = 400
"""Cases looked up by their keys in one statement: SQLite bounds the variables of one."""
TEXTS_KEPT = 10_000
"""Different texts remembered while composing: many cases of one office and day share theirs."""
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


class _Text(NamedTuple):
    """A text as it goes into the scratch table, in the order of its columns."""

    body: str
    template: str
    version: str
    digits: str
    variables: str
    encoding: str
    segments: int
    fits: int


@dataclass(frozen=True)
class Composed:
    """How many texts were written."""

    questions: int = 0
    reasons: int = 0
    too_long: int = 0
    """Of the questions: too long even in the short form, so they are called."""

    def __bool__(self) -> bool:
        """Say whether anything was written."""
        return bool(self.questions or self.reasons)


class Composer:
    """Renders texts by the workspace's templates."""

    def __init__(self, templates: Mapping[str, SmsTemplate], most_segments: int) -> None:
        self._templates = templates
        self._most = most_segments
        self.question = lru_cache(TEXTS_KEPT)(self._question)
        self.reason = lru_cache(TEXTS_KEPT)(self._reason)

    def _question(self, office: str, item: str, served_on: date) -> _Text:
        """Return the question, in the first form that fits; the last one marked if none does."""
        variables = {"office": office, "item": item, "served_on": served_on}
        for name in QUESTIONS:
            written = self._written(self._templates[name], variables)
            if written.fits:
                break
        return written

    def _reason(self, office: str, item: str, served_on: date) -> _Text:
        variables = {"office": office, "item": item, "served_on": served_on}
        return self._written(self._templates[REASON], variables)

    def _written(self, template: SmsTemplate, variables: Mapping[str, Any]) -> _Text:
        body = template.render(variables)
        size: Size = measure(body)
        return _Text(
            body,
            template.file,
            template.version,
            json.dumps(dict(template.digits)),
            json.dumps({name: str(value) for name, value in variables.items()}, ensure_ascii=False),
            size.encoding,
            size.segments,
            int(size.segments <= self._most),
        )


def make_composer(context: Context) -> Composer:
    """Read the workspace's templates.

    Raises:
        ConfigurationError: one is missing or wrong.
    """
    templates = load_templates(context.home / FOLDER)
    return Composer(templates, context.settings.sending.max_segments)


def compose(context: Context, composer: Composer, *, day: date | None = None) -> Composed:
    """Write every text that is due to be written; a second run writes nothing.

    Args:
        context: the workspace.
        composer: made by `make_composer`.
        day: only for what was drawn that day.
    """
    questions = too_long = reasons = 0
    while written := _in_one(context, lambda c: write_questions(c, context, composer, day)):
        questions, too_long = questions + written.questions, too_long + written.too_long
    _in_one(context, lambda connection: _cancel_obsolete(connection, context))
    while written := _in_one(context, lambda c: write_reasons(c, context, composer, day)):
        reasons += written.reasons
    return Composed(questions, reasons, too_long)


def _in_one(context: Context, work: Callable[[Connection], T]) -> T:
    """Do some work in a transaction of its own, one host at a time: all write the same texts."""
    with writing(context.engine) as connection:
        lock_name(connection, "compose", "")
        return work(connection)


def write_questions(
    connection: Connection, context: Context, composer: Composer, day: date | None
) -> Composed:
    """Write at most `AT_ONCE` questions; nothing written is false."""
    asked = _cases(connection, _unasked(), day)
    too_long = _write(connection, context, MessagePurpose.SURVEY, asked, composer.question)
    return Composed(questions=len(asked), too_long=too_long)


def write_reasons(
    connection: Connection, context: Context, composer: Composer, day: date | None
) -> Composed:
    """Write at most `AT_ONCE` follow-ups; nothing written is false."""
    if not context.settings.survey.ask_reason:
        return Composed()
    unhappy = _cases(connection, _to_ask_why(), day)
    _write(connection, context, MessagePurpose.REASON, unhappy, composer.reason)
    return Composed(reasons=len(unhappy))


class Unwritten(NamedTuple):
    """A text that is due and not written yet."""

    office_code: str
    case_no: str
    phone: bytes
    """Encrypted."""
    purpose: MessagePurpose
    text: _Text


def unwritten(
    connection: Connection, context: Context, composer: Composer, day: date | None
) -> Iterator[Unwritten]:
    """Compose what `write_questions` and `write_reasons` would write; nothing is stored."""
    due: list[tuple[MessagePurpose, ColumnElement[bool], Any]] = [
        (MessagePurpose.SURVEY, _unasked(), composer.question)
    ]
    if context.settings.survey.ask_reason:
        due.append((MessagePurpose.REASON, _to_ask_why(), composer.reason))
    addressed = (surveys.c.office_code, surveys.c.case_no, surveys.c.phone)
    for purpose, condition, render in due:
        for row in connection.execute(_asked(condition, day).add_columns(*addressed)):
            text = render(row.name, _line(row.item), row.served_on)
            yield Unwritten(row.office_code, row.case_no, row.phone, purpose, text)


def of_cases(
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
                offices.c.name,
                cases.c.item,
                cases.c.served_on,
            )
            .join(offices, offices.c.office_code == cases.c.office_code)
            .where(keys.in_(drawn[start : start + CASES_AT_ONCE]))
            .where(cases.c.phone_kind == PhoneKind.MOBILE)
            .order_by(cases.c.id)
        )
        for row in rows:
            text = composer.question(row.name, _line(row.item), row.served_on)
            yield Unwritten(row.office_code, row.case_no, row.phone, MessagePurpose.SURVEY, text)


def _word(value: StrEnum) -> ColumnElement[str]:
    """Write a word out: an index over a part of a table serves no query that hides the part."""
    return literal_column(f"'{value.value}'")


def _unasked() -> ColumnElement[bool]:
    return and_(  # begins as `tables.surveys.UNASKED`
        surveys.c.asked_at.is_(None),
        surveys.c.state == _word(SurveyState.OPEN),
        surveys.c.phone_kind == _word(PhoneKind.MOBILE),
        ~surveys.c.opted_out,
        ~surveys.c.withdrawn,
        ~surveys.c.denied,
        surveys.c.rating.is_(None),
    )


def _to_ask_why() -> ColumnElement[bool]:
    """Say who may be asked for the reason: unhappy by SMS, never asked before, still ours."""
    written = exists().where(
        messages.c.survey_id == surveys.c.id, messages.c.purpose == MessagePurpose.REASON
    )
    told = exists().where(inbound.c.survey_id == surveys.c.id, inbound.c.use == InboundUse.COMMENT)
    return and_(  # begins as `tables.surveys.UNHAPPY`
        surveys.c.state == _word(SurveyState.OPEN),
        surveys.c.rating.in_((_word(Rating.NEUTRAL), _word(Rating.DISSATISFIED))),
        surveys.c.rated_by == Mode.SMS,
        surveys.c.handed_over_at.is_(None),
        ~surveys.c.opted_out,
        ~surveys.c.withdrawn,
        ~written,
        ~told,
    )


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


def _cases(
    connection: Connection, condition: ColumnElement[bool], day: date | None
) -> Sequence[Row[Any]]:
    # locked: an answer or an opt-out that comes now waits, then cancels
    query = _asked(condition, day).limit(AT_ONCE).with_for_update(of=surveys)
    found: Sequence[Row[Any]] = connection.execute(query).all()
    return found


def _asked(condition: ColumnElement[bool], day: date | None) -> Any:
    """Return the query of the cases that a text is due for."""
    query: Any = (
        select(
            surveys.c.id,
            offices.c.name,
            cases.c.item,
            cases.c.served_on,
        )
        .join(cases, cases.c.id == surveys.c.case_id)
        .join(offices, offices.c.office_code == surveys.c.office_code)
        .where(condition)
        .order_by(surveys.c.id)
    )
    return query if day is None else query.where(surveys.c.drawn_on == day)


def _write(
    connection: Connection,
    context: Context,
    purpose: MessagePurpose,
    found: Iterable[Row[Any]],
    render: Any,
) -> int:
    """Put texts into the outbox; return how many do not fit."""
    written = [(row.id, *render(row.name, _line(row.item), row.served_on)) for row in found]
    if not written:
        return 0
    with scratch(connection, "written_now", _WRITTEN, written) as texts:
        source = select(surveys.c.id).join_from(texts, surveys, surveys.c.id == texts.c.survey_id)
        columns, fits = _columns(context, purpose, texts), texts.c.fits == 1
        add_messages(connection, columns, source.order_by(surveys.c.id), fits, context.now())
        if purpose is MessagePurpose.SURVEY:
            connection.execute(
                update(surveys)
                .where(surveys.c.id == texts.c.survey_id)
                .values(asked_at=context.now())
            )
    return sum(1 for row in written if not row[-1])


def _line(item: str) -> str:
    """Return an item as one line: offices paste line ends, and a text has none."""
    return " ".join(item.split())


def _columns(context: Context, purpose: MessagePurpose, texts: Any) -> dict[str, Any]:
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
