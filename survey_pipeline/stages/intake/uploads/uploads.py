"""Files that an office brings through the pages: kept until it confirms, for who brought them.

A file is rehearsed at once (`keep_upload`), looked at, and then taken or dropped. It holds full
numbers, so it lies in a folder of its own under the workspace's `uploads/`, mode 0600, that only
the name of whoever brought it leads to. When it is taken the file itself goes; its refused rows
stay to be mended, until personal data of cases never drawn is deleted too (`drop_old_uploads`).
"""

import hashlib
import json
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import BoundedSemaphore
from time import monotonic
from typing import Any, BinaryIO

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.chunk_flow import Bounds
from survey_pipeline.stages.intake.formats.source import Pulse
from survey_pipeline.stages.intake.importing import import_file
from survey_pipeline.stages.intake.problems import FileSummary, Problem
from survey_pipeline.stages.intake.rejected_files.refused_rows import rejected_lines
from survey_pipeline.stages.intake.storing import unhurried
from survey_pipeline.stages.intake.uploads.posted_rows import report_day
from survey_pipeline.store import audit
from survey_pipeline.store.engine import writing
from survey_pipeline.store.files import written_whole
from survey_pipeline.vocabulary import AuditAction, RecordKind

FOLDER = "uploads"
MOST_BYTES = 64 << 20
"""A hundred thousand rows as CSV take about half of it."""
BOUNDS = Bounds(rows=100_000, refused_characters=64 << 20)
MOST_SECONDS = 120
"""In which a file is to be looked through; a hundred thousand rows take some twenty."""
MOST_KEPT = 10
"""Of one person; older ones make way."""
LONGEST_NAME = 150
"""Bytes of a file's name; file systems take 255, and endings of ours are added."""

_ABOUT, _FILE, _TAKING, _REFUSED = "about.json", "file", "taking", "refused.jsonl"
_TOKEN = re.compile(r"[0-9a-f]{16}")
_READERS = BoundedSemaphore(2)
"""Files read at the same time: each may take a good part of the memory that one file may."""


@dataclass(frozen=True)
class Upload:
    """A file that somebody brought, and what became or would become of its rows."""

    token: str
    office_code: str
    name: str
    reported_on: date
    at: datetime
    taken_at: datetime | None
    """When it was confirmed; until then the figures are a rehearsal's."""
    accepted: int
    updated: int
    unchanged: int
    refused: int
    warnings: int
    warned: Sequence[Problem]
    """The first warnings."""
    refused_file: Path
    """Its refused rows, for `refused_rows`."""


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
        context: the workspace; its actor brings the file, and alone may see it again.
        office_code: whose cases it reports.
        name: what the file is called.
        file: its bytes, at most `MOST_BYTES`.
        reported_on: the report day; today unless said.
        is_gone: says whether nobody waits for the answer any more; then the work ends.

    Raises:
        UnreadableFile: the file as a whole cannot be used; nothing of it is kept.
        CannotProceed: it is too large or takes too long, too many rows are refused, or the report
            day is not to be had.
    """
    day = report_day(context, reported_on)
    mine = _mine(context)
    drop_old_uploads(context)
    _make_way(mine)
    token = secrets.token_hex(8)
    folder = mine / token
    try:
        path = _copy(file, folder / _FILE / _safe(name))
        pulse = _patience(path.name, is_gone)
        summary = _read(context, path, folder, office_code, day, rehearse=True, pulse=pulse)
        return _note(context, folder, office_code, day, summary)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def find_upload(context: Context, office_code: str, token: str) -> Upload:
    """Return a file that the context's actor brought for this office.

    Raises:
        UnknownRecord: there is none of that name; whose it is makes no difference.
    """
    folder = _folder(context, token)
    try:
        found = _load(folder)
    except (OSError, ValueError, KeyError) as error:
        raise _no_upload() from error
    if found.office_code != office_code:
        raise _no_upload()
    return found


def list_uploads(context: Context, office_code: str) -> list[Upload]:
    """Return what the context's actor brought for this office, newest first."""
    found = []
    for folder in _mine(context).glob("*"):
        try:
            found.append(find_upload(context, office_code, folder.name))
        except UnknownRecord:
            continue  # being written, or of the office where this person was before
    return sorted(found, key=lambda one: one.at, reverse=True)


def take_upload(context: Context, office_code: str, token: str) -> Upload:
    """Import a file that was looked at; again changes nothing.

    Raises:
        UnknownRecord: there is no such file of the context's actor.
        CannotProceed: it is being taken, or the taking of it was cut off.
    """
    known = find_upload(context, office_code, token)
    if known.taken_at is not None:
        return known
    folder = _folder(context, token)
    with _claimed(folder) as path:
        summary = _read(
            context, path, folder, office_code, known.reported_on, rehearse=False, pulse=unhurried
        )
        done = _note(context, folder, office_code, known.reported_on, summary, taken=True)
    shutil.rmtree(folder / _TAKING, ignore_errors=True)
    return done


def refused_file(context: Context, office_code: str, token: str, locale: str) -> Iterator[str]:
    """Return the rejected file of an upload, part by part; the look at its numbers is logged.

    Raises:
        UnknownRecord: there is no such file of the context's actor, or no row of it was refused.
    """
    found = find_upload(context, office_code, token)
    if not found.refused_file.exists():
        raise _no_upload()
    look = audit.entry(
        at=context.now(),
        actor=context.actor,
        action=AuditAction.LOOKED,
        kind=FOLDER,
        key=f"{office_code}/{token}",
        after={"file": found.name, "refused": found.refused},
    )
    with writing(context.engine) as connection:
        audit.append(connection, [look])
    return rejected_lines(found.refused_file, locale)


