"""Whoever is broken by its configuration, or asked to rest, leaves its part to the others."""

import asyncio
import logging
import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.gateways.port import (
    OutgoingMessage,
    SendResult,
    not_sent,
    refused,
    throttled,
)
from survey_pipeline.stages.dispatch import DispatchReport, dispatch, preview
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import gateway_moves, messages, send_attempts
from survey_pipeline.testing import (
    NOON,
    FakeGateway,
    SetContext,
    add_offices,
    add_survey,
    workspace,
)
from survey_pipeline.vocabulary import RefusalReason, SendOutcome

pytestmark = pytest.mark.usefixtures("database")

TEMPLATES = Path(__file__).parents[2] / "templates"
MORNING = NOON - timedelta(hours=2)
MINUTE = timedelta(minutes=1)
Script = Callable[[OutgoingMessage], SendResult | None]


def made(home: Path, *names: str, **sections: Any) -> SetContext:
    alike = [{"kind": "simulated", "name": name} for name in names]
    context = workspace(home, at=MORNING, **{"gateway": alike, **sections})
    shutil.copytree(TEMPLATES, home / "templates")
    add_offices(context, "agency")
    return context


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    return made(tmp_path, "a", "b")


_phones = count()


def add_texts(context: SetContext, number: int) -> None:
    for _ in range(number):
        key = next(_phones)
        add_survey(context, "AG-1", f"K-{key}", f"+86139{key:08d}")


def gateways(**scripts: Script | None) -> dict[str, FakeGateway]:
    return {label: FakeGateway(script, label=label) for label, script in scripts.items()}


def down(_: OutgoingMessage) -> SendResult:
    return not_sent("connection refused")


def broken(_: OutgoingMessage) -> SendResult:
    return refused(RefusalReason.CONFIGURATION, "20003 bad credentials")


def moves(context: SetContext) -> list[Any]:
    with reading(context.engine) as connection:
        return list(connection.execute(select(gateway_moves).order_by(gateway_moves.c.id)))


def rows(context: SetContext, table: Any) -> list[Any]:
    with reading(context.engine) as connection:
        return list(connection.execute(select(table)))


def counts(found: dict[str, FakeGateway]) -> dict[str, int]:
    return {label: len(one.ledger) for label, one in found.items()}


