"""Webhooks: `/hooks/{gateway}/inbound` and `/hooks/{gateway}/receipt`.

Verify, store raw, answer at once; what it means is read later, by whoever hears (`pipeline.hear`).
A provider waits seconds, not minutes, and drops what is not answered. Whatever cannot be verified
is answered 403, without a word why, and leaves nothing behind.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from survey_pipeline.gateways.port import (
    Acknowledgement,
    Acknowledging,
    Gateway,
    InboundEvent,
    Polled,
    ReceiptEvent,
    WebhookRequest,
)
from survey_pipeline.store.engine import writing
from survey_pipeline.survey.context import Context
from survey_pipeline.survey.mailbox import store_inbound, store_receipts

log = logging.getLogger(__name__)

LARGEST_BODY = 1 << 20
"""Bytes: the largest push of a provider we know (a thousand receipts) has a third of that."""

Endpoint = Callable[[str, Request], Awaitable[Response]]


def make_hooks(context: Context, gateways: Mapping[str, Gateway]) -> APIRouter:
    """Return the webhooks of the gateways whose providers call us; the others have none."""
    called = {
        label: gateway for label, gateway in gateways.items() if not isinstance(gateway, Polled)
    }
    router = APIRouter(include_in_schema=False)
    for name, endpoint in (
        ("receipt", _receipts(context, called)),
        ("inbound", _inbound(context, called)),
    ):
        router.add_api_route(f"/hooks/{{label}}/{name}", endpoint, methods=["GET", "POST"])
    return router


def _receipts(context: Context, gateways: Mapping[str, Gateway]) -> Endpoint:
    def store(label: str, events: Sequence[ReceiptEvent]) -> int:
        with writing(context.engine) as connection:
            return store_receipts(connection, label, events, context.now())

    async def endpoint(label: str, request: Request) -> Response:
        gateway = gateways.get(label)
        if gateway is None:
            return Response(status_code=404)
        return await _take(request, gateway, gateway.read_receipt, store)

    return endpoint


def _inbound(context: Context, gateways: Mapping[str, Gateway]) -> Endpoint:
    def store(label: str, events: Sequence[InboundEvent]) -> int:
        with writing(context.engine) as connection:
            return store_inbound(connection, context.keys, label, events, context.now())

    async def endpoint(label: str, request: Request) -> Response:
        gateway = gateways.get(label)
        if gateway is None:
            return Response(status_code=404)
        return await _take(request, gateway, gateway.read_inbound, store)

    return endpoint


async def _take(
    request: Request,
    gateway: Gateway,
    read: Callable[[WebhookRequest], Sequence[Any]],
    store: Callable[[str, Sequence[Any]], int],
) -> Response:
    """Verify, store, acknowledge."""
    body = await _body(request)
    if body is None:
        return Response(status_code=413)
    try:
        events = read(_as_it_came(request, body))
    except Exception as error:  # any fault in validation is a refusal; its words may quote a text
        _note("webhook_refused", gateway.label, error=type(error).__name__)
        return Response(status_code=403)
    try:
        new = await run_in_threadpool(store, gateway.label, events) if events else 0
    except SQLAlchemyError as error:
        log.error(
            "webhook not stored",
            extra={"action": "webhook_lost", "gateway": gateway.label, "error": type(error)},
        )
        return Response(status_code=503)  # a provider that repeats will bring it again
    _note("webhook_stored", gateway.label, events=len(events), new=new)
    return _acknowledged(gateway)


async def _body(request: Request) -> bytes | None:
    """Read the body, unless it is larger than any provider's."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > LARGEST_BODY:
        return None
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return body


def _as_it_came(request: Request, body: bytes) -> WebhookRequest:
    """Keep path and query as they were sent: a signature is over their very bytes."""
    target = request.scope.get("raw_path") or request.scope["path"].encode()
    query = request.scope["query_string"]
    if query:
        target += b"?" + query
    return WebhookRequest(
        target=target.decode("latin-1"),
        body=body,
        headers={name.lower(): value for name, value in request.headers.items()},
        method=request.method,
        peer=request.client.host if request.client else "",
    )


def _acknowledged(gateway: Gateway) -> Response:
    wanted = Acknowledgement()
    if isinstance(gateway, Acknowledging):
        wanted = gateway.acknowledgement
    return Response(wanted.body, media_type=wanted.media_type)


def _note(action: str, label: str, **more: object) -> None:
    log.info("%s", action, extra={"action": action, "gateway": label, **more})
