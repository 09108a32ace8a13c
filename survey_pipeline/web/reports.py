"""`/reports`: an office brings its cases, sees what it reported and its closed months, and objects.

A file is looked at first, with every refused row, and stored when the office confirms it. Whatever
is shown here is the office's own; whose numbers a file holds is shown to who brought it alone.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from threading import Event
from typing import Annotated, Any

from babel.dates import format_skeleton, get_day_names
from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile

from survey_pipeline.calendar import ONE_DAY, first_day, last_day, month_of, months_between
from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports.closed_months import closed_month, closed_months
from survey_pipeline.reports.own_lines import lines_of_month, lines_of_years
from survey_pipeline.reports.reported_days import DayState, OfficeView, read_office, reported_month
from survey_pipeline.stages.evidence import (
    ListedObjection,
    TooManyObjections,
    add_objection,
    list_objections,
)
from survey_pipeline.stages.intake import report_zero
from survey_pipeline.stages.intake.uploads.report_day import report_day
from survey_pipeline.stages.intake.uploads.upload import Upload
from survey_pipeline.stages.intake.uploads.upload_folder import MOST_BYTES, too_large
from survey_pipeline.stages.intake.uploads.uploads import keep_upload, list_uploads
from survey_pipeline.stages.intake.zero_reports import (
    TAKEN_BACK_WITHIN,
    fresh_zero_reports,
    take_zero_back,
)
from survey_pipeline.typed import as_key
from survey_pipeline.vocabulary import RecordKind
from survey_pipeline.vocabulary.names import DISSATISFIED_WITH, KINDS, OBJECTION_DECISIONS, RATINGS
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages import locale_of, render
from survey_pipeline.web.params import parse_date
from survey_pipeline.web.report_files import OFFICES, Asked, own_office
from survey_pipeline.web.uploading import place_for, read_in_turn, watched

AROUND = 64 << 10
"""Bytes that a form takes beside its file."""
NUMBERED = (RecordKind.SUPERVISION, RecordKind.HOTLINE, RecordKind.AWARDS)
"""Records that an office names by their number."""
OBJECTED_TO = (
    *NUMBERED,
    RecordKind.HOTLINE_RANK,
    RecordKind.PERFORMANCE,
    RecordKind.PARENT_GRADES,
    RecordKind.PARENT_POINTS,
)
"""Lines of the year that an office may object to; of its department's rank there is one a year."""

Word = Annotated[str, Form(max_length=100)]
Said = Annotated[str, Form(max_length=2000)]

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")

router = APIRouter(include_in_schema=False)


@router.get("/reports")
def reports_page(
    request: Request, context: Workspace, month: Asked = "", who: SignedIn = OFFICES
) -> Response:
    """Show what the office may bring, has brought, and how its closed months stand."""
    return _page(request, context, who, month=month)


@router.post("/reports/uploads")
async def bring(request: Request, context: Workspace, who: SignedIn = OFFICES) -> Response:
    """Keep a file and lead to what would become of its rows."""
    declared = request.headers.get("content-length", "")
    if not declared.isdigit() or int(declared) > MOST_BYTES + AROUND:
        problem = too_large("").message
        shown = partial(_page, request, context, who, status=413, problem=problem)
        return await run_in_threadpool(shown)
    with place_for(request, who.name):
        async with (
            request.form(max_files=1, max_fields=4, max_part_size=AROUND) as form,
            watched(request) as gone,  # once all of the request is here
        ):
            return await read_in_turn(request, _keep, request, context, who, form, gone)


def _keep(
    request: Request, context: Context, who: SignedIn, form: FormData, gone: Event
) -> Response:
    file, day = form.get("file"), form.get("day")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise UsageError("choose a file first")
        kept = keep_upload(
            context,
            own_office(who),
            file.filename,
            file.file,
            parse_date(str(day)[:40]) if day else None,
            is_gone=gone.is_set,
        )
    except (UsageError, CannotProceed) as error:
        return _page(request, context, who, status=400, problem=error.message)
    return RedirectResponse(f"/reports/uploads/{kept.token}", status_code=303)


@router.post("/reports/zero")
def zero(context: Workspace, day: Word, who: SignedIn = OFFICES) -> Response:
    """Note that the office had no case on a day."""
    on = report_day(context, parse_date(str(day)[:40]))
    report_zero(context, own_office(who), on)
    return RedirectResponse(f"/reports?month={month_of(on)}#today", status_code=303)


@router.post("/reports/zero/undo")
def undo_zero(request: Request, context: Workspace, day: Word, who: SignedIn = OFFICES) -> Response:
    """Take a zero report back that was made a short while ago."""
    on = parse_date(str(day)[:40])
    try:
        take_zero_back(context, own_office(who), on)
    except CannotProceed as error:
        return _page(request, context, who, status=409, problem=error.message)
    return RedirectResponse(f"/reports?month={month_of(on)}#today", status_code=303)


@router.get("/reports/months/{month}")
def month_page(
    request: Request, context: Workspace, month: str, who: SignedIn = OFFICES
) -> Response:
    """Show a closed month."""
    return _month_page(request, context, who, month)


@router.post("/reports/months/{month}/objections")
def object_to_month(
    request: Request, context: Workspace, month: str, text: Said, who: SignedIn = OFFICES
) -> Response:
    """Note an objection to a closed month."""
    closed_month(context, own_office(who), month)
    try:
        add_objection(context, own_office(who), text=text, month=month)
    except (UsageError, TooManyObjections) as error:
        return _month_page(
            request, context, who, month, status=400, problem=error.message, text=text
        )
    return RedirectResponse(f"/reports/months/{month}#objections", status_code=303)


