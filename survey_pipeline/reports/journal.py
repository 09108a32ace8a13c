"""The journal: the audit log, newest first, a page at a time. It is read here and never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, or_, select

from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_entries, audit_log
from survey_pipeline.vocabulary import AuditAction, Audited

PAGE = 50
"""Entries of a page."""
HIDDEN = "…"
"""Stands for values that may be personal: the journal says that they changed, not what they are."""
SHOWN = frozenset(
    (
        "approval_service", "category", "clause", "decision", "decisions", "delivered_on",
        "disabled",
        "exempt_reason", "grade", "hotline_group", "issued_on", "kind", "level", "mode", "month",
        "occurred_on", "office_code", "parent_code", "password", "role", "second_factor",
        "served_on", "sha256", "source", "valid_from", "valid_until",
    )
)  # fmt: skip
"""Columns whose values are not personal data."""


@dataclass(frozen=True)
class JournalFilter:
    """Which entries are wanted; an empty field filters nothing."""

    actor: str = ""
    kind: str = ""
    action: str = ""
    record: str = ""
    """A record's key, or how it begins: up to a slash."""
    day: date | None = None
    """The first day; without `until` the only one."""
    until: date | None = None
    """The last day."""

    @property
    def last_day(self) -> date | None:
        """The last day that is wanted; None: up to now."""
        return self.until or self.day


@dataclass(frozen=True)
class JournalEntry:
    """One entry of the journal."""

    id: int
    at: datetime
    actor: str
    action: str
    """An `AuditAction`."""
    kind: str
    key: str
    changes: Sequence[tuple[str, str, str]]
    """Column, before, after; of a change the columns that differ."""
    reason: Message | str


@dataclass(frozen=True)
class JournalPage:
    """Some entries, newest first."""

    entries: Sequence[JournalEntry]
    older: int | None
    """Before which entry the next page begins; None on the last page."""


def read_journal(
    context: Context, wanted: JournalFilter, *, before: int | None = None, most: int = PAGE
) -> JournalPage:
    """Return a page of the journal.

    Args:
        context: the workspace.
        wanted: which entries.
        before: older than this entry; the newest entries if None.
        most: entries of a page.
    """
    query = _filtered(context, wanted).order_by(audit_log.c.id.desc()).limit(most + 1)
    if before is not None:
        query = query.where(audit_log.c.id < before)
    with reading(context.engine) as connection:
        rows = connection.execute(query).all()
    entries = [_entry(row) for row in rows[:most]]
    return JournalPage(entries, entries[-1].id if len(rows) > most else None)


def known_kinds(context: Context) -> list[str]:
    """Return the kinds of things that the journal speaks of: one look into the index for each."""
    found: list[str] = []
    with reading(context.engine) as connection:
        query = select(audit_entries.c.kind).order_by(audit_entries.c.kind).limit(1)
        kind = connection.scalar(query)
        while kind is not None:
            found.append(kind)
            kind = connection.scalar(query.where(audit_entries.c.kind > kind))
    return found


def _filtered(context: Context, wanted: JournalFilter) -> Select[Any]:
    query = select(audit_log)
    for column, value in (
        (audit_log.c.actor, wanted.actor),
        (audit_log.c.kind, wanted.kind),
        (audit_log.c.action, wanted.action),
    ):
        if value:
            query = query.where(column == value)
    if wanted.record:
        # the index begins with the kind: with all kinds named, a key is found by it
        kinds = [wanted.kind] if wanted.kind else known_kinds(context)
        parts = audit_log.c.key.startswith(f"{wanted.record}/", autoescape=True)
        query = query.where(
            audit_log.c.kind.in_(kinds), or_(audit_log.c.key == wanted.record, parts)
        )
    if wanted.day is not None:
        query = query.where(audit_log.c.at >= context.calendar.end_of(wanted.day - ONE_DAY))
    if wanted.last_day is not None:
        query = query.where(audit_log.c.at < context.calendar.end_of(wanted.last_day))
    return query


def _entry(row: Row[Any]) -> JournalEntry:
    changed = row.action == AuditAction.UPDATED or row.kind == Audited.CONFIGURATION
    return JournalEntry(
        id=row.id,
        at=row.at,
        actor=row.actor,
        action=row.action,
        kind=row.kind,
        key=row.key,
        changes=_changes(row.kind, row.before or {}, row.after or {}) if changed else (),
        reason=row.reason or "",
    )


def _changes(
    kind: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[tuple[str, str, str]]:
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if kind == Audited.CONFIGURATION:
        return [  # the beginnings of hashes tell them apart
            (name, str(before.get(name, ""))[:12], str(after.get(name, ""))[:12])
            for name in sorted(names)
            if before
        ]
    return [(name, _shown(name, before), _shown(name, after)) for name in sorted(names)]


def _shown(name: str, values: Mapping[str, Any]) -> str:
    value = values.get(name)
    if value in (None, ""):
        return ""
    plain = isinstance(value, bool | int) or name in SHOWN
    return str(value) if plain else HIDDEN
