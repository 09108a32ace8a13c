"""`/callbacks/overview`: the supervisor's view of the phone queue and of the callers."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from survey_pipeline.context import Context
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports.calls_overview import read_calls_overview
from survey_pipeline.vocabulary import Role
from survey_pipeline.vocabulary.names import CALL_REASONS
from survey_pipeline.web.access import Workspace, allowed
from survey_pipeline.web.day import parse_day
from survey_pipeline.web.pages import SEEN, render, unless_seen

SUPERVISORS = allowed(Role.OPERATOR, Role.ADMIN)

Day = Annotated[str, Query(alias="date", max_length=20)]
Seen = Annotated[str, Query(max_length=64)]

router = APIRouter(include_in_schema=False)


@router.get("/callbacks/overview")
def overview_page(
    request: Request, context: Workspace, on: Day = "", who: SignedIn = SUPERVISORS
) -> Response:
    """Show the queue, who holds what, and what each caller has done."""
    values = _overview(context, on)
    return render(request, "calls_overview.html", seen="", today=context.today(), **values)


@router.get("/callbacks/overview/part")
def overview_part(
    request: Request,
    context: Workspace,
    on: Day = "",
    seen: Seen = "",
    who: SignedIn = SUPERVISORS,
) -> Response:
    """Return the figures; nothing where they are as they were seen."""
    part = render(request, "_calls_overview.html", seen=SEEN, **_overview(context, on))
    return unless_seen(part, seen)


def _overview(context: Context, on: str) -> dict[str, Any]:
    day = parse_day(context, on)
    return {
        "look": read_calls_overview(context, day),
        "day": day,
        "words": {"reasons": CALL_REASONS},
    }
