"""`/deliver/forms/...`: a body enters its delivery in a form instead of a file.

What is entered is written as a file of its kind and goes through the same rehearsal and import, so
that a form knows no rules of its own. If a row is refused, nothing is stored, and the form comes
back with what was entered.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports.deadlines import Deadline
from survey_pipeline.reports.delivered_values import (
    DeliveredRow,
    appraised_now,
    delivered_rows,
    names_of,
)
from survey_pipeline.stages.intake.judging.grade_quota import grade_bounds, quota_problem
from survey_pipeline.stages.intake.kinds import KINDS as FILE_KINDS
from survey_pipeline.stages.intake.kinds.satisfaction_kind import COUNTS
from survey_pipeline.stages.intake.scope import Scope
from survey_pipeline.stages.intake.uploads.upload import Declaration
from survey_pipeline.standard.load import FOLDER, standard_for
from survey_pipeline.vocabulary import Duty, Grade, RecordKind
from survey_pipeline.vocabulary.record_names import GRADES, KINDS
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.body_of_user import DeliveringBody, delivering_body
from survey_pipeline.web.deliverable import is_inside, scope_of
from survey_pipeline.web.pages.deliver import deadlines_of, links_of
from survey_pipeline.web.pages.deliver_files import parse_year
from survey_pipeline.web.pages.entered_rows import records_of, store_entered
from survey_pipeline.web.pages.form_fields import choices_of, own_columns
from survey_pipeline.web.pages.parameters import parse_month
from survey_pipeline.web.rendering.page import locale_of, render

ENTERED: Mapping[RecordKind, Sequence[str]] = {
    RecordKind.PERFORMANCE: ("points",),
    RecordKind.PARENT_POINTS: ("points",),
    RecordKind.PARENT_GRADES: ("grade",),
    RecordKind.HOTLINE_RANK: ("rank",),
    RecordKind.SATISFACTION: COUNTS,
}
"""The columns that are entered in a table, a row for every office or department."""
DUTIES = {
    RecordKind.SATISFACTION: Duty.SATISFACTION,
    RecordKind.PERFORMANCE: Duty.PERFORMANCE,
    RecordKind.PARENT_POINTS: Duty.PARENT_RATING,
    RecordKind.PARENT_GRADES: Duty.PARENT_RATING,
    RecordKind.HOTLINE_RANK: Duty.HOTLINE_RANK,
    RecordKind.FILINGS: Duty.SELF_CHECK,
    RecordKind.HOTLINE: Duty.HOTLINE,
}
MOST_FIELDS, MOST_BYTES = 20_000, 4 << 20
LONGEST = 2_000

Period = Annotated[str, Query(max_length=20)]

router = APIRouter(include_in_schema=False)


@router.get("/deliver/forms/{kind}")
def form_page(
    request: Request,
    context: Workspace,
    who: User,
    kind: str,
    year: Period = "",
    month: Period = "",
) -> Response:
    """Show the form of a kind, filled in with what is on record."""
    return _page(request, context, who, kind, {"year": year, "month": month})


@router.post("/deliver/forms/{kind}")
async def enter(request: Request, context: Workspace, who: User, kind: str) -> Response:
    """Store what was entered, if no row of it is refused."""
    async with request.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=MOST_BYTES) as form:
        entered = {name: str(value)[:LONGEST].strip() for name, value in form.items()}
        return await run_in_threadpool(_enter, request, context, who, kind, entered)


@router.post("/deliver/forms/{kind}/check")
async def check_quota(request: Request, context: Workspace, who: User, kind: str) -> Response:
    """Answer whether the grades chosen so far keep the bounds; stores nothing."""
    async with request.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=MOST_BYTES) as form:
        return await run_in_threadpool(_check, request, context, who, kind, form)


def _check(
    request: Request, context: Context, who: SignedIn, kind: str, form: FormData
) -> Response:
    known, scope = scope_of(context, who, kind)
    if known is not RecordKind.PARENT_GRADES:
        raise UnknownRecord("you bring no files of this kind")
    codes = _names(context, known, scope, delivering_body(context, who))
    chosen = {code: str(form.get(f"grade.{code}") or "") for code in codes}
    year = _year(context, str(form.get("year") or "")[:40])
    return render(request, "_quota.html", quota=_quota(context, year, chosen))


def _enter(
    request: Request, context: Context, who: SignedIn, name: str, entered: Mapping[str, str]
) -> Response:
    kind, scope = scope_of(context, who, name)
    rows = _rows(context, kind, who, entered)
    try:
        year = _year(context, entered.get("year", "")) if FILE_KINDS[kind].yearly else None
        problems = store_entered(context, scope, Declaration(kind, year=year), rows)
    except (UsageError, CannotProceed) as error:
        problems = [("", error.message)]
    if problems:
        return _page(request, context, who, name, entered, problems)
    periods = {part: entered[part] for part in ("year", "month") if entered.get(part)}
    query = urlencode({**periods, "saved": "1"})
    return RedirectResponse(f"/deliver/forms/{kind.value}?{query}", status_code=303)


def _rows(
    context: Context, kind: RecordKind, who: SignedIn, entered: Mapping[str, str]
) -> list[dict[str, str]]:
    body = delivering_body(context, who)
    fixed = {"month": entered.get("month", "")}
    if body.agency is not None:
        fixed["source"] = body.agency.key
    if kind not in ENTERED:
        own = {"parent_code": body.parent_code} if body.parent_code else {}
        return records_of(kind, {**entered, **own}) if any(entered.values()) else []
    key, found = FILE_KINDS[kind].key[0], dict[str, dict[str, str]]()
    for name, text in entered.items():
        column, _, code = name.partition(".")
        if text and code and column in ENTERED[kind]:
            found.setdefault(code, {})[column] = text
    return [{**fixed, key: code, **values} for code, values in found.items()]


def _page(
    request: Request,
    context: Context,
    who: SignedIn,
    name: str,
    entered: Mapping[str, str],
    problems: Sequence[tuple[str, Message]] = (),
) -> Response:
    kind, scope = scope_of(context, who, name)
    body = delivering_body(context, who)
    owed = _first_open(context, body, kind)
    year, month = _periods(context, owed, entered, is_refused=bool(problems))
    values: dict[str, Any] = {
        "body": body,
        "links": links_of(body),
        "kind": kind.value,
        "heading": KINDS[kind],
        "monthly": kind is RecordKind.SATISFACTION,
        "year": year,
        "month": month,
        "entered": entered,
        "problems": problems,
        "saved": "saved" in request.query_params,
        "today": context.today(),
    }
    if kind in ENTERED:
        names = _names(context, kind, scope, body)
        values |= _table(context, kind, names, month if values["monthly"] else str(year))
        if kind is RecordKind.PARENT_GRADES:
            chosen = {row.code: _shown(entered, "grade", row) for row in values["rows"]}
            values["quota"] = _quota(context, year, chosen)
        return render(
            request, "deliver_table.html", status=status_of(problems), shown=_shown, **values
        )
    is_award = kind is RecordKind.AWARDS
    return render(
        request,
        "deliver_record.html",
        status=status_of(problems),
        columns=own_columns(kind, locale_of(request)),
        offices=_names(context, kind, scope, body) if is_award else {},
        choices=choices_of(context, year, locale_of(request)),
        **values,
    )


def _first_open(context: Context, body: DeliveringBody, kind: RecordKind) -> Deadline | None:
    """Return the oldest deadline of a kind that is not met: the form opens with its period."""
    return next(
        (
            deadline
            for deadline in deadlines_of(context, body)
            if deadline.is_open and deadline.term.duty is DUTIES.get(kind)
        ),
        None,
    )


def _periods(
    context: Context, owed: Deadline | None, entered: Mapping[str, str], *, is_refused: bool
) -> tuple[int, str]:
    """Return the year and the month of a form: those asked for, else those first owed.

    Raises:
        UsageError: they are none; a form that is refused all the same shows the ones owed.
    """
    usual = owed.term.year if owed else context.standard_on(context.today()).standard.year
    usual_month = _month_of(owed) or f"{context.today():%Y-%m}"
    try:
        year = parse_year(entered.get("year", "")) or usual
        return year, parse_month(entered.get("month") or usual_month)
    except UsageError:
        if is_refused:
            return usual, usual_month
        raise


def _month_of(owed: Deadline | None) -> str:
    return owed.term.period.name if owed is not None and owed.term.rule.every == "month" else ""


def status_of(problems: Sequence[tuple[str, Message]]) -> int:
    """Return the status of a form's page."""
    return 400 if problems else 200


