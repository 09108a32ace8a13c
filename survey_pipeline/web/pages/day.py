"""`/`: the operator's day, updated while it lasts; its run, and the pause of sending."""

import logging
import threading

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline import catching_up
from survey_pipeline.app import App
from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.context import Context
from survey_pipeline.day_runs import Claim
from survey_pipeline.errors import SurveyPipelineError
from survey_pipeline.reports.alerts import alerts
from survey_pipeline.reports.day_arrivals import read_day_arrivals
from survey_pipeline.reports.day_course import read_day_course
from survey_pipeline.reports.day_preview import preview_day
from survey_pipeline.survey.pausing import pause_sending, resume_sending
from survey_pipeline.vocabulary.names import SEND_OUTCOMES, SHARE_MOVES
from survey_pipeline.vocabulary.record_names import KINDS
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.pages.first_steps import NAMES, missing_for
from survey_pipeline.web.pages.parameters import Day, parse_day
from survey_pipeline.web.rendering.fragments import FINGERPRINT, Seen, unless_unchanged
from survey_pipeline.web.rendering.page import render

log = logging.getLogger(__name__)

WORDS = {"kinds": KINDS, "moves": SHARE_MOVES, "outcomes": SEND_OUTCOMES}

router = APIRouter(include_in_schema=False)


@router.get("/")
def day_page(request: Request, context: Workspace, who: User, on: Day = "") -> Response:
    """Show a day; the page of the present day updates itself."""
    day, today = parse_day(context, on), context.today()
    return render(
        request,
        "day.html",
        day=day,
        today=today,
        before=day - ONE_DAY,
        after=day + ONE_DAY if day < today else None,
        course=read_day_course(context, day),
        alerts=alerts(context) if day == today else (),
        came=read_day_arrivals(context, day),
        first_step=missing_for(context, who),
        first_steps=NAMES,
        seen="",
        words=WORDS,
    )


@router.get("/day/course")
def course_fragment(request: Request, context: Workspace, seen: Seen = "") -> Response:
    """Return what changes from minute to minute, if it has changed."""
    fragment = render(
        request,
        "_day_course.html",
        course=read_day_course(context, context.today()),
        alerts=alerts(context),
        seen=FINGERPRINT,
        words=WORDS,
    )
    return unless_unchanged(fragment, seen)


@router.get("/day/arrivals")
def arrivals_fragment(request: Request, context: Workspace, seen: Seen = "") -> Response:
    """Return what came in, if it has changed."""
    day = context.today()
    fragment = render(
        request,
        "_day_arrivals.html",
        day=day,
        today=day,
        came=read_day_arrivals(context, day),
        seen=FINGERPRINT,
        words=WORDS,
    )
    return unless_unchanged(fragment, seen)


@router.get("/day/plan")
def plan_fragment(request: Request, context: Workspace) -> Response:
    """Return what a run of the day would do now, in figures; nothing is stored or sent."""
    try:
        plan, problem = preview_day(context, context.today()), None
    except SurveyPipelineError as error:
        plan, problem = None, error.message
    missing = [office for office in plan.missing if plan.day in office.days] if plan else []
    return render(request, "_day_plan.html", plan=plan, missing=missing, problem=problem)


@router.post("/day/start")
def start(request: Request, context: Workspace) -> Response:
    """Run the day in a background thread; shutdown waits for it."""
    app: App = request.app.state.app
    begun = catching_up.begin_day(context)
    threading.Thread(target=_run, args=(app, context, begun), name="day-by-hand").start()
    return RedirectResponse("/", status_code=303)


@router.post("/day/pause")
def pause(context: Workspace) -> Response:
    """Pause sending, on every host."""
    pause_sending(context)
    return RedirectResponse("/", status_code=303)


@router.post("/day/resume")
def resume(context: Workspace) -> Response:
    """Resume sending."""
    resume_sending(context)
    return RedirectResponse("/", status_code=303)


def _run(app: App, context: Context, begun: Claim) -> None:
    known = {"action": "day_by_hand", "day": begun.day.isoformat()}
    try:
        catching_up.run_begun_day(context, app.gateways, begun)
    except SurveyPipelineError as error:
        log.warning("day by hand failed: %s", error, extra=known)
    except Exception:  # the page tells that it failed; the log has the reason
        log.exception("day by hand failed", extra=known)
