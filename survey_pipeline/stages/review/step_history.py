"""Who took which step of a year's review and when, every time, by the audit log."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from survey_pipeline.context import Context
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log
from survey_pipeline.vocabulary import Audited


@dataclass(frozen=True)
class TakenStep:
    """One entry of the audit log about a review."""

    step: str
    """`select`, `draw`, `links`, `invite`, `open`, `closing day` or `close`."""
    at: datetime
    by: str
    reason: str


def steps_taken(context: Context, year: int) -> list[TakenStep]:
    """Return the steps of a year's review as they were taken, the latest first."""
    prefix = f"{year}/"
    query = (
        select(audit_log.c.key, audit_log.c.at, audit_log.c.actor, audit_log.c.reason)
        .where(audit_log.c.kind == Audited.REVIEW, audit_log.c.key.startswith(prefix))
        .order_by(audit_log.c.id.desc())
    )
    with reading(context.engine) as connection:
        rows = connection.execute(query).all()
    return [
        TakenStep(row.key.removeprefix(prefix), row.at, row.actor, row.reason or "") for row in rows
    ]
