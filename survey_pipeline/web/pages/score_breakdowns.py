"""`/scores/breakdowns`: ratings by channel, subject type, item and department."""

from fastapi import APIRouter, Request, Response

from survey_pipeline.reports.breakdowns import HEADINGS, breakdowns
from survey_pipeline.stages.satisfaction.year import window_months
from survey_pipeline.standard import standard_for, standard_of_month
from survey_pipeline.standard.load import FOLDER
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.months import month_writer
from survey_pipeline.web.pages.parameters import Year, parse_month
from survey_pipeline.web.rendering.page import render

router = APIRouter(include_in_schema=False)


@router.get("/scores/breakdowns/month/{month}")
def month_page(request: Request, context: Workspace, month: str) -> Response:
    """Show a month's groups."""
    wanted = parse_month(month)
    in_force = standard_of_month(wanted, context.settings.standards, context.home / FOLDER)
    found = breakdowns(context, [wanted], in_force.standard.satisfaction)
    return render(
        request,
        "score_breakdowns.html",
        tables=found,
        headings=HEADINGS,
        month=wanted,
        year=None,
        period=month_writer(request),
    )


@router.get("/scores/breakdowns/year/{year}")
def year_page(request: Request, context: Workspace, year: Year) -> Response:
    """Show a year's groups, up to today."""
    standard = standard_for(year, context.settings.standards, context.home / FOLDER).standard
    months = window_months(standard.window, min(context.today(), standard.window.until))
    return render(
        request,
        "score_breakdowns.html",
        tables=breakdowns(context, months, standard.satisfaction),
        headings=HEADINGS,
        month=None,
        year=year,
        period=month_writer(request),
    )