def drop_upload(context: Context, office_code: str, token: str) -> None:
    """Delete a file and whatever was made of it.

    Raises:
        UnknownRecord: there is no such file of the context's actor.
    """
    find_upload(context, office_code, token)
    shutil.rmtree(_folder(context, token), ignore_errors=True)


def drop_old_uploads(context: Context) -> int:
    """Delete what lies there longer than the data of cases never drawn; return how many files."""
    limit = context.now() - timedelta(days=context.settings.privacy.undrawn_retention_days)
    old = [one for one in (context.home / FOLDER).glob("*/*") if _brought_at(one) < limit]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def _brought_at(folder: Path) -> datetime:
    """Return when a file came; what a crash left without a note has the folder's own time."""
    try:
        return _load(folder).at
    except (OSError, ValueError, KeyError):
        with suppress(FileNotFoundError):
            return datetime.fromtimestamp(folder.stat().st_mtime, UTC)
        return datetime.max.replace(tzinfo=UTC)  # somebody else has just deleted it


def _mine(context: Context) -> Path:
    """Return the folder of the context's actor."""
    return context.home / FOLDER / hashlib.sha256(context.actor.encode()).hexdigest()[:32]


def _folder(context: Context, token: str) -> Path:
    if not _TOKEN.fullmatch(token):
        raise _no_upload()
    return _mine(context) / token


def _no_upload() -> UnknownRecord:
    return UnknownRecord("there is no such file of yours; it may have been deleted by now")


def _make_way(mine: Path) -> None:
    folders = sorted(mine.glob("*"), key=_brought_at)
    for folder in folders[: max(0, len(folders) - MOST_KEPT + 1)]:
        shutil.rmtree(folder, ignore_errors=True)


def _safe(name: str) -> str:
    """Return a name that is one in any file system, its ending kept."""
    last = unicodedata.normalize("NFC", re.split(r"[\\/]", name)[-1])
    plain = "".join(one for one in last if one.isprintable()).strip(" .")
    while len(plain.encode("utf-8", "ignore")) > LONGEST_NAME:
        plain = plain[1:]
    return plain.encode("utf-8", "ignore").decode() or "report"


def _copy(file: BinaryIO, path: Path) -> Path:
    path.parent.mkdir(mode=0o700, parents=True)
    for one in (path.parent, *list(path.parents)[1:4]):
        one.chmod(0o700)
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        while block := file.read(1 << 20):
            size += len(block)
            if size > MOST_BYTES:
                raise too_large(path.name)
            target.write(block)
    return path


def too_large(name: str) -> CannotProceed:
    """Return the error for a file that is too large to be looked at."""
    return CannotProceed(
        "{file} is larger than {most} MiB. Send the cases of one day at a time",
        file=name,
        most=MOST_BYTES >> 20,
    )


def _patience(name: str, is_gone: Callable[[], bool]) -> Pulse:
    """Return what ends the reading of a file that takes too long, or for which nobody waits."""
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


def _read(
    context: Context,
    path: Path,
    folder: Path,
    office_code: str,
    day: date,
    *,
    rehearse: bool,
    pulse: Pulse,
) -> FileSummary:
    with _READERS:
        return import_file(
            context,
            RecordKind.CASES,
            path,
            reported_on=day,
            dry_run=rehearse,
            office=office_code,
            refused=folder / _REFUSED,
            bounds=BOUNDS,
            pulse=pulse,
        )


@contextmanager
def _claimed(folder: Path) -> Iterator[Path]:
    """Take the file into one's hands; it goes back if it could not be brought in."""
    taking = folder / _TAKING
    try:
        (folder / _FILE).rename(taking)
        path = next(taking.iterdir())
    except (OSError, StopIteration) as error:
        raise CannotProceed("the file is being taken already; look again in a moment") from error
    try:
        yield path
    except BaseException:
        taking.rename(folder / _FILE)
        raise


def _note(
    context: Context,
    folder: Path,
    office_code: str,
    day: date,
    summary: FileSummary,
    *,
    taken: bool = False,
) -> Upload:
    """Write down what is known of an upload, in one stroke."""
    document = {
        "office_code": office_code,
        "name": summary.file.name,
        "reported_on": day.isoformat(),
        "at": context.now().isoformat(),
        "taken_at": context.now().isoformat() if taken else None,
        **{name: getattr(summary, name) for name in _COUNTS},
        "warned": [[one.row, one.column, one.reason.to_json()] for one in summary.warned],
    }
    with written_whole(folder / _ABOUT) as new:
        new.write_text(json.dumps(document), encoding="utf-8")
    return _load(folder)


_COUNTS = ("accepted", "updated", "unchanged", "refused", "warnings")


def _load(folder: Path) -> Upload:
    known: dict[str, Any] = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    return Upload(
        token=folder.name,
        office_code=known["office_code"],
        name=known["name"],
        reported_on=date.fromisoformat(known["reported_on"]),
        at=datetime.fromisoformat(known["at"]),
        taken_at=datetime.fromisoformat(known["taken_at"]) if known["taken_at"] else None,
        **{name: known[name] for name in _COUNTS},
        warned=[
            Problem(row, column, Message.from_json(why)) for row, column, why in known["warned"]
        ],
        refused_file=folder / _REFUSED,
    )
