"""The day of a delivery, and the warning where it came late."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.file_summary import CellReason


def late_warning(row: Mapping[str, Any], due: date) -> CellReason | None:
    """Warn of a delivery that is marked as late; it counts all the same."""
    if not row["late"]:
        return None
    return "delivered_on", Message(
        "delivered late: due by {due}; it is taken, and recorded as late", {"due": due}
    )


def mark_delivery(row: dict[str, Any], first_delivered: date | None, today: date) -> date:
    """Fill in the day of a delivery, and return it.

    A blank day is that of the first delivery, so that the same file again is no change; today where
    this is the first one.
    """
    row["delivered_on"] = row["delivered_on"] or (first_delivered or today).isoformat()
    return date.fromisoformat(row["delivered_on"])
