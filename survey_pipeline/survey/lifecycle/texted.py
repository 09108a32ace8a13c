"""What a survey derives from the moves of its question: texted, delivered, the reply window."""

from datetime import datetime

from sqlalchemy import Connection, Subquery, and_, case, literal, select, true, update

from survey_pipeline.context import Context
from survey_pipeline.store.columns import UtcDateTime
from survey_pipeline.store.tables import survey_events, surveys
from survey_pipeline.survey.time_limits import end_of_calling, reply_deadline
from survey_pipeline.vocabulary import TAKEN, WENT_OUT, MessageState, SurveyEventKind


def mark_texted(connection: Connection, context: Context, moved: Subquery, now: datetime) -> None:
    """Write onto surveys that their question went out, and let their reply window begin.

    Args:
        connection: a transaction that writes.
        context: the workspace.
        moved: the questions that moved: `survey_id`, and the `state` they are in now.
        now: the present moment.
    """
    these = and_(surveys.c.id == moved.c.survey_id, moved.c.state.in_(WENT_OUT))
    what = literal(SurveyEventKind.TEXTED.value)
    texted = (
        select(surveys.c.id, literal(now, UtcDateTime), what)
        .join_from(moved, surveys, these)
        .where(~surveys.c.texted)
    )
    connection.execute(survey_events.insert().from_select(["survey_id", "at", "what"], texted))
    until = reply_deadline(now, context.settings.survey.reply_window)
    ends = end_of_calling(until, context.settings, context.calendar)
    begins = and_(moved.c.state.in_(TAKEN), surveys.c.reply_until.is_(None))
    connection.execute(
        update(surveys)
        .where(these)
        .values(
            texted=True,
            delivered=case(
                (moved.c.state == MessageState.DELIVERED, true()), else_=surveys.c.delivered
            ),
            reply_until=case((begins, literal(until, UtcDateTime)), else_=surveys.c.reply_until),
            # a text that was held for days still leaves three working days of calling
            closes_at=case(
                (and_(begins, surveys.c.closes_at < ends), literal(ends, UtcDateTime)),
                else_=surveys.c.closes_at,
            ),
        )
    )
