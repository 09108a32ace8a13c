"""Which open calls nobody needs any more: the citizen wrote while the call was in somebody's hands.

A text that comes while a call waits closes it at once (`survey.closing.close_calls`). One that is
held stays with its caller, who hears of the text; if they bring no answer, or bring nothing back at
all, the call must not go to the next caller.
"""

from sqlalchemy import ColumnElement, and_, or_, select

from survey_pipeline.store.tables import calls, inbound, surveys
from survey_pipeline.vocabulary import BESIDE_RATING, InboundUse


def needless() -> ColumnElement[bool]:
    """Say which calls a text of the citizen has made needless.

    A call that asks beside a rating is needless once the reason came by text; any other once there
    is a rating, once the citizen said that it was not their case, or while a reader has their text.
    """
    beside = calls.c.reason.in_(BESIDE_RATING)
    settled = (
        select(surveys.c.id)
        .where(
            surveys.c.id == calls.c.survey_id, or_(surveys.c.rating.is_not(None), surveys.c.denied)
        )
        .correlate(calls)
    )
    with_a_reader = and_(
        inbound.c.received_at >= calls.c.queued_at,
        inbound.c.use.in_((InboundUse.READER, InboundUse.PENDING)),
    )
    return or_(
        and_(beside, _wrote(inbound.c.use == InboundUse.COMMENT)),
        and_(~beside, or_(settled.exists(), _wrote(with_a_reader))),
    )


def _wrote(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    query = select(inbound.c.id).where(inbound.c.survey_id == calls.c.survey_id, condition)
    return query.correlate(calls).exists()
