"""Where uploaded files lie: a folder per person, in it a folder per file, closed to others.

The files hold full phone numbers. So the folders have mode 0700 and the files 0600, the name of a
person's folder is a hash of the person's name, and old files are deleted.
"""

import fcntl
import hashlib
import os
import re
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord
from survey_pipeline.stages.intake.uploads.upload import read_upload
from survey_pipeline.store.files import OWNER_ONLY

UPLOADS = "uploads"
"""The folder of the workspace that holds all of them."""
MOST_BYTES = 64 << 20
"""A hundred thousand rows as CSV take about half of it."""
MOST_KEPT = 10
"""Files of one person; older ones are deleted."""
LONGEST_NAME = 150
"""Bytes of a file's name; file systems take 255, and endings of ours are added."""

_FILE, _LOCK = "file", "lock"
"""The folder that holds the file itself, and what is locked while it is imported."""
_TOKEN = re.compile(r"[0-9a-f]{16}")


def folder_of_actor(context: Context) -> Path:
    """Return the folder of the context's actor."""
    return context.home / UPLOADS / hashlib.sha256(context.actor.encode()).hexdigest()[:32]


def folder_of_upload(context: Context, token: str) -> Path:
    """Return the folder of an upload of the context's actor, whether it exists or not.

    Raises:
        UnknownRecord: no upload can have such a token.
    """
    if not _TOKEN.fullmatch(token):
        raise no_upload()
    return folder_of_actor(context) / token


def no_upload() -> UnknownRecord:
    """Return the error for an upload that does not exist, or is of another person."""
    return UnknownRecord("there is no such file of yours; it may have been deleted by now")


def too_large(name: str) -> CannotProceed:
    """Return the error for a file that is too large to be looked at."""
    return CannotProceed(
        "{file} is larger than {most} MiB. Send the cases of one day at a time",
        file=name,
        most=MOST_BYTES >> 20,
    )


def copy_in(file: BinaryIO, folder: Path, name: str) -> Path:
    """Copy a file into an upload's folder, which is made; return where it is.

    Raises:
        CannotProceed: it is larger than `MOST_BYTES`.
    """
    path = folder / _FILE / _safe(name)
    path.parent.mkdir(mode=0o700, parents=True)
    # `mkdir` gives the mode to the innermost folder alone: close file, upload, person and uploads
    for made in (path.parent, *list(path.parents)[1:4]):
        made.chmod(0o700)
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        while block := file.read(1 << 20):
            size += len(block)
            if size > MOST_BYTES:
                raise too_large(path.name)
            target.write(block)
    return path


def _safe(name: str) -> str:
    """Return a name that is valid in any file system, its ending kept."""
    last = unicodedata.normalize("NFC", re.split(r"[\\/]", name)[-1])
    plain = "".join(character for character in last if character.isprintable()).strip(" .")
    while len(plain.encode("utf-8", "ignore")) > LONGEST_NAME:
        plain = plain[1:]
    return plain.encode("utf-8", "ignore").decode() or "report"


@contextmanager
def claimed_file(folder: Path) -> Iterator[Path]:
    """Claim an upload's file for the block, so that it is imported once; yield where it is.

    After the block the file is deleted; if the block fails, it stays. The claim ends with the
    process, however that ends, so that an import that was cut off can be confirmed again.

    Raises:
        CannotProceed: it is claimed at the moment, or was imported.
    """
    lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, OWNER_ONLY)
    try:
        yield _locked_file(lock, folder)
        shutil.rmtree(folder / _FILE, ignore_errors=True)
    finally:
        os.close(lock)


def _locked_file(lock: int, folder: Path) -> Path:
    """Take an upload's lock, and return where its file is.

    Raises:
        CannotProceed: it is claimed at the moment, or was imported.
    """
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return next((folder / _FILE).iterdir())
    except (BlockingIOError, FileNotFoundError, StopIteration) as error:
        raise CannotProceed("the file is being taken already; look again in a moment") from error


def file_of_upload(folder: Path) -> Path:
    """Return where an upload's file is.

    Raises:
        CannotProceed: it is being imported or was, and so is deleted or will be.
    """
    path = next((folder / _FILE).glob("*"), None)
    if path is None or is_claimed(folder):
        raise CannotProceed("the file is being taken already; look again in a moment")
    return path


def is_claimed(folder: Path) -> bool:
    """Return whether an upload's file is being imported at the moment, by any process."""
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def drop_surplus(context: Context) -> None:
    """Delete the oldest files of the context's actor, so that there is room for one more."""
    folders = sorted(folder_of_actor(context).glob("*"), key=_brought_at)
    for folder in folders[: max(0, len(folders) - MOST_KEPT + 1)]:
        shutil.rmtree(folder, ignore_errors=True)


def drop_old_uploads(context: Context) -> int:
    """Delete files older than the data of cases never drawn is kept; return how many."""
    old = old_uploads(context)
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def old_uploads(context: Context) -> list[Path]:
    """Return the folders of files that are older."""
    limit = context.now() - timedelta(days=context.settings.privacy.undrawn_retention_days)
    uploads = (context.home / UPLOADS).glob("*/*")
    return [folder for folder in uploads if _brought_at(folder) < limit]


def _brought_at(folder: Path) -> datetime:
    """Return when a file was uploaded; the folder's own time if a crash left it without a note."""
    try:
        return read_upload(folder).at
    except (OSError, ValueError, KeyError):
        with suppress(FileNotFoundError):
            return datetime.fromtimestamp(folder.stat().st_mtime, UTC)
        return datetime.max.replace(tzinfo=UTC)  # another process has just deleted it
