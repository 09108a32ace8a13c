"""How a file's rows come into the database: at once, in pieces, or as a rehearsal.

A file of one chunk, and one whose rows only stand together, is one transaction. A longer one is
stored chunk by chunk, so that no other writer waits long. It has been read whole by then, and the
rejected file begun: nothing but the end of the process stops it half-way. Then whole chunks are
stored, with their counts, and the same file again takes up the rest. A rehearsal tries the import
on a copy of what it meets, and takes no writer's lock.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import Connection

from survey_pipeline.context import Context
from survey_pipeline.stages.intake.checking import Checked
from survey_pipeline.stages.intake.chunk_flow import (
    Bounds,
    Piece,
    Progress,
    Taking,
    Tell,
    rows_within,
)
from survey_pipeline.stages.intake.formats.header import Chunk, Header
from survey_pipeline.stages.intake.formats.source import Pulse, Source
from survey_pipeline.stages.intake.kinds.file_kind import FileKind
from survey_pipeline.stages.intake.loaders.award_loader import AwardKeeper
from survey_pipeline.stages.intake.loaders.case_loader import CaseKeeper
from survey_pipeline.stages.intake.loaders.delivered_loaders import (
    ParentGradeKeeper,
    ParentPointsKeeper,
    PerformanceKeeper,
)
from survey_pipeline.stages.intake.loaders.evidence_loaders import (
    HotlineKeeper,
    HotlineRankKeeper,
    SupervisionKeeper,
)
from survey_pipeline.stages.intake.loaders.loader import Groups, Keeper, RecordKeeper, Run
from survey_pipeline.stages.intake.loaders.register_loaders import (
    OfficeKeeper,
    ParentKeeper,
    SatisfactionKeeper,
)
from survey_pipeline.stages.intake.loaders.review_loaders import BallotKeeper, RepresentativeKeeper
from survey_pipeline.stages.intake.problems import FileSummary
from survey_pipeline.stages.intake.rejected_files.refused_rows import RefusedRows
from survey_pipeline.stages.intake.rejected_files.rejected_file import RejectedFile, rejected_path
from survey_pipeline.store import bulk
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.locks import RECORDS, lock_name
from survey_pipeline.store.scratch import copy_rows, scratch_database
from survey_pipeline.store.tables import import_runs
from survey_pipeline.vocabulary import RecordKind

KEEPERS: dict[RecordKind, type[CaseKeeper] | type[RecordKeeper] | type[BallotKeeper]] = {
    RecordKind.PARENTS: ParentKeeper,
    RecordKind.OFFICES: OfficeKeeper,
    RecordKind.CASES: CaseKeeper,
    RecordKind.SATISFACTION: SatisfactionKeeper,
    RecordKind.SUPERVISION: SupervisionKeeper,
    RecordKind.HOTLINE: HotlineKeeper,
    RecordKind.HOTLINE_RANK: HotlineRankKeeper,
    RecordKind.PERFORMANCE: PerformanceKeeper,
    RecordKind.PARENT_GRADES: ParentGradeKeeper,
    RecordKind.PARENT_POINTS: ParentPointsKeeper,
    RecordKind.AWARDS: AwardKeeper,
    RecordKind.REPRESENTATIVES: RepresentativeKeeper,
    RecordKind.BALLOTS: BallotKeeper,
}
"""What stores which kind."""


REHEARSAL = -1
"""The import that a rehearsal's rows belong to; no record is of it."""


def unhurried() -> None:
    """Let a file take the time that it needs."""


@dataclass(frozen=True)
class Order:
    """What was asked for: one file, and how to take it."""

    context: Context
    kind: FileKind
    path: Path
    day: date
    year: int = 0
    reason: str | None = None
    dry_run: bool = False
    progress: Progress | None = None
    office: str | None = None
    refused: Path | None = None
    bounds: Bounds | None = None
    pulse: Pulse = unhurried

    def rejected(self, header: Header) -> RejectedFile:
        """Return what takes the refused rows."""
        if self.refused is not None:
            return RefusedRows(self.context, self.refused, header.cells)
        path, locale = rejected_path(self.path), self.context.settings.locale
        return RejectedFile(self.context, path, header.cells, locale)


def store(
    order: Order,
    source: Source,
    summary: FileSummary,
    *,
    barred: Groups = MappingProxyType({}),
    rejected: RejectedFile | None = None,
    tell: Tell | None = None,
) -> None:
    """Store an opened source's rows, or rehearse it.

    Raises:
        NotTogether: rows that only stand together do not; nothing is stored.
    """
    storing = _Storing(order, source, summary, barred, rejected, tell)
    with bulk.uncollected():
        if order.dry_run:
            storing.rehearse()
        else:
            storing.store()


