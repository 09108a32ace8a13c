"""`/callbacks`: the caller's desk, one call at a time."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from survey_pipeline.context import Context
from survey_pipeline.errors import CallHeld, CannotProceed, SurveyPipelineError, UnknownRecord
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
from survey_pipeline.vocabulary import CallEnd, CallOutcome
from survey_pipeline.vocabulary.names import CALL_OUTCOMES, CALL_REASONS, DISSATISFIED_WITH, RATINGS
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.pages.call_form import (
    ANSWER_KEYS,
    OUTCOME_KEYS,
    REASON_KEYS,
    LogForm,
    proposed,
    read_result,
)
from survey_pipeline.web.pages.desk import Desk, Show
from survey_pipeline.web.pages.parameters import RecordId
from survey_pipeline.web.rendering.fragments import FINGERPRINT, Seen, unless_unchanged
from survey_pipeline.web.rendering.page import render

DESK = Desk("/callbacks", "calls")
RENEWALS = 4
"""How often an open page renews its lease within the lease's length."""
WHY_CLOSED: Mapping[str, str] = {
    CallEnd.OPTED_OUT: N_("The citizen has opted out meanwhile."),
    CallEnd.WITHDRAWN: N_("The office has withdrawn the case meanwhile."),
    CallEnd.SURVEY_CLOSED: N_("The survey has ended meanwhile."),
    CallEnd.FORGOTTEN: N_("The citizen has had their data deleted meanwhile."),
    CallEnd.ANSWERED_ELSEWHERE: N_("Others have delivered the citizen's answer meanwhile."),
    CallEnd.SMS_REPLY: N_("The citizen has answered by SMS meanwhile."),
}
TELL_COLLEAGUE = N_(
    "Nothing was logged. Tell your colleague what you heard, then take the next call."
)
WORDS = {
    "reasons": CALL_REASONS,
    "outcomes": CALL_OUTCOMES,
    "ratings": RATINGS,
    "why": DISSATISFIED_WITH,
    "closed": WHY_CLOSED,
}
KEYS = {"answers": ANSWER_KEYS, "outcomes": OUTCOME_KEYS, "reasons": REASON_KEYS}

Short = Annotated[str, Query(max_length=10)]

router = APIRouter(include_in_schema=False)


@router.get("/callbacks")
def desk(request: Request, context: Workspace, who: User) -> Response:
    """Show the call that the user holds, or what waits."""
    return _desk(request, context, who)


@router.get("/callbacks/waiting")
def waiting_fragment(request: Request, context: Workspace, who: User, seen: Seen = "") -> Response:
    """Return how many calls wait, if that has changed."""
    return DESK.show_waiting(request, seen, outlook(context, who.name))


@router.post("/callbacks/next")
def take(request: Request, context: Workspace, who: User) -> Response:
    """Take the next call."""
    next_call(context, who.name)
    return DESK.answer(request, _shows(request, context, who))


@router.post("/callbacks/{call_id}/release")
def put_back(request: Request, context: Workspace, who: User, call_id: RecordId) -> Response:
    """Put a call back into the queue, not made."""
    show = _shows(request, context, who)
    try:
        release(context, call_id, who.name)
    except CannotProceed as error:
        return DESK.refuse(request, error, show)
    return DESK.answer(request, show)


@router.get("/callbacks/{call_id}/watch")
def watch_fragment(
    request: Request, context: Workspace, who: User, call_id: RecordId, seen: Seen = ""
) -> Response:
    """Return what has happened to the call on the screen, if that has changed."""
    return unless_unchanged(_news(request, context, call_id, who, FINGERPRINT), seen)


@router.post("/callbacks/{call_id}/renew")
def renew(request: Request, context: Workspace, who: User, call_id: RecordId) -> Response:
    """Keep the call, because the page is open; the fragment tells if somebody else has it."""
    try:
        renew_lease(context, call_id, who.name)
    except UnknownRecord:
        raise
    except CannotProceed:
        pass
    return _news(request, context, call_id, who, "")


@router.get("/callbacks/{call_id}/appointment")
def appointment_fragment(
    request: Request, context: Workspace, call_id: RecordId, on: Short = "", at: Short = ""
) -> Response:
    """Return what becomes of an appointment at the time that the caller types."""
    asked = proposed(context, call_id, LogForm(result=CallOutcome.AGAIN, on=on, at=at))
    return render(request, "_calls_appointment.html", asked=asked)


@router.post("/callbacks/{call_id}/log")
def log(
    request: Request,
    context: Workspace,
    who: User,
    call_id: RecordId,
    form: Annotated[LogForm, Form()],
) -> Response:
    """Log the result of the call."""
    try:
        logged = log_result(context, call_id, who.name, read_result(context, call_id, form))
    except SurveyPipelineError as error:
        _keep(context, call_id, who)
        more = [Message(TELL_COLLEAGUE)] if isinstance(error, CallHeld) else []
        return DESK.refuse(request, error, _shows(request, context, who, form=form), *more)
    return DESK.answer(request, _shows(request, context, who, logged=logged))


@router.post("/callbacks/{call_id}/undo")
def undo(request: Request, context: Workspace, who: User, call_id: RecordId) -> Response:
    """Undo what the user logged within the last minute."""
    show = _shows(request, context, who)
    try:
        undo_attempt(context, call_id, who.name)
    except CannotProceed as error:
        return DESK.refuse(request, error, show)
    return DESK.answer(request, show)


def _shows(
    request: Request,
    context: Context,
    who: SignedIn,
    logged: Logged | None = None,
    form: LogForm | None = None,
) -> Show:
    """Return what renders the desk when the step is done."""
    return lambda problems: _desk(request, context, who, problems, logged=logged, form=form)


def _desk(
    request: Request,
    context: Context,
    who: SignedIn,
    problems: Sequence[Message] = (),
    *,
    logged: Logged | None = None,
    form: LogForm | None = None,
) -> Response:
    card, form = held_call(context, who.name), form or LogForm()
    return DESK.show(
        request,
        context,
        who,
        last_attempt(context, who.name),
        card=card,
        number=dialled(card.phone) if card else "",
        waits=None if card else outlook(context, who.name),
        watched=watch_call(context, card.id, who.name) if card else None,
        logged=logged,
        problems=problems,
        form=form,
        made=made_today(context, who.name),
        asked=proposed(context, card.id, form) if card else None,
        hours=context.settings.callbacks.hours,
        renewal=_renewal(context),
        today=context.today(),
        words=WORDS,
        keys=KEYS,
    )


def _renewal(context: Context) -> int:
    """Return after how many seconds an open page renews its lease."""
    return max(2, int(context.settings.callbacks.lease.total_seconds()) // RENEWALS)


def _news(request: Request, context: Context, call_id: int, who: SignedIn, seen: str) -> Response:
    """Return the fragment with what has happened to a call while it is on the screen."""
    watched = watch_call(context, call_id, who.name)
    number = dialled(watched.phone) if watched.phone.startswith("+") else watched.phone
    return render(
        request,
        "_calls_news.html",
        seen=seen,
        out_of_band=True,
        watched=watched,
        call_id=call_id,
        number=number,
        words=WORDS,
    )


def _keep(context: Context, call_id: int, who: SignedIn) -> None:
    """Renew the lease of a caller who has just sent a form, and is therefore there."""
    try:
        renew_lease(context, call_id, who.name)
    except CannotProceed:
        return  # the call is no longer theirs; the error that is shown tells why
