"""`/organise/register`: offices found, added, changed, closed, exempted, and taken off."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.reports.evidence_tables.evidence_record import fields_of
from survey_pipeline.reports.journal import JournalFilter, read_journal
from survey_pipeline.reports.register_names import bodies_by_code
from survey_pipeline.reports.register_table import (
    RegisterFilter,
    RegisterState,
    list_register,
)
from survey_pipeline.stages.intake import withdraw
from survey_pipeline.stages.intake.entering import Entered, enter_record
from survey_pipeline.stages.intake.file_summary import Problem
from survey_pipeline.store.engine import reading
from survey_pipeline.store.record_keys import read_record_key
from survey_pipeline.typed import as_key
from survey_pipeline.vocabulary import RecordKind, RowOutcome
from survey_pipeline.vocabulary.names import CATEGORIES
from survey_pipeline.vocabulary.record_names import AUDIT_ACTIONS
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.paging import paginate
from survey_pipeline.web.pages.record_fields import Typed, fields_of_kind, of_the_whole
from survey_pipeline.web.rendering.page import render

ADDRESS = "/organise/register"
WORDS: Mapping[str, Mapping[str, str]] = {
    "categories": CATEGORIES,
    "actions": AUDIT_ACTIONS,
    "states": {
        RegisterState.OPEN.value: N_("valid today"),
        RegisterState.CLOSED.value: N_("not valid today"),
        RegisterState.EXEMPT.value: N_("exempt"),
        RegisterState.WITHDRAWN.value: N_("withdrawn"),
    },
}
TAKEN = Message("the register has this code already. Open that office to change it")

Word = Annotated[str, Query(max_length=100)]
Number = Annotated[int, Query(ge=1, le=1_000_000)]
Code = Annotated[str, Query(max_length=60)]

router = APIRouter(include_in_schema=False)


@router.get(ADDRESS)
def register_page(  # noqa: PLR0917 - the fields of the filter
    request: Request,
    context: Workspace,
    q: Word = "",
    category: Word = "",
    parent: Word = "",
    state: Word = "",
    page: Number = 1,
) -> Response:
    """Show the offices that a filter meets."""
    wanted = RegisterFilter(
        text=q.strip(),
        category=category if category in CATEGORIES else "",
        parent=as_key(parent),
        state=RegisterState(state) if state in list(RegisterState) else None,
    )
    asked = {
        "q": wanted.text, "category": wanted.category, "parent": wanted.parent,
        "state": wanted.state or "",
    }  # fmt: skip
    found = list_register(context, wanted)
    return render(
        request,
        "register.html",
        page=paginate(found, "", page, lambda office: (office.office_code,)),
        asked=asked,
        parents=bodies_by_code(context).parents,
        words=WORDS,
    )


@router.get(ADDRESS + "/office")
def office_page(request: Request, context: Workspace, code: Code = "") -> Response:
    """Show the form of an office with its history; without a code, that of a new one."""
    if not as_key(code):
        return _office(request, context, {}, "")
    return _office(request, context, _stored(context, code), as_key(code))


@router.post(ADDRESS + "/office")
def save_office(request: Request, context: Workspace, typed: Typed) -> Response:
    """Add an office, or change one, by the checks of the file kind `offices`."""
    was, code = typed.get("was", ""), as_key(typed.get("office_code", ""))
    if code != was and _is_taken(context, code):
        refused = Entered(RowOutcome.REFUSED, [Problem(1, "office_code", TAKEN)], ())
        return _office(request, context, typed, was, refused)
    reason = typed.get("reason", "").strip()[:500] or None
    entered = enter_record(context, RecordKind.OFFICES, typed, reason=reason)
    if entered.outcome is RowOutcome.REFUSED:
        return _office(request, context, typed, was, entered)
    return RedirectResponse(_address(code, entered.outcome.value), status_code=303)


@router.post(ADDRESS + "/withdraw")
def take_off(
    request: Request,
    context: Workspace,
    code: Annotated[str, Form(max_length=60)],
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Take an office without any record off the register, with the reason."""
    stored = _stored(context, code)
    try:
        withdraw(context, RecordKind.OFFICES, as_key(code), reason=reason.strip())
    except (UsageError, CannotProceed) as error:
        return _office(request, context, stored, as_key(code), problem=error.message)
    return RedirectResponse(_address(as_key(code), "withdrawn"), status_code=303)


def _address(code: str, done: str) -> str:
    return f"{ADDRESS}/office?{urlencode({'code': code, 'done': done})}"


def _stored(context: Context, code: str) -> dict[str, str]:
    """Return an office's values as a form has them.

    Raises:
        UnknownRecord: there is no such office.
    """
    key = read_record_key(RecordKind.OFFICES, code, None, 0)
    with reading(context.engine) as connection:
        row = key.record(connection)
    withdrawn = row.withdrawn_reason or "" if row.withdrawn_at is not None else None
    fields = fields_of(context, RecordKind.OFFICES, row)
    return fields if withdrawn is None else {**fields, "withdrawn": withdrawn}


def _is_taken(context: Context, code: str) -> bool:
    try:
        return bool(code) and bool(_stored(context, code))
    except (UnknownRecord, UsageError):
        return False


def _office(
    request: Request,
    context: Context,
    values: Mapping[str, str],
    was: str,
    entered: Entered | None = None,
    problem: Message | None = None,
) -> Response:
    """Render the form of an office, with its history below."""
    problems = entered.problems if entered else ()
    history = JournalFilter(kind=RecordKind.OFFICES.value, record=was)
    return render(
        request,
        "register_office.html",
        status=400 if problems or problem else 200,
        was=was,
        withdrawn=values.get("withdrawn") if was else None,
        fields=fields_of_kind(RecordKind.OFFICES, values, problems=problems),
        whole=[*of_the_whole(RecordKind.OFFICES, problems), *([problem] if problem else [])],
        history=read_journal(context, history).entries if was else [],
        bodies=bodies_by_code(context),
        reason=values.get("reason", ""),
        done=request.query_params.get("done", ""),
        words=WORDS,
    )
