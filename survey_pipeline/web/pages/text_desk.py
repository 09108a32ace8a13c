"""`/admin/templates`: the texts to citizens and the callers' scripts: tried, saved, put back."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.editing.edited_texts import (
    CALLS,
    SMS,
    EditableText,
    editable_texts,
    find_text,
    put_back,
    save_text,
    shipped_source,
    source_of,
    tidy_source,
    try_text,
    versions_of_text,
    waiting_by_version,
)
from survey_pipeline.errors import SurveyPipelineError, UsageError
from survey_pipeline.i18n import N_
from survey_pipeline.stages.dispatch.templates import version_of
from survey_pipeline.vocabulary import Category
from survey_pipeline.vocabulary.names import CATEGORIES
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.rendering.page import render

LONGEST = 20_000
"""Characters of a form's text; a file takes fewer (`text_templates.LARGEST_FILE`)."""
OWN_WORDS = frozenset({"aliyun"})
"""Kinds of gateways whose provider sends the words that it has approved, not ours."""
NAMES: Mapping[str, str] = {
    "survey": N_("The question"),
    "survey_short": N_("The question, short"),
    "reason": N_("The follow-up that asks for the reason"),
    "review_invite": N_("The invitation of a representative"),
    "call": N_("A call: no answer, landline, text not delivered"),
    "call_unclear": N_("A call: the reply was unclear"),
    "call_dissatisfied": N_("A call: ask why somebody is dissatisfied"),
    "call_verify": N_("A call: verify a good rating"),
}
FOLDERS: Mapping[str, str] = {SMS: N_("Texts by SMS"), CALLS: N_("What callers say")}
WORDS = {"names": NAMES, "folders": FOLDERS, "categories": CATEGORIES}

Source = Annotated[str, Form(max_length=LONGEST)]
Word = Annotated[str, Form(max_length=40)]
Told = Annotated[str, Query(max_length=40)]

router = APIRouter(include_in_schema=False)


@router.get("/admin/templates")
def texts_page(request: Request, context: Workspace) -> Response:
    """List the texts, each with what is wrong with it."""
    texts = [
        (text, try_text(context, text, source_of(context, text)))
        for text in editable_texts(context)
    ]
    return render(request, "texts.html", texts=texts, words=WORDS, own=_own_words(context))


@router.get("/admin/templates/{folder}/{name}")
def text_page(
    request: Request, context: Workspace, folder: str, name: str, saved: Told = ""
) -> Response:
    """Show a text, what it says of a made-up case, and its versions."""
    return _page(request, context, find_text(context, folder, name), saved=saved)


@router.post("/admin/templates/{folder}/{name}")
def change_text(  # noqa: PLR0917 - the fields of the form
    request: Request,
    context: Workspace,
    folder: str,
    name: str,
    source: Source = "",
    seen: Word = "",
    only_try: Word = "",
) -> Response:
    """Save a text, or only show what it would say."""
    text = find_text(context, folder, name)
    if only_try:
        return _page(request, context, text, source=tidy_source(source))
    try:
        version = save_text(context, text, source, seen)
    except UsageError as error:
        return _page(request, context, text, source=tidy_source(source), problem=error)
    return _saved(text, version)


@router.post("/admin/templates/{folder}/{name}/put-back")
def put_text_back(
    request: Request,
    context: Workspace,
    folder: str,
    name: str,
    version: Word,
    seen: Word = "",
) -> Response:
    """Save an earlier version, or the shipped one, again."""
    text = find_text(context, folder, name)
    try:
        made = put_back(context, text, version, seen)
    except UsageError as error:
        return _page(request, context, text, problem=error)
    return _saved(text, made)


def _saved(text: EditableText, version: str) -> Response:
    address = f"/admin/templates/{text.folder}/{text.name}?saved={version}"
    return RedirectResponse(address, status_code=303)


def _own_words(context: Context) -> list[str]:
    """Return the gateways whose provider sends words of its own."""
    return [gateway.label for gateway in context.settings.gateway if gateway.kind in OWN_WORDS]


def _page(
    request: Request,
    context: Context,
    text: EditableText,
    *,
    source: str | None = None,
    saved: str = "",
    problem: SurveyPipelineError | None = None,
) -> Response:
    stored = source_of(context, text)
    shown = stored if source is None else source
    trial = try_text(context, text, shown)
    problems: list[Any] = [problem.message, *problem.others] if problem else []
    shipped = shipped_source(text)
    return render(
        request,
        "text.html",
        status=400 if problem else 200,
        text=text,
        source=shown,
        typed=source is not None,
        seen=version_of(stored),
        trial=trial,
        most=context.settings.sending.max_segments,
        problems=problems or trial.problems,
        saved=saved,
        waiting=waiting_by_version(context, text),
        versions=versions_of_text(context, text),
        may_ship=shipped is not None and shipped != stored,
        categories=_of_categories(context, text),
        own=_own_words(context),
        words=WORDS,
    )


def _of_categories(context: Context, text: EditableText) -> list[EditableText]:
    """Return a general text's versions for categories, those too that are not there yet."""
    if text.category or text.name == "review_invite":
        return []
    return [find_text(context, text.folder, f"{text.name}.{category}") for category in Category]
