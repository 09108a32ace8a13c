"""The state of a workspace as numbers for a monitoring system: counts, no personal data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from survey_pipeline.context import Context
from survey_pipeline.day_runs import DAILY
from survey_pipeline.inbound import spool
from survey_pipeline.reports.flow_counts import (
    attempts_of_last_hour,
    queue_ages,
    rows_of_last_day,
    stage_rows,
)
from survey_pipeline.reports.readiness import readiness
from survey_pipeline.reports.standstill import standstill_now
from survey_pipeline.reports.status import call_counts
from survey_pipeline.stages.dispatch import GatewayView, views_of_gateways
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import inbound, job_runs, messages, receipts
from survey_pipeline.survey.pausing import open_pause
from survey_pipeline.vocabulary import InboundUse, MessageState

FRESH = timedelta(seconds=15)
"""Measures are taken no more often."""
SHARE_OF_TIME = 20
"""...and counting takes no more than the twentieth part of the time, however much there is."""


@dataclass(frozen=True)
class Measure:
    """One quantity, with a value for each of its labels."""

    name: str
    help: str
    values: Mapping[tuple[tuple[str, str], ...], float]
    """Labels -> value; without labels the key is empty."""
    grows: bool = False
    """Whether it only grows, as counters do."""


class Measures:
    """Takes the measures of a workspace, and keeps them while they are fresh."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._taken: tuple[Measure, ...] = ()
        self._until: datetime | None = None

    def take(self) -> tuple[Measure, ...]:
        """Return the measures, at most as old as `FRESH` or as twenty times their counting took."""
        begin = self._context.now()
        if self._until is None or begin >= self._until:
            self._taken = tuple(_measures(self._context, begin))
            end = self._context.now()
            self._until = end + max(FRESH, SHARE_OF_TIME * (end - begin))
        return self._taken


def _measures(context: Context, now: datetime) -> Iterator[Measure]:
    with reading(context.engine) as connection:
        rows = connection.execute(select(messages.c.state, func.count()).group_by(messages.c.state))
        states = {state.value: 0 for state in MessageState} | {row[0]: row[1] for row in rows}
        unapplied = select(func.count()).where(receipts.c.applied_at.is_(None))
        texts = select(inbound.c.use, func.count()).where(inbound.c.use.in_(_WAITING))
        waiting = {row[0]: row[1] for row in connection.execute(texts.group_by(inbound.c.use))}
        yield _by("messages", "Texts by state.", "state", states)
        yield _one(
            "receipts_pending",
            "Delivery receipts that are stored and not applied.",
            connection.scalar(unapplied) or 0,
        )
        yield _one(
            "inbound_pending",
            "Citizens' texts that are stored and not read.",
            waiting.get(InboundUse.PENDING, 0),
        )
        yield _one(
            "inbound_unclear", "Texts that wait for a reader.", waiting.get(InboundUse.READER, 0)
        )
        calls = call_counts(connection, now)
        yield _by("calls", "Calls of the queue: all waiting, due, held.", "state", calls)
        yield _one(
            "sending_paused", "1 while sending is paused.", open_pause(connection) is not None
        )
        yield _one(
            "sending_stands_still",
            "1 while nothing takes texts: every gateway is stopped, or sending is paused.",
            standstill_now(connection, context) is not None,
        )
        yield from _of_flow(connection, context, now)
        gateways = views_of_gateways(connection, context)
        ran = connection.scalar(select(func.max(job_runs.c.finished_at)).where(*_DAILY_RUNS))
    yield _one(
        "daily_run_timestamp_seconds",
        "When the last daily run ended; 0: never.",
        ran.timestamp() if ran else 0,
    )
    yield from _of_gateways(gateways)
    yield _by("ready", "1 where it works: what /readyz looks at.", "check", readiness(context))
    yield _one(
        "spool_bytes", "What webhooks brought and the database has not taken.", _spool(context)
    )


def stage_measures(connection: Connection) -> Iterator[Measure]:
    """Yield the counters of each stage, and when it last ended well."""
    rows = stage_rows(connection)
    for name, text, column, part in (
        ("stage_runs", "Times that a stage ended well.", "runs", 1),
        ("stage_failures", "Times that a stage failed.", "failures", 1),
        ("stage_items", "What a stage worked on: its texts, cases, calls.", "items", 1),
        ("stage_seconds", "Seconds in which a stage ran.", "milliseconds", 1_000),
    ):
        values = {row.stage: getattr(row, column) / part for row in rows}
        yield replace(_by(name, text, "stage", values), grows=True)
    ended = {row.stage: row.succeeded_at.timestamp() for row in rows if row.succeeded_at}
    yield _by("stage_success_timestamp_seconds", "When a stage last ended well.", "stage", ended)


def _of_flow(connection: Connection, context: Context, now: datetime) -> Iterator[Measure]:
    yield from stage_measures(connection)
    yield _by(
        "queue_oldest_seconds",
        "How long the oldest item of a queue has waited since it was due; 0: none waits.",
        "queue",
        queue_ages(connection, context.home, now),
    )
    yield Measure(
        "gateway_attempts_last_hour",
        "Attempts to hand over a text that began within the last hour, by their outcome.",
        attempts_of_last_hour(connection, now),
    )
    yield _one(
        "imported_rows_last_day",
        "Rows of case reports that were taken within the last 24 hours.",
        rows_of_last_day(connection, now),
    )


_WAITING = (InboundUse.PENDING, InboundUse.READER)
_DAILY_RUNS = (job_runs.c.job == DAILY, job_runs.c.finished_at.is_not(None))


def _of_gateways(views: list[GatewayView]) -> Iterator[Measure]:
    for name, text, read in (
        (
            "gateway_share",
            "Points of 100 by its health.",
            lambda gateway: gateway.share,
        ),
        ("gateway_part", "Points of 100 that it takes now.", lambda gateway: gateway.part),
        (
            "gateway_stopped",
            "1 while it is stopped.",
            lambda gateway: gateway.stopped_at is not None,
        ),
        ("gateway_resting", "1 while it rests.", lambda gateway: gateway.rests_until is not None),
    ):
        yield _by(
            name, text, "gateway", {gateway.gateway: float(read(gateway)) for gateway in views}
        )


def _spool(context: Context) -> int:
    size = 0
    for path in context.home.glob(f"{spool.NAME}*"):
        try:
            size += path.stat().st_size
        except FileNotFoundError:
            continue  # stored this very moment
    return size


def _one(name: str, text: str, value: float) -> Measure:
    return Measure(name, text, {(): float(value)})


def _by(name: str, text: str, label: str, values: Mapping[str, float]) -> Measure:
    return Measure(name, text, {((label, key),): float(value) for key, value in values.items()})
