"""`/replies`: the reader's desk, one unclear text at a time; its office is never shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from babel.dates import format_timedelta
from fastapi import APIRouter, Form, Request, Response

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
from survey_pipeline.vocabulary import ReaderDecision
from survey_pipeline.vocabulary.names import RATINGS, READ_AS
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.pages.desk import Desk, Show, supervises
from survey_pipeline.web.pages.parameters import RecordId
from survey_pipeline.web.rendering.fragments import Seen
from survey_pipeline.web.rendering.page import locale_of, render

DESK = Desk("/replies", "replies")
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
WORDS: Mapping[str, Any] = {"choices": CHOICES, "read_as": READ_AS}
WAITS_NO_MORE = N_("This text waits for no reader any more: the citizen has answered clearly.")

Word = Annotated[str, Form(max_length=20)]

router = APIRouter(include_in_schema=False)


@router.get("/replies")
def desk(request: Request, context: Workspace, who: User) -> Response:
    """Show the text that the user holds, or how many wait; and what was decided today."""
    return _desk(request, context, who)


@router.get("/replies/waiting")
def waiting_fragment(request: Request, context: Workspace, who: User, seen: Seen = "") -> Response:
    """Return how many texts wait, if that has changed."""
    return DESK.show_waiting(request, seen, reading_list(context, who.name))


@router.post("/replies/next")
def take(
    request: Request,
    context: Workspace,
    who: User,
    after: Annotated[int | None, Form(ge=1, lt=1 << 62)] = None,
) -> Response:
    """Take the next text; the one that is left for later goes back."""
    take_text(context, who.name, after)
    return DESK.answer(request, _shows(request, context, who))


@router.post("/replies/{reply_id}/decide")
def decide(
    request: Request, context: Workspace, who: User, reply_id: RecordId, result: Word = ""
) -> Response:
    """Keep a decision, and take the next text."""
    show = _shows(request, context, who)
    try:
        code_reply(context, reply_id, _chosen(result), who.name, must_hold=True)
    except SurveyPipelineError as error:
        return DESK.refuse(request, _named(context, reply_id, error), show)
    take_text(context, who.name)
    return DESK.answer(request, show)


@router.post("/replies/{reply_id}/undo")
def undo(request: Request, context: Workspace, who: User, reply_id: RecordId) -> Response:
    """Undo what the user decided within the last minute."""
    show = _shows(request, context, who)
    try:
        undo_decision(context, reply_id, who.name)
    except CannotProceed as error:
        return DESK.refuse(request, error, show)
    return DESK.answer(request, show)


@router.post("/replies/{reply_id}/correct")
def correct(
    request: Request,
    context: Workspace,
    who: User,
    reply_id: RecordId,
    result: Word = "",
    why: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Replace a wrong decision by another one, with the reason."""
    show = _shows(request, context, who)
    try:
        decision, own = _chosen(result), not supervises(who)
        correct_decision(context, reply_id, decision, who.name, why, only_own=own)
    except SurveyPipelineError as error:
        return DESK.refuse(request, error, show)
    return DESK.answer(request, show)


@router.get("/replies/{reply_id}/watch")
def watch_fragment(request: Request, context: Workspace, reply_id: RecordId) -> Response:
    """Answer with the news that the text on the screen no longer waits; 204 while it waits."""
    if text_waits(context, reply_id):
        return Response(status_code=204)
    word = _decided_before(context, reply_id) or Message(WAITS_NO_MORE)
    return render(request, "_replies_news.html", word=word)


@router.post("/replies/{reply_id}/keep")
def keep(context: Workspace, who: User, reply_id: RecordId) -> Response:
    """Keep the text, because the page is open."""
    keep_text(context, reply_id, who.name)
    return Response(status_code=204)


def _chosen(result: str) -> ReaderDecision:
    if result not in list(ReaderDecision):
        raise UsageError("choose what the text says")
    return ReaderDecision(result)


def _named(context: Context, reply_id: int, error: SurveyPipelineError) -> SurveyPipelineError:
    """Return the error; if another reader has decided the text, one that names the decision."""
    if isinstance(error, UnknownRecord) or not isinstance(error, CannotProceed):
        return error
    before = _decided_before(context, reply_id)
    return CannotProceed(before.text, **before.params) if before else error


def _decided_before(context: Context, reply_id: int) -> Message | None:
    decided = decision_on(context, reply_id)
    if decided is None:
        return None
    return Message(
        "{name} has decided this text before you: {decision}.",
        {"name": decided.by, "decision": Message(CHOICES[decided.decision])},
    )


def _shows(request: Request, context: Context, who: SignedIn) -> Show:
    """Return what renders the desk when the step is done."""
    return lambda problems: _desk(request, context, who, problems)


def _desk(
    request: Request, context: Context, who: SignedIn, problems: Sequence[Message] = ()
) -> Response:
    text = held_text(context, who.name)
    readers, decided = decided_today(context)
    return DESK.show(
        request,
        context,
        who,
        last_decision(context, who.name),
        text=text,
        waited=_since(request, context, text.received_at) if text else "",
        waits=reading_list(context, who.name),
        readers=readers,
        decided=decided,
        problem=next(iter(problems), None),
        reader=who.name,
        keys=KEYS,
        words=WORDS,
    )


def _since(request: Request, context: Context, moment: datetime) -> str:
    passed = context.now() - moment
    return format_timedelta(passed, granularity="minute", locale=locale_of(request))
