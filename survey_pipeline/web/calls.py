"""`/callbacks`: the caller's desk, one call at a time; and the supervisor's view of the queue."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from survey_pipeline.errors import CannotProceed, SurveyPipelineError, UnknownRecord, UsageError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.overview.callers import look_at_calls
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.stages.callbacks import (
    CallResult,
    Logged,
    held_call,
    last_attempt,
    log_result,
    next_call,
    outlook,
    release,
    renew_lease,
    undo_attempt,
    watch_call,
)
from survey_pipeline.stages.export.words import REASONS
from survey_pipeline.survey.context import Context
from survey_pipeline.survey.phones import dialled
from survey_pipeline.vocabulary import CallOutcome, DissatisfactionReason, Rating, Role
from survey_pipeline.vocabulary.names import CALL_OUTCOMES, CALL_REASONS, RATINGS
from survey_pipeline.web.access import Workspace, allowed
from survey_pipeline.web.day import parse_day
from survey_pipeline.web.pages import SEEN, render, unless_seen

CALLERS = allowed(Role.CALLER, Role.OPERATOR, Role.ADMIN)
SUPERVISORS = allowed(Role.OPERATOR, Role.ADMIN)
RENEWALS = 4
"""How often a lease is renewed within its length, while the page is open."""
OUTCOME_KEYS: Mapping[CallOutcome, str] = {
    CallOutcome.NO_ANSWER: "4",
    CallOutcome.BUSY: "5",
    CallOutcome.SWITCHED_OFF: "6",
    CallOutcome.AGAIN: "7",
    CallOutcome.REFUSED: "8",
    CallOutcome.HUNG_UP: "9",
    CallOutcome.NOT_MY_CASE: "0",
    CallOutcome.WRONG_NUMBER: "w",
    CallOutcome.INVALID_NUMBER: "i",
    CallOutcome.LANGUAGE: "l",
}
"""The digits after the three answers for what is common, letters for what is rare."""
ANSWER_KEYS: Mapping[Rating, str] = {
    Rating.SATISFIED: "1",
    Rating.NEUTRAL: "2",
    Rating.DISSATISFIED: "3",
}
REASON_KEYS: Mapping[DissatisfactionReason, str] = dict(
    zip(DissatisfactionReason, "abcdefgh", strict=True)
)
WHY_CLOSED: Mapping[str, str] = {
    "opted_out": N_("The citizen has opted out by SMS meanwhile."),
    "withdrawn": N_("The office has withdrawn the case meanwhile."),
    "survey_closed": N_("The survey has ended meanwhile."),
    "sms_reply": N_("The citizen has answered by SMS meanwhile."),
}

CallId = Annotated[int, Path(ge=1, lt=1 << 62)]
Seen = Annotated[str, Query(max_length=64)]

router = APIRouter(include_in_schema=False)


class LogForm(BaseModel):
    """What the desk's form sends; what does not go with the result is left out of account."""

    result: str = Field(default="", max_length=20)
    """A `Rating`, or a `CallOutcome` other than `answered`."""
    reason: str = Field(default="", max_length=20)
    asks_why: bool = False
    """The call is made to ask why: a reason goes with every answer."""
    note: str = Field(default="", max_length=2000)
    on: str = Field(default="", max_length=10)
    at: str = Field(default="", max_length=8)
    correct: bool = False
    why: str = Field(default="", max_length=2000)


@router.get("/callbacks")
def desk(request: Request, context: Workspace, who: SignedIn = CALLERS) -> Response:
    """Show the call in the visitor's hands, or what waits."""
    return _desk(request, context, who)


@router.get("/callbacks/waiting")
def waiting_part(
    request: Request, context: Workspace, seen: Seen = "", who: SignedIn = CALLERS
) -> Response:
    """Return how many calls wait; nothing where it is as it was seen."""
    waits = outlook(context, who.name)
    return unless_seen(render(request, "_calls_waiting.html", waits=waits, seen=SEEN), seen)


