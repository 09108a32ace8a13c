"""What is known of an uploaded file: a note beside it, written whole each time."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.file_summary import FileSummary, Problem, RowChange
from survey_pipeline.store.files import written_whole
from survey_pipeline.vocabulary import RecordKind

_NOTE, _REFUSED = "about.json", "refused.jsonl"
_COUNTS = ("accepted", "updated", "unchanged", "refused", "warnings")


@dataclass(frozen=True)
class Declaration:
    """What the person who brings a file says of it."""

    kind: RecordKind
    reported_on: date | None = None
    """The report day of new cases; other kinds have none."""
    year: int | None = None
    """The appraisal year of the yearly kinds; the others have none."""


@dataclass(frozen=True)
class Upload:
    """A file that a person uploaded, and what became or would become of its rows."""

    token: str
    body: str
    """The bodies whose rows it may bring: `Scope.body` of the person at the time."""
    declared: Declaration
    name: str
    at: datetime
    taken_at: datetime | None
    """When it was confirmed and imported; until then the counts are those of a rehearsal."""
    accepted: int
    updated: int
    unchanged: int
    refused: int
    warnings: int
    warned: Sequence[Problem]
    """The first warnings."""
    changes: Sequence[RowChange]
    """The first updates, with before and after."""
    import_id: int | None
    """The import on record, once it is stored."""
    refused_file: Path
    """Its refused rows, for `refused_rows`."""


def _declared(note: Mapping[str, Any]) -> Declaration:
    day = note["reported_on"]
    return Declaration(
        RecordKind(note["kind"]), date.fromisoformat(day) if day else None, note["year"]
    )


def refused_path(folder: Path) -> Path:
    """Return where an upload's refused rows are."""
    return folder / _REFUSED


def write_upload(
    folder: Path,
    body: str,
    declared: Declaration,
    summary: FileSummary,
    now: datetime,
    *,
    taken: bool,
) -> Upload:
    """Write the note of an upload, and return what it says.

    Args:
        folder: the upload's own folder.
        body: `Scope.body` of the person who brings it.
        declared: what the person says of it.
        summary: what became of the rows.
        now: the time of the note.
        taken: whether the rows are imported; else they were rehearsed.
    """
    document = {
        "body": body,
        "kind": declared.kind.value,
        "reported_on": declared.reported_on.isoformat() if declared.reported_on else None,
        "year": declared.year,
        "name": summary.file.name,
        "at": now.isoformat(),
        "taken_at": now.isoformat() if taken else None,
        **{name: getattr(summary, name) for name in _COUNTS},
        "warned": [
            [warning.row, warning.column, warning.reason.to_json()] for warning in summary.warned
        ],
        "changes": summary.changes,
        "import_id": summary.import_id,
    }
    with written_whole(folder / _NOTE) as new:
        new.write_text(json.dumps(document), encoding="utf-8")
    return read_upload(folder)


def read_upload(folder: Path) -> Upload:
    """Return what the note of an upload says.

    Raises:
        OSError: there is no note, or it cannot be read.
        ValueError: it is no note of this program.
        KeyError: it lacks a part.
    """
    note: dict[str, Any] = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
    return Upload(
        token=folder.name,
        body=note["body"],
        declared=_declared(note),
        name=note["name"],
        at=datetime.fromisoformat(note["at"]),
        taken_at=datetime.fromisoformat(note["taken_at"]) if note["taken_at"] else None,
        **{name: note[name] for name in _COUNTS},
        warned=[
            Problem(row, column, Message.from_json(why)) for row, column, why in note["warned"]
        ],
        changes=[RowChange(*change) for change in note["changes"]],
        import_id=note["import_id"],
        refused_file=refused_path(folder),
    )
