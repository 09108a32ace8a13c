"""`/admin`: users, API keys, sessions, the findings of `doctor`, the journal, deletions."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator

from survey_pipeline.app import App
from survey_pipeline.checks import run_checks
from survey_pipeline.context import Context
from survey_pipeline.errors import SurveyPipelineError, UsageError
from survey_pipeline.people.account_names import fold_name
from survey_pipeline.people.accounts import add_user, disable_user, enable_user, list_users
from survey_pipeline.people.api_keys import add_key, list_keys, revoke_key
from survey_pipeline.people.authentication import change_password
from survey_pipeline.people.many_accounts import (
    agencies_without_account,
    departments_without_account,
    offices_without_account,
)
from survey_pipeline.people.passwords import generate_password
from survey_pipeline.people.second_factor import reset_factor
from survey_pipeline.people.sessions import is_session, open_sessions, revoke_session
from survey_pipeline.people.throttle import clear_failures, throttled_names
from survey_pipeline.people.user_bodies import only_body
from survey_pipeline.privacy.deletion_receipts import SHOWN, read_receipts
from survey_pipeline.privacy.deletion_words import COUNTED, LIMITS
from survey_pipeline.reports.chain_state import read_chain_state
from survey_pipeline.reports.journal import JournalFilter, known_kinds, read_journal
from survey_pipeline.standard.lead_agencies import LeadAgency, lead_agencies
from survey_pipeline.typed import as_key
from survey_pipeline.vocabulary import AuditAction, Role
from survey_pipeline.vocabulary.names import CHECK_NAMES, ROLES
from survey_pipeline.vocabulary.record_names import AUDIT_ACTIONS, AUDITED, DELETION_KINDS
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.pages.labels import LEVELS, MENDS, PLACES
from survey_pipeline.web.pages.paging import paginate
from survey_pipeline.web.pages.parameters import Day, parse_day, parse_key
from survey_pipeline.web.rendering.page import render

Text = Annotated[str, Form(max_length=200)]
Code = Annotated[str, Form(max_length=200), AfterValidator(as_key)]
Word = Annotated[str, Query(max_length=100)]
LastDay = Annotated[str, Query(max_length=20)]
Number = Annotated[int, Query(ge=1, le=1_000_000)]

NEW_PERSON = {"name": "", "role": Role.CALLER.value, "office": "", "parent": "", "agency": ""}

router = APIRouter(include_in_schema=False)


@router.get("/admin")
@router.get("/admin/people")
def people_page(request: Request, context: Workspace, q: Word = "", page: Number = 1) -> Response:
    """Show who may sign in."""
    return _people(request, context, q, page)


@router.get("/admin/keys")
def keys_page(request: Request, context: Workspace, q: Word = "", page: Number = 1) -> Response:
    """Show the keys of offices' systems."""
    return _keys(request, context, q, page)


@router.get("/admin/sessions")
def sessions_page(
    request: Request, context: Workspace, who: User, q: Word = "", page: Number = 1
) -> Response:
    """Show who is signed in."""
    sessions = open_sessions(context)
    return render(
        request,
        "admin_sessions.html",
        page=paginate(sessions, q, page, lambda session: (session.name, session.role.value)),
        own={session.key for session in sessions if is_session(session, who.token)},
        roles=ROLES,
    )


@router.post("/admin/people")
def add_person(  # noqa: PLR0917 - the fields of the form
    request: Request,
    context: Workspace,
    name: Text,
    role: Text,
    office: Code = "",
    parent: Code = "",
    agency: Text = "",
) -> Response:
    """Add a user with a generated password, which is shown once."""
    password = generate_password()
    form = {"name": name, "role": role, "office": office, "parent": parent, "agency": agency}
    try:
        if role not in list(Role):
            raise UsageError("there is no role {role}", role=role)
        body = only_body(Role(role), office_code=office, parent_code=parent, lead_agency=agency)
        made = add_user(context, name, Role(role), password, body, must_change=True)
    except SurveyPipelineError as error:
        return _people(request, context, status=400, person=form, problem=error.message)
    return _people(request, context, secret={"name": made.name, "password": password})


@router.post("/admin/people/password")
def new_password(request: Request, context: Workspace, name: Text) -> Response:
    """Give a user another password, which is shown once; all their sessions end."""
    password = generate_password()
    change_password(context, name, password, must_change=True)
    return _people(request, context, secret={"name": name, "password": password})


@router.post("/admin/people/factor")
def end_factor(context: Workspace, name: Text) -> Response:
    """Remove the second factor of a user who lost it; all their sessions end."""
    reset_factor(context, name)
    return RedirectResponse("/admin/people", status_code=303)


