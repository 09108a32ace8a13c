"""`/replies`: the reader's desk, one unclear text at a time, and never its office."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from babel.dates import format_timedelta
from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, SurveyPipelineError, UnknownRecord, UsageError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.stages.replies import (
    code_reply,
    correct_decision,
    decided_today,
    decision_on,
    held_text,
    keep_text,
    last_decision,
    reading_list,
    take_text,
    text_waits,
    undo_decision,
)
from survey_pipeline.vocabulary import ReaderDecision, Role
from survey_pipeline.vocabulary.names import RATINGS, READ_AS
from survey_pipeline.web.access import Workspace, allowed
from survey_pipeline.web.pages import SEEN, locale_of, render, unless_seen

READERS = allowed(Role.CALLER, Role.OPERATOR, Role.ADMIN)
KEYS: Mapping[ReaderDecision, str] = {
    ReaderDecision.SATISFIED: "1",
    ReaderDecision.NEUTRAL: "2",
    ReaderDecision.DISSATISFIED: "3",
    ReaderDecision.NOT_MY_CASE: "4",
    ReaderDecision.CANNOT_TELL: "5",
}
CHOICES: Mapping[str, str] = {
    **RATINGS,
    ReaderDecision.NOT_MY_CASE: N_("not their case"),
    ReaderDecision.CANNOT_TELL: N_("cannot tell"),
}
"""What a reader chooses from."""

ReplyId = Annotated[int, Path(ge=1, lt=1 << 62)]
Seen = Annotated[str, Query(max_length=64)]
Word = Annotated[str, Form(max_length=20)]

router = APIRouter(include_in_schema=False)


@router.get("/replies")
def desk(request: Request, context: Workspace, who: SignedIn = READERS) -> Response:
    """Show the text in the visitor's hands, or how many wait; and what was decided today."""
    return _desk(request, context, who)


@router.get("/replies/waiting")
def waiting_part(
    request: Request, context: Workspace, seen: Seen = "", who: SignedIn = READERS
) -> Response:
    """Return how many texts wait; nothing where it is as it was seen."""
    waits = reading_list(context, who.name)
    return unless_seen(render(request, "_replies_waiting.html", waits=waits, seen=SEEN), seen)


@router.post("/replies/next")
def take(
    request: Request,
    context: Workspace,
    after: Annotated[int | None, Form(ge=1, lt=1 << 62)] = None,
    who: SignedIn = READERS,
) -> Response:
    """Take the next text; one that is left for later goes back."""
    take_text(context, who.name, after)
    return _desk_or_back(request, context, who)


@router.post("/replies/{reply_id}/decide")
def decide(
    request: Request,
    context: Workspace,
    reply_id: ReplyId,
    result: Word = "",
    who: SignedIn = READERS,
) -> Response:
    """Keep a decision, and take the next text."""
    try:
        decision = ReaderDecision(_chosen(result))
        code_reply(context, reply_id, decision, who.name, must_hold=True)
    except SurveyPipelineError as error:
        return _desk_or_error(request, context, who, reply_id, error)
    take_text(context, who.name)
    return _desk_or_back(request, context, who)


@router.post("/replies/{reply_id}/undo")
def undo(
    request: Request, context: Workspace, reply_id: ReplyId, who: SignedIn = READERS
) -> Response:
    """Take back what was decided within the last minute."""
    try:
        undo_decision(context, reply_id, who.name)
    except CannotProceed as error:
        return _desk_or_error(request, context, who, reply_id, error)
    return _desk_or_back(request, context, who)


@router.post("/replies/{reply_id}/correct")
def correct(
    request: Request,
    context: Workspace,
    reply_id: ReplyId,
    result: Word = "",
    why: Annotated[str, Form(max_length=2000)] = "",
    who: SignedIn = READERS,
) -> Response:
    """Put another decision in the place of a wrong one, with its reason."""
    try:
        decision = ReaderDecision(_chosen(result))
        own = not _supervises(who)
        correct_decision(context, reply_id, decision, who.name, why, only_own=own)
    except SurveyPipelineError as error:
        return _desk_or_error(request, context, who, reply_id, error)
    return _desk_or_back(request, context, who)


@router.get("/replies/{reply_id}/watch")
def watch_part(
    request: Request, context: Workspace, reply_id: ReplyId, who: SignedIn = READERS
) -> Response:
    """Say that the text on the screen waits no more; nothing as long as it does."""
    if text_waits(context, reply_id):
        return Response(status_code=204)
    word = _decided_before(context, reply_id) or Message(_WAITS_NO_MORE)
    return render(request, "_replies_news.html", word=word)


@router.post("/replies/{reply_id}/keep")
def keep(context: Workspace, reply_id: ReplyId, who: SignedIn = READERS) -> Response:
    """Keep the text: the page is open."""
    keep_text(context, reply_id, who.name)
    return Response(status_code=204)


def _chosen(result: str) -> str:
    if result not in list(ReaderDecision):
        raise UsageError("choose what the text says")
    return result


def _supervises(who: SignedIn) -> bool:
    return who.role in {Role.OPERATOR, Role.ADMIN}


_WAITS_NO_MORE = N_("This text waits for no reader any more: the citizen has answered clearly.")


def _decided_before(context: Context, reply_id: int) -> Message | None:
    decided = decision_on(context, reply_id)
    if decided is None:
        return None
    return Message(
        "{name} has decided this text before you: {decision}.",
        {"name": decided.by, "decision": Message(CHOICES[decided.decision])},
    )


def _desk_or_back(request: Request, context: Context, who: SignedIn) -> Response:
    if "hx-request" in request.headers:
        return _desk(request, context, who)
    return RedirectResponse("/replies", status_code=303)


def _desk_or_error(
    request: Request, context: Context, who: SignedIn, reply_id: int, error: SurveyPipelineError
) -> Response:
    """Show the desk with what went wrong; to htmx as a part, which it swaps only where all is well.

    Raises:
        SurveyPipelineError: where no script has asked: the error page says it.
    """
    if isinstance(error, UnknownRecord):
        raise error
    before = None
    if isinstance(error, CannotProceed) and request.url.path.endswith("/decide"):
        before = _decided_before(context, reply_id)
    if "hx-request" not in request.headers:
        raise CannotProceed(before.text, **before.params) if before else error
    return _desk(request, context, who, problem=before or error.message)


def _desk(
    request: Request, context: Context, who: SignedIn, *, problem: Message | None = None
) -> Response:
    text = held_text(context, who.name)
    readers, decided = decided_today(context)
    last = last_decision(context, who.name)
    lasts = int((last.until - context.now()).total_seconds()) if last else 0
    return render(
        request,
        "_replies_desk.html" if "hx-request" in request.headers else "replies.html",
        text=text,
        waited=_since(request, context, text.received_at) if text else "",
        waits=reading_list(context, who.name),
        readers=readers,
        decided=decided,
        problem=problem,
        last=last,
        lasts=lasts,
        reader=who.name,
        supervises=_supervises(who),
        seen="",
        keys=KEYS,
        words=_WORDS,
    )


_WORDS: Mapping[str, Any] = {"choices": CHOICES, "read_as": READ_AS}


def _since(request: Request, context: Context, moment: datetime) -> str:
    passed = context.now() - moment
    return format_timedelta(passed, granularity="minute", locale=locale_of(request))
