"""Opens a survey for each drawn case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    MetaData,
    String,
    Table,
    and_,
    case,
    false,
    literal,
    or_,
    select,
)

from survey_pipeline.calendar import last_day
from survey_pipeline.context import Context
from survey_pipeline.standard.responsibility import Responsibilities, Responsibility
from survey_pipeline.store.bulk import insert_new
from survey_pipeline.store.columns import UtcDateTime
from survey_pipeline.store.tables import cases, offices, surveys
from survey_pipeline.survey.lifecycle import add_surveys
from survey_pipeline.survey.time_limits import closing_time
from survey_pipeline.vocabulary import Disposition, PhoneKind

FLAGS = (
    "corrected",
    "texted",
    "delivered",
    "replied",
    "called",
    "reached",
    "denied",
    "contact_data_bad",
    "opted_out",
    "withdrawn",
)
"""What is false of a survey when it opens."""


@dataclass(frozen=True)
class Opening:
    """What the surveys of one draw have in common."""

    day: date
    at: datetime
    """The moment of the draw."""
    months: Sequence[str]
    """The months in which the drawn cases were reported, in order."""
    carried_out: Responsibilities[Responsibility]


def open_surveys(
    connection: Connection,
    context: Context,
    opening: Opening,
    drawn: Sequence[tuple[str, str, str]],
) -> None:
    """Open a survey for each drawn case, given as (office_code, case_no, rank in hex)."""
    fixed = {
        "drawn_on": opening.day,
        "attempts": 0,
        "disposition": Disposition.NEVER_ATTEMPTED,
        **dict.fromkeys(FLAGS, False),
    }
    derived = _derived_columns(context, opening)
    copied = ("office_code", "case_no", "phone", "phone_hash", "phone_kind")
    ranked = _ranked(connection, drawn)
    columns = {
        **{name: literal(value, surveys.c[name].type) for name, value in fixed.items()},
        **derived,
        **{name: cases.c[name] for name in copied},
        "rank_hash": ranked.c.rank_hash,
    }
    source = (
        select(cases.c.id)
        .join_from(
            ranked,
            cases,
            and_(cases.c.office_code == ranked.c.office_code, cases.c.case_no == ranked.c.case_no),
        )
        .join(offices, offices.c.office_code == cases.c.office_code)
        .order_by(cases.c.id)
    )
    add_surveys(connection, columns, source, surveys.c.drawn_on == opening.day, opening.at)
    ranked.drop(connection)


def _ranked(connection: Connection, drawn: Sequence[tuple[str, str, str]]) -> Table:
    """Put the drawn cases into a temporary table, so that one statement opens their surveys."""
    table = Table(
        "drawn_now",
        MetaData(),
        Column("office_code", String),
        Column("case_no", String),
        Column("rank_hash", String),
        prefixes=["TEMPORARY"],
    )
    table.create(connection)
    insert_new(connection, table, ("office_code", "case_no", "rank_hash"), drawn)
    return table


def _derived_columns(context: Context, opening: Opening) -> dict[str, ColumnElement[Any]]:
    """Return the columns of a survey that follow from its case and office."""
    at, window = opening.at, context.settings.survey.reply_window
    closes_text, closes_landline = (
        closing_time(at, at + wait, context.settings, context.calendar)
        for wait in (window, timedelta(0))
    )
    return {
        "case_id": cases.c.id,
        "category": offices.c.category,
        "own_calls": _calls_are_ours(opening.carried_out),
        "month": case(
            *((cases.c.reported_on <= last_day(month), literal(month)) for month in opening.months)
        ),
        "closes_at": case(
            (cases.c.phone_kind == PhoneKind.LANDLINE, literal(closes_landline, UtcDateTime)),
            else_=literal(closes_text, UtcDateTime),
        ),
    }


def _calls_are_ours(carried_out: Responsibilities[Responsibility]) -> ColumnElement[bool]:
    """Return which offices' calls are ours; the survey keeps it, also if the rule book changes."""
    kinds = (
        and_(offices.c.category == category, offices.c.approval_service == service)
        for category, service, arrangement in carried_out.kinds()
        if arrangement.calls_are_ours
    )
    return or_(false(), *kinds)
