"""`/admin`: people, keys, sessions, what `doctor` finds, the journal; each a page of its own."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator

from survey_pipeline.app import App
from survey_pipeline.checks import run_checks
from survey_pipeline.context import Context
from survey_pipeline.errors import SurveyPipelineError, UnknownRecord, UsageError
from survey_pipeline.people.accounts import (
    add_user,
    change_password,
    disable_user,
    enable_user,
    list_users,
)
from survey_pipeline.people.api_keys import add_key, list_keys, revoke_key
from survey_pipeline.people.bulk import offices_without_account
from survey_pipeline.people.names import folded
from survey_pipeline.people.passwords import made_up
from survey_pipeline.people.sessions import SignedIn, is_session, open_sessions, revoke_session
from survey_pipeline.people.throttle import clear_failures, slowed
from survey_pipeline.reports.journal import JournalFilter, known_kinds, read_journal
from survey_pipeline.typed import as_key
from survey_pipeline.vocabulary import AuditAction, Role
from survey_pipeline.vocabulary.names import AUDIT_ACTIONS, AUDITED, CHECK_NAMES, ROLES
from survey_pipeline.web.access import Workspace, allowed
from survey_pipeline.web.day import parse_day
from survey_pipeline.web.pages import render
from survey_pipeline.web.paging import paged
from survey_pipeline.web.words import LEVELS

ADMINS = allowed(Role.ADMIN)
LARGEST_KEY = 1 << 62

Text = Annotated[str, Form(max_length=200)]
Code = Annotated[str, Form(max_length=200), AfterValidator(as_key)]
Asked = Annotated[str, Query(max_length=100)]
Number = Annotated[int, Query(ge=1, le=1_000_000)]

router = APIRouter(include_in_schema=False)


@router.get("/admin")
@router.get("/admin/people")
def people_page(
    request: Request, context: Workspace, q: Asked = "", page: Number = 1, who: SignedIn = ADMINS
) -> Response:
    """Show who may sign in."""
    return _people(request, context, q, page)


@router.get("/admin/keys")
def keys_page(
    request: Request, context: Workspace, q: Asked = "", page: Number = 1, who: SignedIn = ADMINS
) -> Response:
    """Show the keys of offices' systems."""
    return _keys(request, context, q, page)


@router.get("/admin/sessions")
def sessions_page(
    request: Request, context: Workspace, q: Asked = "", page: Number = 1, who: SignedIn = ADMINS
) -> Response:
    """Show who is signed in."""
    sessions = open_sessions(context)
    return render(
        request,
        "admin_sessions.html",
        page=paged(sessions, q, page, lambda one: (one.name, one.role.value)),
        own={one.key for one in sessions if is_session(one, who.token)},
        roles=ROLES,
    )


@router.post("/admin/people")
def add_person(
    request: Request,
    context: Workspace,
    name: Text,
    role: Text,
    office: Code = "",
    who: SignedIn = ADMINS,
) -> Response:
    """Let somebody sign in, with a password that is made up and shown once."""
    password = made_up()
    form = {"name": name, "role": role, "office": office}
    try:
        if role not in list(Role):
            raise UsageError("there is no role {role}", role=role)
        made = add_user(context, name, Role(role), password, office or None, must_change=True)
    except SurveyPipelineError as error:
        return _people(request, context, status=400, person=form, problem=error.message)
    return _people(request, context, secret={"name": made.name, "password": password})


@router.post("/admin/people/password")
def new_password(
    request: Request, context: Workspace, name: Text, who: SignedIn = ADMINS
) -> Response:
    """Give somebody another password, shown once; all their sessions end."""
    password = made_up()
    change_password(context, name, password, must_change=True)
    return _people(request, context, secret={"name": name, "password": password})


@router.post("/admin/people/disable")
def disable(context: Workspace, name: Text, who: SignedIn = ADMINS) -> Response:
    """Let somebody sign in no more."""
    disable_user(context, name)
    return RedirectResponse("/admin/people", status_code=303)


