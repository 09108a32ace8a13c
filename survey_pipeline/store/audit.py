"""The audit log: who did what to which record, and every look at a full number.

An entry is written in the transaction of what it tells: its head into `audit_log`, its values into
`audit_values`, and its number into `audit_waiting`, until `audit_chain.linking` has bound it to the
entries before it. Nothing is hashed here, and no lock is taken: a file of a million rows pays for
three inserts in bulk, and no transaction waits for another one.
"""

import base64
import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Connection, LargeBinary, func, select, text

from survey_pipeline.store.crypto import HASH_BYTES, Keys
from survey_pipeline.store.personal import KeptUntil, Personal, declared
from survey_pipeline.store.record_keys import PLACES
from survey_pipeline.store.sealed import keys_of
from survey_pipeline.store.tables import audit_entries, audit_links, audit_values, audit_waiting
from survey_pipeline.vocabulary import AuditAction, Audited, RecordKind

REASON = "reason"
SALT_BYTES = 16
_VALUES = ("before", "after", REASON)
_NEXT_IDS = text(
    "SELECT nextval(pg_get_serial_sequence('audit_log', 'id')) FROM generate_series(1, :count)"
)


def entry(  # noqa: PLR0913 - one argument per column, all named
    *,
    at: datetime,
    actor: str,
    action: AuditAction,
    kind: Audited | RecordKind,
    key: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
    import_id: int | None = None,
    row_no: int | None = None,
) -> dict[str, Any]:
    """Return one entry of the log; `append` takes many at once.

    Values may be what the records' tables store, ciphertexts too.
    """
    return {
        "at": at,
        "actor": actor,
        "action": action,
        "kind": str(kind),
        "key": key,
        "before": before,
        "after": after,
        "reason": reason,
        "import_id": import_id,
        "row_no": row_no,
    }


def append(connection: Connection, entries: Iterable[dict[str, Any]]) -> None:
    """Write entries made by `entry`, in a transaction that writes."""
    rows = list(entries)
    if not rows:
        return
    for row, number in zip(rows, _next_ids(connection, len(rows)), strict=True):
        row["id"] = number
    heads = [{name: value for name, value in row.items() if name not in _VALUES} for row in rows]
    keys = keys_of(connection.dialect)
    values = [_values(row, keys) for row in rows if any(row[name] is not None for name in _VALUES)]
    connection.execute(audit_entries.insert(), heads)
    if values:
        connection.execute(audit_values.insert(), values)
    connection.execute(audit_waiting.insert(), [{"id": row["id"]} for row in rows])


def _next_ids(connection: Connection, count: int) -> Iterable[int]:
    """Return free numbers. On SQLite a transaction that writes is alone, and takes the next."""
    if connection.dialect.name == "postgresql":
        return list(connection.scalars(_NEXT_IDS, {"count": count}))
    # the chain remembers numbers whose entries somebody removed: they must not come again
    used = [
        connection.scalar(select(func.max(column))) or 0
        for column in (audit_entries.c.id, audit_links.c.entry_id, audit_waiting.c.id)
    ]
    return range(max(used) + 1, max(used) + 1 + count)


def _values(row: Mapping[str, Any], keys: Keys) -> dict[str, Any]:
    values = {
        "before": plain(row["before"], keys),
        "after": plain(row["after"], keys),
        REASON: row[REASON],
    }
    return {"id": row["id"], **values, **personal_part(row["kind"], values)}


def personal_part(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return which of an entry's values may be deleted one day, and a salt if there are any."""
    names = personal_names(kind)
    held = holds_any(values["before"], values["after"], values[REASON], names)
    return {
        "personal": ",".join(sorted(names)) if held else "",
        "salt": secrets.token_bytes(SALT_BYTES) if held else None,
    }


@cache
def personal_names(kind: str) -> frozenset[str]:
    """Return the names of a kind's values that are deleted before their record is.

    The columns of the record's table declare it (`store.personal`).
    """
    if kind == Audited.OPT_OUTS:
        return frozenset((REASON,))  # how a citizen asked
    place = PLACES.get(RecordKind(kind)) if kind in set(RecordKind) else None
    if place is None:
        return frozenset()
    said = {column.name: declared(column) for column in place.table.columns}
    return frozenset(
        name
        for name, told in said.items()
        if isinstance(told, Personal) and told.until is not KeptUntil.RECORD
    )


def opened_values(row: Any, keys: Keys) -> dict[str, Any]:
    """Return the values of an entry of an earlier version, which held ciphertexts in base64."""
    place = PLACES.get(RecordKind(row.kind)) if row.kind in set(RecordKind) else None
    columns = () if place is None else place.table.columns
    sealed = {column.name for column in columns if isinstance(column.type, LargeBinary)}

    def opened(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return (
            None
            if values is None
            else {
                name: _plain(base64.b64decode(value), keys) if name in sealed and value else value
                for name, value in values.items()
            }
        )

    return {"before": opened(row.before), "after": opened(row.after), REASON: row.reason}


def holds_any(
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    reason: str | None,
    names: Iterable[str],
) -> bool:
    """Return whether an entry still holds a value of one of these names."""
    return any(
        (before or {}).get(name) is not None
        or (after or {}).get(name) is not None
        or (name == REASON and reason is not None)
        for name in names
    )


def plain(values: Mapping[str, Any] | None, keys: Keys) -> dict[str, Any] | None:
    """Return values as JSON can hold them, ciphertexts opened; what holds them is sealed whole.

    So no digest depends on the data key, which may change.
    """
    if values is None:
        return None
    return {name: _plain(value, keys) for name, value in values.items()}


def _plain(value: Any, keys: Keys) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode() if len(value) == HASH_BYTES else keys.decrypt(value)
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