@router.post("/reports/objections")
def object_to_record(  # noqa: PLR0917 - what the form holds
    request: Request,
    context: Workspace,
    kind: Word,
    text: Said,
    number: Word = "",
    year: Word = "",
    who: SignedIn = OFFICES,
) -> Response:
    """Note an objection to a line of the year."""
    written = {"kind": kind, "number": number, "year": year, "text": text}
    try:
        _object(context, read_office(context, own_office(who)), written)
    except (UsageError, CannotProceed) as error:
        return _page(
            request, context, who, status=400, objection=written, objection_problem=error.message
        )
    return RedirectResponse("/reports#objections", status_code=303)


def _object(context: Context, office: OfficeView, written: Mapping[str, str]) -> ListedObjection:
    kind = next((one for one in OBJECTED_TO if one.value == written["kind"]), None)
    if kind is None:
        raise UsageError("say what the objection is to")
    number, year = as_key(written["number"]), as_key(written["year"])
    if kind in NUMBERED and not number:
        raise UsageError("give the record's number")
    if year and not (year.isascii() and year.isdigit() and len(year) == 4):
        raise UsageError("{year} is no year; write 2023", year=year)
    of_year = kind not in (RecordKind.SUPERVISION, RecordKind.HOTLINE)
    try:
        return add_objection(
            context,
            office.office_code,
            text=written["text"],
            record=(kind, _key(kind, office, number)),
            year=int(year) if year and of_year else None,
        )
    except TooManyObjections:
        raise
    except CannotProceed as error:  # whether it is somebody else's is nobody's business
        raise UnknownRecord(
            "there is no such record that concerns {code}", code=office.office_code
        ) from error


def _key(kind: RecordKind, office: OfficeView, number: str) -> str:
    if kind is RecordKind.AWARDS:
        return f"{number}/{office.office_code}"
    if kind is RecordKind.HOTLINE_RANK:
        return office.parent_code
    return number if kind in NUMBERED else office.office_code


def _page(
    request: Request,
    context: Context,
    who: SignedIn,
    *,
    status: int = 200,
    month: str = "",
    **said: Any,
) -> Response:
    """Render the office's page; `said` is what a form was answered, and what stood in it."""
    code, today = own_office(who), context.today()
    if not (_MONTH.fullmatch(month) and "2000-01" <= month <= month_of(today)):
        month = month_of(today)
    locale, oldest = locale_of(request), today - timedelta(context.settings.intake.max_age_days)
    late = [reported_month(context, code, one) for one in months_between(oldest, today)]
    names = get_day_names("abbreviated", locale=locale)
    uploads = list_uploads(context, code)
    unsaid = {"kind": "", "number": "", "year": str(today.year), "text": ""}
    return render(
        request,
        "reports.html",
        status=status,
        office=read_office(context, code),
        today=late[-1].days[today.day - 1],
        oldest=oldest,
        most=MOST_BYTES,
        uploads=uploads,
        kept_until=_kept_until(context, uploads),
        fresh=fresh_zero_reports(context, code),
        fresh_for=TAKEN_BACK_WITHIN.seconds // 60,
        shown=reported_month(context, code, month),
        gaps=[day for one in reversed(late) for day in one.missing if day >= oldest],
        before=month_of(first_day(month) - ONE_DAY),
        after=month_of(last_day(month) + ONE_DAY) if month < month_of(today) else None,
        weekdays=[names[place] for place in range(7)],
        states=DayState,
        month_name=partial(_month_name, locale),
        months=closed_months(context, code),
        own_years=lines_of_years(context, code),
        least=context.settings.privacy.min_cell,
        objections=list_objections(context, office_code=code)[::-1],
        kinds=[(one.value, KINDS[one]) for one in OBJECTED_TO],
        words=_WORDS,
        **{"problem": None, "objection": unsaid, "objection_problem": None, **said},
    )


def _kept_until(context: Context, uploads: Sequence[Upload]) -> date | None:
    """Return the day on which the oldest of the files is deleted."""
    days = context.settings.privacy.undrawn_retention_days
    came = [context.calendar.day(one.at) for one in uploads]
    return min(came) + timedelta(days=days) if came else None


def _month_page(
    request: Request,
    context: Context,
    who: SignedIn,
    month: str,
    *,
    status: int = 200,
    problem: Message | None = None,
    text: str = "",
) -> Response:
    code = own_office(who)
    found = closed_month(context, code, month)
    return render(
        request,
        "report_month.html",
        status=status,
        office=read_office(context, code),
        score=found,
        own=lines_of_month(context, code, month, found.version) if found.whole else [],
        reasons=sorted(found.reasons.items(), key=lambda one: -one[1]),
        objections=[
            one for one in list_objections(context, office_code=code) if one.month == month
        ],
        problem=problem,
        text=text,
        month_name=partial(_month_name, locale_of(request)),
        words=_WORDS,
    )


_WORDS = {
    "kinds": KINDS,
    "decisions": OBJECTION_DECISIONS,
    "reasons": DISSATISFIED_WITH,
    "ratings": RATINGS,
}


def _month_name(locale: str, month: str) -> str:
    return format_skeleton("yMMMM", first_day(month), locale=locale)
