"""Files that a person uploads within a scope: rehearsed at once, then confirmed or dropped.

Only the person who uploaded a file sees it again. When it is confirmed and imported, the file
itself is deleted. Its refused rows stay, to be corrected, until the personal data of cases never
drawn is deleted too (`upload_folder.drop_old_uploads`).
"""

import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import BoundedSemaphore
from typing import BinaryIO

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, SurveyPipelineError, UnknownRecord
from survey_pipeline.stages.intake.chunk_flow import FileBounds, Progress
from survey_pipeline.stages.intake.file_summary import FileSummary, RefusedRow
from survey_pipeline.stages.intake.formats.source import Pulse
from survey_pipeline.stages.intake.import_request import unhurried
from survey_pipeline.stages.intake.importing import import_file
from survey_pipeline.stages.intake.kinds import KINDS
from survey_pipeline.stages.intake.rejected_files.refused_rows import read_refused, rejected_lines
from survey_pipeline.stages.intake.scope import Scope
from survey_pipeline.stages.intake.uploads.mending import MendedCells, mend, read_mended
from survey_pipeline.stages.intake.uploads.rehearsal_deadline import deadline
from survey_pipeline.stages.intake.uploads.report_day import report_day
from survey_pipeline.stages.intake.uploads.suggesting import suggest_kinds
from survey_pipeline.stages.intake.uploads.upload import (
    Declaration,
    Upload,
    read_upload,
    refused_path,
    write_upload,
)
from survey_pipeline.stages.intake.uploads.upload_folder import (
    claimed_file,
    copy_in,
    drop_old_uploads,
    drop_surplus,
    file_of_upload,
    folder_of_actor,
    folder_of_upload,
    no_upload,
)
from survey_pipeline.stages.intake.uploads.upload_progress import (
    UploadProgress,
    note_problem,
    note_progress,
    read_progress,
)
from survey_pipeline.store import audit
from survey_pipeline.store.engine import writing
from survey_pipeline.vocabulary import AuditAction, Audited, RecordKind

BOUNDS = FileBounds(rows=100_000, refused_characters=64 << 20)
_READERS = BoundedSemaphore(2)
"""Files read at the same time: each may take a good part of the memory that one file may."""


def keep_upload(
    context: Context,
    scope: Scope,
    declared: Declaration,
    name: str,
    file: BinaryIO,
    *,
    is_gone: Callable[[], bool] = lambda: False,
) -> Upload:
    """Keep a file and rehearse its import.

    Args:
        context: the workspace; its actor uploads the file, and only the actor may see it again.
        scope: what the actor may bring.
        declared: what the actor says of the file.
        name: what the file is called.
        file: its bytes, at most `upload_folder.MOST_BYTES`.
        is_gone: returns whether the client has gone away; then the work ends.

    Raises:
        UnreadableFile: the file as a whole cannot be used; nothing of it is kept.
        UsageError: a year is given for a kind that has none.
        CannotProceed: the kind is outside the scope, the file is too large or takes too long, too
            many rows are refused, or the actor may not report for that day.
    """
    declared = _completed(context, scope, declared)
    drop_old_uploads(context)
    drop_surplus(context)
    folder = folder_of_actor(context) / secrets.token_hex(8)
    try:
        path = copy_in(file, folder, name)
        pulse = deadline(path.name, is_gone)
        summary = _import(context, path, scope, declared, dry_run=True, pulse=pulse)
        return write_upload(folder, scope.body, declared, summary, context.now(), taken=False)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def fitting_kinds(context: Context, scope: Scope, name: str, file: BinaryIO) -> list[RecordKind]:
    """Return the kinds of a scope whose header a file has; nothing of it is kept.

    Raises:
        UnreadableFile: it is no table.
        CannotProceed: it is too large or takes too long.
    """
    folder = folder_of_actor(context) / secrets.token_hex(8)
    try:
        path = copy_in(file, folder, name)
        return suggest_kinds(path, scope, deadline(path.name, lambda: False))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_upload(context: Context, scope: Scope, token: str) -> Upload:
    """Return a file that the context's actor uploaded within this scope.

    Raises:
        UnknownRecord: the actor has no such file, whether another person has it or not.
    """
    folder = folder_of_upload(context, token)
    try:
        found = read_upload(folder)
    except (OSError, ValueError, KeyError) as error:
        raise no_upload() from error
    if found.body != scope.body or found.declared.kind not in scope.kinds:
        raise no_upload()
    return found


def list_uploads(context: Context, scope: Scope) -> list[Upload]:
    """Return what the context's actor uploaded within this scope, newest first."""
    found = []
    for folder in folder_of_actor(context).glob("*"):
        try:
            found.append(find_upload(context, scope, folder.name))
        except UnknownRecord:
            continue  # being written, or of a body for which the actor reported before
    return sorted(found, key=lambda upload: upload.at, reverse=True)


