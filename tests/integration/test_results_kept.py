"""What a provider said is kept until it is on record, whatever the database does meanwhile."""

import asyncio
import logging
import shutil
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.errors import DatabaseFault
from survey_pipeline.gateways.port import OutgoingMessage, SendResult
from survey_pipeline.reports.alerts import alerts
from survey_pipeline.stages.dispatch import dispatch
from survey_pipeline.store.engine import open_engine, reading
from survey_pipeline.store.tables import message_events, messages
from survey_pipeline.testing import (
    NOON,
    FakeGateway,
    SetContext,
    add_offices,
    add_survey,
    workspace,
)
from survey_pipeline.testing.outages import Outage, full, locked, shut_down
from survey_pipeline.troubles import RESULTS

TEMPLATES = Path(__file__).parents[2] / "templates"
ON_EACH_ENGINE = pytest.mark.parametrize(
    ("database", "outage_of"),
    [("sqlite", locked), ("sqlite", full), ("postgresql", shut_down)],
    indirect=["database"],
    ids=["locked", "full", "shut down"],
)
MORNING = NOON - timedelta(hours=2)
TEXTS = 200


class Interrupted(FakeGateway):
    """Takes every text; the outage begins with its thirtieth."""

    def __init__(self, label: str, outage: Outage) -> None:
        super().__init__(label=label)
        self._outage = outage
        self._number = count(1)

    async def send(self, message: OutgoingMessage) -> SendResult:
        if next(self._number) == 30:
            await asyncio.to_thread(self._outage.begin)
        return await super().send(message)


class Slow(FakeGateway):
    """Has texts in hand while another gateway's sender meets the outage."""

    async def send(self, message: OutgoingMessage) -> SendResult:
        await asyncio.sleep(0.3)
        return await super().send(message)


def made(home: Path, **sections: Any) -> SetContext:
    named = [{"kind": "simulated", "name": name} for name in ("a", "b")]
    context = workspace(home, at=MORNING, gateway=named, **sections)
    shutil.copytree(TEMPLATES, home / "templates")
    add_offices(context, "agency")
    for number in range(TEXTS):
        add_survey(context, "AG-1", f"K-{number}", f"+86139{number:08d}")
    engine = open_engine(context.settings.database.url, home, busy=0.1)
    context.engine.dispose()
    return replace(context, engine=engine)


def states(context: SetContext) -> Counter[str]:
    with reading(context.engine) as connection:
        return Counter(connection.scalars(select(messages.c.state)))


def accepted_twice(context: SetContext) -> list[int]:
    with reading(context.engine) as connection:
        moves = connection.scalars(
            select(message_events.c.message_id).where(message_events.c.after == "accepted")
        )
        return [key for key, times in Counter(moves).items() if times > 1]


def texted(*gateways: FakeGateway) -> Counter[str]:
    return Counter(message.to for gateway in gateways for message in gateway.ledger)


def when_results_wait(context: SetContext, do: Callable[[], object]) -> threading.Thread:
    """Do something as soon as results could not be recorded."""
    noticed = threading.Event()

    def watch() -> None:
        while not context.troubles.of(RESULTS):
            noticed.wait(0.02)
        do()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


@ON_EACH_ENGINE
def test_results_are_recorded_when_the_database_is_back(
    database: str,
    tmp_path: Path,
    outage_of: Callable[[SetContext], Outage],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    context = made(tmp_path)
    outage = outage_of(context)
    a, b = Interrupted("a", outage), Slow(label="b")
    said: list[str] = []

    def end() -> None:
        said.extend(str(alert) for alert in alerts(context))
        outage.end()

    watcher = when_results_wait(context, end)
    for _ in range(3):  # a claim that met the outage ends a dispatch, and the next one goes on
        try:
            dispatch(context, {"a": a, "b": b}, ignore_hours=True)
        except DatabaseFault:
            watcher.join()
    assert states(context) == {"accepted": TEXTS}
    assert set(texted(a, b).values()) == {1}
    assert accepted_twice(context) == []
    assert any("wait in memory to be recorded" in alert for alert in said)
    assert not context.troubles.standing()
    logged = [getattr(record, "action", "") for record in caplog.records]
    assert "results_wait" in logged
    assert "results_recorded" in logged
    assert "results_lost" not in logged
    context.engine.dispose()


@ON_EACH_ENGINE
def test_results_are_given_up_when_the_lease_has_ended(
    database: str,
    tmp_path: Path,
    outage_of: Callable[[SetContext], Outage],
    caplog: pytest.LogCaptureFixture,
) -> None:
    context = made(tmp_path, sending={"lease": "1s"})
    outage = outage_of(context)
    a, b = Interrupted("a", outage), FakeGateway(label="b")
    with pytest.raises(DatabaseFault):
        dispatch(context, {"a": a, "b": b}, ignore_hours=True)
    (lost,) = [
        alert for alert in map(str, alerts(context)) if "could not be recorded in time" in alert
    ]
    assert "unknown until a receipt or the provider" in lost
    assert "results_lost" in [getattr(record, "action", "") for record in caplog.records]
    outage.end()
    context.clock.at += timedelta(minutes=2)
    dispatch(context, {"a": a, "b": b}, ignore_hours=True)
    assert not context.troubles.standing()
    assert set(texted(a, b).values()) == {1}
    assert {"unknown"} <= set(states(context)) <= {"accepted", "unknown"}
    context.engine.dispose()
