"""How work flows: what each stage has done, how long queues have waited, what gateways answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, func, select

from survey_pipeline.inbound.spool import oldest_kept
from survey_pipeline.store.tables import (
    calls,
    import_runs,
    inbound,
    messages,
    receipts,
    send_attempts,
    stage_counts,
)
from survey_pipeline.vocabulary import CallState, InboundUse, MessageState, RecordKind

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
UNDER_WAY = "under_way"
"""Stands for the outcome of an attempt that has none yet."""

QUEUES: Mapping[str, tuple[Table, ColumnElement[Any], ColumnElement[bool]]] = {
    "texts": (messages, messages.c.not_before, messages.c.state == MessageState.QUEUED),
    "receipts": (receipts, receipts.c.received_at, receipts.c.applied_at.is_(None)),
    "replies": (inbound, inbound.c.received_at, inbound.c.use == InboundUse.PENDING),
    "unclear": (inbound, inbound.c.received_at, inbound.c.use == InboundUse.READER),
    "calls": (calls, calls.c.due_at, calls.c.state == CallState.OPEN),
}
"""A queue, since when an item of it has been due, and which items wait."""


def stage_rows(connection: Connection) -> Sequence[Row[Any]]:
    """Return the counters of each stage that has ever run."""
    return connection.execute(select(stage_counts).order_by(stage_counts.c.stage)).all()


def queue_ages(connection: Connection, home: Path, now: datetime) -> dict[str, float]:
    """Return the seconds for which the oldest item of each queue has been due; 0 if none is."""
    oldest = {
        name: connection.scalar(select(func.min(since)).select_from(table).where(waits))
        for name, (table, since, waits) in QUEUES.items()
    }
    oldest["spool"] = oldest_kept(home)
    return {
        name: 0.0 if since is None else max(0.0, (now - since).total_seconds())
        for name, since in oldest.items()
    }


def attempts_of_last_hour(
    connection: Connection, now: datetime
) -> dict[tuple[tuple[str, str], ...], float]:
    """Return attempts that began within the last hour, by gateway and outcome."""
    outcome = func.coalesce(send_attempts.c.outcome, UNDER_WAY)
    query = (
        select(send_attempts.c.gateway, outcome, func.count())
        .where(send_attempts.c.started_at > now - _HOUR)
        .group_by(send_attempts.c.gateway, outcome)
    )
    return {
        (("gateway", gateway), ("outcome", answer)): float(count)
        for gateway, answer, count in connection.execute(query)
    }


def rows_of_last_day(connection: Connection, now: datetime) -> int:
    """Return how many rows of case reports were taken within the last 24 hours."""
    taken = func.sum(import_runs.c.accepted + import_runs.c.updated)
    query = select(taken).where(
        import_runs.c.kind == RecordKind.CASES, import_runs.c.at > now - _DAY
    )
    return int(connection.scalar(query) or 0)
