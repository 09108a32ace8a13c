"""`/organise/year/{year}/review`: the online review step by step, as `review` takes them."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.app import App
from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, SurveyPipelineError, UsageError
from survey_pipeline.gateways.registry import make_gateways
from survey_pipeline.i18n import N_
from survey_pipeline.stages import review
from survey_pipeline.stages.review.selection import MANUAL
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.pages.invitation_runs import InvitationRuns
from survey_pipeline.web.pages.parameters import Year, parse_date
from survey_pipeline.web.pages.passing_files import send_file
from survey_pipeline.web.pages.review_view import StepProblem, figures_part, review_view
from survey_pipeline.web.rendering.fragments import Seen, unless_unchanged

LONGEST_LIST = 200_000
"""Characters of a list of offices with reasons."""

Words = Annotated[str, Form(max_length=500)]
Lines = Annotated[str, Form(max_length=LONGEST_LIST)]
Taken = Annotated[str, Query(max_length=20)]

NEEDS_REASON = N_("Say why: without a reason nothing is selected.")
NOT_SURE = N_("Tick the box first: this step cannot be taken back.")
NO_ADDRESS = N_("Write the address as https://surveys.example.org")

router = APIRouter(include_in_schema=False)


@router.get("/organise/year/{year}/review")
def review_page(request: Request, context: Workspace, year: Year, taken: Taken = "") -> Response:
    """Show every step: what it will do, its undo, and who took it when."""
    return review_view(request, context, year, taken=taken)


@router.get("/organise/year/{year}/review/figures")
def figures_fragment(request: Request, context: Workspace, year: Year, seen: Seen = "") -> Response:
    """Return invitations and turnout, if they have changed."""
    return unless_unchanged(figures_part(request, context, year), seen)


@router.post("/organise/year/{year}/review/select")
def select_step(  # noqa: PLR0913, PLR0917 - the fields of the form
    request: Request,
    context: Workspace,
    year: Year,
    way: Words = "quota",
    reason: Words = "",
    provisional: Words = "",
    again: Words = "",
    offices: Lines = "",
) -> Response:
    """Select the offices, by quota or by a list."""
    given = {"way": way, "reason": reason, "provisional": provisional, "offices": offices}
    try:
        asked = _asked(provisional=bool(provisional), again=bool(again), reason=reason.strip())
        if way == MANUAL:
            review.select_by_hand(context, year, review.read_typed_list(offices), asked)
        else:
            review.select_offices(context, year, review.latest_daily(context, year), asked)
    except (CannotProceed, UsageError) as error:
        return _refused(request, context, year, "select", error, given)
    return _done(year, "select")


@router.post("/organise/year/{year}/review/draw")
def draw_step(request: Request, context: Workspace, year: Year, sure: Words = "") -> Response:
    """Draw the representatives."""
    try:
        _must_be_sure(sure)
        review.draw_representatives(context, year)
    except (CannotProceed, UsageError) as error:
        return _refused(request, context, year, "draw", error)
    return _done(year, "draw")


@router.post("/organise/year/{year}/review/links")
def links_step(request: Request, context: Workspace, year: Year, address: Words) -> Response:
    """Answer the file of personal links."""

    def write(folder: Path) -> Path:
        path = folder / f"review-links-{year}.csv"
        return review.write_links(context, year, path, _address(address)).path

    try:
        return send_file(context, write)
    except (CannotProceed, UsageError) as error:
        return _refused(request, context, year, "links", error, {"address": address})


@router.post("/organise/year/{year}/review/invite")
def invite_step(
    request: Request, context: Workspace, who: User, year: Year, address: Words
) -> Response:
    """Begin to send the invitations; the page shows how far they are."""
    app: App = request.app.state.app
    runs: InvitationRuns = request.app.state.invitations
    try:
        to = _address(address)
        # made for this run: those of the sender belong to its event loop
        gateways = make_gateways(context.settings.gateway, app.gateway_environment)
        if problem := review.plan_invitations(context, year, gateways, to).refusal:
            raise CannotProceed(problem.text, **problem.params)
        if review.drawn_before(context, year) is None:
            raise CannotProceed("the representatives of {year} are not drawn", year=year)
        runs.begin(year, who.name, lambda: review.invite(context, year, gateways, to))
    except (CannotProceed, UsageError) as error:
        return _refused(request, context, year, "invite", error, {"address": address})
    return _done(year, "invite")


@router.post("/organise/year/{year}/review/open")
def open_step(
    request: Request, context: Workspace, year: Year, closes_on: Words = "", restart: Words = ""
) -> Response:
    """Let ballots in, or announce another closing day."""
    try:
        day = parse_date(closes_on) if closes_on else None
        review.open_review(context, year, restart=bool(restart), closes_on=day)
    except (CannotProceed, UsageError) as error:
        return _refused(request, context, year, "open", error, {"closes_on": closes_on})
    return _done(year, "open")


@router.post("/organise/year/{year}/review/close")
def close_step(request: Request, context: Workspace, year: Year, sure: Words = "") -> Response:
    """Count the ballots and destroy the key, for good."""
    try:
        _must_be_sure(sure)
        review.close_review(context, year)
    except (CannotProceed, UsageError) as error:
        return _refused(request, context, year, "close", error)
    return _done(year, "close")


def _asked(*, provisional: bool, again: bool, reason: str) -> review.SelectionRequest:
    """Return how a selection is asked for; a reason belongs to what is out of the ordinary."""
    unusual = provisional or again
    if unusual and not reason:
        raise UsageError(NEEDS_REASON)
    return review.SelectionRequest(provisional, again, reason if unusual else None)


def _must_be_sure(sure: str) -> None:
    if not sure:
        raise UsageError(NOT_SURE)


def _address(text: str) -> str:
    address = text.strip()
    host = address.partition("://")[2].partition("/")[0]
    if not address.startswith(("http://", "https://")) or not host or " " in address:
        raise UsageError(NO_ADDRESS)
    return address


def _done(year: int, step: str) -> Response:
    address = f"/organise/year/{year}/review?taken={step}#{step}"
    return RedirectResponse(address, status_code=303)


def _refused(
    request: Request,
    context: Context,
    year: int,
    step: str,
    error: SurveyPipelineError,
    given: dict[str, str] | None = None,
) -> Response:
    status = 400 if isinstance(error, UsageError) else 409
    problem = StepProblem(step, error.message, status)
    return review_view(request, context, year, problem=problem, given=given or {})
