"""`/account/factor`: a user's own second factor: setting it up, new recovery codes, removing it."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.people.authentication import authenticate_code, check_own_password
from survey_pipeline.people.confirmed_factors import has_second_factor
from survey_pipeline.people.second_factor import (
    confirm_factor,
    offer_factor,
    recovery_codes_left,
    remove_factor,
    renew_recovery_codes,
)
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.web.access import User, Workspace, client_address
from survey_pipeline.web.pages.password_pool import in_password_pool
from survey_pipeline.web.pages.sign_in_code import WRONG_CODE
from survey_pipeline.web.rendering.notices import FACTOR_REMOVED, notify_next_page
from survey_pipeline.web.rendering.page import render

ADDRESS = "/account/factor"
GROUP = 4
"""Signs of a secret that stand together, so that it can be typed."""

Text = Annotated[str, Form(max_length=300)]

router = APIRouter(include_in_schema=False)


@router.get(ADDRESS)
def factor_page(request: Request, context: Workspace, who: User) -> Response:
    """Show whether the user has a second factor, and what can be done."""
    return _page(request, context, who)


@router.post(ADDRESS)
async def begin_enrolment(
    request: Request, context: Workspace, who: User, password: Text
) -> Response:
    """Show a new secret, once, to a user who knows their password."""
    return await in_password_pool(request, _begin, request, context, who, password)


@router.post(f"{ADDRESS}/confirm")
def confirm_enrolment(request: Request, context: Workspace, who: User, code: Text) -> Response:
    """Confirm the secret by a code of it; show the recovery codes, once."""
    return _show_codes(
        request, context, who, lambda: confirm_factor(context, who.name, code, who.token)
    )


@router.post(f"{ADDRESS}/codes")
async def new_codes(
    request: Request, context: Workspace, who: User, password: Text, code: Text
) -> Response:
    """Replace the recovery codes; show the new ones, once."""
    return await in_password_pool(request, _renew, request, context, who, password, code)


@router.post(f"{ADDRESS}/remove")
async def remove(
    request: Request, context: Workspace, who: User, password: Text, code: Text
) -> Response:
    """Remove the second factor; all other sessions of the user end."""
    return await in_password_pool(request, _remove, request, context, who, password, code)


def _begin(request: Request, context: Context, who: SignedIn, password: str) -> Response:
    try:
        check_own_password(context, who.name, password, client_address(request))
        offered = offer_factor(context, who.name)
    except (UsageError, CannotProceed) as error:
        return _page(request, context, who, status=400, problem=error.message)
    signs = offered.secret
    groups = " ".join(signs[at : at + GROUP] for at in range(0, len(signs), GROUP))
    return _page(request, context, who, secret=groups, qr=_drawn(offered.address))


def _drawn(address: str) -> Markup:
    """Return a QR code as an inline SVG image, black on white in dark pages too."""
    code = segno.make(address, error="m", micro=False)
    image = code.svg_inline(scale=5, light="#fff", svgclass="qr", omitsize=True)
    return Markup(image)  # noqa: S704 - squares only: no text of the address stands in the image


def _renew(request: Request, context: Context, who: SignedIn, password: str, code: str) -> Response:
    def renew() -> Sequence[str]:
        _prove(request, context, who, password, code)
        return renew_recovery_codes(context, who.name)

    return _show_codes(request, context, who, renew)


def _remove(
    request: Request, context: Context, who: SignedIn, password: str, code: str
) -> Response:
    try:
        _prove(request, context, who, password, code)
    except (UsageError, CannotProceed) as error:
        return _page(request, context, who, status=400, problem=error.message)
    remove_factor(context, who.name, who.token)
    response = RedirectResponse("/account", status_code=303)
    notify_next_page(request, response, FACTOR_REMOVED)
    return response


def _prove(request: Request, context: Context, who: SignedIn, password: str, code: str) -> None:
    """Make sure that the user has both password and factor.

    Raises:
        UsageError: one of them is wrong.
        TooManyFailures: too many attempts failed lately.
    """
    address = client_address(request)
    check_own_password(context, who.name, password, address)
    if not authenticate_code(context, who.name, code, address):
        raise UsageError(WRONG_CODE)


def _show_codes(
    request: Request, context: Context, who: SignedIn, make: Callable[[], Sequence[str]]
) -> Response:
    try:
        codes = make()
    except (UsageError, CannotProceed) as error:
        return _page(request, context, who, status=400, problem=error.message)
    return _page(request, context, who, codes=codes)


def _page(
    request: Request, context: Context, who: SignedIn, *, status: int = 200, **more: Any
) -> Response:
    values = {"problem": None, "secret": "", "qr": "", "codes": (), **more}
    return render(
        request,
        "account_factor.html",
        status=status,
        in_force=has_second_factor(context, who.name),
        left=recovery_codes_left(context, who.name),
        required=who.role in context.settings.security.second_factor_for,
        must_enrol=who.must_enrol and not values["codes"],
        **values,
    )
