"""Who has a second factor in force: asked for at the sign-in, and shown in lists."""

from typing import Any

from sqlalchemy import ColumnElement, exists, select

from survey_pipeline.context import Context
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import second_factors


def has_confirmed_factor(name: Any) -> ColumnElement[bool]:
    """Return the SQL condition that a user has a second factor in force.

    Args:
        name: of the user, or a column of names.
    """
    return exists().where(
        second_factors.c.user_name == name, second_factors.c.confirmed_at.is_not(None)
    )


def has_second_factor(context: Context, name: str) -> bool:
    """Return whether a user has a second factor in force."""
    with reading(context.engine) as connection:
        return bool(connection.scalar(select(has_confirmed_factor(name))))