@router.post("/callbacks/next")
def take(request: Request, context: Workspace, who: SignedIn = CALLERS) -> Response:
    """Take the next call."""
    next_call(context, who.name)
    return _desk_or_back(request, context, who)


@router.post("/callbacks/{call_id}/release")
def put_back(
    request: Request, context: Workspace, call_id: CallId, who: SignedIn = CALLERS
) -> Response:
    """Put a call back unmade."""
    try:
        release(context, call_id, who.name)
    except CannotProceed as error:
        return _desk_or_error(request, context, who, error)
    return _desk_or_back(request, context, who)


@router.get("/callbacks/{call_id}/watch")
def watch_part(
    request: Request,
    context: Workspace,
    call_id: CallId,
    seen: Seen = "",
    who: SignedIn = CALLERS,
) -> Response:
    """Return what has happened to the call on the screen; nothing where it is as it was seen."""
    return unless_seen(_news(request, context, call_id, who, SEEN), seen)


@router.post("/callbacks/{call_id}/renew")
def renew(
    request: Request, context: Workspace, call_id: CallId, who: SignedIn = CALLERS
) -> Response:
    """Keep the call: the page is open. Where it is the visitor's no more, the part says so."""
    try:
        renew_lease(context, call_id, who.name)
    except UnknownRecord:
        raise
    except CannotProceed:
        pass
    return _news(request, context, call_id, who, "")


@router.post("/callbacks/{call_id}/log")
def log(
    request: Request,
    context: Workspace,
    call_id: CallId,
    form: Annotated[LogForm, Form()],
    who: SignedIn = CALLERS,
) -> Response:
    """Log what came of the call."""
    try:
        logged = log_result(context, call_id, who.name, _result(context, form))
    except SurveyPipelineError as error:
        _keep(context, call_id, who)
        return _desk_or_error(request, context, who, error, form=form)
    return _desk_or_back(request, context, who, logged=logged)


@router.post("/callbacks/{call_id}/undo")
def undo(
    request: Request, context: Workspace, call_id: CallId, who: SignedIn = CALLERS
) -> Response:
    """Take back what was logged within the last minute."""
    try:
        undo_attempt(context, call_id, who.name)
    except CannotProceed as error:
        return _desk_or_error(request, context, who, error)
    return _desk_or_back(request, context, who)


@router.get("/callbacks/overview")
def overview_page(
    request: Request,
    context: Workspace,
    on: Annotated[str, Query(alias="date", max_length=20)] = "",
    who: SignedIn = SUPERVISORS,
) -> Response:
    """Show the queue, who holds what, and what each caller has done."""
    values = _overview(context, on)
    return render(request, "calls_overview.html", seen="", today=context.today(), **values)


@router.get("/callbacks/overview/part")
def overview_part(
    request: Request,
    context: Workspace,
    on: Annotated[str, Query(alias="date", max_length=20)] = "",
    seen: Seen = "",
    who: SignedIn = SUPERVISORS,
) -> Response:
    """Return the figures; nothing where they are as they were seen."""
    part = render(request, "_calls_overview.html", seen=SEEN, **_overview(context, on))
    return unless_seen(part, seen)


def _overview(context: Context, on: str) -> dict[str, Any]:
    day = parse_day(context, on)
    return {"look": look_at_calls(context, day), "day": day, "words": {"reasons": CALL_REASONS}}


_WORDS = {
    "reasons": CALL_REASONS,
    "outcomes": CALL_OUTCOMES,
    "ratings": RATINGS,
    "why": REASONS,
    "closed": WHY_CLOSED,
}
_KEYS = {"answers": ANSWER_KEYS, "outcomes": OUTCOME_KEYS, "reasons": REASON_KEYS}


def _desk_or_back(
    request: Request, context: Context, who: SignedIn, *, logged: Logged | None = None
) -> Response:
    """Answer htmx with the desk as it is now; lead anybody else back to it."""
    if "hx-request" in request.headers:
        return _desk(request, context, who, logged=logged)
    return RedirectResponse("/callbacks", status_code=303)