def actions(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [getattr(one, "action", "") for one in caplog.records if one.levelno == level]


def test_bad_credentials_at_one_spend_no_try_and_all_goes_over_the_other(
    context: SetContext, caplog: pytest.LogCaptureFixture
) -> None:
    add_texts(context, 100)
    at_a = count(1)

    def in_mid_run(message: OutgoingMessage) -> SendResult | None:
        return broken(message) if next(at_a) > 20 else None

    both = gateways(a=in_mid_run, b=None)
    report = dispatch(context, both)
    assert (report.left, report.stopped) == (0, {"a": "20003 bad credentials"})
    assert sum(counts(both).values()) == 100
    assert {(one.state, one.tries) for one in rows(context, messages)} == {("accepted", 0)}
    assert actions(caplog, logging.ERROR) == ["gateway_stopped"]
    (stopped,) = moves(context)
    assert (stopped.gateway, stopped.why, stopped.before, stopped.after) == (
        "a",
        "stopped",
        5000,
        5000,
    )
    assert stopped.figures == {"error": "20003 bad credentials"}


def test_a_stopped_gateway_is_tried_with_one_text_that_goes_over_the_other(
    context: SetContext, caplog: pytest.LogCaptureFixture
) -> None:
    add_texts(context, 40)
    dispatch(context, gateways(a=broken, b=None))
    add_texts(context, 40)
    both = gateways(a=broken, b=None)
    report = dispatch(context, both)
    assert (both["a"].calls, len(both["b"].ledger), report.left) == (1, 40, 0)
    assert len(moves(context)) == 1
    assert actions(caplog, logging.ERROR) == ["gateway_stopped"]  # it rang once


def test_a_mended_gateway_takes_its_part_again_and_that_stands_on_record(
    context: SetContext,
) -> None:
    add_texts(context, 40)
    dispatch(context, gateways(a=broken, b=None))
    add_texts(context, 60)
    both = gateways(a=None, b=None)
    report = dispatch(context, both)
    assert report.stopped == {}
    assert min(counts(both).values()) > 20
    assert [one.why for one in moves(context)] == ["stopped", "resumed"]


def test_what_a_mended_gateway_did_before_costs_it_no_share(context: SetContext) -> None:
    class BrokenForAllHands(FakeGateway):
        """Refuses only when all senders' hands have their texts there."""

        async def send(self, message: OutgoingMessage) -> SendResult:
            await asyncio.sleep(0.01)
            return broken(message)

    add_texts(context, 80)
    dispatch(context, {"a": BrokenForAllHands(label="a"), "b": FakeGateway(label="b")})
    refusals = [one for one in rows(context, send_attempts) if one.outcome == "refused"]
    assert len(refusals) == 16
    context.clock.advance(timedelta(seconds=10))
    add_texts(context, 80)
    dispatch(context, gateways(a=None, b=None))
    context.clock.advance(MINUTE)
    dispatch(context, gateways(a=None, b=None))
    assert [one.why for one in moves(context)] == ["stopped", "resumed"]


def test_a_stopped_gateway_that_is_out_of_reach_stays_stopped(context: SetContext) -> None:
    add_texts(context, 40)
    dispatch(context, gateways(a=broken, b=None))
    add_texts(context, 40)
    report = dispatch(context, gateways(a=down, b=None))
    assert report.stopped == {"a": "20003 bad credentials"}


def test_a_stop_is_reported_although_nothing_is_due(context: SetContext) -> None:
    add_texts(context, 40)
    dispatch(context, gateways(a=broken, b=None))
    assert dispatch(context, gateways(a=broken, b=None)).stopped == {"a": "20003 bad credentials"}


def test_a_single_resting_gateway_sends_nothing_and_says_until_when(tmp_path: Path) -> None:
    context = made(tmp_path, "a")
    add_texts(context, 60)
    waits = count(1)

    def too_fast(_: OutgoingMessage) -> SendResult:
        return throttled(MORNING + next(waits) * MINUTE)

    dispatch(context, gateways(a=too_fast))
    calls = gateways(a=None)
    report = dispatch(context, calls)
    assert (calls["a"].calls, bool(report.left)) == (0, True)
    until = report.resting["a"]
    assert until >= MORNING + 3 * MINUTE  # the latest of the three
    assert report.to_json()["resting"] == {"a": until.isoformat()}
    assert any(f"rests until {until:%Y-%m-%d %H:%M}:" in str(line) for line in report.lines())
    context.clock.at = until
    report = dispatch(context, calls)
    assert (report.resting, len(calls["a"].ledger) > 0) == ({}, True)


def test_the_others_take_the_part_of_a_resting_gateway(context: SetContext) -> None:
    add_texts(context, 200)
    hour = MORNING + timedelta(hours=1)
    both = gateways(a=lambda _: throttled(hour), b=None)
    dispatch(context, both)
    waiting = [one for one in rows(context, messages) if one.state == "queued"]
    assert {one.not_before for one in waiting} == {hour}
    assert len(waiting) == both["a"].calls < 20
    assert len(both["b"].ledger) == 200 - len(waiting)


def test_a_short_wait_is_kept_instead_of_trying_on(tmp_path: Path) -> None:
    one = [{"kind": "simulated", "name": "a", "concurrency": 1}]
    context = made(tmp_path, gateway=one)
    add_texts(context, 20)
    opens: list[float] = []

    def once_too_fast(_: OutgoingMessage) -> SendResult | None:
        if not opens:
            opens.append(time.monotonic() + 0.2)
        if time.monotonic() < opens[0]:
            return throttled(context.now() + timedelta(seconds=0.2))
        return None

    found = gateways(a=once_too_fast)
    report = dispatch(context, found)
    assert report.outcomes[SendOutcome.THROTTLED] == 1
    assert len(found["a"].ledger) == 19  # the one that came too early waits for the next dispatch


def test_a_burst_that_came_too_fast_is_one_throttle(tmp_path: Path) -> None:
    one = [{"kind": "simulated", "name": "a", "concurrency": 16}]
    context = made(tmp_path, gateway=one)
    add_texts(context, 100)
    opens: list[float] = []

    class Busy(FakeGateway):
        """Takes nothing for a moment, and answers only when all hands wait for it."""

        async def send(self, message: OutgoingMessage) -> SendResult:
            if not opens:
                opens.append(time.monotonic() + 0.3)
            early = time.monotonic() < opens[0]
            await asyncio.sleep(0.01)
            if early:
                return throttled(context.now() + timedelta(seconds=0.3))
            return await super().send(message)

    busy = Busy(label="a")
    report: DispatchReport = dispatch(context, {"a": busy})
    assert (report.resting, report.outcomes[SendOutcome.THROTTLED]) == ({}, 16)
    assert len(busy.ledger) == 84


def test_what_was_given_back_untouched_says_nothing_of_the_gateway(context: SetContext) -> None:
    add_texts(context, 100)
    dispatch(context, gateways(a=broken, b=None))
    given_back = [one for one in rows(context, send_attempts) if one.outcome == "not_sent"]
    assert {one.reason for one in given_back} == {"not_handed_over"}
    context.clock.advance(MINUTE)
    dispatch(context, gateways(a=broken, b=None))
    assert {one.why for one in moves(context)} == {"stopped"}


def test_a_dry_run_counts_the_cost_by_the_present_shares(tmp_path: Path) -> None:
    priced = [
        {"kind": "simulated", "name": "a", "price_per_segment": "1"},
        {"kind": "simulated", "name": "b", "price_per_segment": "3"},
    ]
    context = made(tmp_path, gateway=priced)
    add_texts(context, 10)
    assert str(preview(context).cost) == "20.000"
    dispatch(context, gateways(a=broken, b=broken))
    dispatch(context, gateways(a=None, b=broken))
    add_texts(context, 10)
    assert str(preview(context).cost) == "10.000"


def test_whoever_rested_has_no_part_in_that_dispatch_any_more(tmp_path: Path) -> None:
    one = [{"kind": "simulated", "name": "a", "concurrency": 1}]
    context = made(tmp_path, gateway=one)
    add_texts(context, 20)
    found = gateways(a=lambda _: throttled(context.now()))  # again at once, and never any better
    dispatch(context, found)
    assert found["a"].calls == 3
    assert max(one.tries for one in rows(context, messages)) <= 3
