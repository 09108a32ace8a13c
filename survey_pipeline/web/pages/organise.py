"""`/organise`: what is due, and the way to the organisers' pages."""

from fastapi import APIRouter, Request, Response

from survey_pipeline.i18n import N_, Message
from survey_pipeline.reports.deadlines import LOOK_AHEAD, Deadline, gather_deadlines
from survey_pipeline.reports.deadlines.wording import MOST_NAMES, rows
from survey_pipeline.vocabulary import DeadlineState
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.rendering.page import render

SHOWN = 10
"""Rows of a list; the page of deadlines has them all."""
DUE = N_("Due in the next {count} days")

router = APIRouter(include_in_schema=False)


@router.get("/organise")
def organise_page(request: Request, context: Workspace) -> Response:
    """Show what is overdue and due soon, and what the other pages are for."""
    deadlines = gather_deadlines(context, context.today()).deadlines
    overdue = rows([owed for owed in deadlines if owed.state is DeadlineState.OVERDUE])
    due = rows([owed for owed in deadlines if _is_due_soon(owed)])
    return render(
        request,
        "organise.html",
        today=context.today(),
        overdue=overdue,
        due=due,
        shown=SHOWN,
        due_head=Message(DUE, {"count": LOOK_AHEAD}),
        most_names=MOST_NAMES,
    )


def _is_due_soon(owed: Deadline) -> bool:
    return owed.state is DeadlineState.DUE and owed.due_within(LOOK_AHEAD)
