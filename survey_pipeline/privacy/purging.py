"""The purge: deletes the personal data that is due, batch by batch.

A batch is one short transaction, so that other writers wait for moments only. What is empty is not
due: the purge may be killed, repeated, and run on several hosts at once. Counts, ratings, points
and draws stay; they name no citizen.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from survey_pipeline.context import Context
from survey_pipeline.privacy.deletion_receipts import DeletionReceipt, OpenReceipt, close_abandoned
from survey_pipeline.privacy.held_files import delete_files, files_due
from survey_pipeline.privacy.limits import Limits
from survey_pipeline.privacy.rules import RULES, Rule, close_frames, empty_sign_ins
from survey_pipeline.stages.review import forget_representatives, representatives_due
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.traces import empty_log
from survey_pipeline.vocabulary import DeletionKind

log = logging.getLogger(__name__)

ROWS_AT_ONCE = 500
"""Rows in one transaction: some hundredths of a second."""
KEYS_AT_ONCE = 100_000
"""Keys that are looked up at once."""
BREATH = 0.002
"""Seconds between two batches, in which another writer gets its turn on SQLite."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class PurgeReport:
    """What a purge did."""

    receipt: DeletionReceipt | None
    """None where nothing was due."""
    traces_gone: bool
    """Whether SQLite's log was emptied; a reader in another process may be in the way."""


def due_now(context: Context) -> Counter[str]:
    """Return how many rows and files are due, by kind; in a demo nothing is."""
    if context.settings.demo:
        return Counter()
    limits = Limits.now(context)
    counts = Counter[str]()
    with reading(context.engine) as connection:
        for rule in RULES:
            due = rule.due(limits)
            table = due.get_final_froms()[0]
            counted = select(func.count()).select_from(due.subquery())
            counts[str(getattr(table, "name", ""))] += int(connection.scalar(counted) or 0)
        counts["representatives"] += representatives_due(connection, limits.drawn)
    return +(counts + files_due(context, limits))


def purge(context: Context, progress: Progress | None = None) -> PurgeReport:
    """Delete everything that is due; in a demo nothing.

    Args:
        context: the workspace.
        progress: is told how many rows of how many that are due are done.

    Raises:
        DatabaseFault: the database cannot be written; what was deleted until then is on a receipt.
    """
    if context.settings.demo:
        return PurgeReport(None, traces_gone=True)
    limits = Limits.now(context)
    close_abandoned(context)
    receipt = OpenReceipt(context, DeletionKind.PURGE, limits.to_json())
    bar = _Bar(progress, context)
    for rule in RULES:
        for count in _run(context, rule, limits, receipt):
            bar.on(count)
    _rest(context, limits, receipt)
    closed = receipt.close()
    return PurgeReport(closed, traces_gone=_without_traces(context))


def _run(context: Context, rule: Rule, limits: Limits, receipt: OpenReceipt) -> Iterator[int]:
    """Empty what a rule finds; yield the size of each batch."""
    while keys := _due(context, rule, limits):
        emptied = 0
        for start in range(0, len(keys), ROWS_AT_ONCE):
            part = keys[start : start + ROWS_AT_ONCE]
            with writing(context.engine) as connection:
                counts = rule.empty(connection, context, part)
                receipt.add(connection, counts)
            emptied += counts.total()
            yield len(part)
            time.sleep(BREATH)
        if not emptied:
            return  # another host was faster


def _due(context: Context, rule: Rule, limits: Limits) -> Sequence[int]:
    with reading(context.engine) as connection:
        query = rule.due(limits).limit(KEYS_AT_ONCE)
        return sorted(connection.scalars(query))


def _rest(context: Context, limits: Limits, receipt: OpenReceipt) -> None:
    """Delete what is little: sign-ins, representatives, files."""
    with writing(context.engine) as connection:
        close_frames(connection, context, limits)
        receipt.add(connection, empty_sign_ins(connection, limits))
    forget_representatives(context, receipt.add)
    files = delete_files(context, limits)
    with writing(context.engine) as connection:
        receipt.add(connection, files)


def _without_traces(context: Context) -> bool:
    """Empty SQLite's log, also of what an earlier purge had to leave there."""
    gone = empty_log(context.engine)
    if not gone:
        log.warning(
            "SQLite's log still holds deleted values: a reader is in the way",
            extra={"action": "purge_traces_left"},
        )
    return gone


class _Bar:
    """Tells how far a purge is."""

    def __init__(self, progress: Progress | None, context: Context) -> None:
        self._progress = progress
        self._all = due_now(context).total() if progress else 0
        self._done = 0

    def on(self, count: int) -> None:
        self._done += count
        if self._progress is not None:
            self._progress(self._done, max(self._all, self._done))
