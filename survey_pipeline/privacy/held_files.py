"""Files of the workspace that hold personal data: deleted when they are due, or overwritten."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from survey_pipeline.context import Context
from survey_pipeline.gateways.simulated.ledger import hide_numbers, ledgers
from survey_pipeline.privacy.limits import Limits
from survey_pipeline.stages.export.destination import FOLDER
from survey_pipeline.stages.intake.rejected_files.rejected_file import ENDING
from survey_pipeline.stages.intake.uploads.upload_folder import (
    UPLOADS,
    drop_old_uploads,
    old_uploads,
)

BACKUPS, BACKED_UP = "backups", "survey-*.backup"
"""The folder of the workspace for backups, and the files that the program names itself there."""
_EXPORTED = ("handover-*", "review-*-links*")
"""Exports that hold numbers or names."""
_OWN_FOLDERS = {UPLOADS, "config", "templates"}


def files_due(context: Context, limits: Limits) -> Counter[str]:
    """Return how many files of each kind are due."""
    return Counter(
        uploads=len(old_uploads(context)),
        rejected_files=len(list(_rejected(context.home, limits.unmatched))),
        exported_files=len(list(_exported(context.home, limits.drawn))),
        backups=len(list(_backups(context.home, limits.drawn))),
        ledger_lines=sum(
            hide_numbers(path, limits.drawn, dry_run=True) for path in ledgers(context.home)
        ),
    )


def delete_files(context: Context, limits: Limits) -> Counter[str]:
    """Delete the files that are due, and hide the numbers that the simulated gateway wrote down.

    Returns:
        How many of each kind.
    """
    home = context.home
    return Counter(
        uploads=drop_old_uploads(context),
        rejected_files=sum(_deleted(path) for path in list(_rejected(home, limits.unmatched))),
        exported_files=sum(_deleted(path) for path in list(_exported(home, limits.drawn))),
        backups=sum(_deleted(path) for path in list(_backups(home, limits.drawn))),
        ledger_lines=sum(hide_numbers(path, limits.drawn) for path in ledgers(home)),
    )


def _rejected(home: Path, before: datetime) -> Iterator[Path]:
    """Yield rejected files anywhere in the workspace; no folder is entered through a link."""
    for folder, below, names in os.walk(home):
        if Path(folder) == home:
            below[:] = [name for name in below if name not in _OWN_FOLDERS]
        yield from _older([Path(folder, name) for name in names if name.endswith(ENDING)], before)


def _exported(home: Path, before: datetime) -> Iterator[Path]:
    for pattern in _EXPORTED:
        yield from _older(sorted((home / FOLDER).glob(pattern)), before)


def _backups(home: Path, before: datetime) -> Iterator[Path]:
    yield from _older(sorted((home / BACKUPS).glob(BACKED_UP)), before)


def _older(paths: list[Path], before: datetime) -> Iterator[Path]:
    for path in paths:
        with suppress(FileNotFoundError):
            written = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
            if path.is_file() and written <= before:
                yield path


def _deleted(path: Path) -> bool:
    """Delete a file; return whether this process did."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True
