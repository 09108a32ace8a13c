"""Webhooks: `/hooks/{gateway}/inbound` and `/hooks/{gateway}/receipt`.

Verify, store raw, answer at once; what it means is read later, by whoever hears (`pipeline.hear`).
A provider waits for less than a second to a few, and drops what is not answered: what the database
does not take by then is kept beside it (`survey.spool`). Whatever cannot be verified is answered
403, without a word why, and leaves nothing behind. What is the provider's and cannot be read all
the same is our fault, and is answered 500, so that it comes again when that is mended.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from survey_pipeline.context import Context
from survey_pipeline.errors import WebhookRefused
from survey_pipeline.gateways.port import (
    Acknowledgement,
    Acknowledging,
    Gateway,
    Polled,
    WebhookRequest,
)
from survey_pipeline.i18n import N_, Message
from survey_pipeline.inbound import spool
from survey_pipeline.inbound.mail_room import MailRoom
from survey_pipeline.troubles import SPOOL
from survey_pipeline.validation import os_problem

log = logging.getLogger(__name__)

LARGEST_BODY = 1 << 20
"""Bytes: the largest push of a provider we know (a thousand receipts) has a third of that."""

PATIENCE = 0.3
"""Seconds for the database: Aliyun waits 0.7 s for an answer, Twilio 15 s; both then drop it."""

_LOST = N_(
    "what a provider brings can be kept nowhere ({problem}); it is told to come again. Make room "
    "on the disk of {home}"
)
Endpoint = Callable[[str, Request], Awaitable[Response]]


def make_hooks(context: Context, gateways: Mapping[str, Gateway]) -> APIRouter:
    """Return the webhooks of the gateways whose providers call us; the others have none."""
    called = {
        label: gateway for label, gateway in gateways.items() if not isinstance(gateway, Polled)
    }
    router, room = APIRouter(include_in_schema=False), MailRoom(context)
    for name, reader in (("receipt", "read_receipt"), ("inbound", "read_inbound")):
        endpoint = _endpoint(context, room, called, reader)
        router.add_api_route(f"/hooks/{{label}}/{name}", endpoint, methods=["GET", "POST"])
    return router


def _endpoint(
    context: Context, room: MailRoom, gateways: Mapping[str, Gateway], reader: str
) -> Endpoint:
    async def endpoint(label: str, request: Request) -> Response:
        gateway = gateways.get(label)
        if gateway is None:
            return Response(status_code=404)
        return await _take(context, room, request, gateway, getattr(gateway, reader))

    return endpoint


async def _take(
    context: Context,
    room: MailRoom,
    request: Request,
    gateway: Gateway,
    read: Callable[[WebhookRequest], Sequence[Any]],
) -> Response:
    """Verify, store, acknowledge."""
    body = await _body(request)
    if body is None:
        return Response(status_code=413)
    try:
        events = read(_as_it_came(request, body))
    except WebhookRefused:
        _note("webhook_refused", gateway.label)
        return Response(status_code=403)
    except Exception as error:  # a fault of the reader's; its words may quote a text
        known = {"action": "webhook_fault", "gateway": gateway.label, "error": type(error).__name__}
        log.error("a webhook cannot be read: %s", type(error).__name__, extra=known)
        return Response(status_code=500)  # a provider that repeats will bring it again
    if events and not await _stored(context, room, gateway.label, events):
        return Response(status_code=503)  # a provider that repeats will bring it again
    _note("webhook_stored", gateway.label, events=len(events))
    return _acknowledged(gateway)


async def _stored(context: Context, room: MailRoom, label: str, events: Sequence[Any]) -> bool:
    """Store in the database, or beside it where that takes too long; say whether they are safe."""
    storing = asyncio.wrap_future(room.store(label, events))
    done, _ = await asyncio.wait({storing}, timeout=PATIENCE)
    if done and storing.exception() is None:
        return True
    storing.cancel()  # under way already, it does no harm: what is stored twice stands once
    try:
        await asyncio.to_thread(spool.put, context, label, events)
    except OSError as error:
        known = {"action": "webhook_lost", "gateway": label, "error": error.strerror}
        problem = Message(_LOST, {"home": context.home, "problem": os_problem(error)})
        if context.troubles.begin(SPOOL, problem, context.now()):
            log.error("webhook not stored", extra=known)
        return False
    context.troubles.end(SPOOL)
    _note("webhook_kept", label, events=len(events))
    return True


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
