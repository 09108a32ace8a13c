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
from survey_pipeline.reports.score_versions import Changes, Period, changes_between, versions_of
from survey_pipeline.reports.stored_scores import ScoreHead
from survey_pipeline.vocabulary import Role
from survey_pipeline.vocabulary.names import AUDIT_ACTIONS, KINDS, SCORE_SOURCES
from survey_pipeline.web.access import Workspace, allowed
from survey_pipeline.web.pages import render
from survey_pipeline.web.params import FIRST_YEAR, LAST_YEAR, parse_month
from survey_pipeline.web.scores import READERS, office_address, period_of
from survey_pipeline.web.year_scores import NAMES

PUBLISHERS = allowed(Role.ANALYST, Role.ADMIN)
FIGURES: Mapping[str, str] = {**{name: one.label for name, one in BY_NAME.items()}, **NAMES}
"""What is compared, as it is called in the tables of scores."""
SHARES = frozenset(name for name, one in BY_NAME.items() if one.kind == "share")
WORDS = {"kinds": KINDS, "actions": AUDIT_ACTIONS, "figures": FIGURES, "sources": SCORE_SOURCES}

Version = Annotated[int, Query(ge=0, lt=1 << 31)]

router = APIRouter(include_in_schema=False)


@router.get("/scores/versions/{period}")
def versions_page(  # noqa: PLR0917 - what the address holds
    request: Request,
    context: Workspace,
    period: str,
    before: Version = 0,
    after: Version = 0,
    published: Version = 0,
    who: SignedIn = READERS,
) -> Response:
    """Show the versions, and what changed between two of them."""
    return _page(request, context, who, parse_period(period), (before, after), published=published)


@router.post("/scores/versions/{period}/publish")
def publish(
    request: Request,
    context: Workspace,
    period: str,
    version: Annotated[int, Form(ge=1, lt=1 << 31)],
    who: SignedIn = PUBLISHERS,
) -> Response:
    """Freeze a version, if it still is what its inputs give."""
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
    before, after = _pair(heads, *chosen)
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
        publishes=who.role in {Role.ANALYST, Role.ADMIN},
        month_name=period_of(request),
        words=WORDS,
        shares=SHARES,
        address=office_address,
    )


def _pair(heads: list[ScoreHead], before: int, after: int) -> tuple[int, int]:
    """Return the versions to compare: the last two where none are named."""
    versions = [one.version for one in heads]
    later = after or next(iter(versions), 0)
    earlier = before or next((one for one in versions if one < later), 0)
    return min(earlier, later), max(earlier, later)


def _changes(context: Context, period: Period, before: int, after: int) -> Changes | None:
    return changes_between(context, period, before, after) if 0 < before < after else None
