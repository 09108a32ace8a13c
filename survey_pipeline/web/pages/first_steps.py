"""`/admin/first-steps`: the way from an empty workspace to the first text."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request, Response

from survey_pipeline.context import Context
from survey_pipeline.i18n import N_
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports.first_steps import FirstStep, has_begun, read_first_steps
from survey_pipeline.web.access import ADMINS, Workspace
from survey_pipeline.web.rendering.page import render

NAMES: Mapping[str, str] = {
    "organisation": N_("Your office's name"),
    "people": N_("People"),
    "register": N_("The register: departments and offices"),
    "carrier": N_("A carrier for the texts"),
    "texts": N_("The texts"),
    "test_text": N_("A test text to your own phone"),
    "reports": N_("The first reports of cases"),
    "day": N_("The first day"),
}
"""The steps, by their names in `reports.first_steps`."""

router = APIRouter(include_in_schema=False)


@router.get("/admin/first-steps")
def first_steps_page(request: Request, context: Workspace) -> Response:
    """Show each step: done, or what is missing and where to bring it."""
    steps = read_first_steps(context)
    return render(
        request,
        "first_steps.html",
        steps=steps,
        names=NAMES,
        following=first_missing(steps),
        key_file=context.settings.privacy.key_file,
    )


def first_missing(steps: Sequence[FirstStep]) -> FirstStep | None:
    """Return the first step that is needed and not done."""
    return next((step for step in steps if step.needed and not step.done), None)


def missing_for(context: Context, who: SignedIn) -> FirstStep | None:
    """Return the step that the home page reminds an admin of, until the first text went out."""
    if who.role not in ADMINS or has_begun(context):
        return None
    return first_missing(read_first_steps(context))
