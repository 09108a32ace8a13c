"""The states of what is owed by a date, and what came where nothing may be brought as well."""

from enum import StrEnum


class DeadlineState(StrEnum):
    """Where a deadline stands on a day."""

    OVERDUE = "overdue"
    """It has passed, and something is still missing."""
    DUE = "due"
    """It has not passed, and something is still missing."""
    MET_LATE = "met_late"
    """All came, the last of it after the deadline."""
    MET = "met"
    """All came in time."""


class CameAs(StrEnum):
    """What came of a month's self-check, or of a hotline quarter."""

    RECORDS = "records"
    """Filings, or hotline records."""
    NOTHING = "nothing"
    """The word that there is nothing to bring."""
    OUTSTANDING = "outstanding"
    """Neither, or not all that was found."""
