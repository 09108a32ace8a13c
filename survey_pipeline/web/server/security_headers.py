"""The headers that every response has."""

from starlette.datastructures import MutableHeaders
from starlette.types import Message as Event
from starlette.types import Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
HSTS = "max-age=31536000"
"""One year, without subdomains: other services of the organisation are not ours (RFC 6797)."""


class ResponseHeaders:
    """Adds the headers to a response as it is sent."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send = scope, send
        self.begun = False
        """Whether the response has begun, so that no other one can be sent."""

    async def send(self, event: Event) -> None:
        """Send an event of the response."""
        if event["type"] == "http.response.start":
            self.begun = True
            self._add_to(MutableHeaders(scope=event))
        await self._send(event)

    def _add_to(self, headers: MutableHeaders) -> None:
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if self._scope["scheme"] == "https":
            headers.setdefault("Strict-Transport-Security", HSTS)
        if not self._scope["path"].startswith("/static/"):
            headers.setdefault("Cache-Control", "no-store")
