"""What the ballots came to: counts per office, once the review is closed, and nothing before."""

from sqlalchemy import Connection, select

from survey_pipeline.context import Context
from survey_pipeline.scoring.facts import Answers
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import review_offices


def tallies(context: Context, year: int) -> dict[str, Answers]:
    """Return the ballots of each office that takes part; nothing until the review is closed.

    An office for which nobody voted has none of each.
    """
    with reading(context.engine) as connection:
        return counted(connection, year)


def counted(connection: Connection, year: int) -> dict[str, Answers]:
    """Return the same in a transaction of the caller's."""
    rows = connection.execute(
        select(review_offices).where(
            review_offices.c.year == year, review_offices.c.satisfied.is_not(None)
        )
    )
    return {row.office_code: Answers(row.satisfied, row.neutral, row.dissatisfied) for row in rows}
