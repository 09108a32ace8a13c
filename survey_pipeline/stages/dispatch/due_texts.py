"""The cases that a text is due for: the question, and the follow-up to the unhappy."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    exists,
    literal_column,
    select,
)

from survey_pipeline.stages.dispatch.templates import TextCase
from survey_pipeline.store.tables import cases, inbound, messages, offices, parents, surveys
from survey_pipeline.survey.delivered_result import answered_elsewhere
from survey_pipeline.vocabulary import (
    InboundUse,
    MessagePurpose,
    Mode,
    PhoneKind,
    Rating,
    SurveyState,
)

AT_ONCE = 5_000
"""Texts written in one transaction."""


TOLD: Any = (
    offices.c.name.label("office"),
    parents.c.name.label("parent"),
    offices.c.category,
    cases.c.item,
    cases.c.served_on,
)
"""The columns that `text_case` reads."""


def text_case(row: Row[Any]) -> TextCase:
    """Return what a text may say of a case; its item as one line: offices paste line ends."""
    item = " ".join(row.item.split())
    return TextCase(row.office, row.parent, row.category, item, row.served_on)


def _word(value: StrEnum) -> ColumnElement[str]:
    """Write a word out: an index over a part of a table serves no query that hides the part."""
    return literal_column(f"'{value.value}'")


def not_asked() -> ColumnElement[bool]:
    """Return the condition that a mobile's survey was never asked, and may be."""
    return and_(  # begins as `tables.surveys.UNASKED`
        surveys.c.asked_at.is_(None),
        surveys.c.state == _word(SurveyState.OPEN),
        surveys.c.phone_kind == _word(PhoneKind.MOBILE),
        ~surveys.c.opted_out,
        ~surveys.c.withdrawn,
        ~surveys.c.denied,
        surveys.c.rating.is_(None),
        ~answered_elsewhere(),
    )


def to_ask_why() -> ColumnElement[bool]:
    """Return the condition that a citizen may be asked why: unhappy by SMS, not asked before."""
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


def lock_due_cases(
    connection: Connection, condition: ColumnElement[bool], day: date | None
) -> Sequence[Row[Any]]:
    """Return at most `AT_ONCE` due cases, their surveys locked until the transaction ends."""
    # locked: an answer or an opt-out that comes now waits, then cancels
    query = due_cases(condition, day).limit(AT_ONCE).with_for_update(of=surveys, key_share=True)
    found: Sequence[Row[Any]] = connection.execute(query).all()
    return found


def due_cases(condition: ColumnElement[bool], day: date | None) -> Any:
    """Return the query of the cases that a text is due for."""
    query: Any = (
        select(surveys.c.id, *TOLD)
        .join(cases, cases.c.id == surveys.c.case_id)
        .join(offices, offices.c.office_code == surveys.c.office_code)
        .join(parents, parents.c.parent_code == offices.c.parent_code)
        .where(condition)
        .order_by(surveys.c.id)
    )
    return query if day is None else query.where(surveys.c.drawn_on == day)
