"""`/account`: a user's own password and sessions."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.people.authentication import change_own_password
from survey_pipeline.people.confirmed_factors import has_second_factor
from survey_pipeline.people.password_rules import LONGEST, SHORTEST
from survey_pipeline.people.sessions import (
    SignedIn,
    end_other_sessions,
    is_session,
    open_sessions,
    revoke_session,
)
from survey_pipeline.vocabulary import FACTOR_ROLES
from survey_pipeline.vocabulary.names import ROLES
from survey_pipeline.web.access import User, Workspace, client_address
from survey_pipeline.web.pages.password_pool import in_password_pool
from survey_pipeline.web.rendering.notices import PASSWORD_CHANGED, notify_next_page
from survey_pipeline.web.rendering.page import render

DIFFERENT = N_("The new password was typed differently the second time.")

Text = Annotated[str, Form(max_length=1_000)]

router = APIRouter(include_in_schema=False)


@router.get("/account")
def account_page(request: Request, context: Workspace, who: User) -> Response:
    """Show the user's role, password form and sessions."""
    return _page(request, context, who)


@router.post("/account/password")
async def new_password(
    request: Request, context: Workspace, who: User, old: Text, new: Text, again: Text
) -> Response:
    """Change the user's password; all their other sessions end."""
    return await in_password_pool(request, _change, request, context, who, old, new, again)


def _change(
    request: Request, context: Context, who: SignedIn, old: str, new: str, again: str
) -> Response:
    address = client_address(request)
    try:
        if new != again:
            raise UsageError(DIFFERENT)
        change_own_password(context, who.name, old, new, address=address, token=who.token)
    except (UsageError, CannotProceed) as error:
        return _page(request, context, who, status=400, problem=error.message)
    response = RedirectResponse("/account", status_code=303)
    notify_next_page(request, response, PASSWORD_CHANGED)
    return response


@router.post("/account/sessions/end")
def end_one(context: Workspace, who: User, key: Annotated[str, Form(max_length=200)]) -> Response:
    """End one of the user's sessions."""
    revoke_session(context, key, owner=who.name)
    return RedirectResponse("/account#sessions", status_code=303)


@router.post("/account/sessions/end-others")
def end_others(context: Workspace, who: User) -> Response:
    """End all sessions of the user except this one."""
    end_other_sessions(context, who.name, who.token)
    return RedirectResponse("/account#sessions", status_code=303)


def _page(
    request: Request,
    context: Context,
    who: SignedIn,
    *,
    status: int = 200,
    problem: Message | None = None,
) -> Response:
    return render(
        request,
        "account.html",
        status=status,
        role=ROLES[who.role],
        sessions=[
            (session, is_session(session, who.token))
            for session in open_sessions(context, who.name)
        ],
        may_have_factor=who.role in FACTOR_ROLES,
        has_factor=has_second_factor(context, who.name),
        shortest=SHORTEST,
        longest=LONGEST,
        problem=problem,
    )
