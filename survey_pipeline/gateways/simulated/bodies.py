"""The requests that the simulated carrier would post: JSON of its own, unsigned."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from survey_pipeline.errors import WebhookRefused
from survey_pipeline.gateways.port import InboundEvent, ReceiptEvent, WebhookRequest
from survey_pipeline.gateways.simulated.carrier import CarrierReceipt
from survey_pipeline.gateways.simulated.citizens import CitizenText
from survey_pipeline.vocabulary import ReceiptState

IN_ONE = 500
"""Events in one request."""
E_ = TypeVar("E_")


def receipt_requests(label: str, receipts: Sequence[CarrierReceipt]) -> list[WebhookRequest]:
    """Return the requests that bring receipts, in their order."""
    return _requests(
        f"/hooks/{label}/receipt", "receipts", [_receipt(receipt) for receipt in receipts]
    )


def inbound_requests(label: str, texts: Sequence[CitizenText]) -> list[WebhookRequest]:
    """Return the requests that bring citizens' texts, in their order."""
    return _requests(f"/hooks/{label}/inbound", "inbound", [_inbound(text) for text in texts])


def read_receipts(request: WebhookRequest) -> list[ReceiptEvent]:
    """Read a receipt request.

    Raises:
        WebhookRefused: it cannot be read.
    """
    return _events(request, "receipts", _receipt_event)


def read_inbounds(request: WebhookRequest) -> list[InboundEvent]:
    """Read a request with citizens' texts.

    Raises:
        WebhookRefused: it cannot be read.
    """
    return _events(request, "inbound", _inbound_event)


def _requests(url: str, name: str, events: Sequence[dict[str, Any]]) -> list[WebhookRequest]:
    return [
        WebhookRequest(url, json.dumps({name: events[start : start + IN_ONE]}).encode())
        for start in range(0, len(events), IN_ONE)
    ]


def _receipt(receipt: CarrierReceipt) -> dict[str, Any]:
    known = {"id": receipt.provider_id, "attempt": receipt.attempt_id, "state": receipt.state.value}
    return {**known, "error": receipt.error} if receipt.error else known


def _inbound(text: CitizenText) -> dict[str, Any]:
    return {
        "id": text.provider_id,
        "from": text.number,
        "text": text.text,
        "at": text.at.isoformat(timespec="microseconds"),
    }


def _events(request: WebhookRequest, name: str, read: Callable[[dict[str, Any]], E_]) -> list[E_]:
    try:
        data = json.loads(request.body)
        if set(data) != {name}:
            raise ValueError(name)
        return [read(entry) for entry in data[name]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        # The cause may quote the body: a number, a text. It goes no further.
        del error
    raise WebhookRefused("this is no request of the simulated carrier")


def _receipt_event(entry: dict[str, Any]) -> ReceiptEvent:
    error = entry.get("error")
    return ReceiptEvent(
        _text(entry["id"]),
        ReceiptState(entry["state"]),
        attempt_id=_text(entry["attempt"]),
        error=None if error is None else _text(error),
    )


def _inbound_event(entry: dict[str, Any]) -> InboundEvent:
    received_at = datetime.fromisoformat(entry["at"])
    if received_at.tzinfo is None:
        raise ValueError("at")
    return InboundEvent(_text(entry["id"]), _text(entry["from"]), _text(entry["text"]), received_at)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
