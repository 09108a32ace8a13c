"""Notifications to people who work with the program: what they tell of, and what became of each."""

from enum import StrEnum


class NotificationKind(StrEnum):
    """What a notification tells of. No notification holds personal data of citizens."""

    MISSING_REPORTS = "missing_reports"
    """An office owes case reports of past days."""
    MONTHLY = "monthly"
    """What a body owes by the 25th of a month."""
    QUARTERLY = "quarterly"
    """What a body owes after a quarter."""
    YEARLY = "yearly"
    """What a body owes in mid-November."""
    OBJECTION = "objection"
    """An office has objected."""
    DECISION = "decision"
    """An objection was decided."""
    GATEWAY_STOPPED = "gateway_stopped"
    """A gateway refuses to work until a person mends its configuration."""
    DAY_FAILED = "day_failed"
    """A daily run has failed."""


class NotificationState(StrEnum):
    """What became of a notification to one contact."""

    SENDING = "sending"
    """Being handed over; one that was cut off stays so, and is not sent again."""
    SENT = "sent"
    """The channel took it."""
    FAILED = "failed"
    """The channel did not take it; it is tried again up to three times that day."""
