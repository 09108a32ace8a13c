"""XLSX workbooks: the first sheet that has the header, read as a stream.

Source: ECMA-376 part 1, SpreadsheetML (18.3 worksheets, 18.4 shared strings, 18.8
styles, 18.17.4 dates). The dimension record is not read, so a wrong one loses no row; a formula
counts as its cached value; formatted but empty rows are no rows.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from itertools import islice
from typing import BinaryIO, Self

from survey_pipeline.errors import UnreadableFile
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.formats.header import (
    ANOTHER_TABLE,
    CHUNK_CHARACTERS,
    CHUNK_ROWS,
    HEADER_WITHIN,
    HIDDEN,
    MOST_COLUMNS,
    Chunk,
    Header,
    HeaderSearch,
)
from survey_pipeline.stages.intake.formats.xlsx_package import Package
from survey_pipeline.stages.intake.formats.xlsx_sheet import SheetRows
from survey_pipeline.stages.intake.formats.xlsx_strings import read_date_styles, read_shared_strings
from survey_pipeline.stages.intake.formats.xlsx_workbook import Sheet, read_workbook
from survey_pipeline.stages.intake.kinds.file_kind import FileKind

MOST_ROWS = 100_000
ROWS_OF_OTHERS = 100
"""Rows in which the header is looked for on sheets that are not read."""
MOST_NOTES = 5


class XlsxSource:
    """A workbook with its sheet and header found; a `source.Source`."""

    notes: Sequence[Message]

    def __init__(
        self, file: BinaryIO, name: str, kind: FileKind, pulse: Callable[[], None]
    ) -> None:
        """Look through the workbook.

        Raises:
            UnreadableFile: it is damaged, asks for too much, or no sheet has the header.
        """
        self._package = Package(file, name, pulse)
        try:
            self.file_hash = self._package.file_hash
            self.size = MOST_ROWS
            self._workbook = read_workbook(self._package)
            self.epoch: date | None = self._workbook.epoch
            self._strings = read_shared_strings(self._package, self._workbook.strings)
            self._dates = read_date_styles(self._package, self._workbook.styles)
            self._sheet, self.header = self._find_header(kind)
            self.notes = self._notes(kind)
        except BaseException:
            self._package.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._package.close()

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows below the header.

        Raises:
            UnreadableFile: there are more than `MOST_ROWS`.
        """
        self._package.begin_again()
        rows: list[list[str]] = []
        numbers: list[int] = []
        characters = taken = 0
        for number, cells in self._rows(self._sheet.part, len(self.header.cells)):
            if number <= self.header.row:
                continue
            taken += 1
            if taken > MOST_ROWS:
                raise UnreadableFile(
                    "{file} has more than {most} rows. Split it, or save it as CSV",
                    file=self._package.name,
                    most=MOST_ROWS,
                )
            rows.append(cells)
            numbers.append(number)
            characters += len(cells) + sum(map(len, cells))
            if len(rows) >= CHUNK_ROWS or characters >= CHUNK_CHARACTERS:
                yield Chunk(rows, numbers, taken)
                rows, numbers, characters = [], [], 0
        if rows:
            yield Chunk(rows, numbers, taken)

    def _rows(self, part: str, width: int = MOST_COLUMNS) -> Iterator[tuple[int, list[str]]]:
        """Yield a sheet's rows; what stands right of `width` are notes, not cells of the table."""
        sheet = SheetRows(self._strings, self._dates, self.epoch)
        reader = self._package.pull(part, sheet.start, sheet.end, sheet.text)
        more = True
        while more:
            more = reader.more()
            yield from sheet.take(width)

    def _find_header(self, kind: FileKind) -> tuple[Sheet, Header]:
        searches = [HeaderSearch(kind)]
        for sheet in self._workbook.sheets:
            search = HeaderSearch(kind)
            searches.append(search)
            if header := self._look(search, sheet, HEADER_WITHIN):
                return sheet, header
        raise max(searches, key=HeaderSearch.best).error(self._package.name)

    def _look(self, search: HeaderSearch, sheet: Sheet, within: int) -> Header | None:
        for number, cells in islice(self._rows(sheet.part), within):
            if header := search.look(number, cells):
                return header
            if search.is_over():
                break
        return None

    def _notes(self, kind: FileKind) -> list[Message]:
        """Return warnings: that the sheet is hidden, and that another one might be meant."""
        names: dict[str, object] = {"sheet": self._sheet.name}
        notes = [Message(HIDDEN.text, names)] if self._sheet.hidden else []
        for sheet in self._workbook.sheets[self._workbook.sheets.index(self._sheet) + 1 :]:
            with suppress(UnreadableFile):  # a damaged sheet that is not read does no harm
                if self._look(HeaderSearch(kind), sheet, ROWS_OF_OTHERS):
                    notes.append(Message(ANOTHER_TABLE.text, {**names, "other": sheet.name}))
            if len(notes) >= MOST_NOTES:
                break
        return notes
