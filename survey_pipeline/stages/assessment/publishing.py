"""Freezes a version of a score: later changes make a new version."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table

from survey_pipeline.context import Context
from survey_pipeline.stages.assessment.stored_month import StoredMonth
from survey_pipeline.stages.assessment.stored_year import StoredYear
from survey_pipeline.store.audit import append, entry
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import month_scores, year_scores
from survey_pipeline.vocabulary import AuditAction, Audited


@dataclass(frozen=True)
class Publication:
    """A published version."""

    period: str
    """`YYYY` or `YYYY-MM`."""
    version: int
    at: datetime
    by: str
    complete: bool
    is_new: bool
    """Whether this very call published it."""


def publish(context: Context, stored: StoredMonth | StoredYear) -> Publication:
    """Publish a version; once published it stays so, with the name and time of the first call."""
    table: Table = month_scores if isinstance(stored, StoredMonth) else year_scores
    period = stored.month if isinstance(stored, StoredMonth) else str(stored.year)
    now = context.now()
    with writing(context.engine) as connection:
        done = connection.execute(
            table.update()
            .where(table.c.id == stored.id, table.c.published_at.is_(None))
            .values(published_at=now, published_by=context.actor)
        )
        if done.rowcount:
            said = entry(
                at=now,
                actor=context.actor,
                action=AuditAction.PUBLISHED,
                kind=Audited(table.name),
                key=f"{period}/{stored.version}",
                after={"inputs_hash": stored.inputs_hash, "standard_hash": stored.standard_hash},
            )
            append(connection, [said])
        row = connection.execute(table.select().where(table.c.id == stored.id)).one()
    return Publication(
        period, stored.version, row.published_at, row.published_by or "", row.complete,
        is_new=bool(done.rowcount),
    )  # fmt: skip
