"""The state of a workspace as numbers for a monitoring system: counts, no personal data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from survey_pipeline.context import Context
from survey_pipeline.day_runs import DAILY
from survey_pipeline.inbound import spool
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
        gateways = views_of_gateways(connection, context)
        ran = connection.scalar(select(func.max(job_runs.c.finished_at)).where(*_DAILY_RUNS))
    yield _one(
        "daily_run_timestamp_seconds",
        "When the last daily run ended; 0: never.",
        ran.timestamp() if ran else 0,
    )
    yield from _of_gateways(gateways)
    yield _one(
        "spool_bytes", "What webhooks brought and the database has not taken.", _spool(context)
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
