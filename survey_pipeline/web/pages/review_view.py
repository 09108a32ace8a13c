"""What the page of the review's steps shows: of each step what it would do, and what it did."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from fastapi import Request, Response

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.i18n import N_, Message
from survey_pipeline.stages import review
from survey_pipeline.stages.dispatch.segments import measure
from survey_pipeline.stages.review.selection import MANUAL
from survey_pipeline.store.ballot_key import has_key
from survey_pipeline.vocabulary.names import CATEGORIES, COMPONENTS, SEND_OUTCOMES
from survey_pipeline.web.pages.invitation_runs import InvitationRun, InvitationRuns
from survey_pipeline.web.pages.score_tables import office_address
from survey_pipeline.web.rendering.fragments import FINGERPRINT
from survey_pipeline.web.rendering.page import render

STEPS: Mapping[str, str] = {
    "select": N_("Select the offices"),
    "draw": N_("Draw the representatives"),
    "links": N_("Personal links as a file"),
    "invite": N_("Invite by SMS"),
    "open": N_("Open"),
    "close": N_("Close"),
}
"""The steps of the page in their order."""
TAKEN: Mapping[str, str] = {
    "select": N_("The offices are selected."),
    "draw": N_("The representatives are drawn."),
    "invite": N_("The invitations are going out; this page shows how far they are."),
    "open": N_("The review is open."),
    "close": N_("The review is closed: the ballots are counted, the key is destroyed."),
}
"""What the page says after a step."""
LOGGED: Mapping[str, str] = {
    "select": N_("offices selected"),
    "draw": N_("representatives drawn"),
    "links": N_("links written to a file"),
    "invite": N_("invitations begun"),
    "open": N_("opened"),
    "closing day": N_("closing day announced"),
    "close": N_("closed"),
}
"""The audit log's steps, in words."""
MOST_NAMED = 20
"""Offices that a preview names at once; the others are folded."""
UNIT = 10_000
"""Daily points are whole ten-thousandths."""
SHIPPED_SEED = "change-me"
EMPTY: Mapping[str, str | None] = {
    "way": "", "reason": "", "provisional": "", "offices": "", "closes_on": None,
}  # fmt: skip
"""The fields of the forms; None: what is announced already."""

WORDS = {
    "categories": CATEGORIES,
    "components": COMPONENTS,
    "outcomes": SEND_OUTCOMES,
    "logged": LOGGED,
    "taken": TAKEN,
    "steps": STEPS,
}


@dataclass(frozen=True)
class StepProblem:
    """Why a step was not taken."""

    step: str
    message: Message
    status: int


@dataclass(frozen=True)
class SelectionForecast:
    """What selecting by quota would do now."""

    selection: review.Selection | None
    daily: review.DailyPoints | None
    refusal: Message | None


@dataclass(frozen=True)
class InvitationForecast:
    """What inviting would do now, with what a text takes."""

    plan: review.InvitationPlan
    run: InvitationRun | None
    segments: int
    price: Decimal
    currency: str


def review_view(
    request: Request,
    context: Context,
    year: int,
    *,
    taken: str = "",
    problem: StepProblem | None = None,
    given: Mapping[str, str] | None = None,
) -> Response:
    """Render the page of a year's review."""
    status = review.review_status(context, year)
    began = {name: step is not None for name, step in status.steps.items()}
    known = review.known_address(context.settings) or str(request.base_url).rstrip("/")
    fields = {**EMPTY, "address": known, **(given or {})}
    return render(
        request,
        "review_desk.html",
        status=problem.status if problem else 200,
        year=year,
        review=status,
        began=began,
        lost=began["opened"] and not began["closed"] and not has_key(context.home, year),
        manual=review.selection_rule(context, year).way == MANUAL,
        forecast=None if began["drawn"] else _forecast(context, year),
        draw=review.drawn_before(context, year),
        settings=context.settings.review,
        shipped_seed=context.settings.review.seed == SHIPPED_SEED,
        invited=invitation_forecast(request, context, year, known),
        history=review.steps_taken(context, year),
        taken=taken if taken in TAKEN else "",
        problem=problem,
        given=fields,
        today=context.today(),
        most=MOST_NAMED,
        seen="",
        unit=UNIT,
        words=WORDS,
        address=office_address,
    )


def figures_part(request: Request, context: Context, year: int) -> Response:
    """Render what changes by itself: invitations and turnout."""
    known = review.known_address(context.settings) or str(request.base_url).rstrip("/")
    return render(
        request,
        "_review_figures.html",
        year=year,
        review=review.review_status(context, year),
        invited=invitation_forecast(request, context, year, known),
        words=WORDS,
        seen=FINGERPRINT,
    )


def invitation_forecast(
    request: Request, context: Context, year: int, address: str
) -> InvitationForecast:
    """Return what inviting would do now."""
    gateways = {gateway.label: gateway for gateway in context.settings.gateway}
    plan = review.plan_invitations(context, year, gateways, address)
    runs: InvitationRuns = request.app.state.invitations
    segments = measure(plan.text).segments if plan.text else 0
    gateway = gateways.get(plan.gateway or "")
    price = gateway.price_per_segment * segments * plan.reached if gateway else Decimal(0)
    currency = gateway.currency if gateway else ""
    return InvitationForecast(plan, runs.of_year(year), segments, price, currency)


def _forecast(context: Context, year: int) -> SelectionForecast:
    try:
        daily = review.latest_daily(context, year)
    except CannotProceed as error:
        return SelectionForecast(None, None, error.message)
    return SelectionForecast(review.preview_selection(context, year, daily), daily, None)
