"""What has happened that people are told of at any hour: objections, gateways, daily runs."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, or_, select

from survey_pipeline.context import Context
from survey_pipeline.day_runs import DAILY
from survey_pipeline.i18n import N_, Message
from survey_pipeline.notifications.notification import Notification
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import gateway_states, job_runs, objections, offices
from survey_pipeline.vocabulary import Decision, NotificationKind

FRESH = timedelta(days=7)
"""What happened longer ago is no news."""
OBJECTED = N_("{office} has objected to a record: objection {number}")
OBJECTED_TO_MONTH = N_("{office} has objected to its score of {month}: objection {number}")
UPHELD = N_("{office}: objection {number} was upheld")
REJECTED = N_("{office}: objection {number} was rejected")
STOPPED = N_("the gateway {gateway} has stopped: its configuration is to be mended")
FAILED = N_("the daily run of {day} failed: {problem}. It is tried again")


def events(context: Context) -> Iterator[Notification]:
    """Yield what has happened within `FRESH`."""
    since = context.now() - FRESH
    with reading(context.engine) as connection:
        found = [
            *_objections(context, connection, since),
            *_stopped(context, connection, since),
            *_failed(connection, context.today() - FRESH),
        ]
    yield from found


def _objections(
    context: Context, connection: Connection, since: datetime
) -> Iterator[Notification]:
    """Yield new objections, and the decisions on objections, without what they say."""
    rows = connection.execute(
        select(objections, offices.c.name, offices.c.parent_code)
        .join(offices, offices.c.office_code == objections.c.office_code)
        .where(or_(objections.c.at >= since, objections.c.decided_at >= since))
        .order_by(objections.c.id)
    )
    for row in rows:
        concern = {"office_code": row.office_code, "parent_code": row.parent_code}
        values = {"office": row.name, "number": row.id, "month": row.month}
        if row.at >= since:
            message = Message(OBJECTED_TO_MONTH if row.month else OBJECTED, values)
            day = context.calendar.day(row.at)
            yield Notification(
                NotificationKind.OBJECTION, str(row.id), day, message.render, **concern
            )
        if row.decision is not None:
            message = Message(UPHELD if row.decision == Decision.UPHELD else REJECTED, values)
            day = context.calendar.day(row.decided_at)
            yield Notification(
                NotificationKind.DECISION, str(row.id), day, message.render, **concern
            )


def _stopped(context: Context, connection: Connection, since: datetime) -> Iterator[Notification]:
    configured = {gateway.label for gateway in context.settings.gateway}
    rows = connection.execute(
        select(gateway_states.c.gateway, gateway_states.c.stopped_at)
        .where(gateway_states.c.stopped_at >= since)
        .order_by(gateway_states.c.gateway)
    )
    for label, stopped_at in rows:
        if label in configured:
            words = Message(STOPPED, {"gateway": label}).render
            subject = f"{label}/{stopped_at:%H%M%S}"
            day = context.calendar.day(stopped_at)
            yield Notification(NotificationKind.GATEWAY_STOPPED, subject, day, words)


def _failed(connection: Connection, first: date) -> Iterator[Notification]:
    rows = connection.execute(
        select(job_runs.c.day, job_runs.c.result)
        .where(job_runs.c.job == DAILY, job_runs.c.day >= first, job_runs.c.finished_at.is_(None))
        .order_by(job_runs.c.day)
    )
    for day, result in rows:
        if result and (error := result.get("error")):
            values = {"day": day, "problem": Message.from_json(error)}
            words = Message(FAILED, values).render
            yield Notification(NotificationKind.DAY_FAILED, day.isoformat(), day, words)
