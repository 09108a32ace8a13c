"""Traffic moves away from a gateway that is unwell, on record, and comes back by itself."""

import asyncio
import shutil
import threading
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
)
from survey_pipeline.inbound.mailbox import store_receipts
from survey_pipeline.stages.dispatch import apply_receipts, dispatch
from survey_pipeline.stages.dispatch.gateway_states import judge
from survey_pipeline.stages.dispatch.shares import configured_shares
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import gateway_moves, gateway_states, messages
from survey_pipeline.testing import (
    NOON,
    FakeGateway,
    SetContext,
    add_offices,
    add_survey,
    reopened,
    workspace,
)
from survey_pipeline.vocabulary import ReceiptState, RefusalReason

pytestmark = pytest.mark.usefixtures("database")

TEMPLATES = Path(__file__).parents[2] / "templates"
MORNING = NOON - timedelta(hours=2)
MINUTE = timedelta(minutes=1)
EVEN = {"a": 5000, "b": 5000}
PATIENT = {"lease": "1h"}
"""So that what is under way while the clock jumps is not taken for lost."""
Script = Callable[[OutgoingMessage], SendResult | None]


def configured(*names: str, **priorities: int) -> dict[str, Any]:
    """The settings of gateways of one priority each, unless said."""
    return {
        "gateway": [
            {"kind": "simulated", "name": name, "priority": priorities.get(name, 50)}
            for name in names
        ]
    }


def made(home: Path, *names: str, **sections: Any) -> SetContext:
    context = workspace(home, at=MORNING, **{**configured(*names), **sections})
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


def shares(context: SetContext) -> dict[str, int]:
    with reading(context.engine) as connection:
        return {row.gateway: row.share for row in connection.execute(select(gateway_states))}


def moves(context: SetContext) -> list[Any]:
    with reading(context.engine) as connection:
        return list(connection.execute(select(gateway_moves).order_by(gateway_moves.c.id)))


def rows(context: SetContext, table: Any) -> list[Any]:
    with reading(context.engine) as connection:
        return list(connection.execute(select(table)))


def test_traffic_moves_from_a_failing_gateway_to_the_well_one_with_its_figures(
    context: SetContext,
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


def test_when_all_is_quiet_it_drifts_back_ten_points_every_ten_minutes(context: SetContext) -> None:
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


def test_shares_move_in_the_middle_of_a_dispatch_as_well(tmp_path: Path) -> None:
    four_at_once = [
        {"kind": "simulated", "name": "a", "concurrency": 4},
        {"kind": "simulated", "name": "b"},
    ]
    context = made(tmp_path, gateway=four_at_once, sending=PATIENT)
    add_texts(context, 600)

    class SlowAndDown(FakeGateway):
        """Takes its time to fail: minutes pass, and results are written down, meanwhile."""

        async def send(self, message: OutgoingMessage) -> SendResult:
            await asyncio.sleep(0.02)
            self.calls += 1
            if self.calls % 50 == 0:
                context.clock.advance(MINUTE)
            return down(message)

    well = FakeGateway(label="b")
    dispatch(context, {"a": SlowAndDown(label="a"), "b": well})
    assert [one.why for one in moves(context)][:2] == ["failing", "relieved"]
    assert shares(context)["a"] < 5000
    assert len(well.ledger) > 300 + 30  # more than the half that was its own at first


def test_late_receipts_move_traffic_as_well(context: SetContext) -> None:
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


def receipts_of(context: SetContext, gateway: FakeGateway) -> None:
    stored(context, gateway)
    apply_receipts(context)


def stored(context: SetContext, gateway: FakeGateway) -> None:
    """Receipts that came and were not read yet."""
    events = [
        ReceiptEvent(f"p-{one.attempt_id}", ReceiptState.DELIVERED, one.attempt_id)
        for one in gateway.ledger
    ]
    with writing(context.engine) as connection:
        store_receipts(connection, gateway.label, events, context.now())


def test_nothing_moves_while_all_are_unwell(context: SetContext) -> None:
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


def test_of_many_workers_one_alone_judges_within_a_minute(context: SetContext) -> None:
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


def test_health_is_judged_once_a_minute_and_not_before(context: SetContext) -> None:
    add_texts(context, 80)
    dispatch(context, gateways(a=down, b=None))
    context.clock.advance(timedelta(seconds=59))
    dispatch(context, gateways(a=down, b=None))
    assert moves(context) == []
    context.clock.advance(timedelta(seconds=1))
    dispatch(context, gateways(a=down, b=None))
    assert shares(context) == {"a": 4000, "b": 6000}


def test_no_text_is_left_behind_when_shares_move_before_anybody_has_claimed(
    tmp_path: Path,
) -> None:
    context = made(tmp_path, **configured("a", "b", "c"))
    add_texts(context, 150)
    dispatch(context, gateways(a=down, b=None, c=broken))
    context.clock.advance(MINUTE)
    add_texts(context, 10)

    def broken_for_a_minute(message: OutgoingMessage) -> SendResult:
        context.clock.advance(MINUTE)
        return broken(message)

    report = dispatch(context, gateways(a=None, b=None, c=broken_for_a_minute))
    assert [one.why for one in moves(context)].count("failing") == 2
    assert {one.state for one in rows(context, messages)} == {"accepted"}
    assert report.left == 0


def test_receipts_that_come_while_a_dispatch_goes_on_speak_of_health(tmp_path: Path) -> None:
    context = made(tmp_path, "a", "b", sending=PATIENT)
    add_texts(context, 100)
    both = gateways(a=None, b=None)
    dispatch(context, both)
    context.clock.advance(timedelta(minutes=5))
    stored(context, both["a"])
    add_texts(context, 100)
    at_b = count(1)

    def takes_a_minute(_: OutgoingMessage) -> None:
        if next(at_b) == 10:
            context.clock.advance(MINUTE)

    dispatch(context, gateways(a=None, b=takes_a_minute))
    assert [(one.gateway, one.why) for one in moves(context)][:1] == [("a", "late")]
