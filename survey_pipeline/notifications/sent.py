"""What became of notifications: the list that pages and the command show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import notification_contacts, sent_notifications
from survey_pipeline.vocabulary import NotificationKind, NotificationState

SHOWN = 100


@dataclass(frozen=True)
class ListedNotification:
    """A notification to one contact, and what became of it."""

    at: datetime
    day: date
    contact: str
    kind: NotificationKind
    subject: str
    state: NotificationState
    attempts: int
    problem: Message | None

    def to_dict(self) -> dict[str, object]:
        """Return the entry of `notifications log --json`."""
        return {**vars(self), "problem": str(self.problem) if self.problem else None}


def list_sent(
    context: Context, *, only_failed: bool = False, most: int = SHOWN
) -> Sequence[ListedNotification]:
    """Return the latest notifications, newest first.

    Args:
        context: the workspace.
        only_failed: those that the channel did not take.
        most: how many at most.
    """
    own = sent_notifications.c
    query = (
        select(sent_notifications, notification_contacts.c.name)
        .join(notification_contacts, notification_contacts.c.id == own.contact_id)
        .order_by(own.at.desc(), own.id.desc())
        .limit(most)
    )
    if only_failed:
        query = query.where(own.state == NotificationState.FAILED)
    with reading(context.engine) as connection:
        rows = connection.execute(query).all()
    return [
        ListedNotification(
            at=row.at,
            day=row.day,
            contact=row.name,
            kind=NotificationKind(row.kind),
            subject=row.subject,
            state=NotificationState(row.state),
            attempts=row.attempts,
            problem=Message.from_json(row.problem) if row.problem else None,
        )
        for row in rows
    ]
