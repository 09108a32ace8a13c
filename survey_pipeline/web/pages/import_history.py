"""`/organise/files` and its history: who brought which file, and what it brought taken back."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, Response

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.i18n import Message, translate
from survey_pipeline.reports.imports import ImportFilter, read_import, read_imports
from survey_pipeline.stages.intake.case_undoing import Undone
from survey_pipeline.stages.intake.import_undoing import undo_import
from survey_pipeline.stages.intake.scope import EVERYTHING
from survey_pipeline.stages.intake.uploads.upload_folder import MOST_BYTES
from survey_pipeline.stages.intake.uploads.uploads import list_uploads
from survey_pipeline.vocabulary import RecordKind
from survey_pipeline.vocabulary.record_names import KINDS
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.parameters import RecordId, parse_date
from survey_pipeline.web.pages.passing_files import TYPES
from survey_pipeline.web.rendering.page import locale_of, render

Word = Annotated[str, Query(max_length=100)]
OptionalNumber = Annotated[int, Query(ge=0, lt=1 << 62)]
Reason = Annotated[str, Form(max_length=1000)]

router = APIRouter(include_in_schema=False)


@router.get("/organise/files")
def files_page(  # noqa: PLR0913, PLR0917 - a field of the filter each
    request: Request,
    context: Workspace,
    kind: Word = "",
    by: Word = "",
    name: Word = "",
    first: Word = "",
    last: Word = "",
    before: OptionalNumber = 0,
) -> Response:
    """Show the form for files, the files in hand, and the history of imports."""
    wanted = ImportFilter(
        kind=kind if kind in list(RecordKind) else "",
        by=by.strip(),
        name=name.strip(),
        first=_day(first),
        last=_day(last),
    )
    return show_files(request, context, wanted=wanted, before=before)


def _day(text: str) -> date | None:
    return parse_date(text) if text else None


def show_files(
    request: Request,
    context: Context,
    status: int = 200,
    problems: Sequence[Message] = (),
    given: Mapping[str, str] | None = None,
    *,
    wanted: ImportFilter | None = None,
    before: int = 0,
) -> Response:
    """Render the page.

    Args:
        request: whose page it is.
        context: the workspace.
        status: of the response.
        problems: what is wrong with a form.
        given: what the form contained.
        wanted: which imports of the history; default all.
        before: older than this import; 0: the newest.
    """
    wanted, today = wanted or ImportFilter(), context.today()
    query = {name: value for name, value in vars(wanted).items() if value}
    return render(
        request,
        "organise_files.html",
        status=status,
        problems=problems,
        form={"kind": "", "year": str(today.year), "day": today.isoformat(), **(given or {})},
        kinds=KINDS,
        kind_list=[(kind.value, label) for kind, label in _listed()],
        uploads=list_uploads(context, EVERYTHING),
        history=read_imports(context, wanted, before=before or None),
        wanted=wanted,
        query=query,
        most=MOST_BYTES,
        today=today,
    )


@router.get("/organise/files/templates/{kind}.xlsx")
def template(request: Request, context: Workspace, kind: str) -> Response:
    """Answer an empty workbook of a kind."""
    from survey_pipeline.stages.intake.uploads.file_template import (  # noqa: PLC0415 - loads XlsxWriter
        make_template,
    )

    if kind not in list(RecordKind):
        raise UnknownRecord("there is no kind of file {kind}", kind=kind)
    locale = locale_of(request)
    standard = context.standard_on(context.today()).standard
    name = quote(f"{translate(KINDS[kind], locale)}.xlsx")
    return Response(
        make_template(RecordKind(kind), locale, standard),
        media_type=TYPES[".xlsx"],
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


def _listed() -> list[tuple[RecordKind, str]]:
    return [(kind, KINDS[kind]) for kind in RecordKind]


@router.get("/organise/files/imports/{number}")
def import_page(request: Request, context: Workspace, number: RecordId) -> Response:
    """Show one import."""
    return _show_import(request, context, number)


@router.post("/organise/files/imports/{number}/undo")
def undo(request: Request, context: Workspace, number: RecordId, reason: Reason = "") -> Response:
    """Take back what an import brought, and show what stays and why."""
    try:
        undone = undo_import(context, number, reason)
    except (UsageError, CannotProceed) as error:
        values: dict[str, Any] = {"problem": error.message, "reason": reason}
        return _show_import(request, context, number, status=400, **values)
    return _show_import(request, context, number, undone=undone)


def _show_import(
    request: Request,
    context: Context,
    number: int,
    *,
    status: int = 200,
    undone: Undone | None = None,
    problem: Message | None = None,
    reason: str = "",
) -> Response:
    return render(
        request,
        "organise_import.html",
        status=status,
        past=read_import(context, number),
        kinds=KINDS,
        undone=undone,
        problem=problem,
        reason=reason,
    )
