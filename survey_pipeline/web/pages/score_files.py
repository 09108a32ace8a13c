"""`/scores/files`: every export as a download; the audit log records who took which file."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from survey_pipeline.context import Context
from survey_pipeline.stages.export.destination import passing_folder
from survey_pipeline.stages.export.downloads import take_answers, take_month, take_year
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.parameters import Version, Year, parse_month
from survey_pipeline.web.rendering.page import locale_of

TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

router = APIRouter(include_in_schema=False)


@router.get("/scores/files/month/{month}/{version}/{form}")
def month_file(
    request: Request, context: Workspace, month: str, version: Version, form: str
) -> Response:
    """Answer a stored month's scores, in the visitor's language."""
    locale = locale_of(request)
    wanted = parse_month(month)
    return _download(
        context, lambda folder: take_month(context, wanted, version, form, locale, folder)
    )


@router.get("/scores/files/year/{year}/{version}/{form}")
def year_file(
    request: Request, context: Workspace, year: Year, version: Version, form: str
) -> Response:
    """Answer a stored year's scores, in the visitor's language."""
    locale = locale_of(request)
    return _download(
        context, lambda folder: take_year(context, year, version, form, locale, folder)
    )


@router.get("/scores/files/answers/{month}/{form}")
def answers_file(context: Workspace, month: str, form: str) -> Response:
    """Answer a month's answers, a row per drawn case under a pseudonym."""
    wanted = parse_month(month)
    return _download(context, lambda folder: take_answers(context, wanted, form, folder))


def _download(context: Context, take: Callable[[Path], Path]) -> Response:
    """Send a file that is written to a temporary folder, and deleted after the response."""
    with ExitStack() as cleanup:
        path = take(cleanup.enter_context(passing_folder(context.home)))
        after_response = cleanup.pop_all()
    return FileResponse(
        path,
        filename=path.name,
        media_type=TYPES[path.suffix],
        background=BackgroundTask(after_response.close),
    )
