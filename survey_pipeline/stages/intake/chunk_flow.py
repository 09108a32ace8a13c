"""The way of one file's chunks: check, load, note what was refused, add to the summary.

The check needs no database. The load is given a connection for each chunk by its caller, who knows
whether that is one transaction for all chunks, one for each, or a rehearsal's.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Connection

from survey_pipeline.errors import CannotProceed, UnreadableFile
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.checking import CheckedChunk, Checker
from survey_pipeline.stages.intake.file_summary import (
    CHANGES_SHOWN,
    FileSummary,
    Problem,
    RefusedRow,
    problem_of,
)
from survey_pipeline.stages.intake.formats.header import NO_ROW, Chunk, Header
from survey_pipeline.stages.intake.formats.source import Source
from survey_pipeline.stages.intake.kinds.file_kind import FileKind
from survey_pipeline.stages.intake.kinds.review_kinds import withheld
from survey_pipeline.stages.intake.loaders.loader import ChunkOutcome, Loader, RowReason
from survey_pipeline.stages.intake.rejected_files.rejected_file import RejectedFile
from survey_pipeline.vocabulary.record_names import kind_named

ChunkListener = Callable[
    [CheckedChunk, ChunkOutcome, Sequence[RefusedRow], Sequence[Problem]], None
]
"""Is called after each chunk: as it was checked, its outcome, the refused rows, the warnings."""

OpenDatabase = Callable[[CheckedChunk], AbstractContextManager[Connection]]
"""Opens the database for one chunk."""

KeepInside = Callable[[Checker, CheckedChunk], CheckedChunk]
"""Refuses the rows of a chunk that are outside the import's scope."""

Progress = Callable[[int, int], None]
"""Is called with how much has been read, and of how much."""

UNKNOWN_COLUMN = Message("nothing reads this column")
NOT_FILLED_IN = Message(
    "{count} rows are not filled in yet and are passed over; import the file again once they are"
)
SECOND_COLUMN = Message("means the same as {column}; it is read only where that one is blank")


@dataclass(frozen=True)
class FileBounds:
    """How much of a file from outside is read; a file that goes beyond is refused."""

    rows: int
    """Blank rows count too."""
    refused_characters: int
    """Characters of refused rows, with their reasons."""


def rows_within(
    source: Source, kind: FileKind, bounds: FileBounds | None, name: str
) -> Iterator[Chunk]:
    """Yield a file's chunks as long as it has no more rows than it may.

    Raises:
        UnreadableFile: it has more rows than its kind takes.
        CannotProceed: it has more rows than its bounds allow.
    """
    read = 0
    for chunk in source.chunks():
        read += len(chunk.rows)
        if kind.most_rows and read > kind.most_rows:
            raise UnreadableFile(
                "{file} has more than {most} rows, too many for {kind}",
                file=name,
                most=kind.most_rows,
                kind=kind_named(kind.kind),
            )
        if bounds is not None and chunk.numbers[-1] - source.header.row > bounds.rows:
            raise CannotProceed(
                "{file} has more than {most} rows, blank ones counted. Send the cases of one day "
                "at a time",
                file=name,
                most=bounds.rows,
            )
        yield chunk


