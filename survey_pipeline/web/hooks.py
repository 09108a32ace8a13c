"""Webhooks: `/hooks/{gateway}/inbound` and `/hooks/{gateway}/receipt`.

A webhook is verified, stored as it came and answered at once; `inbound` reads it later. Providers
wait between less than a second and a few seconds, and some drop what is not answered: events that
the database does not take in time are spooled on disk (`inbound.spool`).

A webhook that cannot be verified is answered 403 without a reason, and nothing of it is stored. One
that is verified and cannot be read is a fault of ours, answered 500: the provider repeats it, so
that it arrives once the fault is mended.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from survey_pipeline.context import Context
from survey_pipeline.errors import WebhookRefused, WebhookUnreadable
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
router = APIRouter(include_in_schema=False)
Reader = Callable[[Gateway, WebhookRequest], Sequence[Any]]


class Webhooks:
    """The gateways whose providers call us, and the queue that stores what they bring."""

    def __init__(self, context: Context, gateways: Mapping[str, Gateway]) -> None:
        self.context = context
        self.mail_room = MailRoom(context)
        self.gateways = {
            label: gateway for label, gateway in gateways.items() if not isinstance(gateway, Polled)
        }


@router.api_route("/hooks/{label}/receipt", methods=["GET", "POST"])
async def receipt(request: Request, label: str) -> Response:
    """Take delivery receipts."""
    return await _take(request, label, lambda gateway, sent: gateway.read_receipt(sent))


@router.api_route("/hooks/{label}/inbound", methods=["GET", "POST"])
async def inbound(request: Request, label: str) -> Response:
    """Take texts that citizens wrote."""
    return await _take(request, label, lambda gateway, sent: gateway.read_inbound(sent))


async def _take(request: Request, label: str, read: Reader) -> Response:
    """Verify a webhook, store what it brings, acknowledge it."""
    webhooks: Webhooks = request.app.state.webhooks
    gateway = webhooks.gateways.get(label)
    if gateway is None:
        return Response(status_code=404)
    body = await _body(request)
    if body is None:
        return Response(status_code=413)
    events = _events(gateway, read, _webhook_request(request, body))
    if isinstance(events, Response):
        return events
    if events and not await _stored(webhooks, gateway.label, events):
        return Response(status_code=503)  # a provider that repeats will bring it again
    _note("webhook_stored", gateway.label, events=len(events))
    return _acknowledgement(gateway)


def _events(gateway: Gateway, read: Reader, sent: WebhookRequest) -> Sequence[Any] | Response:
    """Return what a request brings, or the response to one that is refused or not understood."""
    try:
        return read(gateway, sent)
    except WebhookUnreadable as error:
        return _unread(gateway, type(error).__name__, str(error))
    except WebhookRefused:
        _note("webhook_refused", gateway.label)
        return Response(status_code=403)
    except Exception as error:  # a fault of the reader; its words may quote a text
        return _unread(gateway, type(error).__name__, "the reader failed")


def _unread(gateway: Gateway, kind: str, why: str) -> Response:
    """Log by its kind what kept a provider's request from being read; the provider comes again."""
    known = {"action": "webhook_fault", "gateway": gateway.label, "error": kind}
    log.error("a webhook cannot be read: %s", why, extra=known)
    return Response(status_code=500)


async def _stored(webhooks: Webhooks, label: str, events: Sequence[Any]) -> bool:
    """Store in the database, or in the spool if that takes too long; return whether it worked."""
    context = webhooks.context
    storing = asyncio.wrap_future(webhooks.mail_room.store(label, events))
    done, _ = await asyncio.wait({storing}, timeout=PATIENCE)
    if done and storing.exception() is None:
        return True
    storing.cancel()  # if it succeeds all the same, no harm is done: events are stored once
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
    """Return the body; None if it is larger than that of any provider."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > LARGEST_BODY:
        return None
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return body


def _webhook_request(request: Request, body: bytes) -> WebhookRequest:
    """Return the request with path and query as they were sent: the signature is over the bytes."""
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


def _acknowledgement(gateway: Gateway) -> Response:
    wanted = Acknowledgement()
    if isinstance(gateway, Acknowledging):
        wanted = gateway.acknowledgement
    return Response(wanted.body, media_type=wanted.media_type)


def _note(action: str, label: str, **more: object) -> None:
    log.info("%s", action, extra={"action": action, "gateway": label, **more})
