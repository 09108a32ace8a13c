"""Signing in and out, and the language of a visitor."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.i18n import LOCALES, N_, Message
from survey_pipeline.people.authentication import authenticate
from survey_pipeline.people.sessions import end_session, open_session, open_sessions
from survey_pipeline.people.started_sign_ins import VALID_FOR, start_sign_in
from survey_pipeline.people.throttle import TooManyFailures
from survey_pipeline.web.access import COOKIE, client_address, set_session, visitor_of
from survey_pipeline.web.pages.password_pool import in_password_pool
from survey_pipeline.web.rendering.navigation import HOME
from survey_pipeline.web.rendering.notices import SIGNED_IN_ELSEWHERE, notify_next_page
from survey_pipeline.web.rendering.page import LANGUAGE, render
from survey_pipeline.web.return_path import LONGEST_PATH, own_path
from survey_pipeline.web.user_agents import browser_of

YEAR_SECONDS = 365 * 24 * 3600
STARTED = "started"
"""The cookie of a user whose password was right and whose code is still to come."""
CODE_ADDRESS = "/login/code"
WRONG = N_("Name or password is wrong.")

Text = Annotated[str, Form(max_length=200)]
ReturnPath = Annotated[str, Form(max_length=LONGEST_PATH)]

router = APIRouter(include_in_schema=False)


@router.get("/login")
def form(request: Request, next: str = "") -> Response:  # noqa: A002 - the address's own word
    """Show the form; redirect a visitor who is signed in already."""
    who = visitor_of(request)
    if who is not None:
        return RedirectResponse(own_path(next) or HOME[who.role], status_code=303)
    return _form(request, 200, next)


@router.post("/login")
async def sign_in(
    request: Request,
    name: Text,
    password: Text,
    next: ReturnPath = "",  # noqa: A002 - the form's own word
) -> Response:
    """Sign a user in, or answer that name or password is wrong, never which."""
    return await in_password_pool(request, _sign_in, request, name, password, next)


def _sign_in(request: Request, name: str, password: str, return_path: str) -> Response:
    context: Context = request.app.state.context
    try:
        account = authenticate(context, name, password, client_address(request))
    except TooManyFailures as error:
        headers = {"Retry-After": str(error.seconds)}
        return _form(request, 429, return_path, name, error.message, headers)
    if account is None:
        return _form(request, 403, return_path, name, Message(WRONG))
    if account.second_factor:
        return _ask_for_code(request, context, account.name, own_path(return_path))
    response = RedirectResponse(own_path(return_path) or HOME[account.role], status_code=303)
    begin_session(request, response, account.name)
    return response


def _ask_for_code(request: Request, context: Context, name: str, return_path: str) -> Response:
    query = "?" + urlencode({"next": return_path}) if return_path else ""
    response = RedirectResponse(CODE_ADDRESS + query, status_code=303)
    response.set_cookie(
        STARTED,
        start_sign_in(context, name),
        max_age=int(VALID_FOR.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path=CODE_ADDRESS,
    )
    return response


def _form(
    request: Request,
    status: int,
    return_path: str,
    name: str = "",
    problem: Message | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    values = {"next": own_path(return_path), "name": name, "problem": problem}
    return render(request, "login.html", status=status, headers=headers, **values)


def begin_session(request: Request, response: Response, name: str) -> None:
    """Begin a session of a user who has just signed in; if they have others, a notice tells."""
    context: Context = request.app.state.context
    if open_sessions(context, name):
        notify_next_page(request, response, SIGNED_IN_ELSEWHERE)
    set_session(request, response, new_token(request, context, name))


def new_token(request: Request, context: Context, name: str) -> str:
    """Open a session for a user's browser; return its token."""
    browser = browser_of(request.headers.get("user-agent", ""))
    return open_session(context, name, address=client_address(request), browser=browser)


@router.post("/logout")
def sign_out(request: Request) -> Response:
    """End the session."""
    who = visitor_of(request)
    if who is not None:
        end_session(request.app.state.context, who.token, who.name)
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(COOKIE, path="/")
    return response


@router.post("/language")
def choose_language(request: Request, language: Text, back: ReturnPath = "/") -> Response:
    """Keep the visitor's choice of language in a cookie."""
    response = RedirectResponse(own_path(back) or "/", status_code=303)
    if language in LOCALES:
        secure = request.url.scheme == "https"
        response.set_cookie(LANGUAGE, language, max_age=YEAR_SECONDS, samesite="lax", secure=secure)
    return response
