"""`/scores/objections`: what offices object to, and the decision."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.errors import UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports.score_objections import ScoreObjection, all_objections
from survey_pipeline.stages.evidence import decide_objection
from survey_pipeline.vocabulary import Decision
from survey_pipeline.vocabulary.names import KINDS, OBJECTION_DECISIONS
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages import render
from survey_pipeline.web.params import RecordId
from survey_pipeline.web.scores import READERS, office_address, period_of

WORDS: Mapping[str, Mapping[str, str]] = {"kinds": KINDS, "decisions": OBJECTION_DECISIONS}

Said = Annotated[str, Form(max_length=2000)]

router = APIRouter(include_in_schema=False)


@router.get("/scores/objections")
def objections_page(request: Request, context: Workspace, who: SignedIn = READERS) -> Response:
    """Show every objection: those that wait for a decision first."""
    return _page(request, context)


@router.post("/scores/objections/{number}")
def decide(
    request: Request,
    context: Workspace,
    number: RecordId,
    reason: Said,
    decision: Annotated[str, Form(max_length=20)] = "",
    who: SignedIn = READERS,
) -> Response:
    """Decide an objection, once; the evidence itself stays as it is."""
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
    """Render the page; a number is that of the objection whose form was answered."""
    return render(
        request,
        "objections.html",
        status=400 if problem else 200,
        objections=[(one, _where(one)) for one in all_objections(context)],
        asked=number,
        problem=problem,
        reason=reason,
        words=WORDS,
        month_name=period_of(request),
    )


def _where(one: ScoreObjection) -> str:
    """Return the page of the score that an objection is against; nothing where there is none."""
    period = one.said.month or one.year
    return office_address(str(period), one.said.office_code) if period else ""
