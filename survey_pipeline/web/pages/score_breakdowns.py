"""`/scores/breakdowns`: ratings by channel, subject type, item and department."""

from fastapi import APIRouter, Request, Response

from survey_pipeline.i18n import Message
from survey_pipeline.reports.breakdowns import (
    EXPLAINED,
    HEADINGS,
    Breakdowns,
    month_breakdowns,
    year_breakdowns,
)
from survey_pipeline.stages.export.downloads import take_breakdowns
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.months import month_writer
from survey_pipeline.web.pages.parameters import Year, parse_month
from survey_pipeline.web.pages.passing_files import send_file
from survey_pipeline.web.rendering.page import locale_of, render

router = APIRouter(include_in_schema=False)


@router.get("/scores/breakdowns/month/{month}")
def month_page(request: Request, context: Workspace, month: str) -> Response:
    """Show a month's groups."""
    return _page(request, month_breakdowns(context, parse_month(month)))


@router.get("/scores/breakdowns/year/{year}")
def year_page(request: Request, context: Workspace, year: Year) -> Response:
    """Show a year's groups, up to today."""
    return _page(request, year_breakdowns(context, year))


@router.get("/scores/breakdowns/month/{month}/{form}")
def month_file(request: Request, context: Workspace, month: str, form: str) -> Response:
    """Answer a month's groups as a file, in the visitor's language."""
    found = month_breakdowns(context, parse_month(month))
    locale = locale_of(request)
    return send_file(context, lambda folder: take_breakdowns(context, found, form, locale, folder))


@router.get("/scores/breakdowns/year/{year}/{form}")
def year_file(request: Request, context: Workspace, year: Year, form: str) -> Response:
    """Answer a year's groups as a file, in the visitor's language."""
    found, locale = year_breakdowns(context, year), locale_of(request)
    return send_file(context, lambda folder: take_breakdowns(context, found, form, locale, folder))


def _page(request: Request, found: Breakdowns) -> Response:
    return render(
        request,
        "score_breakdowns.html",
        found=found,
        explained=[Message(text) for text in EXPLAINED],
        headings=HEADINGS,
        month=None if found.is_year else found.period,
        year=found.period if found.is_year else None,
        period=month_writer(request),
    )
