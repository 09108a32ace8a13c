"""`/reports/hotline`: an office's own statement of a hotline quarter."""

from fastapi import APIRouter, Request, Response

from survey_pipeline.appraisal import hotline_statements
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.pages.hotline_quarters import OfYear, parse_quarter, statement_values
from survey_pipeline.web.pages.office_uploads import office_of_user
from survey_pipeline.web.rendering.page import render

router = APIRouter(include_in_schema=False)


@router.get("/reports/hotline/{quarter}")
def own_statement(
    request: Request, context: Workspace, who: User, quarter: str, year: OfYear = None
) -> Response:
    """Show the office its own statement, never another's."""
    report = hotline_statements(context, parse_quarter(quarter), year, office_of_user(who))
    values = statement_values(request, context, report)
    return render(request, "hotline_statement.html", **values, back="/reports#hotline")
