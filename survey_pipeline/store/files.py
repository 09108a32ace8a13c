"""Files that appear whole, stay after a power cut, and are for their owner alone.

A file is written under a temporary name beside its own, and takes that name when it is on the disk.
The temporary file is locked while it is written: the lock goes with the process, however that ends,
so that an abandoned file can be told from one that another process is writing.
"""

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

OWNER_ONLY, OWNER_ONLY_FOLDER = 0o600, 0o700
"""Modes of every file and folder that the program makes."""
OTHERS = 0o077
"""The bits of a mode that let others than the owner in."""
_TOKEN_BYTES = 4
_TEMPORARY = re.compile(r"\.(?P<name>.+)\.[a-z0-9_]{8}")
"""A temporary name: a dot, the file's own name, and eight characters."""


class Unfinished:
    """A file that is being written under a temporary name beside its own.

    Raises:
        OSError: the folder cannot be written to.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        remove_abandoned(target.parent, target.name)
        self.path, self._lock = _made_and_locked(target, _make_file)

    def publish(self) -> None:
        """Give the file its name, in place of an older one; it is on the disk when this returns."""
        self.path.chmod(OWNER_ONLY)
        sync(self.path)
        self.path.replace(self._target)
        sync(self._target.parent)

    def close(self) -> None:
        """Remove the file if it was not published, and let go of it."""
        self.path.unlink(missing_ok=True)
        os.close(self._lock)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yield a temporary path next to `path`; it is renamed at the end, or deleted on an error.

    Raises:
        OSError: nothing can be written there.
    """
    unfinished = Unfinished(path)
    try:
        yield unfinished.path
        unfinished.publish()
    finally:
        unfinished.close()


def replace_content(path: Path, content: bytes) -> None:
    """Put other content into a file that people edit; its mode stays, a reader finds either, whole.

    A file that is not there yet is made.

    Raises:
        OSError: nothing can be written there.
    """
    file = path.resolve()
    mode = file.stat().st_mode if file.exists() else OWNER_ONLY
    with written_whole(file) as unfinished:
        unfinished.write_bytes(content)
    file.chmod(mode)


@contextmanager
def temporary_folder(parent: Path, name: str) -> Iterator[Path]:
    """Give a folder that is gone at the end; if the process is killed, `remove_abandoned` finds it.

    Raises:
        OSError: it cannot be made.
    """
    folder, lock = _made_and_locked(parent / name, _make_folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def remove_abandoned(folder: Path, name: str | None = None) -> int:
    """Remove temporary files that no process is writing any more; return how many.

    Args:
        folder: where to look; it need not exist.
        name: only those of the file of that name.
    """
    return sum(_removed(path) for path in _temporary_files(folder, name))


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def same_file(path: Path, handle: int) -> bool:
    """Return whether the path still leads to the open file: it may have been moved or removed."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _made_and_locked(target: Path, make: Callable[[Path], None]) -> tuple[Path, int]:
    """Make a temporary entry beside the target; return its path and the handle that locks it."""
    while True:
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(_TOKEN_BYTES)}")
        make(temporary)
        handle = os.open(temporary, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if same_file(temporary, handle):  # else another process took it for abandoned just before
            return temporary, handle
        os.close(handle)


def _make_file(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY))


def _make_folder(path: Path) -> None:
    path.mkdir(OWNER_ONLY_FOLDER)


def _temporary_files(folder: Path, name: str | None) -> Iterator[Path]:
    try:
        entries = list(folder.iterdir())
    except OSError:
        return
    for entry in entries:
        parts = _TEMPORARY.fullmatch(entry.name)
        if parts and name in (None, parts["name"]):
            yield entry


def _removed(path: Path) -> bool:
    """Remove a temporary entry unless a process holds it; return whether it was removed."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError:  # a process is writing it, or has just removed it
        return False
    finally:
        os.close(handle)
    return True
