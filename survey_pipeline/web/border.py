"""What every request passes on its way in, and every answer on its way out.

In: text without control characters, bodies of a bounded size that arrive in a bounded time, and
forms of our own pages alone. Out: the security headers, on errors too, so that this stands around
everything else (`application.Web`).

Cross-site requests are refused by what browsers say of a request's origin (`Sec-Fetch-Site`, else
`Origin`; Fetch standard, and OWASP's cheat sheet on CSRF).
"""

import asyncio
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request, Response
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event

from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, Message
from survey_pipeline.web.access import SAFE
from survey_pipeline.web.answers import CLOSE, explain

log = logging.getLogger(__name__)

UNGUARDED = ("/hooks/", "/api/")
"""Addresses that no browser's cookie opens: they have signatures and keys of their own."""
LARGEST_FORM = 1 << 20
"""Bytes of a form: more than any of ours; it is read into memory before anybody looks at it."""
MOST_FIELDS = 10_000
"""Fields of a form: a ballot has one for each of up to a thousand offices."""
OWN_BODIES = (*UNGUARDED, "/reports/uploads")
"""Addresses that bound and read their bodies themselves."""
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Patience:
    """How long a body may take to arrive; more than that, and it is given up."""

    stall: float = 20.0
    """Seconds without a byte."""
    grace: float = 20.0
    """Seconds that any body may take, ..."""
    slowest: int = 16 << 10
    """... and the bytes a second that a longer one keeps up: a poor mobile connection does."""


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
"""A year, for this name alone: what else the organisation serves is not ours to bind (RFC 6797)."""

CROSS_SITE = N_("This form came from another site, so nothing was done. Send it from our own page.")
OTHER_PLACE = N_(
    "This form came from {origin}, but the program was reached as {host}, so nothing was done. If "
    "both are this site, a proxy hides its address: set public_url under [web] in "
    "config/pipeline.toml, or let the proxy pass on the Host header (docs/howto/reverse-proxy.md)."
)
TOO_LARGE = N_("What was sent is too large for this form.")
NO_FORM = N_("This address takes forms alone.")
TOO_SLOW = N_("What was sent did not arrive in time. Try again.")
CONTROL = N_(
    "The text holds a character that cannot be shown (U+{code}). Remove it and send it again."
)

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_IN_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Of a text of several lines: tabs and line ends are part of it."""


class Refused(HTTPException):
    """A request that is refused at the border.

    FastAPI lets this kind alone through where it reads a body.
    """

    def __init__(
        self, status: int, problem: Message, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status, str(problem), headers)
        self.problem = problem


class Border:
    """The application with its border around it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the application answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        out = _Outgoing(scope, send)
        try:
            await self._pass(scope, _InTime(scope, receive).receive, out.send)
        except ClientDisconnect:
            log.debug("the client has gone", extra={"action": "client_gone"})
        except Exception:
            if not out.begun:
                await PlainTextResponse("fault", 500)(scope, receive, out.send)
            raise

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        try:
            _check_origin(request)
            _check_address(request)
            if request.method not in SAFE and not request.url.path.startswith(OWN_BODIES):
                body = await _form(request, receive)
                receive = _replayed(body, receive)
        except Refused as refused:
            await refusal(request, refused)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def refusal(request: Request, refused: Refused) -> Response:
    """Return the answer to a refused request."""
    headers = {**(refused.headers or {}), **(CLOSE if request.method not in SAFE else {})}
    return explain(request, refused.status_code, refused.problem, headers)


def check_text(text: str, *, lines: bool = False) -> None:
    """Make sure that a text from outside can be stored and shown.

    Args:
        text: what came in.
        lines: whether it may have several lines.

    Raises:
        Refused: it holds a control character, or half of one (PostgreSQL stores no NUL).
    """
    found = (_CONTROL_IN_LINES if lines else _CONTROL).search(text)
    if found:
        raise Refused(422, Message(CONTROL, {"code": f"{ord(found[0]):04X}"}))


class _Outgoing:
    """Gives every answer its headers."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send = scope, send
        self.begun = False

    async def send(self, event: Event) -> None:
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


class _InTime:
    """Receives a body, and gives it up where it stops or trickles."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self._patience: Patience = scope["app"].state.patience
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._bytes = 0
        self._whole = False

    async def receive(self) -> Event:
        if self._whole:  # what is waited for now is that the client goes
            return await self._receive()
        given = self._patience
        end = self._began + given.grace + self._bytes / given.slowest
        left = min(given.stall, end - self._loop.time())
        try:
            event = await asyncio.wait_for(self._receive(), max(left, 0))
        except TimeoutError as error:
            raise Refused(408, Message(TOO_SLOW), CLOSE) from error
        self._bytes += len(event.get("body", b""))
        self._whole = not event.get("more_body", False)
        return event


def _check_origin(request: Request) -> None:
    """Make sure that a form was sent by a page of ours.

    Raises:
        Refused: another site's page sent it, or the browser does not say.
    """
    if request.method in SAFE or request.url.path.startswith(UNGUARDED):
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site in ("same-origin", "none"):
        return
    if site is not None or origin is None or origin == "null":
        raise Refused(403, Message(CROSS_SITE))
    if _place(origin) not in set(_our_places(request)):
        host = request.headers.get("host", "")
        raise Refused(403, Message(OTHER_PLACE, {"origin": origin[:200], "host": host[:200]}))


def _our_places(request: Request) -> Iterator[str]:
    """Return where our pages are: where the request was sent to, and what the settings say."""
    yield _place(f"//{request.headers.get('host', '')}")
    context: Context = request.app.state.context
    if context.settings.web.public_url:
        yield _place(context.settings.web.public_url)


def _place(address: str) -> str:
    """Return host and port of an address; a default port, as proxies add it, is as good as none."""
    netloc = urlsplit(address).netloc.lower().rpartition("@")[2]
    return re.sub(r":(80|443)?$", "", netloc)


def _check_address(request: Request) -> None:
    """Make sure that path and query hold nothing but text, a webhook's aside: its bytes are signed.

    Raises:
        Refused: they hold a control character.
    """
    path = request.scope["path"]
    if path.startswith("/hooks/"):
        return
    check_text(path)
    _check_fields(request.scope["query_string"])


async def _form(request: Request, receive: Receive) -> bytes:
    """Return a form as it was sent.

    Raises:
        Refused: it is none, is too large or slow, or holds a control character.
    """
    body = await _body(request, receive)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind != FORM:
        raise Refused(415, Message(NO_FORM))
    _check_fields(body, lines=True)
    return body


async def _body(request: Request, receive: Receive) -> bytes:
    declared = request.headers.get("content-length", "0")
    endless = "transfer-encoding" in request.headers
    if endless or not declared.isdigit() or int(declared) > LARGEST_FORM:
        raise Refused(413, Message(TOO_LARGE))
    return b"".join([chunk async for chunk in Request(request.scope, receive).stream()])


def _check_fields(text: bytes, *, lines: bool = False) -> None:
    """Check a query or a form, decoded as the application decodes it later."""
    try:
        fields = parse_qsl(
            text.decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        raise Refused(413, Message(TOO_LARGE)) from error
    for name, value in fields:
        check_text(name)
        check_text(value, lines=lines)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read once more."""
    given = False

    async def again() -> Event:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
