"""What an import was asked for: one file, and how to take it."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from survey_pipeline.context import Context
from survey_pipeline.stages.intake.chunk_flow import FileBounds, Progress
from survey_pipeline.stages.intake.formats.header import Header
from survey_pipeline.stages.intake.formats.mended_source import MendedRows
from survey_pipeline.stages.intake.formats.source import Pulse
from survey_pipeline.stages.intake.kinds.file_kind import FileKind
from survey_pipeline.stages.intake.rejected_files.refused_rows import RefusedRows
from survey_pipeline.stages.intake.rejected_files.rejected_file import RejectedFile, rejected_path
from survey_pipeline.stages.intake.scope import EVERYTHING, Scope


def unhurried() -> None:
    """Let a file take the time that it needs; a `Pulse`."""


@dataclass(frozen=True)
class ImportRequest:
    """One file, and how to take it; `importing.import_file` says what each part means."""

    context: Context
    kind: FileKind
    path: Path
    day: date
    year: int = 0
    reason: str | None = None
    dry_run: bool = False
    progress: Progress | None = None
    scope: Scope = EVERYTHING
    refused: Path | None = None
    bounds: FileBounds | None = None
    pulse: Pulse = unhurried
    mended: MendedRows = field(default_factory=dict)

    @property
    def keeps_refused(self) -> bool:
        """Whether refused rows are written to a file."""
        return self.refused is not None or not self.dry_run

    def rejected(self, header: Header) -> RejectedFile:
        """Return what writes the refused rows."""
        if self.refused is not None:
            return RefusedRows(self.context, self.refused, header.cells)
        path, locale = rejected_path(self.path), self.context.settings.locale
        return RejectedFile(self.context, path, header.cells, locale)
