"""Gives each request an id: it stands in each log line of the request and on its error page.

A proxy in front may name requests itself (`X-Request-ID`); its word is taken if the settings trust
it (`web.proxies`). The response has the header too.
"""

import logging
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event

from survey_pipeline.settings import Network

HEADER = "X-Request-ID"
_ACCEPTED = re.compile(r"[A-Za-z0-9_.\-]{8,64}")
"""Ids of proxies that we take; anything else could forge parts of a log line."""
_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """Return the id of the request that is being answered; empty outside of one."""
    return _current.get()


@contextmanager
def under_request_id(request_id: str) -> Iterator[None]:
    """Work on a request in a thread of a pool, which has no context of the request's own."""
    token = _current.set(request_id)
    try:
        yield
    finally:
        _current.reset(token)


class RequestIds:
    """ASGI middleware outside everything else, where the peer is still the one of the connection.

    Args:
        app: what answers.
        trusted: networks of proxies whose ids are taken.
        make_id: returns a new id.
    """

    def __init__(
        self,
        app: ASGIApp,
        trusted: Sequence[Network],
        make_id: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self._app, self._trusted, self._make_id = app, trusted, make_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._named_by_proxy(scope) or self._make_id()
        _current.set(request_id)  # the server runs each request in a context of its own

        async def send_named(event: Event) -> None:
            if event["type"] == "http.response.start":
                MutableHeaders(scope=event)[HEADER] = request_id
            await send(event)

        await self._app(scope, receive, send_named)

    def _named_by_proxy(self, scope: Scope) -> str:
        given = Headers(scope=scope).get(HEADER, "")
        peer = (scope.get("client") or ("",))[0]
        return given if _ACCEPTED.fullmatch(given) and self._trusts(peer) else ""

    def _trusts(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)  # how a dual-stack socket names IPv4
        return any((mapped or address) in network for network in self._trusted)


class RequestIdFilter(logging.Filter):
    """Adds the request's id to the facts of each record that is logged meanwhile."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add it; every record passes."""
        if request_id := current_request_id():
            record.request_id = request_id
        return True


@contextmanager
def logged_request_ids() -> Iterator[None]:
    """Let every handler of the root logger add ids for a while."""
    made, handlers = RequestIdFilter(), list(logging.getLogger().handlers)
    for handler in handlers:
        handler.addFilter(made)
    yield
    for handler in handlers:
        handler.removeFilter(made)