class ChunkFlow:
    """Leads the chunks of one file through the check and the load."""

    def __init__(  # noqa: PLR0913 - the parts that a chunk meets on its way
        self,
        kind: FileKind,
        source: Source,
        loader: Loader,
        summary: FileSummary,
        database: OpenDatabase,
        *,
        keep_inside: KeepInside,
        bounds: FileBounds | None = None,
        listener: ChunkListener | None = None,
    ) -> None:
        self._kind = kind
        self._keep_inside = keep_inside
        self._source = source
        self._loader = loader
        self._summary = summary
        self._database = database
        self._bounds = bounds
        self._listener = listener
        self._refused_characters = 0
        self._checker = Checker(kind, source.header, source.epoch)
        positions = source.header.positions
        # a part of the key may be optional, as an award's office is, and have no column at all
        self._key_positions = [positions[name] for name in kind.key if name in positions]

    def run(
        self, chunks: Iterable[Chunk], rejected: RejectedFile | None, progress: Progress | None
    ) -> None:
        """Lead the chunks through.

        Raises:
            CannotProceed: more rows are refused than the file's bounds allow.
        """
        header, is_empty = self._source.header, True
        self._summary.warn([Problem(0, "", note) for note in self._source.notes])
        self._summary.warn(list(_header_warnings(header)))
        for chunk in chunks:
            is_empty = False
            checked = self._checker.check(chunk)
            checked = self._keep_inside(self._checker, checked)
            with self._database(checked) as connection:
                outcome = self._loader.load(connection, checked)
                # inside the transaction, which may store the summary's counts at its end
                refused = self._summarise(checked, outcome, chunk.notes)
            self._refuse_too_many(refused)
            if rejected is not None:
                rejected.add(refused)
            if progress is not None:
                progress(chunk.read, self._source.size)
        if is_empty:
            self._summary.warn([Problem(0, "", NO_ROW)])
        if count := self._checker.not_filled_in:
            self._summary.warn([Problem(0, "", Message(NOT_FILLED_IN.text, {"count": count}))])

    def _summarise(
        self, checked: CheckedChunk, outcome: ChunkOutcome, notes: Sequence[Problem]
    ) -> Sequence[RefusedRow]:
        """Add a chunk's outcome to the summary; return its refused rows in their order."""
        self._summary.accepted += outcome.accepted
        self._summary.updated += outcome.updated
        self._summary.unchanged += outcome.unchanged
        room = CHANGES_SHOWN - len(self._summary.changes)
        self._summary.changes.extend(outcome.changes[:room])
        refused = self._refused(checked, outcome)
        self._summary.refuse(refused)
        warned = self._warned(checked, outcome, notes, {row.row for row in refused})
        self._summary.warn(warned)
        if self._listener is not None:
            self._listener(checked, outcome, refused, warned)
        return refused

    def _refused(self, checked: CheckedChunk, outcome: ChunkOutcome) -> list[RefusedRow]:
        """Return the rows that the check or the loader refused."""
        refused = [
            *checked.refused,
            *(self._refused_row(checked, reason) for reason in outcome.refused),
        ]
        if self._kind.secret:
            refused = [withheld(row, self._key_positions) for row in refused]
        return sorted(refused, key=lambda row: row.row)

    def _refused_row(self, checked: CheckedChunk, why: RowReason) -> RefusedRow:
        return self._checker.refused_row(
            checked.numbers[why.position], checked.cells[why.position], [(why.column, why.reason)]
        )

    def _warned(
        self,
        checked: CheckedChunk,
        outcome: ChunkOutcome,
        notes: Sequence[Problem],
        refused: set[int],
    ) -> list[Problem]:
        """Return the warnings of rows that are stored; those of refused rows are needless."""
        warned = [warning for warning in (*checked.warnings, *notes) if warning.row not in refused]
        warned += (
            problem_of(checked.numbers[why.position], self._checker.label(why.column), why.reason)
            for why in outcome.warnings
        )
        return sorted(warned, key=lambda warning: warning.row)

    def _refuse_too_many(self, refused: Sequence[RefusedRow]) -> None:
        """End the import if the file's refused rows take more room than its bounds allow."""
        if self._bounds is None:
            return
        self._refused_characters += sum(
            sum(map(len, row.cells)) + sum(len(problem.reason.text) for problem in row.problems)
            for row in refused
        )
        if self._refused_characters > self._bounds.refused_characters:
            first = self._summary.problems[0]
            raise CannotProceed(
                "more rows of {file} are refused than can be listed, the first in row {row}: "
                "{reason}. Mend the file by the template and send it again",
                file=self._summary.file.name,
                row=first.row,
                reason=first.reason,
            )


def _header_warnings(header: Header) -> Iterator[Problem]:
    """Yield what becomes of headings that are not read, or not always."""
    read_before = {
        header.label(index): header.label(header.positions[name])
        for name, others in header.further.items()
        for index in others
    }
    for label in header.ignored:
        first = read_before.get(label)
        why = Message(SECOND_COLUMN.text, {"column": first}) if first else UNKNOWN_COLUMN
        yield problem_of(header.row, label, why)