@router.post("/admin/people/disable")
def disable(context: Workspace, name: Text) -> Response:
    """Disable a user."""
    disable_user(context, name)
    return RedirectResponse("/admin/people", status_code=303)


@router.post("/admin/people/enable")
def enable(context: Workspace, name: Text) -> Response:
    """Let a disabled user sign in again."""
    enable_user(context, name)
    return RedirectResponse("/admin/people", status_code=303)


@router.post("/admin/people/unblock")
def unblock(context: Workspace, name: Text) -> Response:
    """Forget the failed sign-ins of a name, so that the next one need not wait."""
    clear_failures(context, fold_name(name))
    return RedirectResponse("/admin/people", status_code=303)


@router.post("/admin/keys")
def make_key(request: Request, context: Workspace, office: Code, label: Text) -> Response:
    """Make a key for an office's system, which is shown once."""
    form = {"office": office, "label": label}
    try:
        number, key = add_key(context, office, label.strip())
    except SurveyPipelineError as error:
        return _keys(request, context, status=400, key_form=form, key_problem=error.message)
    return _keys(request, context, secret={"number": number, "key": key})


@router.post("/admin/keys/revoke")
def end_key(context: Workspace, number: Text) -> Response:
    """Revoke a key."""
    revoke_key(context, parse_key(number))
    return RedirectResponse("/admin/keys", status_code=303)


@router.post("/admin/sessions/revoke")
def end_one_session(context: Workspace, key: Text) -> Response:
    """End a user's session at once."""
    revoke_session(context, key)
    return RedirectResponse("/admin/sessions", status_code=303)


@router.get("/admin/doctor")
def doctor_fragment(request: Request, context: Workspace) -> Response:
    """Run all checks of `doctor`, which may take some seconds."""
    app: App = request.app.state.app
    found = run_checks(context.home, app.environ, context.clock)
    return render(
        request,
        "_doctor.html",
        found=found,
        checks=CHECK_NAMES,
        levels=LEVELS,
        mends=MENDS,
        places=PLACES,
    )


@router.get("/admin/journal")
def journal(  # noqa: PLR0913, PLR0917 - the fields of the form
    request: Request,
    context: Workspace,
    actor: Word = "",
    kind: Word = "",
    action: Word = "",
    record: Word = "",
    on: Day = "",
    until: LastDay = "",
    before: Word = "",
) -> Response:
    """Show the journal."""
    first, last = (parse_day(context, text) if text else None for text in (on, until))
    wanted = JournalFilter(actor.strip(), kind, action, as_key(record), first, last)
    found = read_journal(context, wanted, before=parse_key(before) if before else None)
    return render(
        request,
        "journal.html",
        page=found,
        wanted=wanted,
        first=not before,
        chain=read_chain_state(context),
        kinds=known_kinds(context),
        actions=[known.value for known in AuditAction],
        words={"actions": AUDIT_ACTIONS, "things": AUDITED},
        today=context.today(),
    )


@router.get("/admin/deletions")
def deletions_page(request: Request, context: Workspace) -> Response:
    """Show the receipts of deletions of personal data."""
    return render(
        request,
        "admin_deletions.html",
        receipts=read_receipts(context, SHOWN),
        words={"kinds": DELETION_KINDS, "counted": COUNTED, "limits": LIMITS},
    )


def _people(
    request: Request, context: Context, text: str = "", page: int = 1, **more: Any
) -> Response:
    values: dict[str, Any] = {
        "person": {
            "name": "",
            "role": Role.CALLER.value,
            **dict.fromkeys(("office", "parent", "agency"), ""),
        },
        "problem": None,
        "secret": None,
    }
    people = list_users(context)
    names = {person.name for person in people}
    return render(
        request,
        "admin.html",
        page=paginate(
            people, text, page, lambda user: (user.name, user.role.value, user.body.name)
        ),
        without=len(offices_without_account(context)),
        departments=len(departments_without_account(context)),
        agencies=_agencies(context),
        lacking_agencies=len(agencies_without_account(context)),
        throttled=[wait for wait in throttled_names(context) if wait.name in names],
        roles=ROLES,
        **{**values, **more},
    )


def _agencies(context: Context) -> list[LeadAgency]:
    """Return the lead agencies that a user may belong to."""
    return lead_agencies(context.standard_on(context.today()).standard)


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
        page=paginate(keys, text, page, lambda key: (str(key.id), key.office_code, key.label)),
        **{**values, **more},
    )
