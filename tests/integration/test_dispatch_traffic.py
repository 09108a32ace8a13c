"""Traffic moves away from a gateway that is unwell, on record, and comes back by itself."""

import asyncio
import logging
import shutil
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.gateways.port import (
    OutgoingMessage,
    ReceiptEvent,
    SendResult,
    not_sent,
    refused,
    throttled,
)
from survey_pipeline.stages.dispatch import DispatchReport, apply_receipts, dispatch, preview
from survey_pipeline.stages.dispatch.shares import configured_shares
from survey_pipeline.stages.dispatch.standing import judge
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import gateway_moves, gateway_states, messages, send_attempts
from survey_pipeline.survey.context import Context
from survey_pipeline.survey.mailbox import store_receipts
from survey_pipeline.testing import NOON, FakeGateway, add_offices, add_survey, reopened, workspace
from survey_pipeline.vocabulary import ReceiptState, RefusalReason, SendOutcome

TEMPLATES = Path(__file__).parents[2] / "templates"
MORNING = NOON - timedelta(hours=2)
MINUTE = timedelta(minutes=1)
EVEN = {"a": 5000, "b": 5000}
Script = Callable[[OutgoingMessage], SendResult | None]


def configured(*names: str, **priorities: int) -> dict[str, Any]:
    """The settings of gateways of one priority each, unless said."""
    return {
        "gateway": [
            {"kind": "simulated", "name": name, "priority": priorities.get(name, 50)}
            for name in names
        ]
    }


def made(home: Path, *names: str, **sections: Any) -> Context:
    context = workspace(home, at=MORNING, **{**configured(*names), **sections})
    shutil.copytree(TEMPLATES, home / "templates")
    add_offices(context, "agency")
    return context


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return made(tmp_path, "a", "b")


_phones = count()


def add_texts(context: Context, number: int) -> None:
    for _ in range(number):
        key = next(_phones)
        add_survey(context, "AG-1", f"K-{key}", f"+86139{key:08d}")


def gateways(**scripts: Script | None) -> dict[str, FakeGateway]:
    return {label: FakeGateway(script, label=label) for label, script in scripts.items()}


def down(_: OutgoingMessage) -> SendResult:
    return not_sent("connection refused")


def broken(_: OutgoingMessage) -> SendResult:
    return refused(RefusalReason.CONFIGURATION, "20003 bad credentials")


def shares(context: Context) -> dict[str, int]:
    with reading(context.engine) as connection:
        return {row.gateway: row.share for row in connection.execute(select(gateway_states))}


def moves(context: Context) -> list[Any]:
    with reading(context.engine) as connection:
        return list(connection.execute(select(gateway_moves).order_by(gateway_moves.c.id)))


def rows(context: Context, table: Any) -> list[Any]:
    with reading(context.engine) as connection:
        return list(connection.execute(select(table)))


def counts(found: dict[str, FakeGateway]) -> dict[str, int]:
    return {label: len(one.ledger) for label, one in found.items()}


