"""`/organise/year`: an appraisal year at a glance, and its deadlines as a calendar."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.adoption import in_force, local_decisions
from survey_pipeline.calendar import ONE_DAY, first_day, month_of, next_month
from survey_pipeline.context import Context
from survey_pipeline.reports import stored_scores
from survey_pipeline.reports.deadlines.wording import MOST_NAMES
from survey_pipeline.reports.deadlines.year_calendar import read_year_calendar
from survey_pipeline.stages.review import review_status
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.months import month_writer
from survey_pipeline.web.pages.parameters import FIRST_YEAR, LAST_YEAR, Year, parse_month
from survey_pipeline.web.rendering.page import render

MonthText = Annotated[str, Query(alias="month", max_length=10)]
YearText = Annotated[int, Query(alias="year", ge=FIRST_YEAR, le=LAST_YEAR)]

router = APIRouter(include_in_schema=False)


@router.get("/organise/year")
def present_year(context: Workspace, year: YearText | None = None) -> Response:
    """Lead to the chosen appraisal year, else to the one in force today."""
    chosen = year or in_force(context, None).standard.year
    return RedirectResponse(f"/organise/year/{chosen}", status_code=303)


@router.get("/organise/year/{year}")
def year_desk(request: Request, context: Workspace, year: Year) -> Response:
    """Show where each part of a year stands, and lead to it."""
    current = in_force(context, year)
    local = local_decisions(current.standard)
    return render(
        request,
        "year_desk.html",
        year=year,
        years=_years(context, year),
        standard=current.standard,
        provisional=current.provisional,
        decisions=len(local),
        unadopted=sum(found.entry.is_default for found in local),
        head=stored_scores.year_head(context, year),
        review=review_status(context, year),
    )


@router.get("/organise/year/{year}/calendar")
def calendar_page(
    request: Request, context: Workspace, year: Year, month: MonthText = ""
) -> Response:
    """Show a month of a year's deadlines, and how many there are in each month."""
    calendar = read_year_calendar(context, year)
    chosen = parse_month(month) if month else calendar.month_of_day(context.today())
    return render(
        request,
        "year_calendar.html",
        year=year,
        calendar=calendar,
        month=chosen,
        weeks=calendar.weeks_of(chosen),
        before=month_of(first_day(chosen) - ONE_DAY),
        after=month_of(next_month(first_day(chosen))),
        today=context.today(),
        most_names=MOST_NAMES,
        month_name=month_writer(request),
    )


def _years(context: Context, year: int) -> list[int]:
    """Return the years to choose from: those with a standard or a score, this one and the next."""
    present = in_force(context, None).standard.year
    known = {year, present, present + 1, *context.settings.standards}
    return sorted({*known, *stored_scores.scored_years(context)}, reverse=True)
