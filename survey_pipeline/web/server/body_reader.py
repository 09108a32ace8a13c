"""Receives request bodies: bounded in size, and in the time that they may take to arrive."""

import asyncio
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import Message as Event
from starlette.types import Receive, Scope

from survey_pipeline.i18n import N_, Message
from survey_pipeline.web.error_responses import CLOSE
from survey_pipeline.web.server.refusals import RequestRefused
from survey_pipeline.web.server.text_check import TOO_LARGE, check_fields

LARGEST_FORM = 1 << 20
"""Bytes: more than any form of ours has; a form is read into memory before it is checked."""
FORM = "application/x-www-form-urlencoded"

NO_FORM = N_("This address accepts forms only.")
TOO_SLOW = N_("What was sent did not arrive in time. Try again.")


@dataclass(frozen=True)
class BodyTimeouts:
    """How long a body may take to arrive until the request is refused."""

    stall: float = 20.0
    """Seconds without a byte."""
    grace: float = 20.0
    """Seconds that any body may take, ..."""
    slowest: int = 16 << 10
    """... and bytes per second that a longer one must keep up; a poor mobile connection does."""


class TimedReceive:
    """Receives a body; refuses the request if the body stalls or is too slow."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self._timeouts: BodyTimeouts = scope["app"].state.body_timeouts
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._bytes = 0
        headers = Headers(scope=scope)
        self._complete = (
            headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
        )
        """Nothing is still to arrive: a page that is long in the making is not refused for it."""

    async def receive(self) -> Event:
        """Return the next event of the request.

        Raises:
            RequestRefused: the body is too slow.
        """
        if self._complete:  # the next event is the disconnect, which may take as long as it likes
            return await self._receive()
        limits = self._timeouts
        end = self._began + limits.grace + self._bytes / limits.slowest
        left = min(limits.stall, end - self._loop.time())
        try:
            event = await asyncio.wait_for(self._receive(), max(left, 0))
        except TimeoutError as error:
            raise RequestRefused(408, Message(TOO_SLOW), CLOSE) from error
        self._bytes += len(event.get("body", b""))
        self._complete = not event.get("more_body", False)
        return event


async def read_form(request: Request, receive: Receive) -> bytes:
    """Return a form as it was sent.

    Raises:
        RequestRefused: it is no form, is too large or too slow, or holds a control character.
    """
    body = await _read_body(request, receive)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind != FORM:
        raise RequestRefused(415, Message(NO_FORM))
    check_fields(body, lines=True)
    return body


async def _read_body(request: Request, receive: Receive) -> bytes:
    declared = request.headers.get("content-length", "0")
    unbounded = "transfer-encoding" in request.headers
    if unbounded or not declared.isdigit() or int(declared) > LARGEST_FORM:
        raise RequestRefused(413, Message(TOO_LARGE))
    return b"".join([chunk async for chunk in Request(request.scope, receive).stream()])


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives a body which was read already, then what follows it."""
    given = False

    async def again() -> Event:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
