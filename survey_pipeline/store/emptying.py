"""Empties columns that hold personal data: in their tables, and in the recorded changes.

Which columns those are, the tables say themselves (`store.personal`). Rows, counts and keys stay.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    null,
    or_,
    select,
    update,
)

from survey_pipeline.store.personal import KeptUntil, columns_until
from survey_pipeline.store.tables import audit_entries, audit_values, year_scores


def still_held(table: Table, *ends: KeptUntil) -> ColumnElement[bool]:
    """Return the condition that a row still holds personal data of one of these ends."""
    return or_(*(column.is_not(null()) for column in columns_until(table, *ends)))


def years_over(before: datetime) -> Select[tuple[int]]:
    """Select the years whose score was published by then: what ends with it may be deleted."""
    return select(year_scores.c.year).where(year_scores.c.published_at <= before)


def empty(
    connection: Connection, table: Table, where: ColumnElement[bool], *ends: KeptUntil
) -> int:
    """Empty what is declared to end now, in the rows that still hold any of it.

    Returns:
        How many rows held something.
    """
    nothing = {column: null() for column in columns_until(table, *ends)}
    statement = update(table).where(where, still_held(table, *ends)).values(nothing)
    return connection.execute(statement).rowcount


def empty_recorded(
    connection: Connection, kind: str, keys: Collection[str], table: Table, *ends: KeptUntil
) -> int:
    """Empty the same columns in the recorded changes of some records: values become null.

    The salt of an emptied value goes too: without it the value cannot be guessed from its digest.

    Args:
        connection: a transaction that writes.
        kind: the records' kind in the audit log.
        keys: the records' keys there.
        table: the records' table.
        ends: which columns.

    Returns:
        How many entries held something.
    """
    names = {column.name for column in columns_until(table, *ends)}
    query = (
        select(audit_values.c.id, audit_values.c.before, audit_values.c.after)
        .where(audit_values.c.id.in_(_entries_of(kind, keys)))
        .order_by(audit_values.c.id)
        .with_for_update()
    )
    changes = [changed for row in connection.execute(query) if (changed := _without(row, names))]
    if changes:
        connection.execute(_REWRITE, changes)
    return len(changes)


def empty_reasons(connection: Connection, kind: str, keys: Collection[str]) -> int:
    """Empty the reasons in the entries of some records, and their salt.

    Returns:
        How many entries held one.
    """
    held = and_(
        audit_values.c.id.in_(_entries_of(kind, keys)), audit_values.c.reason.is_not(null())
    )
    return connection.execute(
        update(audit_values).where(held).values(reason=null(), salt=null())
    ).rowcount


def _entries_of(kind: str, keys: Collection[str]) -> Select[tuple[int]]:
    return select(audit_entries.c.id).where(
        audit_entries.c.kind == kind, audit_entries.c.key.in_(keys)
    )


_REWRITE = (
    update(audit_values)
    .where(audit_values.c.id == bindparam("entry"))
    .values(before=bindparam("former"), after=bindparam("latter"), salt=null())
)


def _without(row: Any, names: Collection[str]) -> dict[str, Any] | None:
    """Return an entry without the named values; None if it holds none of them."""
    former, latter = _emptied(row.before, names), _emptied(row.after, names)
    if (former, latter) == (row.before, row.after):
        return None
    return {"entry": row.id, "former": former, "latter": latter}


def _emptied(values: Mapping[str, Any] | None, names: Collection[str]) -> dict[str, Any] | None:
    if values is None:
        return None
    return {name: None if name in names else value for name, value in values.items()}
