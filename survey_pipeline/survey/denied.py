"""Whether a citizen has said, by text or on the phone, that it was not their case."""

from sqlalchemy import Connection, and_, or_, select

from survey_pipeline.store.tables import call_attempts, inbound
from survey_pipeline.survey.undone import undone
from survey_pipeline.vocabulary import CallOutcome, InboundUse, ReaderDecision, ReplyClass


def is_denied(connection: Connection, survey_id: int) -> bool:
    """Return whether a text or an attempt that counts denies the case of a survey."""
    read_so = and_(
        inbound.c.use == InboundUse.ANSWER, inbound.c.reply_class == ReplyClass.NOT_MY_CASE
    )
    decided_so = and_(
        inbound.c.use == InboundUse.CODED, inbound.c.decision == ReaderDecision.NOT_MY_CASE
    )
    texts = select(inbound.c.id).where(inbound.c.survey_id == survey_id, or_(read_so, decided_so))
    heard = select(call_attempts.c.id).where(
        call_attempts.c.survey_id == survey_id,
        call_attempts.c.outcome == CallOutcome.NOT_MY_CASE,
        ~undone(),
    )
    return any(connection.execute(query.limit(1)).first() for query in (texts, heard))
