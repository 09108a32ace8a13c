"""Who may see which page: a session, a role for each route, and requests from our own pages alone.

Every route of the pages names its roles (`allowed`); a test walks all routes and knows the short
list of those that need none. Cross-site requests are refused by what browsers say of a request's
origin (`Sec-Fetch-Site`, else `Origin`; Fetch standard, and OWASP's cheat sheet on CSRF).
"""

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from survey_pipeline.people.sessions import SignedIn, find_session
from survey_pipeline.survey.context import Context
from survey_pipeline.vocabulary import Role

COOKIE = "session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
UNGUARDED = ("/hooks/", "/api/")
"""Addresses that no browser's cookie opens: they have signatures and keys of their own."""
LARGEST_FORM = 1 << 20
"""Bytes of a form: more than any of ours; it is read into memory before anybody looks at it."""
OWN_LIMITS = (*UNGUARDED, "/reports/uploads")
"""Addresses that bound what they read themselves."""

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


class NotSignedIn(Exception):
    """The page needs a sign-in."""


class NotAllowed(Exception):
    """Whoever is signed in has not the role for it."""


def visitor_of(request: Request) -> SignedIn | None:
    """Return who is signed in; looked up once a request."""
    if not hasattr(request.state, "visitor"):
        token = request.cookies.get(COOKIE)
        context: Context = request.app.state.context
        request.state.visitor = find_session(context, token) if token else None
    who: SignedIn | None = request.state.visitor
    return who


Visitor = Annotated[SignedIn | None, Depends(visitor_of)]
"""Found beside the event loop, once; what rests on it below needs no thread of its own."""


async def context_of(request: Request, who: Visitor) -> Context:
    """Return the workspace, in the hands of whoever is signed in."""
    context: Context = request.app.state.context
    return context.acting(who.name) if who else context


def allowed(*roles: Role) -> Any:
    """Return the dependency of a route for these roles; it gives who is signed in.

    The roles stand on the function (`roles`), so that a test can read them off every route.
    """

    async def check(who: Visitor) -> SignedIn:
        if who is None:
            raise NotSignedIn
        if who.role not in roles:
            raise NotAllowed
        return who

    check.roles = frozenset(roles)  # type: ignore[attr-defined] # for the test that walks routes
    return Depends(check)


Workspace = Annotated[Context, Depends(context_of)]
"""What a page is given of the workspace."""


class Guard:
    """Refuses requests that another site has made; gives every answer its headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the application answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(scope["path"], MutableHeaders(scope=message))
            await send(message)

        answer = _refusal(Request(scope)) or self._app
        await answer(scope, receive, with_headers)


def _refusal(request: Request) -> Response | None:
    if request.method not in SAFE and not _from_ourselves(request):
        return PlainTextResponse("cross-site", status_code=403)
    if _too_large(request):
        return PlainTextResponse("too large", status_code=413)
    return None


def _add_headers(path: str, headers: MutableHeaders) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if not path.startswith("/static/"):
        headers.setdefault("Cache-Control", "no-store")


def _from_ourselves(request: Request) -> bool:
    if request.url.path.startswith(UNGUARDED):
        return True
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return False  # every browser sends one of the two with a form
    return urlsplit(origin).netloc == request.headers.get("host")


def _too_large(request: Request) -> bool:
    """Say whether a body is larger than a form, or does not say how large it is."""
    if request.url.path.startswith(OWN_LIMITS):
        return False
    declared = request.headers.get("content-length", "0")
    endless = "transfer-encoding" in request.headers
    return endless or not declared.isdigit() or int(declared) > LARGEST_FORM


def set_session(request: Request, response: Response, token: str) -> None:
    """Put a session into its cookie: out of reach of scripts and of other sites."""
    response.set_cookie(
        COOKIE,
        token,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )


def to_sign_in(request: Request) -> Response:
    """Lead to the sign-in, and back to the page afterwards; a part of a page reloads the whole."""
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": "/login"})
    target = request.url.path if request.method in SAFE else "/"
    return RedirectResponse(f"/login?next={target}", status_code=303)
