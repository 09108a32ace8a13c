"""`/scores/objections`: the objections of offices, and the decisions on them."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.errors import UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.reports.score_objections import ScoreObjection, all_objections
from survey_pipeline.stages.evidence import decide_objection
from survey_pipeline.vocabulary import Decision
from survey_pipeline.vocabulary.names import OBJECTION_DECISIONS
from survey_pipeline.vocabulary.record_names import KINDS
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.months import month_writer
from survey_pipeline.web.pages.parameters import RecordId
from survey_pipeline.web.pages.score_tables import office_address
from survey_pipeline.web.rendering.page import render

WORDS: Mapping[str, Mapping[str, str]] = {"kinds": KINDS, "decisions": OBJECTION_DECISIONS}

Reason = Annotated[str, Form(max_length=2000)]

router = APIRouter(include_in_schema=False)


@router.get("/scores/objections")
def objections_page(request: Request, context: Workspace) -> Response:
    """Show every objection, the undecided ones first."""
    return _page(request, context)


@router.post("/scores/objections/{number}")
def decide(
    request: Request,
    context: Workspace,
    number: RecordId,
    reason: Reason,
    decision: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Decide an objection, once; the evidence itself does not change."""
    try:
        if decision not in list(Decision):
            raise UsageError("say whether the objection is upheld or rejected")
        decide_objection(context, number, Decision(decision), reason=reason)
    except UsageError as error:
        return _page(request, context, number, error.message, reason)
    return RedirectResponse(f"/scores/objections#objection-{number}", status_code=303)


def _page(
    request: Request,
    context: Context,
    number: int | None = None,
    problem: Message | None = None,
    reason: str = "",
) -> Response:
    """Render the page.

    Args:
        request: whose page it is.
        context: the workspace.
        number: the objection whose form was refused.
        problem: why.
        reason: what the form contained.
    """
    return render(
        request,
        "objections.html",
        status=400 if problem else 200,
        objections=[
            (objection, _score_address(objection)) for objection in all_objections(context)
        ],
        asked=number,
        problem=problem,
        reason=reason,
        words=WORDS,
        month_name=month_writer(request),
    )


def _score_address(objection: ScoreObjection) -> str:
    """Return the page of the score that an objection is against; empty if there is none."""
    period = objection.said.month or objection.year
    return office_address(str(period), objection.said.office_code) if period else ""
