"""The spool keeps what the database could not take: whole, once, whoever writes or reads."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from survey_pipeline.gateways.port import InboundEvent, ReceiptEvent
from survey_pipeline.inbound.spool import NAME, drain, put
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import inbound, receipts
from survey_pipeline.testing import NOON, SetContext, reopened, workspace
from survey_pipeline.vocabulary import ReceiptState, RefusalReason

pytestmark = pytest.mark.usefixtures("database")


def text(name: str) -> InboundEvent:
    return InboundEvent(name, "+8613912345678", " 3，太慢 \n", NOON, opted_out=True)


def stored(context: SetContext) -> list[str]:
    with reading(context.engine) as connection:
        return sorted(connection.scalars(select(inbound.c.provider_id)))


def test_every_part_of_an_event_comes_back(tmp_path: Path) -> None:
    context = workspace(tmp_path)
    told = ReceiptEvent("p-1", ReceiptState.UNDELIVERED, "a.1", "30005 x", RefusalReason.BAD_NUMBER)
    put(context, "twilio", [told])
    put(context, "kannel", [text("in-1")])
    context.clock.at = NOON.replace(hour=9)
    assert drain(context) == 2
    assert drain(context) == 0
    with reading(context.engine) as connection:
        receipt = connection.execute(select(receipts)).one()
        reply = connection.execute(select(inbound)).one()
    assert (receipt.provider_id, receipt.state, receipt.attempt_id) == ("p-1", "undelivered", "a.1")
    assert (receipt.error, receipt.reason, receipt.received_at) == ("30005 x", "bad_number", NOON)
    assert (reply.gateway, reply.text, reply.received_at) == ("kannel", " 3，太慢 \n", NOON)
    assert (reply.reply_class, context.keys.decrypt(reply.phone)) == ("opt_out", "+8613912345678")


def test_a_line_that_a_crash_cut_off_spoils_no_other(tmp_path: Path) -> None:
    context = workspace(tmp_path)
    put(context, "twilio", [text("in-1")])
    whole = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(whole + whole[: len(whole) // 2])
    put(context, "twilio", [text("in-2")])
    assert drain(context) == 2
    assert stored(context) == ["in-1", "in-2"]


def test_a_crash_between_storing_and_clearing_stores_nothing_twice(tmp_path: Path) -> None:
    context = workspace(tmp_path)
    put(context, "twilio", [text("in-1")])
    kept = (tmp_path / NAME).read_bytes()
    drain(context)
    (tmp_path / NAME).write_bytes(kept)
    assert drain(context) == 0
    assert stored(context) == ["in-1"]


def test_writers_and_readers_at_once_lose_nothing(tmp_path: Path) -> None:
    context = workspace(tmp_path)
    names = [[f"in-{writer}-{number}" for number in range(40)] for writer in range(4)]
    done = threading.Event()

    def write(mine: list[str]) -> None:
        for name in mine:
            put(context, "twilio", [text(name)])

    def read() -> None:
        other = reopened(tmp_path, NOON)
        while not done.is_set():
            drain(other)
        other.engine.dispose()

    writers = [threading.Thread(target=write, args=(mine,)) for mine in names]
    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in (*writers, *readers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    drain(context)
    assert stored(context) == sorted(name for mine in names for name in mine)