def take_upload(context: Context, scope: Scope, token: str) -> Upload:
    """Import a file that was rehearsed; again changes nothing.

    Raises:
        UnknownRecord: the context's actor has no such file.
        CannotProceed: it is being imported at the moment, or the kind is outside the scope.
    """
    known = find_upload(context, scope, token)
    if known.taken_at is not None:
        return known
    folder, declared = folder_of_upload(context, token), known.declared
    with claimed_file(folder) as path:
        progress = note_progress(folder)
        try:
            summary = _import(context, path, scope, declared, dry_run=False, progress=progress)
        except SurveyPipelineError as error:
            note_problem(folder, error.message)
            raise
        return write_upload(folder, scope.body, declared, summary, context.now(), taken=True)


def upload_progress(context: Context, scope: Scope, token: str) -> UploadProgress | None:
    """Return how far the import of a file is; None if none has begun.

    Raises:
        UnknownRecord: the context's actor has no such file.
    """
    find_upload(context, scope, token)
    return read_progress(folder_of_upload(context, token))


def refused_file(context: Context, scope: Scope, token: str, locale: str) -> Iterator[str]:
    """Return the rejected file of an upload, part by part; the look at its numbers is audited.

    Raises:
        UnknownRecord: the context's actor has no such file, or no row of it was refused.
    """
    found = find_upload(context, scope, token)
    if not found.refused_file.exists():
        raise no_upload()
    _note_look(context, scope, found)
    return rejected_lines(found.refused_file, locale)


def mend_upload(context: Context, scope: Scope, token: str, cells: MendedCells) -> Upload:
    """Put new texts into refused cells, and rehearse the file again.

    Raises:
        UnknownRecord: the context's actor has no such file.
        CannotProceed: it is being imported, or was.
    """
    known = find_upload(context, scope, token)
    folder = folder_of_upload(context, token)
    if known.taken_at is not None:
        raise CannotProceed("the file is stored already; bring the mended rows as a file")
    path = file_of_upload(folder)
    mend(folder, cells)
    summary = _import(context, path, scope, known.declared, dry_run=True)
    return write_upload(folder, scope.body, known.declared, summary, context.now(), taken=False)


def refused_in_full(
    context: Context, scope: Scope, token: str, start: int, count: int
) -> list[RefusedRow]:
    """Return refused rows with their full cells, to be mended; the look is audited.

    Raises:
        UnknownRecord: the context's actor has no such file.
    """
    found = find_upload(context, scope, token)
    _note_look(context, scope, found)
    return read_refused(found.refused_file, start, count)


def _note_look(context: Context, scope: Scope, found: Upload) -> None:
    look = audit.entry(
        at=context.now(),
        actor=context.actor,
        action=AuditAction.LOOKED,
        kind=Audited.UPLOADS,
        key=f"{scope.body}/{found.token}",
        after={"file": found.name, "refused": found.refused},
    )
    with writing(context.engine) as connection:
        audit.append(connection, [look])


def drop_upload(context: Context, scope: Scope, token: str) -> None:
    """Delete a file and all that was made of it.

    Raises:
        UnknownRecord: the context's actor has no such file.
    """
    find_upload(context, scope, token)
    shutil.rmtree(folder_of_upload(context, token), ignore_errors=True)


def _completed(context: Context, scope: Scope, declared: Declaration) -> Declaration:
    """Return a declaration with the report day and the year that were left to the program.

    Raises:
        CannotProceed: the kind is outside the scope, or its body may not report for that day.
    """
    scope.require(declared.kind)
    if declared.kind is not RecordKind.CASES:
        year = declared.year or _this_year(context, declared.kind)
        return replace(declared, reported_on=None, year=year)
    if scope.is_bound:
        return replace(declared, reported_on=report_day(context, declared.reported_on))
    return replace(declared, reported_on=declared.reported_on or context.today())


def _this_year(context: Context, kind: RecordKind) -> int | None:
    """Return the year of a file of a yearly kind; None for the others."""
    return context.today().year if KINDS[kind].yearly else None


def _import(
    context: Context,
    path: Path,
    scope: Scope,
    declared: Declaration,
    *,
    dry_run: bool,
    pulse: Pulse = unhurried,
    progress: Progress | None = None,
) -> FileSummary:
    with _READERS:
        return import_file(
            context,
            declared.kind,
            path,
            reported_on=declared.reported_on,
            year=declared.year,
            dry_run=dry_run,
            scope=scope,
            refused=refused_path(path.parents[1]),
            bounds=BOUNDS,
            pulse=pulse,
            progress=progress,
            mended=read_mended(path.parents[1]),
        )
