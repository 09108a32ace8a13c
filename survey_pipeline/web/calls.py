"""`/callbacks`: the caller's desk, one call at a time."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.errors import (
    CallHeld,
    CannotProceed,
    SurveyPipelineError,
    UnknownRecord,
)
from survey_pipeline.i18n import N_, Message
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.phones import dialled
from survey_pipeline.stages.callbacks import (
    Logged,
    held_call,
    last_attempt,
    log_result,
    made_today,
    next_call,
    outlook,
    release,
    renew_lease,
    undo_attempt,
    watch_call,
)
from survey_pipeline.vocabulary import CallEnd, CallOutcome, Role
from survey_pipeline.vocabulary.names import CALL_OUTCOMES, CALL_REASONS, DISSATISFIED_WITH, RATINGS
from survey_pipeline.web.access import Workspace, allowed
from survey_pipeline.web.call_form import (
    ANSWER_KEYS,
    OUTCOME_KEYS,
    REASON_KEYS,
    LogForm,
    proposed,
    read_result,
)
from survey_pipeline.web.pages import SEEN, render, unless_seen

CALLERS = allowed(Role.CALLER, Role.OPERATOR, Role.ADMIN)
RENEWALS = 4
"""How often a lease is renewed within its length, while the page is open."""
WHY_CLOSED: Mapping[str, str] = {
    CallEnd.OPTED_OUT: N_("The citizen has opted out by SMS meanwhile."),
    CallEnd.WITHDRAWN: N_("The office has withdrawn the case meanwhile."),
    CallEnd.SURVEY_CLOSED: N_("The survey has ended meanwhile."),
    CallEnd.SMS_REPLY: N_("The citizen has answered by SMS meanwhile."),
}

CallId = Annotated[int, Path(ge=1, lt=1 << 62)]
Seen = Annotated[str, Query(max_length=64)]
Short = Annotated[str, Query(max_length=10)]

router = APIRouter(include_in_schema=False)


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


@router.get("/callbacks/{call_id}/appointment")
def appointment_part(
    request: Request,
    context: Workspace,
    call_id: CallId,
    on: Short = "",
    at: Short = "",
    who: SignedIn = CALLERS,
) -> Response:
    """Return what would become of an appointment at the time that is being typed."""
    asked = proposed(context, call_id, LogForm(result=CallOutcome.AGAIN, on=on, at=at))
    return render(request, "_calls_appointment.html", asked=asked)


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
        logged = log_result(context, call_id, who.name, read_result(context, call_id, form))
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


_WORDS = {
    "reasons": CALL_REASONS,
    "outcomes": CALL_OUTCOMES,
    "ratings": RATINGS,
    "why": DISSATISFIED_WITH,
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
    problems = [error.message]
    if isinstance(error, CallHeld) and form is not None:
        problems.append(Message(_TELL_COLLEAGUE))
    return _desk(request, context, who, problems=problems, form=form)


_TELL_COLLEAGUE = N_(
    "Nothing was logged. Tell your colleague what you heard, then take the next call."
)


def _desk(
    request: Request,
    context: Context,
    who: SignedIn,
    *,
    logged: Logged | None = None,
    problems: Sequence[Message] = (),
    form: LogForm | None = None,
) -> Response:
    card, form = held_call(context, who.name), form or LogForm()
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
        problems=problems,
        form=form,
        made=made_today(context, who.name),
        asked=proposed(context, card.id, form) if card else None,
        hours=context.settings.callbacks.hours,
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
