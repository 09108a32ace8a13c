"""Files that a person of an office uploads: rehearsed at once, then confirmed or dropped.

Only the person who uploaded a file sees it again. When it is confirmed and imported, the file
itself is deleted. Its refused rows stay, to be corrected, until the personal data of cases never
drawn is deleted too (`upload_folder.drop_old_uploads`).
"""

import secrets
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from threading import BoundedSemaphore
from time import monotonic
from typing import BinaryIO

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord
from survey_pipeline.stages.intake.chunk_flow import FileBounds
from survey_pipeline.stages.intake.file_summary import FileSummary
from survey_pipeline.stages.intake.formats.source import Pulse
from survey_pipeline.stages.intake.import_request import unhurried
from survey_pipeline.stages.intake.importing import import_file
from survey_pipeline.stages.intake.rejected_files.refused_rows import rejected_lines
from survey_pipeline.stages.intake.uploads.report_day import report_day
from survey_pipeline.stages.intake.uploads.upload import (
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
    folder_of_actor,
    folder_of_upload,
    no_upload,
)
from survey_pipeline.store import audit
from survey_pipeline.store.engine import writing
from survey_pipeline.vocabulary import AuditAction, Audited, RecordKind

BOUNDS = FileBounds(rows=100_000, refused_characters=64 << 20)
MOST_SECONDS = 120
"""Longest rehearsal of a file; a hundred thousand rows take some twenty."""

_READERS = BoundedSemaphore(2)
"""Files read at the same time: each may take a good part of the memory that one file may."""


def keep_upload(
    context: Context,
    office_code: str,
    name: str,
    file: BinaryIO,
    reported_on: date | None = None,
    *,
    is_gone: Callable[[], bool] = lambda: False,
) -> Upload:
    """Keep a file and rehearse its import.

    Args:
        context: the workspace; its actor uploads the file, and only the actor may see it again.
        office_code: the office whose cases it reports.
        name: what the file is called.
        file: its bytes, at most `upload_folder.MOST_BYTES`.
        reported_on: the report day; default today.
        is_gone: returns whether the client has gone away; then the work ends.

    Raises:
        UnreadableFile: the file as a whole cannot be used; nothing of it is kept.
        CannotProceed: it is too large or takes too long, too many rows are refused, or the office
            may not report for that day.
    """
    day = report_day(context, reported_on)
    drop_old_uploads(context)
    drop_surplus(context)
    folder = folder_of_actor(context) / secrets.token_hex(8)
    try:
        path = copy_in(file, folder, name)
        pulse = _deadline(path.name, is_gone)
        summary = _import(context, path, folder, office_code, day, dry_run=True, pulse=pulse)
        return write_upload(folder, office_code, day, summary, context.now(), taken=False)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def find_upload(context: Context, office_code: str, token: str) -> Upload:
    """Return a file that the context's actor uploaded for this office.

    Raises:
        UnknownRecord: the actor has no such file, whether another person has it or not.
    """
    folder = folder_of_upload(context, token)
    try:
        found = read_upload(folder)
    except (OSError, ValueError, KeyError) as error:
        raise no_upload() from error
    if found.office_code != office_code:
        raise no_upload()
    return found


def list_uploads(context: Context, office_code: str) -> list[Upload]:
    """Return what the context's actor uploaded for this office, newest first."""
    found = []
    for folder in folder_of_actor(context).glob("*"):
        try:
            found.append(find_upload(context, office_code, folder.name))
        except UnknownRecord:
            continue  # being written, or of an office for which the actor reported before
    return sorted(found, key=lambda upload: upload.at, reverse=True)


def take_upload(context: Context, office_code: str, token: str) -> Upload:
    """Import a file that was rehearsed; again changes nothing.

    Raises:
        UnknownRecord: the context's actor has no such file.
        CannotProceed: it is being imported at the moment, or its import was cut off.
    """
    known = find_upload(context, office_code, token)
    if known.taken_at is not None:
        return known
    folder, day = folder_of_upload(context, token), known.reported_on
    with claimed_file(folder) as path:
        summary = _import(context, path, folder, office_code, day, dry_run=False, pulse=unhurried)
        return write_upload(folder, office_code, day, summary, context.now(), taken=True)


def refused_file(context: Context, office_code: str, token: str, locale: str) -> Iterator[str]:
    """Return the rejected file of an upload, part by part; the look at its numbers is audited.

    Raises:
        UnknownRecord: the context's actor has no such file, or no row of it was refused.
    """
    found = find_upload(context, office_code, token)
    if not found.refused_file.exists():
        raise no_upload()
    look = audit.entry(
        at=context.now(),
        actor=context.actor,
        action=AuditAction.LOOKED,
        kind=Audited.UPLOADS,
        key=f"{office_code}/{token}",
        after={"file": found.name, "refused": found.refused},
    )
    with writing(context.engine) as connection:
        audit.append(connection, [look])
    return rejected_lines(found.refused_file, locale)


def drop_upload(context: Context, office_code: str, token: str) -> None:
    """Delete a file and all that was made of it.

    Raises:
        UnknownRecord: the context's actor has no such file.
    """
    find_upload(context, office_code, token)
    shutil.rmtree(folder_of_upload(context, token), ignore_errors=True)


def _deadline(name: str, is_gone: Callable[[], bool]) -> Pulse:
    """Return a pulse that ends a rehearsal which takes too long, or whose client has gone away."""
    until = monotonic() + MOST_SECONDS

    def pulse() -> None:
        if is_gone():
            raise CannotProceed("nobody waits for {file} any more", file=name)
        if monotonic() > until:
            raise CannotProceed(
                "{file} takes longer than {most} seconds to be looked through. Send the cases of "
                "one day at a time, without formats and other sheets",
                file=name,
                most=MOST_SECONDS,
            )

    return pulse


def _import(
    context: Context,
    path: Path,
    folder: Path,
    office_code: str,
    day: date,
    *,
    dry_run: bool,
    pulse: Pulse,
) -> FileSummary:
    with _READERS:
        return import_file(
            context,
            RecordKind.CASES,
            path,
            reported_on=day,
            dry_run=dry_run,
            office=office_code,
            refused=refused_path(folder),
            bounds=BOUNDS,
            pulse=pulse,
        )
