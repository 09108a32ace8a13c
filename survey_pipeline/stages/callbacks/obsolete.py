"""Which open calls are not needed any more, because the citizen wrote while the call was held.

A text that comes while a call waits closes it at once (`survey.closing.close_calls`). A held call
stays with its caller, who is told of the text. If they log no answer, or never log anything, the
call must not go to the next caller.
"""

from sqlalchemy import ColumnElement, and_, or_, select

from survey_pipeline.store.tables import calls, inbound, surveys
from survey_pipeline.survey.delivered_result import answered_elsewhere
from survey_pipeline.vocabulary import BESIDE_RATING, InboundUse


def obsolete() -> ColumnElement[bool]:
    """Return the condition that a text or a delivered answer has made a call obsolete.

    A call beside a rating is obsolete once the reason came by text. Any other call is obsolete once
    there is a rating, others have delivered an answer or the citizen said that it was not their
    case, and while a reader has their text.
    """
    beside = calls.c.reason.in_(BESIDE_RATING)
    settled = (
        select(surveys.c.id)
        .where(
            surveys.c.id == calls.c.survey_id,
            or_(surveys.c.rating.is_not(None), surveys.c.denied, answered_elsewhere()),
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
