"""Where an export goes, and how it gets there whole: a reader never sees half a file."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from survey_pipeline.errors import CannotProceed

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
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise CannotProceed(
            "{folder} cannot be made ({problem}). Name a file with --output",
            folder=folder,
            problem=error.strerror or error,
        ) from error
    return folder / default_name


@contextmanager
def replaced(path: Path, *, mode: int = 0o644) -> Iterator[Path]:
    """Give a temporary path beside `path`; it takes the name at the end, or is gone on a fault.

    Raises:
        CannotProceed: nothing can be written there.
    """
    if path.is_dir():
        raise CannotProceed("{path} is a folder. Name a file with --output", path=path)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise CannotProceed(
            "{folder} cannot be written to ({problem}). Make the folder, or name another file "
            "with --output",
            folder=path.parent,
            problem=error.strerror or error,
        ) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
