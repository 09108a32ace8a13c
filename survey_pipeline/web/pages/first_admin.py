"""`/first`: the one-time link that makes the first admin."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.errors import SurveyPipelineError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.people.accounts import add_first_admin, has_users
from survey_pipeline.web.pages.password_pool import in_password_pool
from survey_pipeline.web.pages.sign_in import begin_session
from survey_pipeline.web.rendering.page import render

USED = N_("This link has been used, or is not the one that was printed at the start.")

Text = Annotated[str, Form(max_length=200)]

router = APIRouter(include_in_schema=False)


class FirstAdminLink:
    """The link; there is none once anybody may sign in."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._token = "" if has_users(context) else secrets.token_urlsafe(24)

    @property
    def path(self) -> str | None:
        """The link's path; None if there is no link."""
        return f"/first?token={self._token}" if self._token else None

    def opens(self, token: str) -> bool:
        """Return whether the link with this token is still valid."""
        right = bool(self._token) and secrets.compare_digest(token.encode(), self._token.encode())
        return right and not has_users(self._context)

    def invalidate(self) -> None:
        """Invalidate the link."""
        self._token = ""


@router.get("/first")
def first_form(request: Request, token: str = "") -> Response:
    """Show the form of the link."""
    if not _link(request).opens(token):
        return render(request, "error.html", status=403, problem=Message(USED))
    return render(request, "first.html", token=token, name="", problem=None)


@router.post("/first")
async def make_first(request: Request, token: Text, name: Text, password: Text) -> Response:
    """Make the first admin, and sign them in."""
    return await in_password_pool(request, _make_first, request, token, name, password)


def _make_first(request: Request, token: str, name: str, password: str) -> Response:
    context: Context = request.app.state.context
    account = None
    try:
        if _link(request).opens(token):
            account = add_first_admin(context.acting("first-admin"), name, password)
    except SurveyPipelineError as error:
        return render(
            request, "first.html", status=400, token=token, name=name, problem=error.message
        )
    if account is None:
        return render(request, "error.html", status=403, problem=Message(USED))
    _link(request).invalidate()
    response = RedirectResponse("/", status_code=303)
    begin_session(request, response, account.name)
    return response


def _link(request: Request) -> FirstAdminLink:
    link: FirstAdminLink = request.app.state.first_admin
    return link