class _Storing:
    """One attempt to store a file."""

    def __init__(
        self,
        order: Order,
        source: Source,
        summary: FileSummary,
        barred: Groups,
        rejected: RejectedFile | None,
        tell: Tell | None,
    ) -> None:
        self._order = order
        self._engine = order.context.engine
        self._source = source
        self._summary = summary
        self._barred = barred
        self._rejected = rejected
        self._tell = tell
        self._make = KEEPERS[order.kind.kind]

    def rehearse(self) -> None:
        """Try the import on a copy of what it meets; no writer of the database waits for it."""
        keeper = self._make(self._run(REHEARSAL))
        tables, large = keeper.tables, keeper.in_pieces
        with scratch_database(tables, on_disk=large) as scratch, bulk.streaming(scratch):

            @contextmanager
            def piece(checked: Checked) -> Iterator[Connection]:
                with reading(self._engine) as real:
                    for table, rows in keeper.needs(real, checked):
                        copy_rows(scratch, table, rows)
                yield scratch

            self._take(keeper, piece, self._chunks())
            keeper.finish(scratch)

    def store(self) -> None:
        """Store the file, at once or in pieces."""
        chunks = self._few_chunks()
        in_pieces = chunks is None and self._make.in_pieces
        if in_pieces and (self._rejected is None or self._rejected.can_be_written()):
            self._store_in_pieces()
        else:
            self._store_at_once(self._chunks() if chunks is None else chunks)

    def _store_at_once(self, chunks: Iterable[Chunk]) -> None:
        with self._writing() as connection:
            run = self._run(_begin(connection, self._order, self._source))
            keeper = self._make(run)
            self._take(keeper, lambda _: nullcontext(connection), chunks)
            keeper.finish(connection)
            self._end(connection, run)

    def _store_in_pieces(self) -> None:
        with self._writing() as connection:
            run = self._run(_begin(connection, self._order, self._source))
        keeper = self._make(run)

        @contextmanager
        def piece(_checked: Checked) -> Iterator[Connection]:
            with self._writing() as connection:
                yield connection
                keeper.finish(connection)
                self._end(connection, run)

        self._take(keeper, piece, self._chunks())
        with self._writing() as connection:
            self._end(connection, run)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with writing(self._engine) as connection, bulk.streaming(connection):
            lock_name(connection, RECORDS, self._order.kind.kind.value)
            yield connection

    def _few_chunks(self) -> list[Chunk] | None:
        """Return the file's chunks if it is one at most; else read it whole, and return none.

        Raises:
            UnreadableFile: it is damaged somewhere, or has too many rows.
        """
        chunks = self._chunks()
        first = [*islice(chunks, 2)]
        if len(first) < 2:
            return first
        for _ in chunks:
            pass
        return None

    def _chunks(self) -> Iterator[Chunk]:
        name = self._summary.file.name
        return rows_within(self._source, self._order.kind, self._order.bounds, name)

    def _take(self, keeper: Keeper, piece: Piece, chunks: Iterable[Chunk]) -> None:
        taking = Taking(
            self._order.kind,
            self._source,
            keeper,
            self._summary,
            piece,
            bounds=self._order.bounds,
            tell=self._tell,
        )
        taking.take(chunks, self._rejected, self._order.progress)

    def _run(self, import_id: int) -> Run:
        order = self._order
        return Run(
            order.context,
            import_id,
            order.day,
            order.context.now(),
            order.year,
            order.reason,
            self._barred,
            order.office,
        )

    def _end(self, connection: Connection, run: Run) -> None:
        """Note the counts so far, and by what the rejected file is known again."""
        summary = self._summary
        connection.execute(
            import_runs.update()
            .where(import_runs.c.id == run.import_id)
            .values(
                accepted=summary.accepted,
                updated=summary.updated,
                unchanged=summary.unchanged,
                refused=summary.refused,
                warnings=summary.warnings,
                reasons=None if self._order.kind.secret else summary.reasons(),
                rejected_digest=self._rejected.digest() if self._rejected else None,
            )
        )


def _begin(connection: Connection, order: Order, source: Source) -> int:
    made = connection.execute(
        import_runs.insert().values(
            kind=order.kind.kind.value,
            file_name=order.path.name,
            # of a secret file's few possible contents, a hash would tell the one
            file_hash="" if order.kind.secret else source.file_hash,
            reported_on=order.day if order.kind.kind is RecordKind.CASES else None,
            by=order.context.actor,
            at=order.context.now(),
        )
    )
    key = made.inserted_primary_key
    return int(key[0]) if key else 0
