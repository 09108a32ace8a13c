"""Binds the entries that are committed and not yet bound, in short transactions of its own.

Why not where an entry is written: a chain has one end, so each transaction that writes an entry
would hold it until its commit, and a file of a million rows would keep every other writer waiting.
So an entry waits in `audit_waiting` until one linker at a time (an advisory lock on PostgreSQL, the
writer's turn on SQLite) gives it the next position. That is done each minute by the worker, at the
end of the daily run, and before the chain is checked or its head is signed.

What follows from it:

- Positions are in the order of linking. A transaction that commits late with a low number is linked
  late; a number that was rolled back is in no position. Gaps between numbers mean nothing.
- The chain says nothing of an entry before it is linked. One that somebody removes before is
  noticed as long as its number waits; who removes that too, within the minute, leaves no trace.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, exists, func, select, update

from survey_pipeline.audit_chain.digests import GENESIS, digests_of, next_link
from survey_pipeline.context import Context
from survey_pipeline.store.audit import opened_values, personal_part
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.locks import lock_name
from survey_pipeline.store.sealed import keys_of
from survey_pipeline.store.tables import audit_entries, audit_links, audit_values, audit_waiting

ENTRIES_AT_ONCE = 2_000
"""Entries in one transaction: a tenth of a second."""

Progress = Callable[[int, int], None]
ENTRY_COLUMNS = (
    *audit_entries.c,
    audit_values.c.before,
    audit_values.c.after,
    audit_values.c.reason,
    audit_values.c.personal,
    audit_values.c.salt,
)
"""What the digests are over."""


def link_entries(context: Context, progress: Progress | None = None) -> int:
    """Bind all entries that wait; return how many. Several hosts may call it at the same time.

    Args:
        context: the workspace.
        progress: is told how many of how many are bound.
    """
    waiting = count_waiting(context)
    linked = 0
    while waiting:
        with writing(context.engine) as connection:
            lock_name(connection, "audit", "chain")
            count = _link_some(connection)
        linked += count
        if progress is not None:
            progress(linked, max(linked, waiting))
        if count < ENTRIES_AT_ONCE:
            break
    return linked


def count_waiting(context: Context) -> int:
    """Return how many entries the chain does not hold yet."""
    with reading(context.engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(audit_waiting)) or 0)


def _link_some(connection: Connection) -> int:
    rows = connection.execute(_waiting()).all()
    if earlier := [row.id for row in rows if row.personal is None and _has_values(row)]:
        _open_earlier(connection, earlier)
        rows = connection.execute(_waiting()).all()
    if not rows:
        return 0
    connection.execute(audit_links.insert(), _links(connection, rows))
    linked = exists().where(audit_links.c.entry_id == audit_waiting.c.id)
    up_to_here = audit_waiting.c.id <= rows[-1].id
    connection.execute(delete(audit_waiting).where(up_to_here, linked))
    return len(rows)


def _has_values(row: Row[Any]) -> bool:
    return any(value is not None for value in (row.before, row.after, row.reason))


def _waiting() -> Select[Any]:
    """Select the next entries to link; a number whose entry is gone goes on waiting."""
    linked = exists().where(audit_links.c.entry_id == audit_waiting.c.id)
    return (
        select(*ENTRY_COLUMNS)
        .join_from(audit_waiting, audit_entries, audit_entries.c.id == audit_waiting.c.id)
        .outerjoin(audit_values, audit_values.c.id == audit_entries.c.id)
        .where(~linked)
        .order_by(audit_waiting.c.id)
        .limit(ENTRIES_AT_ONCE)
    )


def _links(connection: Connection, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    query = select(audit_links.c.position, audit_links.c.link)
    last = connection.execute(query.order_by(audit_links.c.position.desc()).limit(1)).first()
    position, link = (0, GENESIS) if last is None else (last.position, last.link)
    links = []
    for row in rows:
        position += 1
        found = digests_of(row)
        link = next_link(link, found.digest)
        links.append({"position": position, "entry_id": row.id, **found._asdict(), "link": link})
    return links


def _open_earlier(connection: Connection, ids: Sequence[int]) -> None:
    """Bring values that an earlier version wrote into the present form.

    The rows are held meanwhile: a deletion that goes by would be undone.
    """
    those = (
        select(audit_values, audit_entries.c.kind)
        .join_from(audit_values, audit_entries, audit_entries.c.id == audit_values.c.id)
        .where(audit_values.c.id.in_(ids))
        .with_for_update(of=audit_values)
    )
    keys = keys_of(connection.dialect)
    for row in connection.execute(those).all():
        values = opened_values(row, keys)
        connection.execute(
            update(audit_values)
            .where(audit_values.c.id == row.id)
            .values(**values, **personal_part(row.kind, values))
        )
