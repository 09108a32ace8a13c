"""`/scores/papers`: notices, statements and reminders as downloads; `/reports/papers`: one's own.

The audit log records who took which file.
"""

from fastapi import APIRouter, Request, Response

from survey_pipeline.papers.taking import (
    take_all_statements,
    take_notice,
    take_own_statement,
    take_reminder,
    take_statement,
)
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.pages.office_uploads import office_of_user
from survey_pipeline.web.pages.parameters import Day, Version, Year, parse_day, parse_month
from survey_pipeline.web.pages.passing_files import send_file
from survey_pipeline.web.rendering.page import locale_of

router = APIRouter(include_in_schema=False)
own = APIRouter(include_in_schema=False)


@router.get("/scores/papers/notice/month/{month}/{version}/{form}")
def month_notice(
    request: Request, context: Workspace, month: str, version: Version, form: str
) -> Response:
    """Answer the notice of a stored month, in the visitor's language."""
    locale, wanted = locale_of(request), parse_month(month)
    return send_file(
        context, lambda folder: take_notice(context, wanted, version, form, locale, folder)
    )


@router.get("/scores/papers/notice/year/{year}/{version}/{form}")
def year_notice(
    request: Request, context: Workspace, year: Year, version: Version, form: str
) -> Response:
    """Answer the notice of a stored year, in the visitor's language."""
    locale = locale_of(request)
    return send_file(
        context, lambda folder: take_notice(context, year, version, form, locale, folder)
    )


@router.get("/scores/papers/statements/month/{month}")
def month_statements(request: Request, context: Workspace, month: str) -> Response:
    """Answer all offices' statements of a closed month, in one archive."""
    locale, wanted = locale_of(request), parse_month(month)
    return send_file(context, lambda folder: take_all_statements(context, wanted, locale, folder))


@router.get("/scores/papers/statements/year/{year}")
def year_statements(request: Request, context: Workspace, year: Year) -> Response:
    """Answer all offices' statements of a year, in one archive."""
    locale = locale_of(request)
    return send_file(context, lambda folder: take_all_statements(context, year, locale, folder))


@router.get("/scores/papers/statement/month/{month}/{form}/{office_code:path}")
def month_statement(
    request: Request, context: Workspace, month: str, form: str, office_code: str
) -> Response:
    """Answer an office's statement of a closed month."""
    locale, wanted = locale_of(request), parse_month(month)
    return send_file(
        context, lambda folder: take_statement(context, wanted, office_code, form, locale, folder)
    )


@router.get("/scores/papers/statement/year/{year}/{form}/{office_code:path}")
def year_statement(
    request: Request, context: Workspace, year: Year, form: str, office_code: str
) -> Response:
    """Answer an office's statement of a year."""
    locale = locale_of(request)
    return send_file(
        context, lambda folder: take_statement(context, year, office_code, form, locale, folder)
    )


@router.get("/scores/papers/reminder/{form}")
def reminder(request: Request, context: Workspace, form: str, day: Day = "") -> Response:
    """Answer the reminder of a day."""
    locale, wanted = locale_of(request), parse_day(context, day)
    return send_file(context, lambda folder: take_reminder(context, wanted, form, locale, folder))


@own.get("/reports/papers/month/{month}/{form}")
def own_month_statement(
    request: Request, context: Workspace, who: User, month: str, form: str
) -> Response:
    """Answer the office's own statement of a closed month."""
    locale, wanted, code = locale_of(request), parse_month(month), office_of_user(who)
    return send_file(
        context, lambda folder: take_own_statement(context, wanted, code, form, locale, folder)
    )


@own.get("/reports/papers/year/{year}/{form}")
def own_year_statement(
    request: Request, context: Workspace, who: User, year: Year, form: str
) -> Response:
    """Answer the office's own statement of a published year."""
    locale, code = locale_of(request), office_of_user(who)
    return send_file(
        context, lambda folder: take_own_statement(context, year, code, form, locale, folder)
    )
