"""`/draws`: the hashes that everybody may know of the draws, and the auditor's package."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.calendar import month_of, next_month
from survey_pipeline.context import Context
from survey_pipeline.errors import DrawError
from survey_pipeline.i18n import Message
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.stages.sampling import commit_seed, published_months, reveal_month
from survey_pipeline.web.access import PUBLISHERS, User, Workspace
from survey_pipeline.web.pages.months import month_writer
from survey_pipeline.web.pages.parameters import parse_month
from survey_pipeline.web.pages.passing_files import send_file
from survey_pipeline.web.rendering.page import render

MOST_MONTHS = 24

router = APIRouter(include_in_schema=False)
packages = APIRouter(include_in_schema=False)
"""For fewer roles: a package tells which cases were drawn."""


@router.get("/draws")
def draws_page(request: Request, context: Workspace, who: User) -> Response:
    """Show the commitments and hashes of the latest months."""
    return _page(request, context, who)


@packages.post("/draws/commit")
def commit(
    request: Request, context: Workspace, who: User, month: Annotated[str, Form(max_length=10)]
) -> Response:
    """Publish the hash of a month's seed."""
    try:
        commit_seed(context, parse_month(month))
    except DrawError as error:
        return _page(request, context, who, problem=error.message)
    return RedirectResponse("/draws", status_code=303)


@packages.post("/draws/{month}/package")
def reveal(request: Request, context: Workspace, who: User, month: str) -> Response:
    """Answer the auditor's package of a closed month; the first time is recorded as its reveal."""
    wanted = parse_month(month)
    try:
        return send_file(context, lambda folder: _write_package(context, wanted, folder))
    except DrawError as error:
        return _page(request, context, who, problem=error.message)


def _write_package(context: Context, month: str, folder: Path) -> Path:
    path = folder / f"draws-{month}.zip"
    reveal_month(context, month, path)
    return path


def _page(
    request: Request, context: Context, who: SignedIn, problem: Message | None = None
) -> Response:
    months = published_months(context, MOST_MONTHS)
    following = month_of(next_month(context.today()))
    committed = {found.month for found in months if found.commitment}
    return render(
        request,
        "draws.html",
        status=409 if problem else 200,
        months=months,
        this_month=month_of(context.today()),
        following=following if following not in committed else None,
        publishes=who.role in PUBLISHERS,
        problem=problem,
        month_name=month_writer(request),
    )
