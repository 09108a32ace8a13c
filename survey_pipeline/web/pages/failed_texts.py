"""`/day/failed`: texts that failed or were not delivered, by office, down to the cases."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from survey_pipeline.context import Context
from survey_pipeline.errors import UsageError
from survey_pipeline.reports.failed_texts import FailedTextFilter, failed_by_office, failed_cases
from survey_pipeline.reports.reported_days import read_office
from survey_pipeline.reports.text_groups import title_of_group
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.parameters import Day, parse_day, parse_key
from survey_pipeline.web.rendering.page import render

MONTH = "month"
"""The span from the first day of the month to the day; without it, the day only."""

Word = Annotated[str, Query(max_length=60)]

router = APIRouter(include_in_schema=False)


@router.get("/day/failed")
def failed_page(
    request: Request, context: Workspace, on: Day = "", group: Word = "", span: Word = ""
) -> Response:
    """Show the offices whose texts failed or were not delivered."""
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
def failed_cases_page(  # noqa: PLR0917 - the parameters of the address
    request: Request,
    context: Workspace,
    office_code: str,
    on: Day = "",
    group: Word = "",
    span: Word = "",
    before: Word = "",
) -> Response:
    """Show an office's cases whose texts failed or were not delivered, with masked numbers."""
    day, wanted = _wanted(context, on, group, span)
    return render(
        request,
        "failed_cases.html",
        day=day,
        span=span,
        wanted=wanted,
        title=title_of_group(group),
        office=read_office(context, office_code),
        page=failed_cases(
            context, wanted, office_code, before=parse_key(before) if before else None
        ),
    )


def _wanted(context: Context, on: str, group: str, span: str) -> tuple[date, FailedTextFilter]:
    day = parse_day(context, on)
    if span not in ("", MONTH):
        raise UsageError("there is no span {name}", name=span)
    return day, FailedTextFilter(day.replace(day=1) if span else day, day, group)
