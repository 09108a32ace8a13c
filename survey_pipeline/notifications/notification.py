"""One thing to tell people, and whom it concerns."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from survey_pipeline.vocabulary import NotificationKind


@dataclass(frozen=True)
class Notification:
    """One thing to tell. Its words name offices, bodies, records and dates, and no citizen."""

    kind: NotificationKind
    subject: str
    """Tells it from others of its kind and day."""
    day: date
    """Of a reminder, today; of an event, its day. A contact gets a subject once a day."""
    words: Callable[[str], str]
    """Takes a locale and returns the sentence."""
    office_code: str | None = None
    parent_code: str | None = None
    """Of the department that it concerns, or of the office's department."""
    agency: str | None = None
    """The Chinese name of the lead agency that owes it."""
