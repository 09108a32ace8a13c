"""How a month's surveys are read when all of them are counted."""

from sqlalchemy import ColumnElement, Connection, and_, func, select

from survey_pipeline.store.tables import surveys


def passing_through(connection: Connection, month: str) -> ColumnElement[bool]:
    """Restrict to one month, written so that SQLite scans by row id instead of using the index.

    A month's surveys stand close together, since they are drawn day by day. Joined with an empty
    text the month is the same, and no index serves it any more.
    """
    first, last = connection.execute(
        select(func.min(surveys.c.id), func.max(surveys.c.id)).where(surveys.c.month == month)
    ).one()
    return and_(surveys.c.id.between(first or 0, last or 0), surveys.c.month.concat("") == month)
