"""`/scores/files`: every export as a download; the audit log records who took which file."""

from fastapi import APIRouter, Request, Response

from survey_pipeline.appraisal import hotline_statements
from survey_pipeline.reports.month_report import read_month
from survey_pipeline.reports.survey_figures.outcome_rates import outcome_rates
from survey_pipeline.stages.export.downloads import (
    take_answers,
    take_month,
    take_outcomes,
    take_statements,
    take_year,
)
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.hotline_quarters import parse_quarter
from survey_pipeline.web.pages.parameters import Version, Year, parse_month
from survey_pipeline.web.pages.passing_files import send_file
from survey_pipeline.web.rendering.page import locale_of

router = APIRouter(include_in_schema=False)


@router.get("/scores/files/month/{month}/{version}/{form}")
def month_file(
    request: Request, context: Workspace, month: str, version: Version, form: str
) -> Response:
    """Answer a stored month's scores, in the visitor's language."""
    locale = locale_of(request)
    wanted = parse_month(month)
    return send_file(
        context, lambda folder: take_month(context, wanted, version, form, locale, folder)
    )


@router.get("/scores/files/outcomes/{month}/{version}")
def outcomes_file(request: Request, context: Workspace, month: str, version: Version) -> Response:
    """Answer a stored month's outcome codes, for statisticians, in the visitor's language."""
    locale = locale_of(request)
    figures = outcome_rates(context, read_month(context, parse_month(month), version))
    return send_file(
        context, lambda folder: take_outcomes(context, figures, "xlsx", locale, folder)
    )


@router.get("/scores/files/year/{year}/{version}/{form}")
def year_file(
    request: Request, context: Workspace, year: Year, version: Version, form: str
) -> Response:
    """Answer a stored year's scores, in the visitor's language."""
    locale = locale_of(request)
    return send_file(
        context, lambda folder: take_year(context, year, version, form, locale, folder)
    )


@router.get("/scores/files/hotline/{year}/{quarter}/{form}")
def statements_file(
    request: Request, context: Workspace, year: Year, quarter: str, form: str
) -> Response:
    """Answer the statements of a hotline quarter, in the visitor's language."""
    locale = locale_of(request)
    report = hotline_statements(context, parse_quarter(quarter), year)
    return send_file(context, lambda folder: take_statements(context, report, form, locale, folder))


@router.get("/scores/files/answers/{month}/{form}")
def answers_file(context: Workspace, month: str, form: str) -> Response:
    """Answer a month's answers, a row per drawn case under a pseudonym."""
    wanted = parse_month(month)
    return send_file(context, lambda folder: take_answers(context, wanted, form, folder))
