"""`/`: the operator's day, live while it lasts; its run, and the pause of sending."""

import logging
import threading
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline import catching_up
from survey_pipeline.app import App
from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.context import Context
from survey_pipeline.day_runs import Claim
from survey_pipeline.errors import SurveyPipelineError, UsageError
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports.alerts import alerts
from survey_pipeline.reports.day_arrivals import read_day_arrivals
from survey_pipeline.reports.day_course import opening_day, read_day_course
from survey_pipeline.reports.day_preview import preview_day
from survey_pipeline.survey.pausing import pause_sending, resume_sending
from survey_pipeline.vocabulary import Role
from survey_pipeline.vocabulary.names import KINDS, SEND_OUTCOMES, SHARE_MOVES
from survey_pipeline.web.access import Workspace, allowed
from survey_pipeline.web.pages import SEEN, render, unless_seen
from survey_pipeline.web.params import NOTHING_KNOWN, parse_date

log = logging.getLogger(__name__)

OPERATORS = allowed(Role.OPERATOR, Role.ADMIN)

Day = Annotated[str, Query(alias="date", max_length=20)]
Seen = Annotated[str, Query(max_length=64)]

router = APIRouter(include_in_schema=False)


@router.get("/")
def day_page(
    request: Request, context: Workspace, on: Day = "", who: SignedIn = OPERATORS
) -> Response:
    """Show a day; the present one goes on by itself."""
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
        seen="",
        words=_WORDS,
    )


@router.get("/day/course")
def course_part(
    request: Request, context: Workspace, seen: Seen = "", who: SignedIn = OPERATORS
) -> Response:
    """Return what moves from minute to minute; nothing where it is as it was seen."""
    return unless_seen(
        render(
            request,
            "_day_course.html",
            course=read_day_course(context, context.today()),
            alerts=alerts(context),
            seen=SEEN,
            words=_WORDS,
        ),
        seen,
    )


@router.get("/day/arrivals")
def arrivals_part(
    request: Request, context: Workspace, seen: Seen = "", who: SignedIn = OPERATORS
) -> Response:
    """Return what came in; nothing where it is as it was seen."""
    day = context.today()
    return unless_seen(
        render(
            request,
            "_day_arrivals.html",
            day=day,
            today=day,
            came=read_day_arrivals(context, day),
            seen=SEEN,
            words=_WORDS,
        ),
        seen,
    )


@router.get("/day/plan")
def plan_part(request: Request, context: Workspace, who: SignedIn = OPERATORS) -> Response:
    """Return what a run of the day would do now, in figures; nothing is stored or sent."""
    try:
        plan, problem = preview_day(context, context.today()), None
    except SurveyPipelineError as error:
        plan, problem = None, error.message
    missing = [one for one in plan.missing if plan.day in one.days] if plan else []
    return render(request, "_day_plan.html", plan=plan, missing=missing, problem=problem)


@router.post("/day/start")
def start(request: Request, context: Workspace, who: SignedIn = OPERATORS) -> Response:
    """Run the day now, beside the pages; the process ends no sooner than the run."""
    app: App = request.app.state.app
    begun = catching_up.begin_day(context)
    threading.Thread(target=_run, args=(app, context, begun), name="day-by-hand").start()
    return RedirectResponse("/", status_code=303)


@router.post("/day/pause")
def pause(context: Workspace, who: SignedIn = OPERATORS) -> Response:
    """Let no more text go out, on any host."""
    pause_sending(context)
    return RedirectResponse("/", status_code=303)


@router.post("/day/resume")
def resume(context: Workspace, who: SignedIn = OPERATORS) -> Response:
    """Let texts go out again."""
    resume_sending(context)
    return RedirectResponse("/", status_code=303)


def parse_day(context: Context, text: str) -> date:
    """Return the day that an address asks for; where it asks for none, today (`opening_day`).

    Raises:
        NoSuchTime: it is in no calendar, or in none of our years.
        UsageError: it is no date, or one that has not begun.
    """
    today = context.today()
    day = parse_date(text) if text else opening_day(context)
    if day > today:
        raise UsageError(NOTHING_KNOWN, day=day)
    return day


_WORDS = {"kinds": KINDS, "moves": SHARE_MOVES, "outcomes": SEND_OUTCOMES}


def _run(app: App, context: Context, begun: Claim) -> None:
    known = {"action": "day_by_hand", "day": begun.day.isoformat()}
    try:
        catching_up.run_begun_day(context, app.gateways, begun)
    except SurveyPipelineError as error:
        log.warning("day by hand failed: %s", error, extra=known)
    except Exception:  # the page says that it failed; the log has the reason
        log.exception("day by hand failed", extra=known)
