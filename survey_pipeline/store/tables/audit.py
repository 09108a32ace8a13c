"""The audit log: its entries, their values in a table beside them, and the chain over both.

Entries and the chain are only ever added to. What deletion empties is in `audit_values` alone.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Subquery, Table, select
from sqlmodel import Field, SQLModel

from survey_pipeline.store.columns import (
    BigKey,
    identity,
    moment,
    reference,
    sealed,
    sealed_document,
    table,
)
from survey_pipeline.store.personal import (
    Actor,
    CaseNumber,
    Digest,
    Identifier,
    RecordedReason,
    RecordedValues,
    Word,
)


def _of_entry() -> Any:
    """Declare a primary key that is an entry's: the database numbers nothing here."""
    return Field(primary_key=True, sa_type=BigKey, sa_column_kwargs={"autoincrement": False})


class AuditEntry(SQLModel, table=True):
    """Who did what to which record, and every look at a full number. Only ever appended to."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_record", "kind", "key"),)

    id: int | None = identity()
    at: datetime = moment(index=True)
    actor: Actor
    action: Word
    """An `AuditAction`."""
    kind: Word
    """The table or thing it concerns."""
    key: CaseNumber
    """The record's natural key, parts joined by `/`."""
    import_id: int | None = reference(default=None)
    row_no: int | None = None


class AuditValues(SQLModel, table=True):
    """The values of an entry that has some; deletion empties the personal ones and the salt."""

    __tablename__ = "audit_values"

    id: int = _of_entry()
    """The entry's."""
    before: RecordedValues | None = sealed_document(default=None)
    """Former values by column; numbers, names and texts as they were typed, hashes in base64."""
    after: RecordedValues | None = sealed_document(default=None)
    reason: RecordedReason | None = sealed(default=None)
    personal: Word | None = None
    """Which of the values the salted digest holds, names joined by commas: those that may be
    deleted one day. `reason` stands for the reason. None: an earlier version wrote the values."""
    salt: Digest | None = None
    """16 bytes at random; None where nothing personal is held, or no more."""


class WaitingEntry(SQLModel, table=True):
    """An entry that the chain does not hold yet."""

    __tablename__ = "audit_waiting"

    id: int = _of_entry()
    """The entry's."""


class AuditLink(SQLModel, table=True):
    """A link of the chain; see `audit_chain.digests` for what is hashed."""

    __tablename__ = "audit_links"

    position: int = _of_entry()
    """From 1, without gaps: the order in which entries were linked."""
    entry_id: int = reference(unique=True)
    held: Digest | None = None
    """The salted digest of the personal values, 32 bytes; None where there were none."""
    digest: Digest
    """SHA-256 of the entry, its other values and `held`."""
    link: Digest
    """SHA-256 of the link before and `digest`."""


class AuditHead(SQLModel, table=True):
    """The end of the chain at a moment, signed."""

    __tablename__ = "audit_heads"

    id: int | None = identity()
    position: int = reference()
    link: Identifier
    """The link at that position, in hex."""
    at: datetime = moment()
    signature: Identifier
    """Ed25519, in hex."""


audit_entries: Table = table(AuditEntry)
audit_values: Table = table(AuditValues)
audit_waiting: Table = table(WaitingEntry)
audit_links: Table = table(AuditLink)
audit_heads: Table = table(AuditHead)
AUDIT_TABLES = (audit_entries, audit_values, audit_waiting, audit_links)
"""What `store.audit.append` reads or writes."""
audit_log: Subquery = (
    select(audit_entries, audit_values.c.before, audit_values.c.after, audit_values.c.reason)
    .join_from(audit_entries, audit_values, audit_values.c.id == audit_entries.c.id, isouter=True)
    .subquery(audit_entries.name)
)
"""The log as it is read: each entry with its values."""
