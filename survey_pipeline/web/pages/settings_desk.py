"""`/admin/settings`: settings that operators change, written into `config/pipeline.toml`."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.app import App
from survey_pipeline.context import Context
from survey_pipeline.editing.setting_names import KEYS, SECTIONS
from survey_pipeline.editing.settings_file import (
    change_settings,
    changes_of_settings,
    settings_form,
    undo_settings,
)
from survey_pipeline.errors import CannotProceed, SurveyPipelineError, UsageError
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.parameters import parse_key
from survey_pipeline.web.rendering.page import render

WORDS = {"sections": SECTIONS, "labels": KEYS}

Number = Annotated[str, Form(max_length=20)]
Word = Annotated[str, Form(max_length=40)]
Count = Annotated[int, Query(ge=0, le=1_000)]

router = APIRouter(include_in_schema=False)


@router.get("/admin/settings")
def settings_page(request: Request, context: Workspace, saved: Count = 0) -> Response:
    """Show the settings as they stand in the file, what waits for a restart, and the changes."""
    return _page(request, context, saved=saved)


async def typed_fields(request: Request) -> dict[str, str]:
    """Return the fields of the form; which there are, the configuration says."""
    form = await request.form()
    return {name: str(value) for name, value in form.items()}


@router.post("/admin/settings")
def change(
    request: Request,
    context: Workspace,
    fields: Annotated[dict[str, str], Depends(typed_fields)],
) -> Response:
    """Write the changed settings into the file."""
    typed = {name: value for name, value in fields.items() if name != "seen"}
    try:
        done = change_settings(context, _environ(request), typed, fields.get("seen", ""))
    except (CannotProceed, UsageError) as error:
        return _page(request, context, typed=typed, problem=error)
    return RedirectResponse(f"/admin/settings?saved={len(done)}", status_code=303)


@router.post("/admin/settings/undo")
def undo(request: Request, context: Workspace, entry: Number, seen: Word = "") -> Response:
    """Write the values back that held before a change."""
    try:
        done = undo_settings(context, _environ(request), parse_key(entry), seen)
    except UsageError as error:
        return _page(request, context, problem=error)
    return RedirectResponse(f"/admin/settings?saved={len(done)}", status_code=303)


def _environ(request: Request) -> Mapping[str, str]:
    app: App = request.app.state.app
    return app.environ


def _page(
    request: Request,
    context: Context,
    *,
    saved: int = 0,
    typed: Mapping[str, str] | None = None,
    problem: SurveyPipelineError | None = None,
) -> Response:
    problems: list[Any] = [problem.message, *problem.others] if problem else []
    status = 409 if isinstance(problem, CannotProceed) else 400
    return render(
        request,
        "settings.html",
        status=status if problem else 200,
        form=settings_form(context, _environ(request)),
        typed=typed or {},
        saved=saved,
        problems=problems,
        changes=changes_of_settings(context),
        words=WORDS,
    )
