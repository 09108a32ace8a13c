"""How surveys open and close."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, literal, select, update

from survey_pipeline.store.columns import UtcDateTime
from survey_pipeline.store.tables import survey_events, surveys
from survey_pipeline.survey.lifecycle.leaving import leaving
from survey_pipeline.vocabulary import SurveyEnd, SurveyEventKind, SurveyState


def add_surveys(
    connection: Connection,
    columns: Mapping[str, ColumnElement[Any]],
    source: Select[Any],
    added: ColumnElement[bool],
    now: datetime,
) -> None:
    """Open surveys, many with one statement.

    Args:
        connection: a transaction that writes.
        columns: the columns of the new rows but `state` and `opened_at`.
        source: the query that yields a row for each survey.
        added: the condition that only the surveys just opened meet.
        now: the present moment.
    """
    moment = literal(now, UtcDateTime)
    values = {**columns, "state": literal(SurveyState.OPEN.value), "opened_at": moment}
    rows = source.with_only_columns(*values.values(), maintain_column_froms=True)
    connection.execute(surveys.insert().from_select(list(values), rows))
    kind = literal(SurveyEventKind.OPENED.value)
    connection.execute(
        survey_events.insert().from_select(
            ["survey_id", "at", "what"], select(surveys.c.id, moment, kind).where(added)
        )
    )


def end_surveys(
    connection: Connection, survey_ids: Sequence[int], why: SurveyEnd, now: datetime
) -> int:
    """Close those of these surveys that are open; return how many there were."""
    closed = sorted(
        connection.scalars(
            update(surveys)
            .where(surveys.c.id.in_(survey_ids), leaving([SurveyState.OPEN], SurveyState.CLOSED))
            .values(state=SurveyState.CLOSED, closed_at=now)
            .returning(surveys.c.id)
        )
    )
    if closed:
        line = {"at": now, "what": SurveyEventKind.CLOSED, "after": why}
        connection.execute(survey_events.insert(), [{"survey_id": key, **line} for key in closed])
    return len(closed)
