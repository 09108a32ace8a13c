"""How far the import of an uploaded file is: a note beside it, for a page that asks again.

The import may run in another process, or may have been cut off with it.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.chunk_flow import Progress
from survey_pipeline.stages.intake.uploads.upload_folder import is_claimed
from survey_pipeline.store.files import written_whole

NOTED_EVERY = 0.5
"""Seconds between two notes."""
_PROGRESS = "progress.json"


@dataclass(frozen=True)
class UploadProgress:
    """Where an import is that has begun and is not on record as done."""

    running: bool
    read: int = 0
    size: int = 1
    problem: Message | None = None
    """Why it ended without an end."""

    @property
    def percent(self) -> int:
        """How much of the file has been read."""
        return min(100, 100 * self.read // max(1, self.size))


def note_progress(folder: Path) -> Progress:
    """Note that an import begins; return what notes how far it is."""
    _write(folder, {"read": 0, "size": 1})
    noted = monotonic()

    def progress(read: int, size: int) -> None:
        nonlocal noted
        if monotonic() - noted >= NOTED_EVERY:
            noted = monotonic()
            _write(folder, {"read": read, "size": size})

    return progress


def note_problem(folder: Path, problem: Message) -> None:
    """Note why an import ended without being done."""
    _write(folder, {"read": 0, "size": 1, "problem": problem.to_json()})


def read_progress(folder: Path) -> UploadProgress | None:
    """Return how far an import is; None if none has begun."""
    running = is_claimed(folder)
    try:
        note = json.loads((folder / _PROGRESS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return UploadProgress(running) if running else None
    problem = Message.from_json(note["problem"]) if "problem" in note else None
    return UploadProgress(running, note["read"], note["size"], problem)


def _write(folder: Path, note: dict[str, object]) -> None:
    with written_whole(folder / _PROGRESS) as new:
        new.write_text(json.dumps(note), encoding="utf-8")
