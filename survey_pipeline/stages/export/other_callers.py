"""Of which categories others make the calls, and who they are.

The standard in force on a day says so. A survey keeps whose its calls are from its draw on, so the
open surveys of an earlier arrangement are handed over even if the rule book has changed since.
"""

from datetime import date

from sqlalchemy import select

from survey_pipeline.context import Context
from survey_pipeline.errors import UsageError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import surveys
from survey_pipeline.vocabulary import Category, SurveyState


def categories_handed_over(context: Context, day: date) -> list[Category]:
    """Return the categories of which others make calls while the texts are ours."""
    rules = context.standard_on(day).standard.satisfaction.responsibilities
    return [
        category
        for category in Category
        if any(arrangement.is_shared for arrangement in rules.of_category(category))
    ]


def callers_of(context: Context, category: str, day: date) -> Message:
    """Return the name of those who make the calls of a category.

    Raises:
        UsageError: nothing of this category is handed over.
    """
    shared = categories_handed_over(context, day)
    if category not in shared:
        if _is_open_for_others(context, category):
            return Message(N_("others"))
        raise _nothing_of(category, shared)
    rules = context.standard_on(day).standard.satisfaction.responsibilities
    arrangement = next(entry for entry in rules.of_category(category) if entry.is_shared)
    assert arrangement.by is not None  # noqa: S101 - `Arrangement._named` saw to it
    return Message(arrangement.by.in_locale(context.settings.locale))


def _nothing_of(category: str, shared: list[Category]) -> UsageError:
    if not shared:
        return UsageError("by the standard in force, others make no calls: nothing is handed over")
    return UsageError(
        "no calls of the category {category} are handed over. Use: --category {categories}",
        category=category,
        categories=" | ".join(shared),
    )


def _is_open_for_others(context: Context, category: str) -> bool:
    """Return whether an open survey was drawn when others made the calls of its category."""
    theirs = select(surveys.c.id).where(
        surveys.c.category == category,
        surveys.c.own_calls.is_(False),
        surveys.c.state == SurveyState.OPEN,
    )
    with reading(context.engine) as connection:
        return connection.execute(theirs.limit(1)).first() is not None
