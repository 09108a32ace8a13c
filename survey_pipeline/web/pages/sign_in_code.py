"""`/login/code`: the second step of the sign-in, for users with a second factor."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, Message
from survey_pipeline.people.authentication import authenticate_code
from survey_pipeline.people.started_sign_ins import find_started
from survey_pipeline.people.throttle import TooManyFailures
from survey_pipeline.web.access import client_address
from survey_pipeline.web.pages.sign_in import CODE_ADDRESS, STARTED, begin_session
from survey_pipeline.web.rendering.page import render
from survey_pipeline.web.return_path import LONGEST_PATH, own_path

WRONG_CODE = N_("That code is wrong or has been used. Type the app's next code.")

router = APIRouter(include_in_schema=False)


@router.get(CODE_ADDRESS)
def code_form(request: Request, next: str = "") -> Response:  # noqa: A002 - the address's own word
    """Show the form for the code; without the password before it, redirect to the sign-in."""
    if _started(request) is None:
        return RedirectResponse("/login", status_code=303)
    return _form(request, 200, next)


@router.post(CODE_ADDRESS)
def give_code(
    request: Request,
    code: Annotated[str, Form(max_length=100)],
    next: Annotated[str, Form(max_length=LONGEST_PATH)] = "",  # noqa: A002 - the form's own word
) -> Response:
    """Complete the sign-in of a user whose password was right."""
    context: Context = request.app.state.context
    name = _started(request)
    if name is None:
        return RedirectResponse("/login", status_code=303)
    try:
        right = authenticate_code(context, name, code, client_address(request))
    except TooManyFailures as error:
        headers = {"Retry-After": str(error.seconds)}
        return _form(request, 429, next, error.message, headers)
    if not right:
        return _form(request, 403, next, Message(WRONG_CODE))
    response = RedirectResponse(own_path(next) or "/login", status_code=303)
    response.delete_cookie(STARTED, path=CODE_ADDRESS)
    begin_session(request, response, name)
    return response


def _started(request: Request) -> str | None:
    token = request.cookies.get(STARTED, "")
    return find_started(request.app.state.context, token) if token else None


def _form(
    request: Request,
    status: int,
    return_path: str,
    problem: Message | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    values = {"next": own_path(return_path), "problem": problem}
    return render(request, "login_code.html", status=status, headers=headers, **values)
