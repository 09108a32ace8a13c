"""Who may open which address, and who is signed in.

Each family of pages is given its access once, in the table of `routes`. What every request must
pass before that, signed in or not, is in `server.middleware`.
"""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request, Response

from survey_pipeline.context import Context
from survey_pipeline.errors import DatabaseFault
from survey_pipeline.people.sessions import SignedIn, find_session
from survey_pipeline.vocabulary import FACTOR_ROLES, Role

COOKIE = "session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, section 9.2.1)."""


class NotSignedIn(Exception):
    """The page needs a sign-in."""


class PasswordFirst(Exception):
    """The signed-in user must choose their own password first."""


class FactorFirst(Exception):
    """The signed-in user must set up a second factor first."""


class NotAllowed(Exception):
    """The signed-in user does not have a role that may open this page."""


def visitor_of(request: Request) -> SignedIn | None:
    """Return who is signed in, None if nobody is; looked up once per request."""
    if not hasattr(request.state, "visitor"):
        token = request.cookies.get(COOKIE)
        context: Context = request.app.state.context
        background = request.app.state.background
        request.state.visitor = find_session(context, token, background) if token else None
    who: SignedIn | None = request.state.visitor
    return who


def try_to_find_visitor(request: Request) -> None:
    """Look up who is signed in, for an error page; nobody if the database is unavailable."""
    try:
        visitor_of(request)
    except DatabaseFault:
        request.state.visitor = None


Visitor = Annotated[SignedIn | None, Depends(visitor_of)]
"""Looked up once per request in the thread pool; dependencies that use it stay async."""


class Roles:
    """Access for signed-in users with one of these roles; a dependency of a router.

    Args:
        roles: that open the addresses.
        before_factor: whether users open them who must set up a second factor first.
    """

    def __init__(self, *roles: Role, before_factor: bool = False) -> None:
        self.roles = frozenset(roles)
        self.before_factor = before_factor

    async def __call__(self, who: Visitor) -> None:
        """Let the visitor in.

        Raises:
            NotSignedIn: there is no session.
            PasswordFirst: the user must choose their own password first.
            FactorFirst: the user must set up a second factor first.
            NotAllowed: the user has another role.
        """
        if who is None:
            raise NotSignedIn
        if who.must_change:
            raise PasswordFirst
        if who.must_enrol and not self.before_factor:
            raise FactorFirst
        if who.role not in self.roles:
            raise NotAllowed

    def __contains__(self, role: Role) -> bool:
        return role in self.roles

    def __iter__(self) -> Iterator[Role]:
        return iter(sorted(self.roles))

    def __str__(self) -> str:
        return ", ".join(role for role in Role if role in self.roles)


class Anyone:
    """Access without a role, for a reason; a dependency of a router. It looks for no session."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    async def __call__(self) -> None:
        """Let everyone in."""

    def __str__(self) -> str:
        return f"anyone: {self.reason}"


EVERYONE_SIGNED_IN = Roles(*Role)
ENROLLING = Roles(*FACTOR_ROLES, before_factor=True)
"""They may have a second factor."""
ADMINS = Roles(Role.ADMIN)
OPERATORS = Roles(Role.OPERATOR, Role.ADMIN)
CALLERS = Roles(Role.CALLER, Role.OPERATOR, Role.ADMIN)
"""They make calls and read unclear replies."""
SCORE_READERS = Roles(Role.ANALYST, Role.OPERATOR, Role.ADMIN)
ORGANISERS = Roles(Role.OPERATOR, Role.ANALYST, Role.ADMIN)
PUBLISHERS = Roles(Role.ANALYST, Role.ADMIN)
OFFICES = Roles(Role.OFFICE)
DELIVERERS = Roles(Role.LEAD_AGENCY, Role.DEPARTMENT, Role.HOTLINE_CENTRE)
"""They deliver what the standard asks of their body."""
HANDOVER_READERS = Roles(Role.LEAD_AGENCY, Role.OPERATOR, Role.ADMIN)
"""They see the numbers that others call in our place; of the agencies, the one that calls."""
DEPARTMENTS = Roles(Role.DEPARTMENT)
LEADERS = Roles(Role.LEADER)
DRAW_READERS = Roles(*(role for role in Role if role is not Role.CALLER))
"""The published hashes are for people whose offices are drawn or who check draws, not callers."""


async def signed_in(who: Visitor) -> SignedIn:
    """Return who is signed in.

    Raises:
        NotSignedIn: there is no session.
    """
    if who is None:
        raise NotSignedIn
    return who


async def context_of(request: Request, who: Visitor) -> Context:
    """Return the workspace; its actor is the signed-in user."""
    context: Context = request.app.state.context
    return context.acting(who.name) if who else context


User = Annotated[SignedIn, Depends(signed_in)]
"""The signed-in user, for a handler whose page names or checks them."""
Workspace = Annotated[Context, Depends(context_of)]
"""The workspace as a page uses it."""


def set_session(request: Request, response: Response, token: str) -> None:
    """Put a session into its cookie, which scripts cannot read and other sites do not send."""
    response.set_cookie(
        COOKIE,
        token,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )


def client_address(request: Request) -> str:
    """Return the IP address that a request comes from; empty if it is unknown."""
    return request.client.host if request.client else ""
