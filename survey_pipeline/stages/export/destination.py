"""Where an export goes, and how it gets there whole: a reader never sees half a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from survey_pipeline.errors import CannotProceed
from survey_pipeline.store.files import (
    OWNER_ONLY_FOLDER,
    Unfinished,
    remove_abandoned,
    temporary_folder,
)
from survey_pipeline.validation import os_problem

FOLDER = "exports"
"""In the workspace; made when the first file goes there."""


def target(home: Path, output: Path | None, default_name: str) -> Path:
    """Return where to write: `output`, or the default name in the workspace's `exports/`.

    Raises:
        CannotProceed: that folder is not there and cannot be made.
    """
    if output is not None:
        return output
    folder = home / FOLDER
    try:
        folder.mkdir(OWNER_ONLY_FOLDER, exist_ok=True)
    except OSError as error:
        raise CannotProceed(
            "{folder} cannot be made ({problem}). Name a file with --output",
            folder=folder,
            problem=os_problem(error),
        ) from error
    remove_abandoned(folder)
    return folder / default_name


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; it is renamed at the end, or removed on a fault.

    Raises:
        CannotProceed: nothing can be written there.
    """
    if path.is_dir():
        raise CannotProceed("{path} is a folder. Name a file with --output", path=path)
    if path.exists() and not path.is_file():  # a device would be replaced by a file
        raise CannotProceed("{path} is a device. Name a file with --output", path=path)
    try:
        unfinished = Unfinished(path)
    except OSError as error:
        raise CannotProceed(
            "{folder} cannot be written to ({problem}). Make the folder, or name another file "
            "with --output",
            folder=path.parent,
            problem=os_problem(error),
        ) from error
    try:
        yield unfinished.path
        unfinished.publish()
    except OSError as error:
        raise CannotProceed(
            "{path} cannot be written ({problem}). Make room, or name another file with --output",
            path=path,
            problem=os_problem(error),
        ) from error
    finally:
        unfinished.close()


@contextmanager
def passing_folder(home: Path) -> Iterator[Path]:
    """Yield a folder for an export that is sent at once and not kept.

    Raises:
        CannotProceed: it cannot be made.
    """
    parent = target(home, None, "web")
    try:
        with temporary_folder(parent.parent, parent.name) as folder:
            yield folder
    except OSError as error:
        raise CannotProceed(
            "{folder} cannot be written to ({problem})",
            folder=parent.parent,
            problem=os_problem(error),
        ) from error


def remove_abandoned_exports(home: Path) -> int:
    """Remove what killed exports have left in the workspace's `exports/`; return how many."""
    return remove_abandoned(home / FOLDER)
