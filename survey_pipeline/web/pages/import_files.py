"""`/organise/files`: files of any kind are brought, looked at, mended and stored."""

import asyncio
import re
from contextlib import suppress
from threading import Event
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, StreamingResponse
from starlette.datastructures import FormData, UploadFile

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, SurveyPipelineError, UnreadableFile, UsageError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.stages.intake.kinds import KINDS as FILE_KINDS
from survey_pipeline.stages.intake.rejected_files.refused_rows import read_refused, refused_header
from survey_pipeline.stages.intake.scope import EVERYTHING
from survey_pipeline.stages.intake.uploads.mending import LONGEST_CELL, MOST_CELLS, MendedCells
from survey_pipeline.stages.intake.uploads.upload import Declaration, Upload
from survey_pipeline.stages.intake.uploads.upload_folder import MOST_BYTES, too_large
from survey_pipeline.stages.intake.uploads.uploads import (
    drop_upload,
    find_upload,
    fitting_kinds,
    keep_upload,
    mend_upload,
    refused_file,
    refused_in_full,
    take_upload,
    upload_progress,
)
from survey_pipeline.vocabulary import RecordKind
from survey_pipeline.vocabulary.record_names import KINDS
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.pages.import_history import show_files
from survey_pipeline.web.pages.parameters import FIRST_YEAR, LAST_YEAR, parse_date
from survey_pipeline.web.pages.refused_cells import describe_rows
from survey_pipeline.web.pages.upload_queue import disconnect_event, run_upload, upload_slot
from survey_pipeline.web.rendering.page import locale_of, render

FORM_BYTES = 64 << 10
"""Bytes of a form without its files."""
MOST_FILES = 5
"""Files of one form."""
ROWS_A_PAGE = 50
WAITED_FOR = 1.5
"""Seconds after which the page of an import that still runs is shown."""
FITS = N_("The headings of {file} fit: {kinds}. Choose what it holds, and bring it again.")
FITS_NOTHING = N_(
    "The headings of {file} fit no kind of file. Take an empty workbook, which has the headings."
)
_CELL = re.compile(r"cell-([0-9]{1,9})-([0-9]{1,5})")

Short = Annotated[str, Query(max_length=20)]

router = APIRouter(include_in_schema=False)


@router.post("/organise/files/uploads")
async def upload(request: Request, context: Workspace, who: User) -> Response:
    """Keep files and redirect to what would become of their rows."""
    declared = request.headers.get("content-length", "")
    if not declared.isdigit() or int(declared) > MOST_BYTES + FORM_BYTES:
        problems = [too_large("").message]
        return await run_in_threadpool(show_files, request, context, 413, problems)
    with upload_slot(request, who.name):
        async with (
            request.form(max_files=MOST_FILES, max_fields=4, max_part_size=FORM_BYTES) as form,
            disconnect_event(request) as gone,  # after the form: it takes the request's events
        ):
            return await run_upload(request, _keep_all, request, context, form, gone)


def _keep_all(request: Request, context: Context, form: FormData, gone: Event) -> Response:
    given = {name: str(form.get(name) or "")[:40] for name in ("kind", "year", "day")}
    files = [file for file in form.getlist("file") if isinstance(file, UploadFile)]
    kept: list[Upload] = []
    problems: list[Message] = []
    try:
        declared = _declaration(given) if given["kind"] else None
        named = [file for file in files if file.filename]
        if not named:
            raise UsageError("choose a file first")
        for file in named:
            _keep(context, declared, file, gone, kept, problems)
    except (UsageError, CannotProceed) as error:
        problems.append(error.message)
    if problems:
        return show_files(request, context, 400, problems, given)
    only = f"/uploads/{kept[0].token}" if len(kept) == 1 else "#uploads-head"
    return RedirectResponse(f"/organise/files{only}", status_code=303)


def _keep(
    context: Context,
    declared: Declaration | None,
    file: UploadFile,
    gone: Event,
    kept: list[Upload],
    problems: list[Message],
) -> None:
    """Keep one file, or note why it is not kept."""
    name = file.filename or ""
    if declared is None:
        problems.append(_suggestion(context, name, file))
        return
    try:
        upload = keep_upload(context, EVERYTHING, declared, name, file.file, is_gone=gone.is_set)
        kept.append(upload)
    except UnreadableFile as error:
        problems.append(error.message)
        with suppress(UnreadableFile):  # its own problem is told already
            file.file.seek(0)
            problems.append(_suggestion(context, name, file))
    except CannotProceed as error:
        problems.append(error.message)


def _suggestion(context: Context, name: str, file: UploadFile) -> Message:
    """Return which kinds the headings of a file fit."""
    kinds = fitting_kinds(context, EVERYTHING, name, file.file)
    if not kinds:
        return Message(FITS_NOTHING, {"file": name})
    words = {f"kind{place}": Message(KINDS[kind]) for place, kind in enumerate(kinds)}
    places = "; ".join(f"{{{word}}}" for word in words)
    listed = Message(places, dict(words))
    return Message(FITS, {"file": name, "kinds": listed})