def actions(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [getattr(one, "action", "") for one in caplog.records if one.levelno == level]


def test_traffic_moves_from_a_failing_gateway_to_the_well_one_with_its_figures(
    context: Context,
) -> None:
    add_texts(context, 80)
    ill = gateways(a=down, b=None)
    dispatch(context, ill)
    assert shares(context) == EVEN  # nothing was known when it was judged
    tried = ill["a"].calls
    context.clock.advance(MINUTE)
    dispatch(context, gateways(a=down, b=None))
    assert shares(context) == {"a": 4000, "b": 6000}
    lost, gained = moves(context)
    assert (lost.gateway, lost.before, lost.after, lost.why) == ("a", 5000, 4000, "failing")
    assert lost.figures == {"attempts": tried, "failed": tried, "receipts": 0, "late": 0}
    assert (gained.gateway, gained.before, gained.after, gained.why) == (
        "b",
        5000,
        6000,
        "relieved",
    )
    assert (lost.at, gained.figures["attempts"]) == (context.now(), len(ill["b"].ledger))


def test_when_all_is_quiet_it_drifts_back_ten_points_every_ten_minutes(context: Context) -> None:
    add_texts(context, 80)
    dispatch(context, gateways(a=down, b=None))
    found = []
    for _ in range(40):
        context.clock.advance(MINUTE)
        dispatch(context, gateways(a=None, b=None))
        found.append(shares(context)["a"])
    # it loses while its failures are less than ten minutes old, to nothing, and comes back by steps
    assert found[:5] == [4000, 3000, 2000, 1000, 0]
    assert [one for one, next_ in pairwise(found) if one != next_] == [
        *(4000, 3000, 2000, 1000),
        *(0, 1000, 2000),
    ]
    back = [one for one in moves(context) if one.why == "drift"]
    assert {(one.at - MORNING) // MINUTE for one in back} == {15, 25, 35}


def test_shares_move_in_the_middle_of_a_dispatch_as_well(context: Context) -> None:
    add_texts(context, 600)
    at_a = count(1)

    def slow_and_down(_: OutgoingMessage) -> SendResult:
        if next(at_a) % 25 == 0:
            context.clock.advance(MINUTE)
        return not_sent("connection refused")

    both = gateways(a=slow_and_down, b=None)
    report = dispatch(context, both)
    assert [one.why for one in moves(context)][:2] == ["failing", "relieved"]
    assert shares(context)["a"] < 4000
    assert report.outcomes[SendOutcome.ACCEPTED] == len(both["b"].ledger) > 350


def test_late_receipts_move_traffic_as_well(context: Context) -> None:
    add_texts(context, 100)
    both = gateways(a=None, b=None)
    dispatch(context, both)
    context.clock.advance(timedelta(minutes=2))
    receipts_of(context, both["b"])
    context.clock.advance(timedelta(minutes=3))
    receipts_of(context, both["a"])
    dispatch(context, both)
    lost, gained = moves(context)
    number = len(both["a"].ledger)
    assert (lost.gateway, lost.after, lost.why) == ("a", 4000, "late")
    assert (lost.figures["receipts"], lost.figures["late"]) == (number, number)
    assert (gained.gateway, gained.figures["late"]) == ("b", 0)


def receipts_of(context: Context, gateway: FakeGateway) -> None:
    events = [
        ReceiptEvent(f"p-{one.attempt_id}", ReceiptState.DELIVERED, one.attempt_id)
        for one in gateway.ledger
    ]
    with writing(context.engine) as connection:
        store_receipts(connection, gateway.label, events, context.now())
    apply_receipts(context)


def test_nothing_moves_while_all_are_unwell(context: Context) -> None:
    add_texts(context, 120)
    for _ in range(3):
        dispatch(context, gateways(a=down, b=down))
        context.clock.advance(MINUTE)
    assert (moves(context), shares(context)) == ([], EVEN)


def test_of_three_the_two_well_ones_take_over_by_their_priorities(tmp_path: Path) -> None:
    context = made(tmp_path, "a", "b", "c", **configured("a", "b", "c", a=50, b=40, c=10))
    add_texts(context, 120)
    dispatch(context, gateways(a=down, b=None, c=None))
    context.clock.advance(MINUTE)
    dispatch(context, gateways(a=down, b=None, c=None))
    assert shares(context) == {"a": 4000, "b": 4800, "c": 1200}


def test_with_one_gateway_nothing_is_judged_and_nothing_recorded(tmp_path: Path) -> None:
    context = made(tmp_path, "a")
    add_texts(context, 30)
    for _ in range(3):
        dispatch(context, gateways(a=down))
        context.clock.advance(MINUTE)
    assert (rows(context, gateway_states), moves(context)) == ([], [])


def test_other_priorities_set_the_shares_anew(tmp_path: Path) -> None:
    context = made(tmp_path, "a", "b")
    dispatch(context, gateways(a=None, b=None))
    assert moves(context) == []
    changed = reopened(tmp_path, MORNING + MINUTE, **configured("a", "b", "c", a=60, b=30, c=10))
    dispatch(changed, gateways(a=None, b=None, c=None))
    assert shares(context) == {"a": 6000, "b": 3000, "c": 1000}
    assert [(one.gateway, one.before, one.after, one.why) for one in moves(context)] == [
        ("a", 5000, 6000, "configured"),
        ("b", 5000, 3000, "configured"),
        ("c", 0, 1000, "configured"),
    ]


def test_of_many_workers_one_alone_judges_within_a_minute(context: Context) -> None:
    add_texts(context, 80)
    dispatch(context, gateways(a=down, b=None))
    context.clock.advance(MINUTE)
    together = threading.Barrier(8)

    def worker() -> None:
        mine = reopened(context.home, context.now(), **configured("a", "b"))
        together.wait()
        judge(mine, configured_shares({"a": 50, "b": 50}))
        mine.engine.dispose()

    workers = [threading.Thread(target=worker) for _ in range(8)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert shares(context) == {"a": 4000, "b": 6000}
    assert len(moves(context)) == 2


def test_bad_credentials_at_one_spend_no_try_and_all_goes_over_the_other(
    context: Context, caplog: pytest.LogCaptureFixture
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
    context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    add_texts(context, 40)
    dispatch(context, gateways(a=broken, b=None))
    add_texts(context, 40)
    both = gateways(a=broken, b=None)
    report = dispatch(context, both)
    assert (both["a"].calls, len(both["b"].ledger), report.left) == (1, 40, 0)
    assert len(moves(context)) == 1
    assert actions(caplog, logging.ERROR) == ["gateway_stopped"]  # it rang once


def test_a_mended_gateway_takes_its_part_again_and_that_stands_on_record(context: Context) -> None:
    add_texts(context, 40)
    dispatch(context, gateways(a=broken, b=None))
    add_texts(context, 60)
    both = gateways(a=None, b=None)
    report = dispatch(context, both)
    assert report.stopped == {}
    assert min(counts(both).values()) > 20
    assert [one.why for one in moves(context)] == ["stopped", "resumed"]


def test_a_stopped_gateway_that_is_out_of_reach_stays_stopped(context: Context) -> None:
    add_texts(context, 40)
    dispatch(context, gateways(a=broken, b=None))
    add_texts(context, 40)
    report = dispatch(context, gateways(a=down, b=None))
    assert report.stopped == {"a": "20003 bad credentials"}


def test_a_stop_is_reported_although_nothing_is_due(context: Context) -> None:
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
    assert any(f"rests until {until:%Y-%m-%d %H:%M:%S}" in str(line) for line in report.lines())
    context.clock.at = until
    report = dispatch(context, calls)
    assert (report.resting, len(calls["a"].ledger) > 0) == ({}, True)


def test_the_others_take_the_part_of_a_resting_gateway(context: Context) -> None:
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


def test_what_was_given_back_untouched_says_nothing_of_the_gateway(context: Context) -> None:
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
