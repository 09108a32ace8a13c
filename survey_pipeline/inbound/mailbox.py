"""What providers bring in is stored first, raw, once; it is read later.

Webhooks and polled gateways come through here alike. Nothing is lost where the reading fails, and a
provider that says everything twice does no harm (specification, sections 5 and 6).
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from survey_pipeline.gateways.port import InboundEvent, ReceiptEvent
from survey_pipeline.phones import e164
from survey_pipeline.store.crypto import Keys
from survey_pipeline.store.insert import insert_absent
from survey_pipeline.store.tables import inbound, receipts
from survey_pipeline.vocabulary import InboundUse, ReplyClass

Events = Sequence[ReceiptEvent] | Sequence[InboundEvent]
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def store_events(
    connection: Connection, keys: Keys, gateway: str, events: Events, now: datetime
) -> int:
    """Store what a provider brought, receipts or texts, once; return how many are new."""
    receipts_told = [event for event in events if isinstance(event, ReceiptEvent)]
    texts = [event for event in events if isinstance(event, InboundEvent)]
    stored = store_receipts(connection, gateway, receipts_told, now)
    return stored + store_inbound(connection, keys, gateway, texts, now)


def store_receipts(
    connection: Connection, gateway: str, events: Iterable[ReceiptEvent], now: datetime
) -> int:
    """Store delivery receipts, once per (gateway, provider id, state); return how many are new."""
    rows = [
        {
            "gateway": gateway,
            "provider_id": storable(event.provider_id),
            "attempt_id": event.attempt_id and storable(event.attempt_id),
            "state": event.state,
            "reason": event.reason,
            "error": event.error and storable(event.error),
            "received_at": now,
        }
        # in one order: of two that are told the same ones, neither waits for the other
        for event in sorted(events, key=lambda event: (event.provider_id, event.state))
    ]
    return insert_absent(connection, receipts, rows)


def store_inbound(
    connection: Connection,
    keys: Keys,
    gateway: str,
    events: Iterable[InboundEvent],
    now: datetime,
) -> int:
    """Store citizens' texts, once per (gateway, provider id); return how many are new."""
    rows = []
    for event in events:
        number = e164(storable(event.sender))
        rows.append(
            {
                "gateway": gateway,
                "provider_id": storable(event.provider_id),
                "phone": keys.encrypt(number),
                "phone_hash": keys.phone_hash(number),
                "text": storable(event.text),
                # a provider whose clock runs ahead must not date an answer into the future
                "received_at": min(event.received_at, now),
                "reply_class": ReplyClass.OPT_OUT if event.opted_out else None,
                "use": InboundUse.PENDING,
                "opted_out": False,
            }
        )
    return insert_absent(connection, inbound, rows)


def storable(text: str) -> str:
    """Return a text as any database takes it: a NUL or half a character becomes U+FFFD.

    What a provider was told we have must be kept; refused by the database it would wait for ever.
    """
    return _UNSTORABLE.sub("\ufffd", text)
