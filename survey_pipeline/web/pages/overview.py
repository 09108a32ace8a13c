"""`/overview`: closed months in figures for a leader, read only."""

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from survey_pipeline.context import Context
from survey_pipeline.errors import UsageError
from survey_pipeline.i18n import translate
from survey_pipeline.reports.closed_offices import months_closed
from survey_pipeline.reports.leader_overview import (
    MonthOverview,
    month_overview,
    year_overview,
)
from survey_pipeline.vocabulary.names import CATEGORIES
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.chart_data import overview_drawings
from survey_pipeline.web.pages.months import month_writer
from survey_pipeline.web.pages.parameters import parse_month
from survey_pipeline.web.rendering.page import locale_of, render

LINE = "80"
"""Per cent; offices with a lower rate are listed unless another line is chosen."""
SHOWN = 40
"""Offices below the line that are shown at once; the others are folded."""

MonthName = Annotated[str, Query(alias="month", max_length=20)]
Line = Annotated[str, Query(max_length=10)]

router = APIRouter(include_in_schema=False)


@router.get("/overview")
def overview_page(
    request: Request, context: Workspace, asked: MonthName = "", below: Line = LINE
) -> Response:
    """Show a closed month, and the appraisal year up to it."""
    months = months_closed(context)
    month = parse_month(asked) if asked else next(iter(months), "")
    line = _parse_line(below)
    found = month_overview(context, month) if month else None
    return render(
        request,
        "overview.html",
        month=month,
        months=months,
        below=below,
        period=month_writer(request),
        categories=CATEGORIES,
        shown=SHOWN,
        overview=found,
        **(_figures(request, context, found, line) if found else {}),
    )


def _figures(
    request: Request, context: Context, found: MonthOverview, line: Decimal
) -> dict[str, Any]:
    locale = locale_of(request)
    year, groups = year_overview(context, found.month)
    named = [
        (translate(CATEGORIES[part.now.key], locale), part.now.share) for part in found.categories
    ]
    return {
        "year": year,
        "year_groups": groups,
        "low": found.below(line),
        "drawings": overview_drawings(found.trend, named, locale),
    }


def _parse_line(text: str) -> Decimal:
    """Read a share in per cent, as 0 to 1.

    Raises:
        UsageError: it is no number from 0 to 100.
    """
    number = text.strip().rstrip("%％").strip()
    whole, _, rest = number.partition(".")
    if not (number.isascii() and f"{whole}{rest}".isdigit() and Decimal(number) <= 100):
        raise UsageError("{line} is no share; write a number from 0 to 100", line=text)
    return Decimal(number) / 100
