"""What the daily run would do now: drawn, texted, paid, and which offices are still missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from survey_pipeline.context import Context
from survey_pipeline.reports.missing_reports import MissingReport, missing_reports
from survey_pipeline.stages.dispatch import Preview, preview
from survey_pipeline.stages.sampling import Rehearsal, rehearse_draw


@dataclass(frozen=True)
class DayPreview:
    """What the daily run would do now."""

    day: date
    draw: Rehearsal
    texts: Preview
    opens_at: datetime | None
    """When texts may go out next; None if they may now."""
    missing: Sequence[MissingReport]


def preview_day(context: Context, day: date) -> DayPreview:
    """Return what the run of a day would do; it stores and sends nothing and blocks no writer.

    Raises:
        ConfigurationError: a template is missing or wrong.
        DrawError: the day has not begun, or a later day is drawn already.
    """
    drawn = rehearse_draw(context, day)
    texts = preview(context, drawn=() if drawn.drawn_before else drawn.drawn)
    hours, now = context.settings.sending.hours, context.now()
    is_open = context.calendar.is_open(now, hours, working_days=False)
    opens_at = None if is_open else context.calendar.next_open(now, hours, working_days=False)
    missing = missing_reports(context, day)
    return DayPreview(day, drawn, texts, opens_at, missing)
