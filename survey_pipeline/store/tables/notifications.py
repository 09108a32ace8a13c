"""Notifications: who gets which, and what became of each."""

from datetime import date, datetime
from typing import Annotated

from sqlalchemy import Index, Table, UniqueConstraint
from sqlmodel import SQLModel

from survey_pipeline.i18n import N_
from survey_pipeline.store.columns import document, identity, moment, reference, sealed, table
from survey_pipeline.store.personal import (
    Actor,
    Code,
    Explained,
    KeptUntil,
    NotPersonal,
    Personal,
    Subject,
    Title,
    Word,
)

Kinds = Annotated[list[str], NotPersonal("words from a list")]
Subjects = Annotated[str, NotPersonal("codes and dates that tell one notification from another")]
ContactName = Annotated[
    str,
    Personal(
        Subject.STAFF,
        N_("name of a contact"),
        N_("to show who gets notifications"),
        KeptUntil.RECORD,
    ),
]
ContactAddress = Annotated[
    str,
    Personal(
        Subject.STAFF,
        N_("number or address of a contact, encrypted; emptied when the contact is removed"),
        N_("to send notifications"),
        KeptUntil.RECORD,
    ),
]


class NotificationContact(SQLModel, table=True):
    """Somebody, or a group chat, that gets notifications."""

    __tablename__ = "notification_contacts"

    id: int | None = identity()
    name: ContactName
    address: ContactAddress = sealed()
    """A mobile number (E.164), or an address in the manner of Apprise; empty once removed."""
    kinds: Kinds = document()
    """The `NotificationKind`s that it gets."""
    office_code: Code | None = None
    """Only what concerns this office."""
    parent_code: Code | None = None
    """Only what concerns this department and its offices."""
    agency: Title | None = None
    """Only what this lead agency owes: its Chinese name in the standard."""
    language: Word
    created_at: datetime = moment()
    created_by: Actor
    ended_at: datetime | None = moment(default=None)
    ended_by: Actor | None = None


class SentNotification(SQLModel, table=True):
    """One notification to one contact: claimed before it is handed over, so it goes out once."""

    __tablename__ = "sent_notifications"
    __table_args__ = (
        UniqueConstraint("contact_id", "day", "kind", "subject", name="uq_sent_notifications_once"),
        Index("ix_sent_notifications_day", "day"),
    )

    id: int | None = identity()
    contact_id: int = reference("notification_contacts.id")
    day: date
    """Of a reminder, the day on which it is sent; of an event, the event's."""
    kind: Word
    """A `NotificationKind`."""
    subject: Subjects
    state: Word
    """A `NotificationState`."""
    attempts: int = 1
    at: datetime = moment()
    """Of the latest attempt."""
    problem: Explained | None = None
    """Why the channel did not take it: a stored `Message`."""


notification_contacts: Table = table(NotificationContact)
sent_notifications: Table = table(SentNotification)
