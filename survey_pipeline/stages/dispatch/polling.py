"""Asks gateways that bring no news by themselves, and stores what they say, raw."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Table, select

from survey_pipeline.context import Context
from survey_pipeline.gateways.port import Gateway, InboundEvent, Polled, ReceiptEvent
from survey_pipeline.inbound.mailbox import store_inbound, store_receipts
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import inbound, receipts


def poll(context: Context, gateways: Mapping[str, Gateway]) -> int:
    """Ask every polled gateway for receipts and texts; return how many were new."""
    return sum(
        _poll(context, label, gateway)
        for label, gateway in gateways.items()
        if isinstance(gateway, Polled)
    )


def _poll(context: Context, label: str, gateway: Polled) -> int:
    now = context.now()
    with reading(context.engine) as connection:
        heard = _latest(connection, receipts, label), _latest(connection, inbound, label)
    told = _receipts(gateway, heard[0], now)
    written = _inbound(gateway, heard[1], now)
    if not told and not written:
        return 0
    with writing(context.engine) as connection:
        return store_receipts(connection, label, told, now) + store_inbound(
            connection, context.keys, label, written, now
        )


def _latest(connection: Connection, table: Table, label: str) -> datetime | None:
    """Return when the last row of a gateway came: everything before it has been stored."""
    return connection.scalar(
        select(table.c.received_at)
        .where(table.c.gateway == label)
        .order_by(table.c.id.desc())
        .limit(1)
    )


def _receipts(gateway: Polled, since: datetime | None, now: datetime) -> list[ReceiptEvent]:
    requests = gateway.poll_receipts(since, now)
    return [event for request in requests for event in gateway.read_receipt(request)]


def _inbound(gateway: Polled, since: datetime | None, now: datetime) -> list[InboundEvent]:
    requests = gateway.poll_inbound(since, now)
    return [event for request in requests for event in gateway.read_inbound(request)]
