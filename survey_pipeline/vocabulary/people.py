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
    ADMIN = "admin"
    """Makes people and keys; may see every page but an office's."""


FACTOR_ROLES = (Role.ADMIN, Role.ANALYST, Role.OPERATOR)
"""Roles that may have a second factor: what they see or change concerns many people."""