def _table(
    context: Context, kind: RecordKind, names: Mapping[str, str], period: str
) -> dict[str, Any]:
    columns = [FILE_KINDS[kind].column(name) for name in ENTERED[kind]]
    return {
        "rows": delivered_rows(context, kind, names, period),
        "columns": [(column.name, column.labels[0]) for column in columns],
        "grades": GRADES,
        "quota": None,
    }


def _shown(entered: Mapping[str, str], column: str, row: DeliveredRow) -> str:
    return entered.get(f"{column}.{row.code}", row.values.get(column, ""))


def _names(
    context: Context, kind: RecordKind, scope: Scope, body: DeliveringBody
) -> dict[str, str]:
    offices = [
        office for office in appraised_now(context) if is_inside(scope, kind, office, body.agency)
    ]
    return names_of(kind, offices)


def _quota(context: Context, year: int, chosen: Mapping[str, str]) -> dict[str, Any]:
    rating = standard_for(year, context.settings.standards, context.home / FOLDER).standard
    given = {grade.value: list(chosen.values()).count(grade.value) for grade in Grade}
    broken = quota_problem(rating.parent_rating, len(chosen), given)
    return {
        "offices": len(chosen),
        "bounds": grade_bounds(rating.parent_rating, len(chosen)),
        "given": given,
        "problem": broken[1] if broken else None,
    }


def _year(context: Context, text: str) -> int:
    return parse_year(text) or context.standard_on(context.today()).standard.year
