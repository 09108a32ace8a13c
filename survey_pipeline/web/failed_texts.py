"""`/day/failed`: texts that failed or were not delivered, by office, down to the cases."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord, UsageError
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports.failed_texts import FailedTextFilter, failed_by_office, failed_cases
from survey_pipeline.reports.reported_days import read_office
from survey_pipeline.reports.text_groups import title_of_group
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.access import Workspace, allowed
from survey_pipeline.web.day import Day, parse_day
from survey_pipeline.web.pages import render

OPERATORS = allowed(Role.OPERATOR, Role.ADMIN)
MONTH = "month"
"""The span from the month's first day to the day; else the day alone."""
LARGEST_KEY = 1 << 62

Asked = Annotated[str, Query(max_length=60)]

router = APIRouter(include_in_schema=False)


@router.get("/day/failed")
def failed_page(
    request: Request,
    context: Workspace,
    on: Day = "",
    group: Asked = "",
    span: Asked = "",
    who: SignedIn = OPERATORS,
) -> Response:
    """Show the offices whose texts ended badly."""
    day, wanted = _wanted(context, on, group, span)
    return render(
        request,
        "failed_texts.html",
        day=day,
        span=span,
        wanted=wanted,
        title=title_of_group(group),
        offices=failed_by_office(context, wanted),
    )


@router.get("/day/failed/{office_code:path}")
def failed_cases_page(  # noqa: PLR0913, PLR0917 - what the address holds
    request: Request,
    context: Workspace,
    office_code: str,
    on: Day = "",
    group: Asked = "",
    span: Asked = "",
    before: Asked = "",
    who: SignedIn = OPERATORS,
) -> Response:
    """Show an office's cases whose texts ended badly, their numbers masked."""
    day, wanted = _wanted(context, on, group, span)
    return render(
        request,
        "failed_cases.html",
        day=day,
        span=span,
        wanted=wanted,
        title=title_of_group(group),
        office=read_office(context, office_code),
        page=failed_cases(context, wanted, office_code, before=_key(before)),
    )


def _wanted(context: Context, on: str, group: str, span: str) -> tuple[date, FailedTextFilter]:
    day = parse_day(context, on)
    if span not in ("", MONTH):
        raise UsageError("there is no span {name}", name=span)
    return day, FailedTextFilter(day.replace(day=1) if span else day, day, group)


def _key(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) < LARGEST_KEY):
        raise UnknownRecord("there is no entry {number}", number=text)
    return int(text)
