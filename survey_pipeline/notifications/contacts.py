"""Who gets which notifications: a table that admins edit."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Table, select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord, UsageError
from survey_pipeline.i18n import LOCALES
from survey_pipeline.notifications.channels import is_number, masked_address, read_address
from survey_pipeline.notifications.notification import Notification
from survey_pipeline.standard.entry import Label
from survey_pipeline.standard.lead_agencies import lead_agencies
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import notification_contacts, offices, parents
from survey_pipeline.vocabulary import AuditAction, Audited, Duty, NotificationKind

LONGEST_NAME = 60
"""Characters."""
_HOTLINE = frozenset({Duty.HOTLINE, Duty.HOTLINE_RANK})


@dataclass(frozen=True)
class Concern:
    """The body whose notifications a contact gets; without one, it gets those of all."""

    office_code: str | None = None
    parent_code: str | None = None
    agency: str | None = None

    @property
    def code(self) -> str | None:
        """The office, department or agency; None for all."""
        return self.office_code or self.parent_code or self.agency


@dataclass(frozen=True, repr=False)
class Contact:
    """Somebody, or a group chat, that gets notifications. Its `repr` shows no address."""

    id: int
    name: str
    address: str
    """E.164, or an address in the manner of Apprise; it may hold a password."""
    kinds: frozenset[NotificationKind]
    concern: Concern
    language: str
    created_at: datetime
    created_by: str

    def __repr__(self) -> str:
        return f"Contact(id={self.id!r}, name={self.name!r})"

    @property
    def is_phone(self) -> bool:
        """Whether notifications go out as SMS."""
        return is_number(self.address)

    @property
    def shown_address(self) -> str:
        """The address as pages and lists show it, without what opens it."""
        return masked_address(self.address)

    def gets(self, notification: Notification) -> bool:
        """Return whether a notification is for this contact."""
        if notification.kind not in self.kinds:
            return False
        own, other = self.concern, notification
        if own.office_code:
            return own.office_code == other.office_code
        if own.parent_code:
            return own.parent_code == other.parent_code
        return own.agency is None or own.agency == other.agency


def add_contact(
    context: Context,
    name: str,
    address: str,
    kinds: Collection[NotificationKind],
    concern: Concern | None = None,
    language: str | None = None,
) -> Contact:
    """Add a contact.

    Args:
        context: the workspace.
        name: what the contact is called, 1 to 60 characters.
        address: a Chinese mobile number, or an address in the manner of Apprise
            (`mailto://...`, `dingtalk://...`).
        kinds: what it gets, at least one.
        concern: only what concerns one body; default all.
        language: a locale; the workspace's unless said.

    Raises:
        UsageError: the name, the address, the kinds or the language cannot be used.
        UnknownRecord: there is no such office, department or lead agency.
    """
    concern = concern or Concern()
    language = language or context.settings.locale
    chosen = sorted(_kinds(kinds))
    values: dict[str, object] = {
        "name": _name(name),
        "address": read_address(address),
        "kinds": chosen,
        "office_code": concern.office_code,
        "parent_code": concern.parent_code,
        "agency": concern.agency,
        "language": _language(language),
    }
    with writing(context.engine) as connection:
        _check_body(context, connection, concern)
        row = connection.execute(
            notification_contacts.insert()
            .values(**values, created_at=context.now(), created_by=context.actor)
            .returning(*notification_contacts.columns)
        ).one()
        made = _contact(row)
        shown = {**values, "address": made.shown_address, "kinds": ", ".join(chosen)}
        after = {column: value for column, value in shown.items() if value is not None}
        _record(context, connection, AuditAction.CREATED, made.id, after=after)
    return made


def remove_contact(context: Context, number: int) -> None:
    """Remove a contact: it gets nothing more, and its address is deleted.

    Raises:
        UnknownRecord: there is no such contact.
    """
    with writing(context.engine) as connection:
        done = connection.execute(
            update(notification_contacts)
            .where(notification_contacts.c.id == number, notification_contacts.c.ended_at.is_(None))
            .values(ended_at=context.now(), ended_by=context.actor, address="")
        )
        if not done.rowcount:
            raise UnknownRecord("there is no contact {number}", number=number)
        _record(context, connection, AuditAction.WITHDRAWN, number)


def list_contacts(context: Context) -> Sequence[Contact]:
    """Return the contacts that get notifications, by number."""
    query = (
        select(notification_contacts)
        .where(notification_contacts.c.ended_at.is_(None))
        .order_by(notification_contacts.c.id)
    )
    with reading(context.engine) as connection:
        return [_contact(row) for row in connection.execute(query)]


def find_contact(context: Context, number: int) -> Contact:
    """Return a contact.

    Raises:
        UnknownRecord: there is no such contact, or it was removed.
    """
    for contact in list_contacts(context):
        if contact.id == number:
            return contact
    raise UnknownRecord("there is no contact {number}", number=number)


def known_agencies(context: Context) -> dict[str, Label]:
    """Return the bodies that deliver by the standard in force: Chinese name -> label."""
    standard = context.standard_on(context.today()).standard
    labels = [
        *(agency.name for agency in lead_agencies(standard)),
        *(rule.who for rule in standard.duties.due if rule.duty in _HOTLINE),
    ]
    return {label.zh: label for label in labels}


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise UsageError("name the contact in 1 to {most} characters", most=LONGEST_NAME)
    return name


def _kinds(kinds: Collection[NotificationKind]) -> set[str]:
    if not kinds:
        raise UsageError("choose at least one kind of notification")
    return {NotificationKind(kind).value for kind in kinds}


def _language(language: str) -> str:
    if language not in LOCALES:
        known = ", ".join(LOCALES)
        raise UsageError(
            "there is no language {name}; there are: {known}", name=language, known=known
        )
    return language


def _check_body(context: Context, connection: Connection, concern: Concern) -> None:
    named = (concern.office_code, concern.parent_code, concern.agency)
    if sum(1 for code in named if code) > 1:
        raise UsageError("name one body: an office, a department or a lead agency")
    if concern.office_code and not _is_on_register(connection, offices, concern.office_code):
        raise UnknownRecord("there is no office {code}", code=concern.office_code)
    if concern.parent_code and not _is_on_register(connection, parents, concern.parent_code):
        raise UnknownRecord("there is no department {code}", code=concern.parent_code)
    if concern.agency and concern.agency not in (agencies := known_agencies(context)):
        raise UnknownRecord(
            "the standard names no lead agency {name}; it names: {known}",
            name=concern.agency,
            known=", ".join(agencies),
        )


def _is_on_register(connection: Connection, table: Table, code: str) -> bool:
    key = next(iter(table.primary_key.columns))
    known = select(key).where(key == code, table.c.withdrawn_at.is_(None))
    return connection.scalar(known) is not None


def _record(
    context: Context,
    connection: Connection,
    action: AuditAction,
    number: int,
    after: dict[str, object] | None = None,
) -> None:
    entry = audit.entry(
        at=context.now(),
        actor=context.actor,
        action=action,
        kind=Audited.NOTIFICATION_CONTACTS,
        key=str(number),
        after=after,
    )
    audit.append(connection, [entry])


def _contact(row: Row[tuple[object, ...]]) -> Contact:
    return Contact(
        id=row.id,
        name=row.name,
        address=row.address,
        kinds=frozenset(NotificationKind(kind) for kind in row.kinds),
        concern=Concern(row.office_code, row.parent_code, row.agency),
        language=row.language,
        created_at=row.created_at,
        created_by=row.created_by,
    )
