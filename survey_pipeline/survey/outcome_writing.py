"""Writes changed outcome codes: a few one by one, many with a scratch table."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Connection, String, bindparam, literal, select, update

from survey_pipeline.store.bulk import scratch
from survey_pipeline.store.columns import UtcDateTime
from survey_pipeline.store.tables import survey_events, surveys
from survey_pipeline.vocabulary import SurveyEventKind

FEW = 20
"""So many changes are written one by one: a scratch table costs more."""
_CHANGE: Any = (
    update(surveys)
    .where(surveys.c.id == bindparam("key"))
    .values(disposition=bindparam("code"), contact_data_bad=bindparam("bad"))
)
Change = tuple[int, str, str, bool]
"""A survey, its code before and after, and whether its contact data is bad."""


def write_outcomes(connection: Connection, changes: Sequence[Change], now: datetime) -> None:
    """Write new codes onto their surveys, each with an entry in the journal."""
    write = _write_few if len(changes) <= FEW else _write_many
    write(connection, changes, now)


def _write_few(connection: Connection, changes: Sequence[Change], now: datetime) -> None:
    connection.execute(
        _CHANGE, [{"key": key, "code": code, "bad": bad} for key, _, code, bad in changes]
    )
    what = SurveyEventKind.DISPOSITION
    connection.execute(
        survey_events.insert(),
        [
            {"survey_id": key, "at": now, "what": what, "before": before, "after": code}
            for key, before, code, _ in changes
        ],
    )


def _write_many(connection: Connection, changes: Sequence[Change], now: datetime) -> None:
    columns = {"survey_id": BigInteger, "before": String, "after": String, "bad": Boolean}
    with scratch(connection, "outcomes_now", columns, changes) as changed:
        connection.execute(
            update(surveys)
            .where(surveys.c.id == changed.c.survey_id)
            .values(disposition=changed.c.after, contact_data_bad=changed.c.bad)
        )
        moment, what = literal(now, UtcDateTime), literal(SurveyEventKind.DISPOSITION.value)
        connection.execute(
            survey_events.insert().from_select(
                ["survey_id", "at", "what", "before", "after"],
                select(changed.c.survey_id, moment, what, changed.c.before, changed.c.after),
            )
        )
