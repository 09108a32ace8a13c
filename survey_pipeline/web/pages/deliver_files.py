"""`/deliver/files`: a body brings a file, sees what would become of its rows, and confirms."""

from collections.abc import Iterable
from functools import partial
from threading import Event
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, StreamingResponse
from starlette.datastructures import FormData, UploadFile

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.stages.intake.kinds import KINDS as FILE_KINDS
from survey_pipeline.stages.intake.rejected_files.refused_rows import read_refused, refused_header
from survey_pipeline.stages.intake.scope import Scope
from survey_pipeline.stages.intake.uploads.upload import Declaration, Upload
from survey_pipeline.stages.intake.uploads.upload_folder import MOST_BYTES, too_large
from survey_pipeline.stages.intake.uploads.uploads import (
    drop_upload,
    find_upload,
    keep_upload,
    list_uploads,
    refused_file,
    take_upload,
)
from survey_pipeline.vocabulary.record_names import KINDS
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.body_of_user import delivering_body
from survey_pipeline.web.deliverable import scope_of, scopes_of
from survey_pipeline.web.pages.deliver import links_of
from survey_pipeline.web.pages.parameters import FIRST_YEAR, LAST_YEAR
from survey_pipeline.web.pages.refused_cells import describe_rows
from survey_pipeline.web.pages.upload_queue import disconnect_event, run_upload, upload_slot
from survey_pipeline.web.rendering.page import locale_of, render

FORM_BYTES = 64 << 10
"""Bytes of a form without its file."""
MOST_ROWS = 200
"""Refused rows that the page of a file shows; the rejected file has them all."""

router = APIRouter(include_in_schema=False)


@router.get("/deliver/files")
def files_page(request: Request, context: Workspace, who: User) -> Response:
    """Show what the user may bring, and the files that they brought."""
    return _files(request, context, who)


@router.post("/deliver/files")
async def upload(request: Request, context: Workspace, who: User) -> Response:
    """Keep a file and redirect to what would become of its rows."""
    declared = request.headers.get("content-length", "")
    if not declared.isdigit() or int(declared) > MOST_BYTES + FORM_BYTES:
        problem = too_large("").message
        return await run_in_threadpool(
            partial(_files, request, context, who, status=413, problem=problem)
        )
    with upload_slot(request, who.name):
        async with (
            request.form(max_files=1, max_fields=4, max_part_size=FORM_BYTES) as form,
            disconnect_event(request) as gone,  # after the form: it takes the request's events
        ):
            return await run_upload(request, _keep, request, context, who, form, gone)


@router.get("/deliver/files/{token}")
def file_page(request: Request, context: Workspace, who: User, token: str) -> Response:
    """Show what becomes of a file's rows."""
    found, _ = _find(context, who, token)
    rows = read_refused(found.refused_file, 0, MOST_ROWS)
    return render(
        request,
        "deliver_file.html",
        upload=found,
        kind=KINDS[found.declared.kind],
        rows=describe_rows(found.declared.kind, refused_header(found.refused_file), rows),
    )


@router.post("/deliver/files/{token}/take")
async def take(request: Request, context: Workspace, who: User, token: str) -> Response:
    """Store the sound rows of a file."""
    with upload_slot(request, who.name):
        await run_upload(request, _take, context, who, token)
    return RedirectResponse(f"/deliver/files/{token}", status_code=303)


@router.post("/deliver/files/{token}/drop")
def drop(context: Workspace, who: User, token: str) -> Response:
    """Delete a file and what was read from it."""
    _, scope = _find(context, who, token)
    drop_upload(context, scope, token)
    return RedirectResponse("/deliver/files", status_code=303)


@router.get("/deliver/files/{token}/refused.csv")
def refused(request: Request, context: Workspace, who: User, token: str) -> StreamingResponse:
    """Answer the refused rows as a file, to be corrected and uploaded again."""
    found, scope = _find(context, who, token)
    lines = refused_file(context, scope, token, locale_of(request))
    disposition = f"attachment; filename*=UTF-8''{quote(f'{found.name}.rejected.csv')}"
    return StreamingResponse(
        lines, media_type="text/csv", headers={"Content-Disposition": disposition}
    )


def parse_year(text: str) -> int | None:
    """Read the appraisal year of a form; None if it is blank.

    Raises:
        UsageError: it is no year.
    """
    year = text.strip()
    if not year:
        return None
    if not (year.isascii() and year.isdigit() and FIRST_YEAR <= int(year[:9]) <= LAST_YEAR):
        raise UsageError("{year} is no year; write 2023", year=text[:40])
    return int(year)


def _keep(
    request: Request, context: Context, who: SignedIn, form: FormData, gone: Event
) -> Response:
    file, name = form.get("file"), str(form.get("kind") or "")[:40]
    year = str(form.get("year") or "")[:40]
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise UsageError("choose a file first")
        kind, scope = scope_of(context, who, name)
        declared = Declaration(kind, year=parse_year(year) if FILE_KINDS[kind].yearly else None)
        kept = keep_upload(context, scope, declared, file.filename, file.file, is_gone=gone.is_set)
    except (UsageError, CannotProceed) as error:
        chosen = {"kind": name, "year": year}
        return _files(request, context, who, status=400, problem=error.message, chosen=chosen)
    return RedirectResponse(f"/deliver/files/{kept.token}", status_code=303)


def _take(context: Context, who: SignedIn, token: str) -> Upload:
    _, scope = _find(context, who, token)
    return take_upload(context, scope, token)


def _find(context: Context, who: SignedIn, token: str) -> tuple[Upload, Scope]:
    """Return a file that the user brought, with the scope that it was brought in."""
    scopes: Iterable[Scope] = scopes_of(context, who).values()
    for scope in scopes:
        try:
            return find_upload(context, scope, token), scope
        except UnknownRecord:
            continue
    raise UnknownRecord("you have uploaded no such file")


def _files(
    request: Request, context: Context, who: SignedIn, *, status: int = 200, **more: Any
) -> Response:
    body, scopes = delivering_body(context, who), scopes_of(context, who)
    year = context.standard_on(context.today()).standard.year
    brought = [found for scope in scopes.values() for found in list_uploads(context, scope)]
    values = {"problem": None, "chosen": {"kind": "", "year": str(year)}, **more}
    return render(
        request,
        "deliver_files.html",
        status=status,
        body=body,
        links=links_of(body),
        kinds={kind.value: KINDS[kind] for kind in scopes},
        uploads=sorted(brought, key=lambda found: found.at, reverse=True),
        most=MOST_BYTES,
        **values,
    )
