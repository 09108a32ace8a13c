"""`/admin/notifications`: who is told what by e-mail, chat or SMS, and what became of it."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator
from sqlalchemy import select

from survey_pipeline.app import App
from survey_pipeline.context import Context
from survey_pipeline.errors import SurveyPipelineError, UsageError
from survey_pipeline.gateways.registry import make_gateways
from survey_pipeline.i18n import N_, Message
from survey_pipeline.notifications.contacts import (
    Concern,
    add_contact,
    find_contact,
    known_agencies,
    list_contacts,
    remove_contact,
)
from survey_pipeline.notifications.sending import send_test_notification
from survey_pipeline.notifications.sent import list_sent
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import offices, parents
from survey_pipeline.typed import as_key
from survey_pipeline.vocabulary import NotificationKind
from survey_pipeline.vocabulary.notification_names import NOTIFICATION_STATES, NOTIFICATIONS
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.pages.gateway_test import BUSY, BUSY_WITH_YOURS
from survey_pipeline.web.pages.parameters import parse_key
from survey_pipeline.web.rendering.page import locale_of, render
from survey_pipeline.web.server.work_pools import WorkPool

Text = Annotated[str, Form(max_length=500)]
Code = Annotated[str, Form(max_length=200), AfterValidator(as_key)]
Chosen = Annotated[list[str], Form(max_length=len(NotificationKind))]
Choice = Annotated[str, Query(max_length=10)]

ABOUT = {
    "all": N_("everything"),
    "office": N_("one office"),
    "parent": N_("one department and its offices"),
    "agency": N_("one lead agency"),
}
ARRIVED = N_("The channel took the test. See that it arrives at {name}")

router = APIRouter(include_in_schema=False)


@router.get("/admin/notifications")
def contacts_page(request: Request, context: Workspace, failed: Choice = "") -> Response:
    """Show who is told what, and what became of the latest notifications."""
    return _page(request, context, failed=bool(failed))


@router.post("/admin/notifications")
def add(  # noqa: PLR0913, PLR0917 - the fields of the form
    request: Request,
    context: Workspace,
    name: Text = "",
    address: Text = "",
    about: Text = "all",
    code: Code = "",
    kinds: Chosen = [],  # noqa: B006 - FastAPI copies it
    language: Text = "",
) -> Response:
    """Add a contact."""
    # the address may hold a password: it does not come back to the page
    form = {"name": name, "about": about, "code": code, "kinds": kinds, "language": language}
    try:
        chosen = [NotificationKind(kind) for kind in kinds if kind in list(NotificationKind)]
        add_contact(context, name, address, chosen, _concern(about, code), language or None)
    except SurveyPipelineError as error:
        return _page(request, context, status=400, form=form, problem=error.message)
    return RedirectResponse("/admin/notifications", status_code=303)


@router.post("/admin/notifications/remove")
def remove(context: Workspace, number: Text) -> Response:
    """Remove a contact."""
    remove_contact(context, parse_key(number))
    return RedirectResponse("/admin/notifications", status_code=303)


@router.post("/admin/notifications/test")
async def send_trial(request: Request, context: Workspace, who: User, number: Text) -> Response:
    """Send a contact a test, and show what came of it."""
    pool: WorkPool = request.app.state.pools.gateway_tests
    with pool.slot(who.name, Message(BUSY), Message(BUSY_WITH_YOURS)):
        return await pool.run(_tested, request, context, parse_key(number))


def _tested(request: Request, context: Context, number: int) -> Response:
    app: App = request.app.state.app
    problem = send_test_notification(
        context,
        lambda: make_gateways(context.settings.gateway, app.gateway_environment),
        number,
    )
    name = find_contact(context, number).name
    told = ("bad", problem) if problem else ("good", Message(ARRIVED, {"name": name}))
    return _page(request, context, told=told, tested=number)


def _concern(about: str, code: str) -> Concern:
    """Return the body that a contact is told about.

    Raises:
        UsageError: the choice is none of `ABOUT`, or the body is not named.
    """
    if about not in ABOUT:
        raise UsageError("choose whom the notifications are about")
    if about == "all":
        return Concern()
    if not code:
        raise UsageError("name the office, the department or the lead agency")
    return Concern(**{"agency" if about == "agency" else f"{about}_code": code})


def _page(request: Request, context: Context, status: int = 200, **more: Any) -> Response:
    failed = more.get("failed", False)
    values = {"form": None, "problem": None, "told": None, "tested": None, "failed": False, **more}
    return render(
        request,
        "admin_notifications.html",
        status=status,
        contacts=list_contacts(context),
        bodies=_bodies(context, locale_of(request)),
        sent=list_sent(context, only_failed=failed),
        words={"kinds": NOTIFICATIONS, "states": NOTIFICATION_STATES, "about": ABOUT},
        hours=context.settings.notifications.hours,
        **values,
    )


def _bodies(context: Context, locale: str) -> list[tuple[str, str]]:
    """Return offices, departments and agencies for the list of suggestions: code and name."""
    with reading(context.engine) as connection:
        found = [
            *connection.execute(
                select(parents.c.parent_code, parents.c.name)
                .where(parents.c.withdrawn_at.is_(None))
                .order_by(parents.c.parent_code)
            ),
            *connection.execute(
                select(offices.c.office_code, offices.c.name)
                .where(offices.c.withdrawn_at.is_(None))
                .order_by(offices.c.office_code)
            ),
        ]
    agencies = known_agencies(context)
    named = [(name, label.in_locale(locale)) for name, label in agencies.items()]
    return [*named, *((row[0], row[1]) for row in found)]
