"""A source some of whose rows were mended on a page: they are read with their new cells."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.formats.header import Chunk, Header
from survey_pipeline.stages.intake.formats.source import Source

MendedRows = Mapping[int, Sequence[str]]
"""Number of a row -> its cells."""


class MendedSource:
    """Reads another source; a `formats.source.Source`."""

    def __init__(self, source: Source, mended: MendedRows) -> None:
        self._source = source
        self._mended = mended
        self.header: Header = source.header
        self.epoch: date | None = source.epoch
        self.file_hash = source.file_hash
        self.size = source.size
        self.notes: Sequence[Message] = source.notes

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows, mended ones in the place of those that the file has."""
        for chunk in self._source.chunks():
            yield self._with_mended(chunk) if self._is_mended(chunk) else chunk

    def _is_mended(self, chunk: Chunk) -> bool:
        return not self._mended.keys().isdisjoint(chunk.numbers)

    def _with_mended(self, chunk: Chunk) -> Chunk:
        rows = [
            self._mended.get(number, row)
            for row, number in zip(chunk.rows, chunk.numbers, strict=True)
        ]
        damaged = {
            index: why
            for index, why in chunk.damaged.items()
            if chunk.numbers[index] not in self._mended
        }
        return chunk._replace(rows=rows, damaged=damaged)
