"""Integrity signals: what is counted of an office's month, and what a person found."""

from enum import StrEnum


class SignalKind(StrEnum):
    """What may show that an office's figures are not what they seem (specification, 13.5)."""

    NOT_THEIR_CASE = "not_their_case"
    """Citizens say that it was not their case."""
    NO_SUCH_NUMBER = "no_such_number"
    """Numbers that do not exist, or are somebody else's."""
    REPEATED_NUMBER = "repeated_number"
    """One number on many cases of the office."""
    SHARED_NUMBER = "shared_number"
    """One number on cases of many offices."""
    CONSECUTIVE_NUMBERS = "consecutive_numbers"
    """Numbers that follow one upon another."""
    ALIKE = "alike"
    """Cases with the same contents under different numbers."""
    MISSING_CASES = "missing_cases"
    """Gaps in the office's own case numbers."""
    DAYS_WITHOUT_REPORT = "days_without_report"
    """Working days without a report."""
    VOLUME_ROSE = "volume_rose"
    """More cases than in the months before, beyond what the city's rose."""
    VOLUME_FELL = "volume_fell"
    """Fewer cases than in the months before, beyond what the city's fell."""
    DELIVERED_VOLUME = "delivered_volume"
    """A delivery counts more cases than were reported to us."""
    DELIVERED_ALL_CONTENT = "delivered_all_content"
    """A delivery of many answers without a dissatisfied one."""
    DELIVERED_FEW_ASKED = "delivered_few_asked"
    """A delivery rests on fewer citizens than we asked."""


class SignalState(StrEnum):
    """What a person found of a signal."""

    OPEN = "open"
    """Not looked into yet."""
    NOTHING_WRONG = "nothing_wrong"
    """Looked into; there is a good reason for it."""
    CONFIRMED = "confirmed"
    """Looked into; the suspicion is right."""
