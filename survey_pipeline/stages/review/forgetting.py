"""After a review: names and numbers of its representatives go, as any other personal data does."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from survey_pipeline.context import Context
from survey_pipeline.stages.review.steps import locked, log
from survey_pipeline.store.emptying import empty, empty_recorded, still_held
from survey_pipeline.store.engine import writing
from survey_pipeline.store.personal import KeptUntil
from survey_pipeline.store.tables import audit_log, representatives, reviews
from survey_pipeline.vocabulary import AuditAction, RecordKind

_END = KeptUntil.REVIEW
Noted = Callable[[Connection, Mapping[str, int]], None]


def representatives_due(connection: Connection, closed_by: datetime) -> int:
    """Return how many representatives of reviews that were closed by then are still known."""
    years = select(reviews.c.year).where(reviews.c.closed_at <= closed_by)
    query = select(func.count()).select_from(representatives)
    known = still_held(representatives, _END)
    return int(connection.scalar(query.where(representatives.c.year.in_(years), known)) or 0)


def forget_representatives(context: Context, noted: Noted | None = None) -> int:
    """Empty names and numbers, `privacy.retention_days` after a review was closed.

    The whole pool's: those who were not drawn have no part in it any more either. Numbers
    (`rep_no`), the draw and who voted stay. Repeated, it changes nothing.

    Args:
        context: the workspace.
        noted: is told how many rows were emptied, in the transaction that empties them.

    Returns:
        How many representatives were forgotten.
    """
    limit = context.now() - timedelta(days=context.settings.privacy.retention_days)
    forgotten = 0
    with writing(context.engine) as connection:
        due = connection.scalars(select(reviews.c.year).where(reviews.c.closed_at <= limit)).all()
        for year in due:
            locked(connection, year)
            counts = _forget(connection, year)
            if count := counts[representatives.name]:
                log(connection, context, year, "forget", {"forgotten": count}, AuditAction.DELETED)
            if noted is not None:
                noted(connection, counts)
            forgotten += count
    return forgotten


def _forget(connection: Connection, year: int) -> dict[str, int]:
    theirs = representatives.c.year == year
    numbers = connection.scalars(select(representatives.c.rep_no).where(theirs)).all()
    keys = [f"{year}/{number}" for number in numbers]
    return {
        representatives.name: empty(connection, representatives, theirs, _END),
        audit_log.name: empty_recorded(
            connection, RecordKind.REPRESENTATIVES, keys, representatives, _END
        ),
    }
