"""Tell each contact what is new for it, once: claimed, committed, handed over, recorded.

Several processes may do this at once: the first one to claim a notification sends it. One that was
cut off after its claim is not sent again.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, and_, select, tuple_, update

from survey_pipeline.context import Context
from survey_pipeline.gateways.port import Gateway
from survey_pipeline.i18n import N_, Message
from survey_pipeline.notifications.channels import Text, deliver
from survey_pipeline.notifications.contacts import Contact, find_contact, list_contacts
from survey_pipeline.notifications.events import FRESH, events
from survey_pipeline.notifications.notification import Notification
from survey_pipeline.notifications.reminders import reminders
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.insert import conflict_insert
from survey_pipeline.store.tables import sent_notifications
from survey_pipeline.vocabulary import NotificationState

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
AGAIN_AFTER = timedelta(minutes=15)
TITLE = N_("Satisfaction survey: {count} notifications")
TITLE_OF_ONE = N_("Satisfaction survey: a notification")
TEST = N_("This is a test: notifications to {name} arrive here")

Key = tuple[int, object, str, str]
"""Contact, day, kind and subject."""
Gateways = Callable[[], Mapping[str, Gateway]]


@dataclass(frozen=True)
class NewsForContact:
    """What one contact was, or would be, told at once."""

    contact: Contact
    notifications: Sequence[Notification]
    problem: Message | None = None
    """Why the channel did not take it."""

    @property
    def text(self) -> Text:
        """The words in the contact's language."""
        locale = self.contact.language
        count = len(self.notifications)
        title = Message(TITLE_OF_ONE if count == 1 else TITLE, {"count": count})
        lines = tuple(notification.words(locale) for notification in self.notifications)
        return Text(title.render(locale), lines, locale)


def due_deliveries(context: Context) -> list[NewsForContact]:
    """Return what each contact is to be told now; nothing in a demo."""
    contacts = () if context.settings.demo else list_contacts(context)
    if not contacts:
        return []
    notifications = [*events(context), *_reminders(context)]
    done = _done(context)
    found = [
        NewsForContact(contact, _new(context, contact, notifications, done)) for contact in contacts
    ]
    return [news for news in found if news.notifications]


def send_notifications(context: Context, gateways: Gateways) -> list[NewsForContact]:
    """Tell each contact what is new for it.

    Args:
        context: the workspace.
        gateways: returns the configured gateways; asked only if there is something to send.
    """
    return [
        _sent(context, gateways(), delivery.contact, claimed)
        for delivery in due_deliveries(context)
        if (claimed := _claim(context, delivery))
    ]


def _reminders(context: Context) -> Iterator[Notification]:
    """Yield the reminders of today, on working days within `notifications.hours`."""
    hours = context.settings.notifications.hours
    if context.calendar.is_open(context.now(), hours, working_days=True):
        yield from reminders(context, context.today())


def _done(context: Context) -> set[Key]:
    """Return what needs nothing more: all but failures that may be tried again now."""
    own = sent_notifications.c
    query = select(own.contact_id, own.day, own.kind, own.subject).where(
        own.day >= context.today() - FRESH - timedelta(days=1), ~_may_be_tried_again(context)
    )
    with reading(context.engine) as connection:
        return {tuple(row) for row in connection.execute(query)}


def _may_be_tried_again(context: Context) -> ColumnElement[bool]:
    own = sent_notifications.c
    return and_(
        own.state == NotificationState.FAILED,
        own.attempts < MOST_ATTEMPTS,
        own.at <= context.now() - AGAIN_AFTER,
    )


def _new(
    context: Context, contact: Contact, notifications: Sequence[Notification], done: set[Key]
) -> list[Notification]:
    """Return what a contact is to be told; what happened before its first day is no news."""
    first = context.calendar.day(contact.created_at)
    return [
        each
        for each in notifications
        if contact.gets(each) and each.day >= first and _key(contact, each) not in done
    ]


def _key(contact: Contact, notification: Notification) -> Key:
    return (contact.id, notification.day, notification.kind.value, notification.subject)


def _claim(context: Context, delivery: NewsForContact) -> list[Notification]:
    """Claim a delivery's notifications; return those that no other process has claimed."""
    with writing(context.engine) as connection:
        return [
            notification
            for notification in delivery.notifications
            if _claim_one(context, connection, _key(delivery.contact, notification))
        ]


def _claim_one(context: Context, connection: Connection, key: Key) -> bool:
    own = sent_notifications.c
    contact_id, day, kind, subject = key
    row = {"contact_id": contact_id, "day": day, "kind": kind, "subject": subject}
    values = {"state": NotificationState.SENDING.value, "at": context.now()}
    inserted = connection.execute(
        conflict_insert(connection.dialect.name, sent_notifications)
        .values(**row, **values, attempts=1)
        .on_conflict_do_nothing()
        .returning(own.id)
    ).first()
    if inserted is not None:
        return True
    same = and_(*(own[name] == value for name, value in row.items()))
    again = connection.execute(
        update(sent_notifications)
        .where(same, _may_be_tried_again(context))
        .values(**values, attempts=own.attempts + 1)
    )
    return again.rowcount == 1


def _sent(
    context: Context,
    gateways: Mapping[str, Gateway],
    contact: Contact,
    notifications: list[Notification],
) -> NewsForContact:
    problem = deliver(
        context, gateways, contact.address, NewsForContact(contact, notifications).text
    )
    state = NotificationState.SENT if problem is None else NotificationState.FAILED
    values = {"state": state, "problem": problem.to_json() if problem else None}
    own = sent_notifications.c
    keys = [_key(contact, notification) for notification in notifications]
    with writing(context.engine) as connection:
        connection.execute(
            update(sent_notifications)
            .where(tuple_(own.contact_id, own.day, own.kind, own.subject).in_(keys))
            .values(**values, at=context.now())
        )
    known = {
        "action": "notifications_sent",
        "contact": contact.id,
        "notifications": len(notifications),
    }
    if problem is None:
        log.info("notifications sent", extra=known)
    else:
        log.warning("notifications not delivered", extra={**known, "problem": str(problem)})
    return NewsForContact(contact, notifications, problem)


def send_test_notification(context: Context, gateways: Gateways, number: int) -> Message | None:
    """Send a test to a contact; return why its channel did not take it, None if it did.

    Raises:
        UnknownRecord: there is no such contact.
    """
    contact = find_contact(context, number)
    title = Message(TITLE_OF_ONE).render(contact.language)
    words = Message(TEST, {"name": contact.name}).render(contact.language)
    problem = deliver(context, gateways(), contact.address, Text(title, (words,), contact.language))
    log.info("notification tested", extra={"action": "notification_tested", "contact": number})
    return problem