def _desk_or_error(
    request: Request,
    context: Context,
    who: SignedIn,
    error: SurveyPipelineError,
    form: LogForm | None = None,
) -> Response:
    """Show the desk with what went wrong; to htmx as a part, which it swaps only where all is well.

    Raises:
        SurveyPipelineError: the error itself, where no script has asked: the error page says it.
    """
    if "hx-request" not in request.headers or isinstance(error, UnknownRecord):
        raise error
    return _desk(request, context, who, problem=error.message, form=form)


def _desk(
    request: Request,
    context: Context,
    who: SignedIn,
    *,
    logged: Logged | None = None,
    problem: Message | None = None,
    form: LogForm | None = None,
) -> Response:
    card = held_call(context, who.name)
    last = last_attempt(context, who.name)
    lasts = int((last.until - context.now()).total_seconds()) if last else 0
    return render(
        request,
        "_calls_desk.html" if "hx-request" in request.headers else "calls.html",
        card=card,
        number=dialled(card.phone) if card else "",
        waits=None if card else outlook(context, who.name),
        watched=watch_call(context, card.id, who.name) if card else None,
        last=last,
        lasts=lasts,
        logged=logged,
        problem=problem,
        form=form or LogForm(),
        seen="",
        renewal=_renewal(context),
        today=context.today(),
        supervises=who.role in {Role.OPERATOR, Role.ADMIN},
        words=_WORDS,
        keys=_KEYS,
    )


def _renewal(context: Context) -> int:
    """Return after how many seconds an open page renews its lease."""
    return max(2, int(context.settings.callbacks.lease.total_seconds()) // RENEWALS)


def _news(request: Request, context: Context, call_id: int, who: SignedIn, seen: str) -> Response:
    watched = watch_call(context, call_id, who.name)
    number = dialled(watched.phone) if watched.phone.startswith("+") else watched.phone
    return render(
        request,
        "_calls_news.html",
        seen=seen,
        beside=True,
        watched=watched,
        call_id=call_id,
        number=number,
        words=_WORDS,
    )


def _keep(context: Context, call_id: int, who: SignedIn) -> None:
    """Renew the lease of somebody who has just shown that they are there."""
    try:
        renew_lease(context, call_id, who.name)
    except CannotProceed:
        return  # the error that is shown says why it is theirs no more


def _result(context: Context, form: LogForm) -> CallResult:
    """Read the form; what belongs to another result than the one chosen is left out.

    Raises:
        UsageError: nothing was chosen, or a part cannot be read.
    """
    if not form.result:
        raise UsageError("choose what came of the call")
    if form.result in list(Rating):
        answer = Rating(form.result)
        reason = _reason(form) if answer is not Rating.SATISFIED or form.asks_why else None
        return CallResult(
            CallOutcome.ANSWERED,
            answer,
            reason,
            note=form.note,
            correct_why=_correction(form),
        )
    if form.result not in list(OUTCOME_KEYS):
        raise UsageError("{word} is no outcome of a call", word=form.result)
    outcome = CallOutcome(form.result)
    again_at = _appointment(context, form) if outcome is CallOutcome.AGAIN else None
    return CallResult(outcome, note=form.note, again_at=again_at)


def _reason(form: LogForm) -> DissatisfactionReason | None:
    if not form.reason:
        return None
    if form.reason not in list(DissatisfactionReason):
        raise UsageError("{word} is no reason", word=form.reason)
    return DissatisfactionReason(form.reason)


def _correction(form: LogForm) -> str | None:
    if not form.correct:
        return None
    if not form.why.strip():
        raise UsageError("write down the citizen's words: a correction needs its reason")
    return form.why


def _appointment(context: Context, form: LogForm) -> datetime:
    try:
        local = datetime.fromisoformat(f"{form.on}T{form.at}")
    except ValueError as error:
        raise UsageError("say on which day and at what time to call again") from error
    if local.tzinfo is not None:
        raise UsageError("say on which day and at what time to call again")
    return local.replace(tzinfo=context.calendar.timezone)
