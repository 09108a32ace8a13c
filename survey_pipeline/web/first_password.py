"""`/password`: who was given a password by somebody else chooses their own before anything else."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.errors import UsageError
from survey_pipeline.people.accounts import choose_password
from survey_pipeline.people.sessions import SignedIn, open_session
from survey_pipeline.web.access import NotSignedIn, Visitor, address_of, set_session
from survey_pipeline.web.account import UNLIKE
from survey_pipeline.web.browsers import browser_of
from survey_pipeline.web.pages import HOME, render
from survey_pipeline.web.sign_in import with_passwords

ADDRESS = "/password"
Text = Annotated[str, Form(max_length=300)]

router = APIRouter(include_in_schema=False)


@router.get(ADDRESS)
def form(request: Request, who: Visitor) -> Response:
    """Show the form; who has chosen already is led on."""
    who = _waiting(who)
    if not who.must_change:
        return RedirectResponse(HOME[who.role], status_code=303)
    return render(request, "first_password.html", problem=None)


@router.post(ADDRESS)
async def choose(request: Request, who: Visitor, password: Text, again: Text) -> Response:
    """Keep the password chosen; every other session of theirs ends."""
    return await with_passwords(request, _choose, request, _waiting(who), password, again)


def _choose(request: Request, who: SignedIn, password: str, again: str) -> Response:
    context = _context(request)
    if who.must_change:
        try:
            if password != again:
                raise UsageError(UNLIKE)
            choose_password(context.acting(who.name), who.name, password)
        except UsageError as error:
            return render(request, "first_password.html", status=400, problem=error.message)
    response = RedirectResponse(HOME[who.role], status_code=303)
    if who.must_change:
        browser = browser_of(request.headers.get("user-agent", ""))
        address = address_of(request)
        set_session(
            request, response, open_session(context, who.name, address=address, browser=browser)
        )
    return response


def _waiting(who: SignedIn | None) -> SignedIn:
    if who is None:
        raise NotSignedIn
    return who


def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context
