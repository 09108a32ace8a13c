"""The states of what is owed by a date."""

from enum import StrEnum


class DeadlineState(StrEnum):
    """Where a deadline stands on a day."""

    OVERDUE = "overdue"
    """It has passed, and something is still missing."""
    DUE = "due"
    """It has not passed, and something is still missing."""
    NOTHING_FILED = "nothing_filed"
    """It has passed and nothing came, which is no default: there may have been nothing to file."""
    MET_LATE = "met_late"
    """All came, the last of it after the deadline."""
    MET = "met"
    """All came in time."""
