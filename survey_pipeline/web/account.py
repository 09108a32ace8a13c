"""`/account`: what is a person's own: password, language, sessions."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.people.accounts import change_own_password
from survey_pipeline.people.passwords import LONGEST, SHORTEST
from survey_pipeline.people.sessions import (
    SignedIn,
    end_other_sessions,
    is_session,
    open_sessions,
    revoke_session,
)
from survey_pipeline.vocabulary import Role
from survey_pipeline.vocabulary.names import ROLES
from survey_pipeline.web.access import Workspace, address_of, allowed
from survey_pipeline.web.pages import PASSWORD_CHANGED, render, tell_once
from survey_pipeline.web.sign_in import with_passwords

ANYBODY = allowed(*Role)
UNLIKE = N_("The new password was typed differently the second time.")

Text = Annotated[str, Form(max_length=1_000)]

router = APIRouter(include_in_schema=False)


@router.get("/account")
def account_page(request: Request, context: Workspace, who: SignedIn = ANYBODY) -> Response:
    """Show a person's own matters."""
    return _page(request, context, who)


@router.post("/account/password")
async def new_password(
    request: Request,
    context: Workspace,
    old: Text,
    new: Text,
    again: Text,
    who: SignedIn = ANYBODY,
) -> Response:
    """Change one's own password; every other session of theirs ends."""
    return await with_passwords(request, _change, request, context, who, old, new, again)


def _change(
    request: Request, context: Context, who: SignedIn, old: str, new: str, again: str
) -> Response:
    address = address_of(request)
    try:
        if new != again:
            raise UsageError(UNLIKE)
        change_own_password(context, who.name, old, new, address=address, token=who.token)
    except (UsageError, CannotProceed) as error:
        return _page(request, context, who, status=400, problem=error.message)
    response = RedirectResponse("/account", status_code=303)
    tell_once(request, response, PASSWORD_CHANGED)
    return response


@router.post("/account/sessions/end")
def end_one(
    context: Workspace, key: Annotated[str, Form(max_length=200)], who: SignedIn = ANYBODY
) -> Response:
    """End one of one's own sessions."""
    revoke_session(context, key, owner=who.name)
    return RedirectResponse("/account#sessions", status_code=303)


@router.post("/account/sessions/end-others")
def end_others(context: Workspace, who: SignedIn = ANYBODY) -> Response:
    """End all of one's own sessions but this one."""
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
    sessions: list[Any] = open_sessions(context, who.name)
    return render(
        request,
        "account.html",
        status=status,
        role=ROLES[who.role],
        sessions=[(one, is_session(one, who.token)) for one in sessions],
        shortest=SHORTEST,
        longest=LONGEST,
        problem=problem,
    )
