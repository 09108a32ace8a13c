"""`/reports/months`: an office's closed month, and its objections to it."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.adoption import as_published
from survey_pipeline.appraisal import standard_for_month
from survey_pipeline.context import Context
from survey_pipeline.errors import UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports.closed_months import closed_month
from survey_pipeline.reports.own_lines import lines_of_month
from survey_pipeline.reports.reported_days import read_office
from survey_pipeline.reports.stored_scores import standing
from survey_pipeline.stages.evidence import TooManyObjections, add_objection, list_objections
from survey_pipeline.standard.whose_words import marks
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.pages.months import month_writer
from survey_pipeline.web.pages.office_reports import WORDS
from survey_pipeline.web.pages.office_uploads import office_of_user
from survey_pipeline.web.rendering.page import render

Text = Annotated[str, Form(max_length=2000)]

router = APIRouter(include_in_schema=False)


@router.get("/reports/months/{month}")
def month_page(request: Request, context: Workspace, who: User, month: str) -> Response:
    """Show a closed month."""
    return _page(request, context, who, month)


@router.post("/reports/months/{month}/objections")
def object_to_month(
    request: Request, context: Workspace, who: User, month: str, text: Text
) -> Response:
    """Store an objection to a closed month."""
    code = office_of_user(who)
    closed_month(context, code, month)
    try:
        add_objection(context, code, text=text, month=month)
    except (UsageError, TooManyObjections) as error:
        return _page(request, context, who, month, status=400, problem=error.message, text=text)
    return RedirectResponse(f"/reports/months/{month}#objections", status_code=303)


def _page(
    request: Request,
    context: Context,
    who: SignedIn,
    month: str,
    *,
    status: int = 200,
    problem: Message | None = None,
    text: str = "",
) -> Response:
    code = office_of_user(who)
    return render(
        request,
        "report_month.html",
        status=status,
        **own_month(request, context, code, month),
        objections=[
            objection
            for objection in list_objections(context, office_code=code)
            if objection.month == month
        ],
        problem=problem,
        text=text,
    )


def own_month(request: Request, context: Context, code: str, month: str) -> dict[str, Any]:
    """Return what an office's closed month shows, to the office and to its department alike.

    Raises:
        UnknownRecord: the month is not closed or not scored yet, or the office is not in it.
    """
    found = closed_month(context, code, month)
    in_force = as_published(context, standard_for_month(context, month), found.published_at)
    return {
        "office": read_office(context, code),
        "score": found,
        "confirmed": [*marks(in_force.standard)],
        "standing": standing(context, found.score_id, code) if found.whole else None,
        "own": lines_of_month(context, code, month, found.version) if found.whole else [],
        "reasons": sorted(found.reasons.items(), key=lambda named: -named[1]),
        "month_name": month_writer(request),
        "words": WORDS,
    }
