"""How a file's rows come into the database: at once, in pieces, or as a rehearsal.

A file of one chunk, and one whose rows are only valid together, is one transaction. A longer file
is stored chunk by chunk, so that no other writer waits long. It has been read to its end before,
and the rejected file is begun, so that only the end of the process can stop it half-way: then whole
chunks are stored with their counts, and the same file again adds the rest. A rehearsal tries the
import on a copy of the rows that it meets, and takes no writer's lock.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from itertools import islice
from types import MappingProxyType

from sqlalchemy import Connection

from survey_pipeline.stages.intake.checking import CheckedChunk
from survey_pipeline.stages.intake.chunk_flow import (
    ChunkFlow,
    ChunkListener,
    OpenDatabase,
    rows_within,
)
from survey_pipeline.stages.intake.file_summary import FileSummary
from survey_pipeline.stages.intake.formats.header import Chunk
from survey_pipeline.stages.intake.formats.source import Source
from survey_pipeline.stages.intake.import_request import ImportRequest
from survey_pipeline.stages.intake.loaders import LOADERS
from survey_pipeline.stages.intake.loaders.loader import (
    REHEARSAL,
    CurrentImport,
    Loader,
    RefusedGroups,
)
from survey_pipeline.stages.intake.rejected_files.rejected_file import RejectedFile
from survey_pipeline.stages.intake.scope import keep_inside
from survey_pipeline.store import bulk
from survey_pipeline.store.columnar import collector_off
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.locks import RECORDS, lock_name
from survey_pipeline.store.scratch import copy_rows, scratch_database
from survey_pipeline.store.sealed import unlock
from survey_pipeline.store.tables import import_runs
from survey_pipeline.vocabulary import RecordKind


def store(
    request: ImportRequest,
    source: Source,
    summary: FileSummary,
    *,
    refused_groups: RefusedGroups = MappingProxyType({}),
    rejected: RejectedFile | None = None,
    listener: ChunkListener | None = None,
) -> None:
    """Store an opened source's rows, or rehearse it.

    Raises:
        GroupsRefused: some groups of rows are not valid; nothing is stored.
    """
    storing = _Storing(request, source, summary, refused_groups, rejected, listener)
    with collector_off():  # rows are tuples that live for one chunk: a tenth of the time
        if request.dry_run:
            storing.rehearse()
        else:
            storing.store()


@contextmanager
def tried(
    request: ImportRequest,
    source: Source,
    summary: FileSummary,
    *,
    refused_groups: RefusedGroups = MappingProxyType({}),
) -> Iterator[Connection]:
    """Store an opened source's rows for the block alone; after it everything is as it was.

    Writers wait meanwhile, so the block must be short: a few rows, a few queries.

    Raises:
        GroupsRefused: some groups of rows are not valid.
    """
    storing = _Storing(request, source, summary, refused_groups, None, None)
    with storing.tried() as connection:
        yield connection


class _NothingKept(Exception):
    """Rolls a trial back."""


class _Storing:
    """One attempt to store a file."""

    def __init__(
        self,
        request: ImportRequest,
        source: Source,
        summary: FileSummary,
        refused_groups: RefusedGroups,
        rejected: RejectedFile | None,
        listener: ChunkListener | None,
    ) -> None:
        self._request = request
        self._engine = request.context.engine
        self._source = source
        self._summary = summary
        self._refused_groups = refused_groups
        self._rejected = rejected
        self._listener = listener
        self._loader_class = LOADERS[request.kind.kind]

    def rehearse(self) -> None:
        """Try the import on a copy of the rows that it meets; no writer of the database waits."""
        loader = self._loader_class(self._run(REHEARSAL))
        tables, large = loader.tables, loader.in_pieces
        with scratch_database(tables, on_disk=large) as scratch, bulk.streaming(scratch):
            unlock(scratch.engine, self._request.context.keys)

            @contextmanager
            def copied(checked: CheckedChunk) -> Iterator[Connection]:
                with reading(self._engine) as real:
                    for table, rows in loader.rehearsal_rows(real, checked):
                        copy_rows(scratch, table, rows)
                yield scratch

            self._flow(loader, copied, self._chunks())
            loader.finish(scratch)

    @contextmanager
    def tried(self) -> Iterator[Connection]:
        """Store the file in a transaction that is rolled back after the block."""
        with suppress(_NothingKept), self._writing() as connection:
            loader = self._loader_class(self._run(_begin(connection, self._request, self._source)))
            self._flow(loader, lambda _: nullcontext(connection), self._chunks())
            loader.finish(connection)
            yield connection
            raise _NothingKept

    def store(self) -> None:
        """Store the file, at once or in pieces."""
        chunks = self._single_chunk()
        in_pieces = chunks is None and self._loader_class.in_pieces
        if in_pieces and (self._rejected is None or self._rejected.can_be_written()):
            self._store_in_pieces()
        else:
            self._store_at_once(self._chunks() if chunks is None else chunks)

    def _store_at_once(self, chunks: Iterable[Chunk]) -> None:
        with self._writing() as connection:
            run = self._run(_begin(connection, self._request, self._source))
            loader = self._loader_class(run)
            self._flow(loader, lambda _: nullcontext(connection), chunks)
            loader.finish(connection)
            self._note_counts(connection, run)

    def _store_in_pieces(self) -> None:
        with self._writing() as connection:
            run = self._run(_begin(connection, self._request, self._source))
        loader = self._loader_class(run)

        @contextmanager
        def transaction(_checked: CheckedChunk) -> Iterator[Connection]:
            with self._writing() as connection:
                yield connection
                loader.finish(connection)
                self._note_counts(connection, run)

        self._flow(loader, transaction, self._chunks())
        with self._writing() as connection:  # the rejected file has grown since the last chunk
            self._note_counts(connection, run)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Open a transaction that keeps imports of the kind, and of one it excludes, waiting."""
        kind = self._request.kind
        with writing(self._engine) as connection, bulk.streaming(connection):
            for name in sorted(filter(None, (kind.kind, kind.excludes))):
                lock_name(connection, RECORDS, name)
            yield connection

    def _single_chunk(self) -> list[Chunk] | None:
        """Return the file's chunks if there is one at most; else read it to its end, return None.

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
        return rows_within(self._source, self._request.kind, self._request.bounds, name)

    def _flow(self, loader: Loader, database: OpenDatabase, chunks: Iterable[Chunk]) -> None:
        request = self._request
        flow = ChunkFlow(
            request.kind,
            self._source,
            loader,
            self._summary,
            database,
            keep_inside=partial(keep_inside, request.context, request.scope),
            bounds=request.bounds,
            listener=self._listener,
        )
        flow.run(chunks, self._rejected, request.progress)

    def _run(self, import_id: int) -> CurrentImport:
        request = self._request
        return CurrentImport(
            request.context,
            import_id,
            request.day,
            request.context.now(),
            request.year,
            request.reason,
            self._refused_groups,
            request.scope,
        )

    def _note_counts(self, connection: Connection, run: CurrentImport) -> None:
        """Store the counts so far, and the digest that tells the rejected file again."""
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
                reasons=None if self._request.kind.secret else summary.reasons(),
                rejected_digest=self._rejected.digest() if self._rejected else None,
            )
        )


def _begin(connection: Connection, request: ImportRequest, source: Source) -> int:
    """Put the import on record, and return its number."""
    made = connection.execute(
        import_runs.insert().values(
            kind=request.kind.kind.value,
            file_name=request.path.name,
            # a secret file has so few possible contents that its hash would tell which they are
            file_hash="" if request.kind.secret else source.file_hash,
            reported_on=request.day if request.kind.kind is RecordKind.CASES else None,
            by=request.context.actor,
            at=request.context.now(),
        )
    )
    key = made.inserted_primary_key
    return int(key[0]) if key else 0
