"""Receipts of deletions: what, how many, until when, and a hash over all of it.

A receipt grows with each batch, in the transaction that deletes the batch: whenever a process is
killed, its counts are exact. What a killed process left open, the next deletion closes.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import Connection, Row, select, update

from survey_pipeline.context import Context
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import deletions
from survey_pipeline.vocabulary import AuditAction, Audited, DeletionKind

ABANDONED = timedelta(minutes=10)
"""A deletion without a batch for so long was killed: a batch takes seconds."""

SHOWN = 100
"""Receipts on the page: some months of daily runs."""


@dataclass(frozen=True)
class DeletionReceipt:
    """The receipt of one deletion that has ended."""

    id: int
    kind: DeletionKind
    by: str
    begun_at: datetime
    limits: Mapping[str, str]
    counts: Mapping[str, int]
    """Rows emptied by table, files by kind."""
    finished_at: datetime
    complete: bool
    """False where the process was killed; the next deletion went on."""
    sha256: str

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        """Return a stored receipt."""
        values = {name: getattr(row, name) for name in cls.__dataclass_fields__}
        return cls(**{**values, "kind": DeletionKind(row.kind)})

    @property
    def holds(self) -> bool:
        """Whether the receipt still says what it said when it was written."""
        return self.sha256 == _hash(vars(self))


class OpenReceipt:
    """A deletion under way. Nothing is stored before its first batch."""

    def __init__(self, context: Context, kind: DeletionKind, limits: Mapping[str, str]) -> None:
        self._context = context
        self._first = {"kind": kind, "by": context.actor, "limits": dict(limits)}
        self._id: int | None = None
        self.counts = Counter[str]()

    def add(self, connection: Connection, counts: Mapping[str, int]) -> None:
        """Add a batch, in the transaction that deletes it."""
        if not any(counts.values()):
            return
        self.counts.update({name: count for name, count in counts.items() if count})
        values = {"counts": dict(self.counts), "touched_at": self._context.now()}
        if self._id is not None:
            connection.execute(update(deletions).where(deletions.c.id == self._id).values(**values))
            return
        begun = {**self._first, **values, "begun_at": values["touched_at"], "complete": False}
        statement = deletions.insert().values(**begun).returning(deletions.c.id)
        self._id = int(connection.execute(statement).scalar_one())

    def close(self, reason: str | None = None) -> DeletionReceipt | None:
        """End the deletion; return its receipt, None if there was nothing to delete.

        Args:
            reason: why it was done, for the journal.
        """
        if self._id is None:
            return None
        with writing(self._context.engine) as connection:
            return _finish(connection, self._context, self._id, reason, complete=True)


def close_abandoned(context: Context) -> None:
    """Close what killed processes left open: its counts are exact, and it is not complete."""
    before = context.now() - ABANDONED
    query = (
        select(deletions.c.id)
        .where(deletions.c.finished_at.is_(None), deletions.c.touched_at < before)
        .with_for_update()
    )
    with writing(context.engine) as connection:
        for receipt_id in connection.scalars(query).all():
            _finish(connection, context, receipt_id, complete=False)


def read_receipts(context: Context, most: int) -> Sequence[DeletionReceipt]:
    """Return the latest receipts, the newest first."""
    query = select(deletions).where(deletions.c.finished_at.is_not(None))
    with reading(context.engine) as connection:
        rows = connection.execute(query.order_by(deletions.c.id.desc()).limit(most))
        return [DeletionReceipt.of(row) for row in rows]


def _finish(
    connection: Connection,
    context: Context,
    receipt_id: int,
    reason: str | None = None,
    *,
    complete: bool,
) -> DeletionReceipt:
    this = deletions.c.id == receipt_id
    row = connection.execute(select(deletions).where(this)).one()
    ended = {"finished_at": context.now(), "complete": complete}
    ended["sha256"] = _hash({**row._mapping, **ended})
    connection.execute(update(deletions).where(this).values(**ended))
    receipt = DeletionReceipt.of(connection.execute(select(deletions).where(this)).one())
    entry = audit.entry(
        at=context.now(),
        actor=row.by,
        action=AuditAction.DELETED,
        kind=Audited.DELETIONS,
        key=str(receipt_id),
        after={"kind": row.kind, "counts": dict(receipt.counts), "sha256": receipt.sha256},
        reason=reason,
    )
    audit.append(connection, [entry])
    return receipt


def _hash(values: Mapping[str, Any]) -> str:
    """Return SHA-256, in hex, over a receipt as canonical JSON; moments in UTC to the second."""
    said = {
        name: value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
        for name in DeletionReceipt.__dataclass_fields__
        if name != "sha256" and (value := values[name]) is not None
    }
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
