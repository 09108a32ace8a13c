"""Until when a text may be answered, and until when a survey stays open."""

from datetime import datetime, timedelta

from survey_pipeline.calendar import Calendar
from survey_pipeline.settings import Settings

WORKING_DAYS_OF_CALLING = 3
"""No survey closes before its call could be made on that many working days."""


def closing_time(
    opened_at: datetime, calling_from: datetime, settings: Settings, calendar: Calendar
) -> datetime:
    """Return when a survey closes: `closes_after` its opening, after three days of calling.

    Args:
        opened_at: the draw.
        calling_from: when its call may be queued: the draw for a landline, else the end of the
            reply window.
        settings: with the survey's time limits and the calling hours.
        calendar: with the working days.
    """
    return max(
        opened_at + settings.survey.closes_after, end_of_calling(calling_from, settings, calendar)
    )


def end_of_calling(calling_from: datetime, settings: Settings, calendar: Calendar) -> datetime:
    """Return the end of the third working day of calling, counted from `calling_from`."""
    first = calendar.day(
        calendar.next_open(calling_from, settings.callbacks.hours, working_days=True)
    )
    third = calendar.nth_working_day_from(first, WORKING_DAYS_OF_CALLING)
    return calendar.at(third, settings.callbacks.hours[-1].end)


def reply_deadline(accepted_at: datetime, window: timedelta) -> datetime:
    """Return the end of the reply window of a text that a gateway accepted at that moment."""
    return accepted_at + window
