"""The day for which an office reports."""

from datetime import date, timedelta

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed


def report_day(context: Context, day: date | None) -> date:
    """Return the day for which an office reports: today, or one that it has missed.

    Raises:
        CannotProceed: the day is in the future, or longer ago than `intake.max_age_days`.
    """
    today = context.today()
    day = today if day is None else day
    if day > today:
        raise CannotProceed("the report day {day} is in the future", day=day)
    days = context.settings.intake.max_age_days
    if day < today - timedelta(days=days):
        raise CannotProceed(
            "the report day {day} is more than {days} days ago; tell {organisation}",
            day=day,
            days=days,
        )
    return day
