"""Who may see which page: a session, and a role for each route.

Every route of the pages names its roles (`allowed`); a test walks all routes and knows the short
list of those that need none. What is checked of every request before that is in `border`.
"""

from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.errors import DatabaseFault
from survey_pipeline.people.sessions import SignedIn, find_session
from survey_pipeline.vocabulary import Role

COOKIE = "session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_WAY = 2_000
"""Characters of an address to come back to."""


class NotSignedIn(Exception):
    """The page needs a sign-in."""


class PasswordFirst(Exception):
    """The signed-in person has to choose their own password first."""


class NotAllowed(Exception):
    """The signed-in user does not have a role that may open this page."""


def visitor_of(request: Request) -> SignedIn | None:
    """Return who is signed in; looked up once a request."""
    if not hasattr(request.state, "visitor"):
        token = request.cookies.get(COOKIE)
        context: Context = request.app.state.context
        beside = request.app.state.beside
        request.state.visitor = find_session(context, token, beside) if token else None
    who: SignedIn | None = request.state.visitor
    return who


def look_for_visitor(request: Request) -> None:
    """Look who is signed in, for an error's page; a stranger where that cannot be told."""
    try:
        visitor_of(request)
    except DatabaseFault:
        request.state.visitor = None


Visitor = Annotated[SignedIn | None, Depends(visitor_of)]
"""Looked up once per request in the thread pool; dependencies that use it stay async."""


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
        if who.must_change:
            raise PasswordFirst
        if who.role not in roles:
            raise NotAllowed
        return who

    check.roles = frozenset(roles)  # type: ignore[attr-defined] # for the test that walks routes
    return Depends(check)


Workspace = Annotated[Context, Depends(context_of)]
"""What a page is given of the workspace."""


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
    """Lead to the sign-in, and afterwards back to the page that the visitor was on."""
    way = f"/login?{urlencode({'next': page_of(request)}, safe='/')}"
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": way})
    return RedirectResponse(way, status_code=303)


def page_of(request: Request) -> str:
    """Return path and query of the visitor's page; a form and a part of a page stand on another."""
    if request.headers.get("hx-request"):
        address = request.headers.get("hx-current-url", "")
    elif request.method in SAFE:
        address = str(request.url)
    else:
        address = request.headers.get("referer", "")
    parts = urlsplit(address)
    return ours(parts.path + (f"?{parts.query}" if parts.query else ""))


def ours(target: str) -> str:
    """Return a path of our own; nothing where it leads elsewhere, or a browser might think so."""
    parts = urlsplit(target)
    fine = target.startswith("/") and not target.startswith("//") and len(target) <= LONGEST_WAY
    seen = target.isprintable() and "\\" not in target
    return target if fine and seen and not parts.scheme and not parts.netloc else ""


def address_of(request: Request) -> str:
    """Return where a request comes from, as far as we can tell."""
    return request.client.host if request.client else ""
