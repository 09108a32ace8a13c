"""Whether other users of the machine can read what is the survey's alone.

What the program makes is for its owner alone; older workspaces, copies and editors leave more.
"""

import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from survey_pipeline.app import App
from survey_pipeline.checks.check import Check, ok, warning
from survey_pipeline.errors import CannotProceed
from survey_pipeline.i18n import N_, Message
from survey_pipeline.store.engine import database_file
from survey_pipeline.store.files import OTHERS
from survey_pipeline.validation import os_problem

NAME = "permissions"
MOST_NAMED = 5
OPERATORS_OWN = ("config", "templates")
"""Folders that editors write to: their files are passed over where others cannot enter the
workspace at all."""


def look_at_permissions(app: App) -> Iterator[Check]:
    """Name what is open to others."""
    home = app.context.home.resolve()
    found = open_to_others(app)
    if not found:
        yield ok(NAME, N_("no other user of this machine can read the workspace"))
        return
    named = [_named(path, home) for path in found[:MOST_NAMED]]
    more = ["…"] if len(found) > MOST_NAMED else []
    yield warning(
        NAME,
        Message(
            N_("other users of this machine can read or change {count} files or folders: {names}"),
            {"count": len(found), "names": ", ".join([*named, *more])},
        ),
        Message(N_("run: chmod -R go-rwx {paths}"), {"paths": _to_close(found, home)}),
    )


def open_to_others(app: App) -> list[Path]:
    """Return what others than the owner may read or change, the workspace's folder first."""
    home = app.context.home.resolve()
    looked_at = dict.fromkeys([home, *_below(home), *_elsewhere(app, home)])
    return [path for path in looked_at if _is_open(path)]


def close_to_others(app: App) -> int:
    """Take from other users of the machine what they may read or change; return how many files.

    Raises:
        CannotProceed: one of them belongs to another user.
    """
    found = open_to_others(app)
    for path in found:
        try:
            path.chmod(path.stat().st_mode & ~OTHERS)
        except FileNotFoundError:  # gone meanwhile
            continue
        except OSError as error:
            raise CannotProceed(
                "{file} cannot be closed to others: {problem}. Its owner can do it",
                file=path.name,
                problem=os_problem(error),
            ) from error
    return len(found)


def _below(home: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(home):
        if Path(folder) == home and not _is_open(home):
            names[:] = [name for name in names if name not in OPERATORS_OWN]
        yield from (Path(folder) / name for name in sorted([*names, *files]))


def _elsewhere(app: App, home: Path) -> Iterator[Path]:
    """Yield the database and the files of secrets that the configuration names."""
    if (file := database_file(app.context.engine)) is not None:
        yield file.resolve()
    for gateway in app.context.settings.gateway:
        files = (value for key, value in gateway.own.items() if key.endswith("_file"))
        yield from (home / str(file) for file in files if file)


def _is_open(path: Path) -> bool:
    try:
        return not path.is_symlink() and bool(path.stat().st_mode & OTHERS)
    except OSError:  # gone meanwhile, or out of reach: other checks speak of that
        return False


def _named(path: Path, home: Path) -> str:
    return str(path.relative_to(home)) if home in path.parents else str(path)


def _to_close(found: Sequence[Path], home: Path) -> str:
    """Return what the remedy is for: the workspace as a whole, and each file elsewhere."""
    roots = dict.fromkeys(home if home in (path, *path.parents) else path for path in found)
    return " ".join(shlex.quote(str(path)) for path in roots)
