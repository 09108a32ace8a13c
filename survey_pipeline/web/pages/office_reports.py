"""`/reports`: an office reports its cases, and sees what it has reported and how it is scored.

A file is read first and shown with every refused row; it is stored when the office confirms it.
An office sees its own data only, and phone numbers of a file only the user who uploaded it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from threading import Event
from typing import Annotated, Any

from babel.dates import get_day_names
from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile

from survey_pipeline.calendar import ONE_DAY, first_day, last_day, month_of, months_between
from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports.closed_months import closed_months
from survey_pipeline.reports.hotline_statements import quarters_so_far
from survey_pipeline.reports.reported_days import DayState, read_office, reported_month
from survey_pipeline.stages.evidence import list_objections
from survey_pipeline.stages.intake import report_zero
from survey_pipeline.stages.intake.scope import cases_of
from survey_pipeline.stages.intake.uploads.report_day import report_day
from survey_pipeline.stages.intake.uploads.upload import Declaration, Upload
from survey_pipeline.stages.intake.uploads.upload_folder import MOST_BYTES, too_large
from survey_pipeline.stages.intake.uploads.uploads import keep_upload, list_uploads
from survey_pipeline.stages.intake.zero_reports import (
    TAKEN_BACK_WITHIN,
    fresh_zero_reports,
    take_zero_back,
)
from survey_pipeline.vocabulary import RecordKind
from survey_pipeline.vocabulary.names import DISSATISFIED_WITH, OBJECTION_DECISIONS, RATINGS
from survey_pipeline.vocabulary.record_names import KINDS
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.pages.months import month_writer
from survey_pipeline.web.pages.office_uploads import Short, office_of_user
from survey_pipeline.web.pages.parameters import parse_date
from survey_pipeline.web.pages.upload_queue import disconnect_event, run_upload, upload_slot
from survey_pipeline.web.rendering.page import locale_of, render

FORM_BYTES = 64 << 10
"""Bytes of a form without its file."""
NUMBERED = (RecordKind.SUPERVISION, RecordKind.HOTLINE, RecordKind.AWARDS)
"""Records that an office names by their number."""
OBJECTED_TO = (
    *NUMBERED,
    RecordKind.HOTLINE_RANK,
    RecordKind.PERFORMANCE,
    RecordKind.PARENT_GRADES,
    RecordKind.PARENT_POINTS,
)
"""Lines of the year that an office may object to; each kind without a number is one line a year."""
WORDS = {
    "kinds": KINDS,
    "decisions": OBJECTION_DECISIONS,
    "reasons": DISSATISFIED_WITH,
    "ratings": RATINGS,
}
FIRST_MONTH = "2000-01"

Word = Annotated[str, Form(max_length=100)]

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")

router = APIRouter(include_in_schema=False)


@router.get("/reports")
def reports_page(request: Request, context: Workspace, who: User, month: Short = "") -> Response:
    """Show what the office may report, what it has reported, and its closed months."""
    return show_reports(request, context, who, month=month)


@router.post("/reports/uploads")
async def upload(request: Request, context: Workspace, who: User) -> Response:
    """Keep a file and redirect to what would become of its rows."""
    declared = request.headers.get("content-length", "")
    if not declared.isdigit() or int(declared) > MOST_BYTES + FORM_BYTES:
        problem = too_large("").message
        page = partial(show_reports, request, context, who, status=413, problem=problem)
        return await run_in_threadpool(page)
    with upload_slot(request, who.name):
        async with (
            request.form(max_files=1, max_fields=4, max_part_size=FORM_BYTES) as form,
            disconnect_event(request) as gone,  # after the form: it takes the request's events
        ):
            return await run_upload(request, _keep, request, context, who, form, gone)


def _keep(
    request: Request, context: Context, who: SignedIn, form: FormData, gone: Event
) -> Response:
    file, day = form.get("file"), form.get("day")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise UsageError("choose a file first")
        kept = keep_upload(
            context,
            cases_of(office_of_user(who)),
            Declaration(RecordKind.CASES, parse_date(str(day)[:40]) if day else None),
            file.filename,
            file.file,
            is_gone=gone.is_set,
        )
    except (UsageError, CannotProceed) as error:
        return show_reports(request, context, who, status=400, problem=error.message)
    return RedirectResponse(f"/reports/uploads/{kept.token}", status_code=303)


@router.post("/reports/zero")
def report_no_cases(context: Workspace, who: User, day: Word) -> Response:
    """Store that the office had no case on a day."""
    on = report_day(context, parse_date(day[:40]))
    report_zero(context, office_of_user(who), on)
    return _back_to(on)


@router.post("/reports/zero/undo")
def undo_no_cases(request: Request, context: Workspace, who: User, day: Word) -> Response:
    """Take back a zero report of a short while ago."""
    on = parse_date(day[:40])
    try:
        take_zero_back(context, office_of_user(who), on)
    except CannotProceed as error:
        return show_reports(request, context, who, status=409, problem=error.message)
    return _back_to(on)


def _back_to(day: date) -> Response:
    return RedirectResponse(f"/reports?month={month_of(day)}#today", status_code=303)


def show_reports(
    request: Request,
    context: Context,
    who: SignedIn,
    *,
    status: int = 200,
    month: str = "",
    **form: Any,
) -> Response:
    """Render the office's page.

    Args:
        request: whose page it is.
        context: the workspace.
        who: a user of the office.
        status: of the response.
        month: the month of the calendar; the present one if it is no month up to today.
        form: the problem of a form that was refused, and what it contained.
    """
    code, today = office_of_user(who), context.today()
    if not (_MONTH.fullmatch(month) and FIRST_MONTH <= month <= month_of(today)):
        month = month_of(today)
    empty = {"kind": "", "number": "", "year": str(today.year), "text": ""}
    return render(
        request,
        "reports.html",
        status=status,
        office=read_office(context, code),
        **_reporting(context, code, today),
        **_calendar(request, context, code, month, today),
        months=closed_months(context, code),
        **_quarters(context),
        least=context.settings.privacy.min_cell,
        objections=list_objections(context, office_code=code)[::-1],
        kinds=[(kind.value, KINDS[kind]) for kind in OBJECTED_TO],
        words=WORDS,
        **{"problem": None, "objection": empty, "objection_problem": None, **form},
    )


def _quarters(context: Context) -> Mapping[str, Any]:
    """Return the hotline quarters of the present appraisal year that have begun."""
    year = context.standard_on(context.today()).standard.year
    return {"hotline_year": year, "quarters": quarters_so_far(context, year)}


def _reporting(context: Context, code: str, today: date) -> Mapping[str, Any]:
    """Return what the page shows about today's report: files, zero reports, days without report."""
    oldest = today - timedelta(context.settings.intake.max_age_days)
    recent = [reported_month(context, code, month) for month in months_between(oldest, today)]
    uploads = list_uploads(context, cases_of(code))
    return {
        "today": recent[-1].days[today.day - 1],
        "oldest": oldest,
        "gaps": [day for reported in reversed(recent) for day in reported.missing if day >= oldest],
        "most": MOST_BYTES,
        "uploads": uploads,
        "kept_until": _kept_until(context, uploads),
        "fresh": fresh_zero_reports(context, code),
        "fresh_for": TAKEN_BACK_WITHIN.seconds // 60,
    }


def _calendar(
    request: Request, context: Context, code: str, month: str, today: date
) -> Mapping[str, Any]:
    """Return what the page shows of one month, day by day."""
    names = get_day_names("abbreviated", locale=locale_of(request))
    return {
        "shown": reported_month(context, code, month),
        "before": month_of(first_day(month) - ONE_DAY),
        "after": month_of(last_day(month) + ONE_DAY) if month < month_of(today) else None,
        "weekdays": [names[weekday] for weekday in range(7)],
        "states": DayState,
        "month_name": month_writer(request),
    }


def _kept_until(context: Context, uploads: Sequence[Upload]) -> date | None:
    """Return the day on which the oldest of the files is deleted; None without files."""
    days = context.settings.privacy.undrawn_retention_days
    uploaded: Iterable[date] = [context.calendar.day(upload.at) for upload in uploads]
    return min(uploaded) + timedelta(days=days) if uploads else None
