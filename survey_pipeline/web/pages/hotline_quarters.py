"""`/scores/hotline`: the statements of a hotline quarter, all offices and one by one."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.appraisal import hotline_statements
from survey_pipeline.context import Context
from survey_pipeline.errors import UsageError
from survey_pipeline.reports.hotline_statements import QuarterStatements, quarters_so_far
from survey_pipeline.stages.export.hotline_data import statements_document
from survey_pipeline.stages.export.hotline_workbook import marks_of
from survey_pipeline.standard.quarters import read_quarter
from survey_pipeline.vocabulary.names import CATEGORIES
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.parameters import FIRST_YEAR, LAST_YEAR
from survey_pipeline.web.rendering.page import locale_of, render

OfYear = Annotated[int | None, Query(alias="year", ge=FIRST_YEAR, le=LAST_YEAR)]
"""The appraisal year, for a quarter that two of them share."""

router = APIRouter(include_in_schema=False)


@router.get("/scores/hotline")
def newest_quarter(context: Workspace) -> Response:
    """Redirect to the newest quarter of the present appraisal year."""
    year = context.standard_on(context.today()).standard.year
    newest = quarters_so_far(context, year)[0]
    return RedirectResponse(f"/scores/hotline/{newest.name}?year={year}", status_code=303)


@router.get("/scores/hotline/{quarter}")
def quarter_page(
    request: Request, context: Workspace, quarter: str, year: OfYear = None
) -> Response:
    """Show a quarter: the offices with a record, or on which the year has taken something."""
    report = hotline_statements(context, parse_quarter(quarter), year)
    shown = report.with_deductions()
    return render(
        request,
        "hotline_quarter.html",
        **statement_values(request, context, report),
        statements=shown,
        without=len(report.statements) - len(shown),
        caps=report.in_force.standard.hotline.caps,
        categories=CATEGORIES,
    )


@router.get("/scores/hotline/{quarter}/{office_code:path}")
def statement_page(
    request: Request, context: Workspace, quarter: str, office_code: str, year: OfYear = None
) -> Response:
    """Show one office's statement."""
    report = hotline_statements(context, parse_quarter(quarter), year, office_code)
    back = f"/scores/hotline/{report.period.name}?year={report.year}"
    values = statement_values(request, context, report)
    return render(request, "hotline_statement.html", **values, back=back)


def statement_values(
    request: Request, context: Context, report: QuarterStatements
) -> dict[str, Any]:
    """Return what the pages of a quarter show of it, for analysts and for offices."""
    return {
        "report": report,
        "period": report.period,
        "year": report.year,
        "marks": marks_of(report),
        "document": statements_document(report, locale_of(request)),
        "quarters": quarters_so_far(context, report.year),
    }


def parse_quarter(text: str) -> str:
    """Read `2023-Q1`.

    Raises:
        UsageError: it is no quarter.
    """
    quarter = read_quarter(text[:40])
    if quarter is None or not FIRST_YEAR <= int(quarter.partition("-")[0]) <= LAST_YEAR:
        raise UsageError("{quarter} is no quarter; write 2023-Q1", quarter=text[:40])
    return quarter
