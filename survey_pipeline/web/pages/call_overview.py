"""`/callbacks/overview`: the supervisor's view of the phone queue and of the callers."""

from typing import Any

from fastapi import APIRouter, Request, Response

from survey_pipeline.context import Context
from survey_pipeline.reports.calls_overview import read_calls_overview
from survey_pipeline.vocabulary.names import CALL_REASONS
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.parameters import Day, parse_day
from survey_pipeline.web.rendering.fragments import FINGERPRINT, Seen, unless_unchanged
from survey_pipeline.web.rendering.page import render

router = APIRouter(include_in_schema=False)


@router.get("/callbacks/overview")
def overview_page(request: Request, context: Workspace, on: Day = "") -> Response:
    """Show the queue, who holds which call, and what each caller has done."""
    values = _overview(context, on)
    return render(request, "calls_overview.html", seen="", today=context.today(), **values)


@router.get("/callbacks/overview/part")
def overview_fragment(
    request: Request, context: Workspace, on: Day = "", seen: Seen = ""
) -> Response:
    """Return the figures, if they have changed."""
    fragment = render(request, "_calls_overview.html", seen=FINGERPRINT, **_overview(context, on))
    return unless_unchanged(fragment, seen)


def _overview(context: Context, on: str) -> dict[str, Any]:
    day = parse_day(context, on)
    return {
        "look": read_calls_overview(context, day),
        "day": day,
        "words": {"reasons": CALL_REASONS},
    }
