"""Counts what each stage does, for `/metrics`, and tells from it whether a worker is at work.

The counters stand in the database, because the worker that counts and the pages that show them may
be processes on different hosts.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from survey_pipeline.context import Context
from survey_pipeline.errors import DatabaseFault
from survey_pipeline.store.engine import writing
from survey_pipeline.store.insert import conflict_insert
from survey_pipeline.store.tables import stage_counts
from survey_pipeline.vocabulary.counted_stages import CountedStage

log = logging.getLogger(__name__)

SILENT_AFTER = timedelta(minutes=5)
"""A worker ends a stage every minute (`schedule.ROUND`, `traffic.every`); after that it is gone."""
_MILLISECOND = timedelta(milliseconds=1)
_ADDED = ("runs", "failures", "items", "milliseconds")


@dataclass
class StageTally:
    """What a stage that is under way has done so far."""

    items: int = 0


@contextmanager
def counted(context: Context, stage: CountedStage) -> Iterator[StageTally]:
    """Count a run of a stage, its time, and the items that it notes on what is given."""
    begin, tally = context.now(), StageTally()
    try:
        yield tally
    except Exception:
        _add(context, stage, begin, failures=1, items=tally.items)
        raise
    _add(context, stage, begin, runs=1, items=tally.items)


def _add(context: Context, stage: CountedStage, begin: datetime, **counts: int) -> None:
    """Add to a stage's counters; if the database fails, the stage's own error is what matters."""
    end = context.now()
    row: dict[str, Any] = {"stage": stage, "runs": 0, "failures": 0, **counts}
    row["milliseconds"] = max(0, round((end - begin) / _MILLISECOND))
    row["succeeded_at"] = end if row["runs"] else None
    try:
        with writing(context.engine) as connection:
            _upsert(connection, row)
    except DatabaseFault as fault:
        log.warning("not counted: %s", fault, extra={"action": "not_counted", "stage": stage})


def _upsert(connection: Connection, row: dict[str, Any]) -> None:
    insert = conflict_insert(connection.dialect.name, stage_counts).values(row)
    new, old = insert.excluded, stage_counts.c
    sums = {name: old[name] + new[name] for name in _ADDED}
    latest = func.coalesce(new.succeeded_at, old.succeeded_at)
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=[old.stage], set_={**sums, "succeeded_at": latest}
        )
    )


def worker_is_silent(connection: Connection, now: datetime) -> bool:
    """Return whether there has been a worker, and it has ended no stage for `SILENT_AFTER`.

    Where none has ever run there is nobody to miss: pages may be served before the first one.
    """
    last = connection.scalar(select(func.max(stage_counts.c.succeeded_at)))
    return last is not None and last < now - SILENT_AFTER