@router.post("/admin/people/enable")
def enable(context: Workspace, name: Text, who: SignedIn = ADMINS) -> Response:
    """Let somebody who was disabled sign in again."""
    enable_user(context, name)
    return RedirectResponse("/admin/people", status_code=303)


@router.post("/admin/people/unblock")
def unblock(context: Workspace, name: Text, who: SignedIn = ADMINS) -> Response:
    """Forget the failed sign-ins of a name, so that the next one need not wait."""
    clear_failures(context, folded(name))
    return RedirectResponse("/admin/people", status_code=303)


@router.post("/admin/keys")
def make_key(
    request: Request, context: Workspace, office: Code, label: Text, who: SignedIn = ADMINS
) -> Response:
    """Make a key for an office's system, shown once."""
    form = {"office": office, "label": label}
    try:
        number, key = add_key(context, office, label.strip())
    except SurveyPipelineError as error:
        return _keys(request, context, status=400, key_form=form, key_problem=error.message)
    return _keys(request, context, secret={"number": number, "key": key})


@router.post("/admin/keys/revoke")
def end_key(context: Workspace, number: Text, who: SignedIn = ADMINS) -> Response:
    """Make a key useless."""
    revoke_key(context, _number(number))
    return RedirectResponse("/admin/keys", status_code=303)


@router.post("/admin/sessions/revoke")
def end_one_session(context: Workspace, key: Text, who: SignedIn = ADMINS) -> Response:
    """End somebody's session at once."""
    revoke_session(context, key)
    return RedirectResponse("/admin/sessions", status_code=303)


@router.get("/admin/doctor")
def doctor_part(request: Request, context: Workspace, who: SignedIn = ADMINS) -> Response:
    """Look at everything that `doctor` looks at; may take some seconds."""
    app: App = request.app.state.app
    found = run_checks(context.home, app.environ, context.clock)
    return render(request, "_doctor.html", found=found, checks=CHECK_NAMES, levels=LEVELS)


@router.get("/admin/journal")
def journal(  # noqa: PLR0913, PLR0917 - what the form holds
    request: Request,
    context: Workspace,
    actor: Asked = "",
    kind: Asked = "",
    action: Asked = "",
    on: Annotated[str, Query(alias="date", max_length=20)] = "",
    before: Asked = "",
    who: SignedIn = ADMINS,
) -> Response:
    """Show the journal: nothing can be changed here."""
    day: date | None = parse_day(context, on) if on else None
    wanted = JournalFilter(actor.strip(), kind, action, day)
    found = read_journal(context, wanted, before=_number(before) if before else None)
    return render(
        request,
        "journal.html",
        page=found,
        wanted=wanted,
        first=not before,
        kinds=known_kinds(context),
        actions=[one.value for one in AuditAction],
        words={"actions": AUDIT_ACTIONS, "things": AUDITED},
        today=context.today(),
    )


def _people(
    request: Request, context: Context, text: str = "", page: int = 1, **more: Any
) -> Response:
    values: dict[str, Any] = {
        "person": {"name": "", "role": Role.CALLER.value, "office": ""},
        "problem": None,
        "secret": None,
    }
    people = list_users(context)
    names = {person.name for person in people}
    return render(
        request,
        "admin.html",
        page=paged(people, text, page, lambda one: (one.name, one.role.value, one.office_code)),
        without=len(offices_without_account(context)),
        slowed=[wait for wait in slowed(context) if wait.name in names],
        roles=ROLES,
        **{**values, **more},
    )


def _keys(
    request: Request, context: Context, text: str = "", page: int = 1, **more: Any
) -> Response:
    values: dict[str, Any] = {
        "key_form": {"office": "", "label": ""},
        "key_problem": None,
        "secret": None,
    }
    keys = list_keys(context)
    return render(
        request,
        "admin_keys.html",
        page=paged(keys, text, page, lambda one: (str(one.id), one.office_code, one.label)),
        **{**values, **more},
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < LARGEST_KEY):
        raise UnknownRecord("there is no entry {number}", number=text)
    return int(text)
