"""The reason of an update or a withdrawal that follows an office's objection (申诉)."""

from sqlalchemy import select

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord
from survey_pipeline.i18n import Message
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import objections
from survey_pipeline.vocabulary import Decision


def objection_reason(context: Context, objection: int | None) -> str | None:
    """Return the words for the audit log; None if no objection is named.

    Raises:
        UnknownRecord: there is no such objection.
        CannotProceed: it was not upheld.
    """
    if objection is None:
        return None
    with reading(context.engine) as connection:
        found = connection.execute(
            select(objections.c.decision, objections.c.reason).where(objections.c.id == objection)
        ).one_or_none()
    if found is None:
        raise UnknownRecord("there is no objection {id}", id=objection)
    if found.decision is None:
        raise CannotProceed("objection {id} is not decided yet; decide it first", id=objection)
    if found.decision != Decision.UPHELD:
        raise CannotProceed("objection {id} was rejected; nothing follows from it", id=objection)
    words = Message(
        "objection {id} was upheld: {reason}", {"id": objection, "reason": found.reason}
    )
    return words.render(context.settings.locale)
