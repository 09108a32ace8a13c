"""Files of the workspace that hold personal data: deleted when they are due, or overwritten."""

import os
from collections import Counter
from collections.abc import Iterable
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
        rejected_files=len(_older(rejected_files(context.home), limits.unmatched)),
        exported_files=len(_older(exported_files(context.home), limits.drawn)),
        backups=len(_older(_backups(context.home), limits.drawn)),
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
        rejected_files=sum(map(_deleted, _older(rejected_files(home), limits.unmatched))),
        exported_files=sum(map(_deleted, _older(exported_files(home), limits.drawn))),
        backups=sum(map(_deleted, _older(_backups(home), limits.drawn))),
        ledger_lines=sum(hide_numbers(path, limits.drawn) for path in ledgers(home)),
    )


def upload_folders(home: Path) -> list[Path]:
    """Return the folders of uploaded files, of every person."""
    return sorted((home / UPLOADS).glob("*/*"))


def rejected_files(home: Path) -> list[Path]:
    """Return rejected files anywhere in the workspace; no folder is entered through a link."""
    found = []
    for folder, below, names in os.walk(home):
        if Path(folder) == home:
            below[:] = [name for name in below if name not in _OWN_FOLDERS]
        found += [Path(folder, name) for name in names if name.endswith(ENDING)]
    return found


def exported_files(home: Path) -> list[Path]:
    """Return exports that hold numbers or names."""
    return [path for pattern in _EXPORTED for path in sorted((home / FOLDER).glob(pattern))]


def _backups(home: Path) -> list[Path]:
    return sorted((home / BACKUPS).glob(BACKED_UP))


def _older(paths: Iterable[Path], before: datetime) -> list[Path]:
    return [path for path in paths if _was_written(path, before)]


def _was_written(path: Path, before: datetime) -> bool:
    """Return whether a file was written by then."""
    try:
        written = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
        return path.is_file() and written <= before
    except FileNotFoundError:
        return False


def _deleted(path: Path) -> bool:
    """Delete a file; return whether this process did."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True
