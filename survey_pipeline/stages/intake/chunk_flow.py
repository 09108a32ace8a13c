"""The way of one file's chunks: checked, kept piece by piece, and told in the summary.

What is checked needs no database. What is kept is given a connection for each piece of the file, by
whoever knows whether that is one transaction for all, one for each, or a rehearsal's.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Connection

from survey_pipeline.errors import CannotProceed, UnreadableFile
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.checking import Checked, Checker
from survey_pipeline.stages.intake.formats.header import NO_ROW, Chunk, Header
from survey_pipeline.stages.intake.formats.source import Source
from survey_pipeline.stages.intake.kinds.file_kind import FileKind
from survey_pipeline.stages.intake.kinds.review_kinds import withheld
from survey_pipeline.stages.intake.loaders.loader import Keeper, Kept, Objection
from survey_pipeline.stages.intake.problems import FileSummary, Problem, RefusedRow, problem_of
from survey_pipeline.stages.intake.rejected_files.rejected_file import RejectedFile
from survey_pipeline.vocabulary.names import kind_named

Tell = Callable[[Checked, Kept, Sequence[RefusedRow], Sequence[Problem]], None]
"""Is told what became of a chunk: checked, kept, refused rows, warnings."""

Piece = Callable[[Checked], AbstractContextManager[Connection]]
"""Opens the database for one piece of a file."""

Progress = Callable[[int, int], None]
"""Is told how much of how much has been read."""

UNKNOWN_COLUMN = Message("nothing reads this column")
SECOND_COLUMN = Message("means the same as {column}; it is read only where that one is blank")


@dataclass(frozen=True)
class Bounds:
    """How much of a file is looked at that comes from outside; beyond it the file is refused."""

    rows: int
    """Blank ones count too."""
    refused_characters: int
    """Of refused rows, with their reasons."""


def rows_within(
    source: Source, kind: FileKind, bounds: Bounds | None, name: str
) -> Iterator[Chunk]:
    """Yield a file's chunks as long as it has no more rows than it may.

    Raises:
        UnreadableFile: it has more rows than its kind takes.
        CannotProceed: it has more than somebody may bring at once.
    """
    taken = 0
    for chunk in source.chunks():
        taken += len(chunk.rows)
        if kind.most_rows and taken > kind.most_rows:
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


class Taking:
    """Takes one file."""

    def __init__(
        self,
        kind: FileKind,
        source: Source,
        keeper: Keeper,
        summary: FileSummary,
        piece: Piece,
        *,
        bounds: Bounds | None = None,
        tell: Tell | None = None,
    ) -> None:
        self._kind = kind
        self._source = source
        self._keeper = keeper
        self._summary = summary
        self._piece = piece
        self._bounds = bounds
        self._tell = tell
        self._refused_characters = 0
        self._checker = Checker(kind, source.header, source.epoch)
        self._named = [source.header.positions[name] for name in kind.key]

    def take(
        self, chunks: Iterable[Chunk], rejected: RejectedFile | None, progress: Progress | None
    ) -> None:
        """Take the chunks.

        Raises:
            CannotProceed: more rows are refused than somebody may bring.
        """
        header, empty = self._source.header, True
        self._summary.warn([Problem(0, "", note) for note in self._source.notes])
        self._summary.warn(list(_of_header(header)))
        for chunk in chunks:
            empty = False
            checked = self._checker.check(chunk)
            with self._piece(checked) as connection:
                refused = self._store(connection, checked, chunk.notes)
            self._weigh(refused)
            if rejected is not None:
                rejected.add(refused)
            if progress is not None:
                progress(chunk.read, self._source.size)
        if empty:
            self._summary.warn([Problem(0, "", NO_ROW)])

    def _weigh(self, refused: Sequence[RefusedRow]) -> None:
        if self._bounds is None:
            return
        self._refused_characters += sum(
            sum(map(len, row.cells)) + sum(len(one.reason.text) for one in row.problems)
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

    def _store(
        self, connection: Connection, checked: Checked, notes: Sequence[Problem]
    ) -> Sequence[RefusedRow]:
        kept = self._keeper.keep(connection, checked)
        self._summary.accepted += kept.accepted
        self._summary.updated += kept.updated
        self._summary.unchanged += kept.unchanged
        refused = [*checked.refused, *(self._refused(checked, one) for one in kept.refused)]
        if self._kind.secret:
            refused = [withheld(row, self._named) for row in refused]
        refused.sort(key=lambda row: row.row)
        self._summary.refuse(refused)
        unstored = {row.row for row in refused}
        warned = [one for one in (*checked.warnings, *notes) if one.row not in unstored]
        warned += (
            problem_of(checked.numbers[one.position], self._checker.label(one.column), one.reason)
            for one in kept.warnings
        )
        warned.sort(key=lambda one: one.row)
        self._summary.warn(warned)
        if self._tell is not None:
            self._tell(checked, kept, refused, warned)
        return refused

    def _refused(self, checked: Checked, one: Objection) -> RefusedRow:
        return self._checker.refused_row(
            checked.numbers[one.position], checked.cells[one.position], [(one.column, one.reason)]
        )


def _of_header(header: Header) -> Iterator[Problem]:
    """Tell what becomes of headings that are not read, or not always."""
    second = {
        header.label(index): header.label(header.positions[name])
        for name, others in header.further.items()
        for index in others
    }
    for label in header.ignored:
        first = second.get(label)
        why = Message(SECOND_COLUMN.text, {"column": first}) if first else UNKNOWN_COLUMN
        yield problem_of(header.row, label, why)
