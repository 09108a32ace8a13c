"""Looking at scores and publishing them: what is stored is shown, nothing is stored by looking.

A month or year that was never scored is scored first, since there is nothing to show.
"""

from datetime import date

from sqlalchemy import select

from survey_pipeline.errors import CannotProceed, UnknownRecord
from survey_pipeline.pipeline import score_month, score_year, verify_score
from survey_pipeline.stages import assessment
from survey_pipeline.stages.assessment import StoredMonth, StoredYear, stored_month, stored_year
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import month_scores, year_scores
from survey_pipeline.survey.context import Context


def shown_month(context: Context, month: str) -> StoredMonth:
    """Return the latest stored score of a month; one that was never scored is scored.

    Raises:
        CannotProceed: the month has not begun, or nothing is known of it.
    """
    with reading(context.engine) as connection:
        of_month = select(month_scores.c.id).where(month_scores.c.month == month).limit(1)
        scored = connection.scalar(of_month) is not None
    return stored_month(context, month) if scored else score_month(context, month)


def shown_year(context: Context, year: int, as_of: date | None = None) -> StoredYear:
    """Return a stored score of a year, the furthest unless a day is named; else score the year.

    Raises:
        CannotProceed: the window has not begun, or no office is on the register.
        UnknownRecord: the year has scores, but none of that day.
    """
    query = select(year_scores.c.version, year_scores.c.as_of).where(year_scores.c.year == year)
    with reading(context.engine) as connection:
        versions = connection.execute(query.order_by(year_scores.c.version.desc())).all()
    if not versions:
        return score_year(context, year, as_of)
    if as_of is None:
        return stored_year(context, year)
    found = next((one.version for one in versions if one.as_of == as_of), None)
    if found is None:
        raise UnknownRecord("{year} has no scores as of {day}", year=year, day=as_of).at_terminal(
            "Run: survey-pipeline score year {year} --as-of {day}", year=year, day=as_of
        )
    return stored_year(context, year, found)


def has_changed(context: Context, stored: StoredMonth | StoredYear) -> bool:
    """Return whether a stored score is no longer what its inputs give."""
    period = stored.month if isinstance(stored, StoredMonth) else stored.year
    return not verify_score(context, period, stored.version).ok


def publish_score(
    context: Context, period: str | int, version: int | None = None
) -> assessment.Publication:
    """Freeze a stored score, if it still is what its inputs give.

    Args:
        context: the workspace; its actor publishes.
        period: a month (`YYYY-MM`) or an appraisal year.
        version: the stored version; the latest.

    Raises:
        UnknownRecord: there is no such score.
        CannotProceed: it does not verify.
    """
    stored = (
        assessment.stored_year(context, period, version)
        if isinstance(period, int)
        else assessment.stored_month(context, period, version)
    )
    if stored.published_at is None:
        found = verify_score(context, period, stored.version)
        if not found.ok:
            raise CannotProceed(
                "version {version} of {period} is not what its inputs give now ({problem}). "
                "Score it again, look at it, and publish that",
                version=found.version,
                period=found.period,
                problem=found.problems[0],
            )
    return assessment.publish(context, stored)
