"""The audit log: who did what to which record, and every look at a full number."""

import base64
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from survey_pipeline.store.tables import audit_log
from survey_pipeline.vocabulary import AuditAction, Audited, RecordKind


def plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return values as JSON can hold them; ciphertexts in base64, dates in ISO form."""
    if values is None:
        return None
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


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
    """Return one row of the log; `append` takes many at once."""
    return {
        "at": at,
        "actor": actor,
        "action": action,
        "kind": str(kind),
        "key": key,
        "before": plain(before),
        "after": plain(after),
        "reason": reason,
        "import_id": import_id,
        "row_no": row_no,
    }


def append(connection: Connection, entries: Iterable[dict[str, Any]]) -> None:
    """Write rows made by `entry`."""
    rows = list(entries)
    if rows:
        connection.execute(audit_log.insert(), rows)
