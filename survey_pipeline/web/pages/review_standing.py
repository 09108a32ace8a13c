"""`/scores/review`: how a year's online review stands: who takes part, and who was passed over."""

from fastapi import APIRouter, Request, Response

from survey_pipeline.stages.review import review_status
from survey_pipeline.vocabulary.names import CATEGORIES, COMPONENTS
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.parameters import Year
from survey_pipeline.web.pages.score_tables import office_address
from survey_pipeline.web.rendering.page import render

WORDS = {"categories": CATEGORIES, "components": COMPONENTS}
UNIT = 10_000
"""Daily points are whole ten-thousandths."""

router = APIRouter(include_in_schema=False)


@router.get("/scores/review/{year}")
def review_page(request: Request, context: Workspace, year: Year) -> Response:
    """Show a year's selection, what it found, and the turnout."""
    return render(
        request,
        "score_review.html",
        year=year,
        review=review_status(context, year),
        unit=UNIT,
        words=WORDS,
        address=office_address,
    )
