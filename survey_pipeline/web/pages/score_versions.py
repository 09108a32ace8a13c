"""`/scores/versions`: the versions of a month or a year, what changed between two, publishing."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.appraisal import publish_score
from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports.month_columns import BY_NAME
from survey_pipeline.reports.score_changes import Changes
from survey_pipeline.reports.score_versions import Period, changes_between, last_two, versions_of
from survey_pipeline.vocabulary.names import SCORE_SOURCES
from survey_pipeline.web.access import PUBLISHERS, User, Workspace
from survey_pipeline.web.pages.months import month_writer
from survey_pipeline.web.pages.parameters import FIRST_YEAR, LAST_YEAR, parse_month
from survey_pipeline.web.pages.score_tables import office_address
from survey_pipeline.web.pages.year_scores import NAMES
from survey_pipeline.web.rendering.page import render

FIGURES: Mapping[str, str] = {**{name: column.label for name, column in BY_NAME.items()}, **NAMES}
"""What is compared, named as in the tables of scores."""
SHARES = frozenset(name for name, column in BY_NAME.items() if column.kind == "share")
WORDS = {"figures": FIGURES, "sources": SCORE_SOURCES}

Version = Annotated[int, Query(ge=0, lt=1 << 31)]

router = APIRouter(include_in_schema=False)
publishing = APIRouter(include_in_schema=False)
"""For fewer roles: who reads scores may not publish them."""


@router.get("/scores/versions/{period}")
def versions_page(  # noqa: PLR0917 - the parameters of the address
    request: Request,
    context: Workspace,
    who: User,
    period: str,
    before: Version = 0,
    after: Version = 0,
    published: Version = 0,
) -> Response:
    """Show the versions, and what changed between two of them."""
    return _page(request, context, who, parse_period(period), (before, after), published=published)


@publishing.post("/scores/versions/{period}/publish")
def publish(
    request: Request,
    context: Workspace,
    who: User,
    period: str,
    version: Annotated[int, Form(ge=1, lt=1 << 31)],
) -> Response:
    """Publish a version, if its inputs still give the same figures."""
    asked = parse_period(period)
    try:
        done = publish_score(context, asked, version)
    except CannotProceed as error:
        return _page(request, context, who, asked, (0, 0), problem=error.message)
    address = f"/scores/versions/{done.period}?published={done.version}"
    return RedirectResponse(address, status_code=303)


def parse_period(text: str) -> Period:
    """Read `YYYY-MM` or `YYYY`.

    Raises:
        UsageError: it is neither.
    """
    if not (text.isascii() and text.isdigit()):
        return parse_month(text)
    if not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise UsageError("{year} is no year; write 2023", year=text)
    return int(text)


def _page(
    request: Request,
    context: Context,
    who: SignedIn,
    period: Period,
    chosen: tuple[int, int],
    *,
    published: int = 0,
    problem: Message | None = None,
) -> Response:
    heads = versions_of(context, period)
    before, after = last_two(heads, *chosen)
    return render(
        request,
        "score_versions.html",
        status=409 if problem else 200,
        period=period,
        is_year=isinstance(period, int),
        back=f"/scores/year/{period}" if isinstance(period, int) else f"/scores?month={period}",
        heads=heads,
        before=before,
        after=after,
        changes=_changes(context, period, before, after),
        published=published,
        problem=problem,
        publishes=who.role in PUBLISHERS,
        month_name=month_writer(request),
        words=WORDS,
        shares=SHARES,
        address=office_address,
    )


def _changes(context: Context, period: Period, before: int, after: int) -> Changes | None:
    return changes_between(context, period, before, after) if 0 < before < after else None