def _declaration(given: dict[str, str]) -> Declaration:
    """Read what the form says of the files.

    Raises:
        UsageError: there is no such kind, no such year or no such day.
    """
    if given["kind"] not in list(RecordKind):
        raise UsageError("choose what the files hold")
    kind, year = RecordKind(given["kind"]), given["year"]
    if not (year.isascii() and year.isdigit() and FIRST_YEAR <= int(year) <= LAST_YEAR):
        raise UsageError("{year} is no year; write 2023", year=year)
    day = parse_date(given["day"]) if given["day"] and kind is RecordKind.CASES else None
    return Declaration(kind, day, int(year) if FILE_KINDS[kind].yearly else None)


@router.get("/organise/files/uploads/{token}")
def upload_page(
    request: Request, context: Workspace, token: str, page: Short = "1", mend: Short = ""
) -> Response:
    """Show what becomes of a file's rows: changed, refused, to be looked at."""
    found = find_upload(context, EVERYTHING, token)
    return _show_upload(request, context, found, page, wants_to_mend=bool(mend))


def _show_upload(
    request: Request, context: Context, found: Upload, page: str, *, wants_to_mend: bool
) -> Response:
    pages = max(1, -(-found.refused // ROWS_A_PAGE))
    part = min(max(int(page), 1), pages) if page.isascii() and page.isdigit() else 1
    start = (part - 1) * ROWS_A_PAGE
    rows = read_refused(found.refused_file, start, ROWS_A_PAGE)
    cells = sum(len(row.problems) for row in rows)
    open_to_mending = found.taken_at is None and found.declared.kind is not RecordKind.BALLOTS
    few = pages == 1 and 0 < cells <= MOST_CELLS
    mending = wants_to_mend and open_to_mending and few
    if mending:
        rows = refused_in_full(context, EVERYTHING, found.token, start, ROWS_A_PAGE)
    header = refused_header(found.refused_file)
    return render(
        request,
        "organise_upload.html",
        upload=found,
        progress=upload_progress(context, EVERYTHING, found.token),
        rows=describe_rows(found.declared.kind, header, rows),
        page=part,
        pages=pages,
        kinds=KINDS,
        mending=mending,
        may_mend=open_to_mending and few,
        too_many=open_to_mending and not few,
        most_cells=MOST_CELLS,
        column_names=column_names(found.declared.kind, locale_of(request)),
    )


def column_names(kind: RecordKind, locale: str) -> dict[str, str]:
    """Return the columns of a kind as a person reads them."""
    return {column.name: column.named().render(locale) for column in FILE_KINDS[kind].columns}


@router.get("/organise/files/uploads/{token}/progress")
def progress(request: Request, context: Workspace, token: str) -> Response:
    """Answer how far an import is; at its end the page is loaded anew."""
    found = find_upload(context, EVERYTHING, token)
    known = upload_progress(context, EVERYTHING, token)
    headers = None if known and known.running else {"HX-Refresh": "true"}
    return render(request, "_upload_progress.html", headers=headers, upload=found, progress=known)


@router.post("/organise/files/uploads/{token}/take")
async def take(request: Request, context: Workspace, who: User, token: str) -> Response:
    """Store the sound rows; an import that takes long goes on beside the pages."""
    await run_in_threadpool(find_upload, context, EVERYTHING, token)
    running = asyncio.create_task(_take(request, context, who, token))
    tasks: set[asyncio.Task[None]] = request.app.state.imports
    tasks.add(running)
    running.add_done_callback(tasks.discard)
    await asyncio.wait({running}, timeout=WAITED_FOR)
    return RedirectResponse(f"/organise/files/uploads/{token}", status_code=303)


async def _take(request: Request, context: Context, who: SignedIn, token: str) -> None:
    """Store the rows; what goes wrong is noted beside the file, for its page."""
    with suppress(SurveyPipelineError), upload_slot(request, who.name):
        await run_upload(request, take_upload, context, EVERYTHING, token)


@router.post("/organise/files/uploads/{token}/mend")
async def mend(request: Request, context: Workspace, who: User, token: str) -> Response:
    """Put new texts into refused cells, and check the file again."""
    async with request.form(max_files=0, max_fields=MOST_CELLS, max_part_size=FORM_BYTES) as form:
        cells = _cells(form)
    with upload_slot(request, who.name):
        await run_upload(request, mend_upload, context, EVERYTHING, token, cells)
    return RedirectResponse(f"/organise/files/uploads/{token}", status_code=303)


def _cells(form: FormData) -> MendedCells:
    """Read the mended cells of a form."""
    found: dict[tuple[int, int], str] = {}
    for name, value in form.items():
        if (place := _CELL.fullmatch(name)) and isinstance(value, str):
            found[int(place[1]), int(place[2])] = value[:LONGEST_CELL]
    return found


@router.post("/organise/files/uploads/{token}/drop")
def drop(context: Workspace, token: str) -> Response:
    """Delete a file and what was read from it."""
    drop_upload(context, EVERYTHING, token)
    return RedirectResponse("/organise/files", status_code=303)


@router.get("/organise/files/uploads/{token}/refused.csv")
def refused(request: Request, context: Workspace, token: str) -> StreamingResponse:
    """Answer the refused rows as a file, to be corrected and brought again."""
    name = find_upload(context, EVERYTHING, token).name
    lines = refused_file(context, EVERYTHING, token, locale_of(request))
    return StreamingResponse(
        lines, media_type="text/csv", headers=attachment(f"{name}.rejected.csv")
    )


def attachment(name: str) -> dict[str, str]:
    """Return the headers of a file that is saved under a name."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
