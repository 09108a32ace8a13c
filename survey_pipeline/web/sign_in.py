"""Signing in and out, the first admin, and the switch of languages: what needs no role."""

import secrets
from collections.abc import Callable
from typing import Annotated, ParamSpec

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.errors import SurveyPipelineError
from survey_pipeline.i18n import LOCALES, N_, Message
from survey_pipeline.people.accounts import (
    Account,
    TooManyFailures,
    add_first_admin,
    anybody,
    authenticate,
)
from survey_pipeline.people.networks import network_of
from survey_pipeline.people.passwords import AT_ONCE
from survey_pipeline.people.sessions import end_session, open_session, open_sessions
from survey_pipeline.web.access import (
    COOKIE,
    LONGEST_WAY,
    address_of,
    ours,
    set_session,
    visitor_of,
)
from survey_pipeline.web.browsers import browser_of
from survey_pipeline.web.pages import HOME, LANGUAGE, SIGNED_IN_ELSEWHERE, render, tell_once
from survey_pipeline.web.rooms import Room

P = ParamSpec("P")
YEAR = 365 * 24 * 3600
Text = Annotated[str, Form(max_length=200)]
Way = Annotated[str, Form(max_length=LONGEST_WAY)]

WRONG = N_("Name or password is wrong.")
BUSY = N_("Too many people sign in at the moment. Try again in a few seconds.")


def make_room() -> Room:
    """Return the room in which passwords are hashed."""
    return Room("passwords", threads=AT_ONCE, most=100, most_each=50)


class FirstAdmin:
    """The one-time link that makes the first admin; there is none once somebody may sign in."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._token = "" if anybody(context) else secrets.token_urlsafe(24)

    @property
    def path(self) -> str | None:
        """The link's path; nothing where nobody needs one."""
        return f"/first?token={self._token}" if self._token else None

    def knows(self, token: str) -> bool:
        """Say whether the link still opens."""
        right = bool(self._token) and secrets.compare_digest(token.encode(), self._token.encode())
        return right and not anybody(self._context)

    def used(self) -> None:
        """Invalidate the link."""
        self._token = ""


router = APIRouter(include_in_schema=False)


@router.get("/login")
def form(request: Request, next: str = "") -> Response:  # noqa: A002 - the address's own word
    """Show the form; a signed-in visitor is led on."""
    who = visitor_of(request)
    if who is not None:
        return RedirectResponse(ours(next) or HOME[who.role], status_code=303)
    return _form(request, 200, next)


@router.post("/login")
async def sign_in(request: Request, name: Text, password: Text, next: Way = "") -> Response:  # noqa: A002
    """Sign somebody in, or say that name or password is wrong: never which."""
    return await with_passwords(request, _sign_in, request, name, password, next)


def _sign_in(request: Request, name: str, password: str, way: str) -> Response:
    try:
        account = authenticate(_context(request), name, password, address_of(request))
    except TooManyFailures as error:
        headers = {"Retry-After": str(error.seconds)}
        return _form(request, 429, way, name, error.message, headers)
    if account is None:
        return _form(request, 403, way, name, Message(WRONG))
    response = RedirectResponse(ours(way) or HOME[account.role], status_code=303)
    _open(request, response, account)
    return response


async def with_passwords(
    request: Request, do: Callable[P, Response], *args: P.args, **kwargs: P.kwargs
) -> Response:
    """Do what hashes a password: beside the pages, a few at a time.

    Raises:
        RoomFull: too many wait for it.
    """
    room: Room = request.app.state.rooms.passwords
    busy = Message(BUSY)
    with room.place(network_of(address_of(request)), busy, busy):
        return await room.work(do, *args, **kwargs)


def _form(
    request: Request,
    status: int,
    way: str,
    name: str = "",
    problem: Message | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    values = {"next": ours(way), "name": name, "problem": problem}
    return render(request, "login.html", status=status, headers=headers, **values)


def _open(request: Request, response: Response, account: Account) -> None:
    """Begin the session of somebody who has just signed in; others of theirs are told of."""
    context = _context(request)
    if open_sessions(context, account.name):
        tell_once(request, response, SIGNED_IN_ELSEWHERE)
    browser = browser_of(request.headers.get("user-agent", ""))
    token = open_session(context, account.name, address=address_of(request), browser=browser)
    set_session(request, response, token)


@router.post("/logout")
def sign_out(request: Request) -> Response:
    """End the session."""
    who = visitor_of(request)
    if who is not None:
        end_session(_context(request), who.token, who.name)
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(COOKIE, path="/")
    return response


@router.get("/first")
def first_form(request: Request, token: str = "") -> Response:
    """Show the form of the one-time link."""
    if not _first(request).knows(token):
        return render(request, "error.html", status=403, problem=Message(_USED))
    return render(request, "first.html", token=token, name="", problem=None)


@router.post("/first")
async def make_first(request: Request, token: Text, name: Text, password: Text) -> Response:
    """Make the first admin, and sign them in."""
    return await with_passwords(request, _make_first, request, token, name, password)


def _make_first(request: Request, token: str, name: str, password: str) -> Response:
    account = None
    try:
        if _first(request).knows(token):
            account = add_first_admin(_context(request).acting("first-admin"), name, password)
    except SurveyPipelineError as error:
        return render(
            request, "first.html", status=400, token=token, name=name, problem=error.message
        )
    if account is None:
        return render(request, "error.html", status=403, problem=Message(_USED))
    _first(request).used()
    response = RedirectResponse("/", status_code=303)
    _open(request, response, account)
    return response


@router.post("/language")
def choose(request: Request, language: Text, back: Way = "/") -> Response:
    """Keep the visitor's choice of language."""
    response = RedirectResponse(ours(back) or "/", status_code=303)
    if language in LOCALES:
        secure = request.url.scheme == "https"
        response.set_cookie(LANGUAGE, language, max_age=YEAR, samesite="lax", secure=secure)
    return response


_USED = N_("This link has been used, or is not the one that was printed at the start.")


def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


def _first(request: Request) -> FirstAdmin:
    first: FirstAdmin = request.app.state.first_admin
    return first
