"""People who sign in."""

from enum import StrEnum


class Role(StrEnum):
    """What a user may do on the pages."""

    OPERATOR = "operator"
    """Runs the daily dispatch."""
    CALLER = "caller"
    """Takes calls and reads unclear replies."""
    ANALYST = "analyst"
    """Looks at scores and takes exports."""
    OFFICE = "office"
    """Reports cases for one office, and sees that office's closed months."""
    LEAD_AGENCY = "lead_agency"
    """Delivers for the categories that the standard gives to one lead agency."""
    DEPARTMENT = "department"
    """Grades the offices of one parent department, files its self-checks and its awards."""
    HOTLINE_CENTRE = "hotline_centre"
    """Delivers the records of the 12345 hotline and the ranks of the departments."""
    LEADER = "leader"
    """Reads the figures of the month and the year; changes nothing."""
    ADMIN = "admin"
    """Makes people and keys; may see every page but those of the bodies and of leaders."""


FACTOR_ROLES = (
    Role.ADMIN,
    Role.ANALYST,
    Role.OPERATOR,
    Role.LEAD_AGENCY,
    Role.DEPARTMENT,
    Role.HOTLINE_CENTRE,
)
"""Roles that may have a second factor: what they see or change concerns many people."""
