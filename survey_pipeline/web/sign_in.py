"""Signing in and out, the first admin, and the switch of languages: what needs no role."""

import secrets
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.errors import SurveyPipelineError
from survey_pipeline.i18n import LOCALES, N_, Message
from survey_pipeline.people.accounts import TooManyFailures, add_user, anybody, authenticate
from survey_pipeline.people.sessions import end_session, open_session
from survey_pipeline.survey.context import Context
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.access import COOKIE, set_session, visitor_of
from survey_pipeline.web.pages import HOME, LANGUAGE, render

YEAR = 365 * 24 * 3600
Text = Annotated[str, Form(max_length=200)]


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
        """Let it open no more."""
        self._token = ""


router = APIRouter(include_in_schema=False)


@router.get("/login")
def form(request: Request, next: str = "") -> Response:  # noqa: A002 - the address's own word
    """Show the form; whoever is signed in is led on."""
    who = visitor_of(request)
    if who is not None:
        return RedirectResponse(HOME[who.role], status_code=303)
    return render(request, "login.html", next=_ours(next), name="", problem=None)


@router.post("/login")
def sign_in(request: Request, name: Text, password: Text, next: Text = "") -> Response:  # noqa: A002
    """Sign somebody in, or say that name or password is wrong: never which."""
    address = request.client.host if request.client else ""
    problem = Message(N_("Name or password is wrong."))
    try:
        account = authenticate(_context(request), name, password, address)
    except TooManyFailures as error:
        account, problem = None, error.message
    if account is None:
        return render(
            request, "login.html", status=403, next=_ours(next), name=name, problem=problem
        )
    response = RedirectResponse(_ours(next) or HOME[account.role], status_code=303)
    set_session(request, response, open_session(_context(request), account.name))
    return response


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
def make_first(request: Request, token: Text, name: Text, password: Text) -> Response:
    """Make the first admin, and sign them in."""
    if not _first(request).knows(token):
        return render(request, "error.html", status=403, problem=Message(_USED))
    try:
        account = add_user(_context(request).acting("first-admin"), name, Role.ADMIN, password)
    except SurveyPipelineError as error:
        return render(
            request, "first.html", status=400, token=token, name=name, problem=error.message
        )
    _first(request).used()
    response = RedirectResponse("/", status_code=303)
    set_session(request, response, open_session(_context(request), account.name))
    return response


@router.post("/language")
def choose(request: Request, language: Text, back: Text = "/") -> Response:
    """Keep the visitor's choice of language."""
    response = RedirectResponse(_ours(back) or "/", status_code=303)
    if language in LOCALES:
        secure = request.url.scheme == "https"
        response.set_cookie(LANGUAGE, language, max_age=YEAR, samesite="lax", secure=secure)
    return response


_USED = N_("This link has been used, or is not the one that was printed at the start.")


def _ours(target: str) -> str:
    """Return a path of our own; nothing where it leads elsewhere."""
    parts = urlsplit(target)
    fine = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if fine and not parts.scheme and not parts.netloc else ""


def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


def _first(request: Request) -> FirstAdmin:
    first: FirstAdmin = request.app.state.first_admin
    return first
