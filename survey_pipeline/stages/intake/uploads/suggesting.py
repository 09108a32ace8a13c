"""Which kinds a file's headings fit: suggested to a person, who chooses."""

from pathlib import Path

from survey_pipeline.errors import UnreadableFile
from survey_pipeline.stages.intake.formats.foreign import refuse_foreign
from survey_pipeline.stages.intake.formats.source import Pulse, open_source
from survey_pipeline.stages.intake.import_request import unhurried
from survey_pipeline.stages.intake.kinds import KINDS
from survey_pipeline.stages.intake.scope import Scope
from survey_pipeline.vocabulary import RecordKind


def suggest_kinds(path: Path, scope: Scope, pulse: Pulse = unhurried) -> list[RecordKind]:
    """Return the kinds of a scope whose header a file has, those that read most of it first.

    Raises:
        UnreadableFile: it is no table that any kind is read from.
    """
    with path.open("rb") as file:
        refuse_foreign(file, path.name)
    fits: list[tuple[int, RecordKind]] = []
    for kind in KINDS.values():
        if kind.kind in scope.kinds:
            try:
                with open_source(path, kind, pulse) as source:
                    fits.append((len(source.header.positions), kind.kind))
            except UnreadableFile:
                continue
    return [kind for _, kind in sorted(fits, key=lambda fit: -fit[0])]
