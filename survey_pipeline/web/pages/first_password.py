"""`/password`: a user whose password was given by somebody else must choose their own first."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.errors import UsageError
from survey_pipeline.people.authentication import choose_password
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.web.access import User, set_session
from survey_pipeline.web.pages.account import DIFFERENT
from survey_pipeline.web.pages.password_pool import in_password_pool
from survey_pipeline.web.pages.sign_in import new_token
from survey_pipeline.web.rendering.navigation import HOME
from survey_pipeline.web.rendering.page import render

ADDRESS = "/password"
Text = Annotated[str, Form(max_length=300)]

router = APIRouter(include_in_schema=False)


@router.get(ADDRESS)
def form(request: Request, who: User) -> Response:
    """Show the form; redirect a user who has chosen already."""
    if not who.must_change:
        return RedirectResponse(HOME[who.role], status_code=303)
    return render(request, "first_password.html", problem=None)


@router.post(ADDRESS)
async def choose(request: Request, who: User, password: Text, again: Text) -> Response:
    """Store the password that the user has chosen; all their other sessions end."""
    return await in_password_pool(request, _choose, request, who, password, again)


def _choose(request: Request, who: SignedIn, password: str, again: str) -> Response:
    context: Context = request.app.state.context
    response = RedirectResponse(HOME[who.role], status_code=303)
    if not who.must_change:
        return response
    try:
        if password != again:
            raise UsageError(DIFFERENT)
        choose_password(context.acting(who.name), who.name, password)
    except UsageError as error:
        return render(request, "first_password.html", status=400, problem=error.message)
    set_session(request, response, new_token(request, context, who.name))
    return response
