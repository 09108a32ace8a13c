"""After a review: names and numbers of its representatives go, as any other personal data does."""

from datetime import timedelta

from sqlalchemy import null, or_, select, update

from survey_pipeline.context import Context
from survey_pipeline.stages.review.steps import locked, log
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import representatives, reviews
from survey_pipeline.store.traces import leave_no_trace
from survey_pipeline.vocabulary import AuditAction

_PERSONAL = {column: null() for column in ("name", "phone", "phone_hash")}


def forget_representatives(context: Context) -> int:
    """Empty names and numbers, `privacy.retention_days` after a review was closed.

    The whole pool's: whoever was not drawn has no part in it any more either. Numbers
    (`rep_no`), the draw and who voted stay. Repeated, it changes nothing.

    Returns:
        How many representatives were forgotten.
    """
    limit = context.now() - timedelta(days=context.settings.privacy.retention_days)
    known = or_(*(representatives.c[name].is_not(None) for name in _PERSONAL))
    forgotten = 0
    with writing(context.engine) as connection:
        leave_no_trace(connection)
        due = connection.scalars(select(reviews.c.year).where(reviews.c.closed_at <= limit)).all()
        for year in due:
            locked(connection, year)
            count = connection.execute(
                update(representatives)
                .where(representatives.c.year == year, known)
                .values(_PERSONAL)
            ).rowcount
            if count:
                log(connection, context, year, "forget", {"forgotten": count}, AuditAction.DELETED)
            forgotten += count
    return forgotten
