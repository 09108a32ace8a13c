"""Opens a survey for each drawn case."""

from collections.abc import Sequence
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
    literal,
    select,
)

from survey_pipeline.calendar import last_day
from survey_pipeline.context import Context
from survey_pipeline.store.bulk import insert_new
from survey_pipeline.store.columns import UtcDateTime
from survey_pipeline.store.tables import cases, offices, survey_events, surveys
from survey_pipeline.survey.closing import closing_time
from survey_pipeline.survey.responsibility import called_by_us
from survey_pipeline.vocabulary import Category, Disposition, PhoneKind, SurveyState

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


def open_surveys(
    connection: Connection,
    context: Context,
    months: Sequence[str],
    day: date,
    at: datetime,
    drawn: Sequence[tuple[str, str, str]],
) -> None:
    """Open a survey for each drawn case, given as (office_code, case_no, rank in hex)."""
    fixed = {
        "drawn_on": day,
        "opened_at": at,
        "state": SurveyState.OPEN,
        "attempts": 0,
        "disposition": Disposition.NEVER_ATTEMPTED,
        **dict.fromkeys(FLAGS, False),
    }
    derived = _derived_columns(context, months, at)
    copied = ("office_code", "case_no", "phone", "phone_hash", "phone_kind")
    ranked = _ranked(connection, drawn)
    rows = (
        select(
            *(literal(value, surveys.c[name].type) for name, value in fixed.items()),
            *derived.values(),
            *(cases.c[name] for name in copied),
            ranked.c.rank_hash,
        )
        .join_from(
            ranked,
            cases,
            and_(cases.c.office_code == ranked.c.office_code, cases.c.case_no == ranked.c.case_no),
        )
        .join(offices, offices.c.office_code == cases.c.office_code)
        .order_by(cases.c.id)
    )
    connection.execute(surveys.insert().from_select([*fixed, *derived, *copied, "rank_hash"], rows))
    ranked.drop(connection)
    _log_openings(connection, day, at)


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


def _derived_columns(
    context: Context, months: Sequence[str], at: datetime
) -> dict[str, ColumnElement[Any]]:
    """Return the columns of a survey that follow from its case and office."""
    window = context.settings.survey.reply_window
    closes_text, closes_landline = (
        closing_time(at, at + wait, context.settings, context.calendar)
        for wait in (window, timedelta(0))
    )
    others = [literal(category.value) for category in Category if not called_by_us(category)]
    return {
        "case_id": cases.c.id,
        "category": offices.c.category,
        "own_calls": and_(*(offices.c.category != category for category in others)),
        "month": case(
            *((cases.c.reported_on <= last_day(month), literal(month)) for month in months)
        ),
        "closes_at": case(
            (cases.c.phone_kind == PhoneKind.LANDLINE, literal(closes_landline, UtcDateTime)),
            else_=literal(closes_text, UtcDateTime),
        ),
    }


def _log_openings(connection: Connection, day: date, at: datetime) -> None:
    opened = select(surveys.c.id, literal(at, UtcDateTime), literal("opened")).where(
        surveys.c.drawn_on == day
    )
    connection.execute(survey_events.insert().from_select(["survey_id", "at", "what"], opened))
