"""XLSX workbooks: the first sheet that has the header, read as a stream.

Source of the format: ECMA-376 part 1, SpreadsheetML (18.3 worksheets, 18.4 shared strings, 18.8
styles, 18.17.4 dates). The dimension record is not read, so a wrong one loses no row; a formula
counts as its cached value; formatted but empty rows are no rows.
"""

import posixpath
from collections.abc import Iterator, Sequence
from datetime import date
from typing import BinaryIO, Self

from survey_pipeline.errors import UnreadableFile
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.columns import FileKind
from survey_pipeline.stages.intake.dates import EPOCH_1900, EPOCH_1904
from survey_pipeline.stages.intake.header import (
    CHUNK_CHARACTERS,
    CHUNK_ROWS,
    HEADER_WITHIN,
    MOST_COLUMNS,
    Chunk,
    Header,
    HeaderSearch,
)
from survey_pipeline.stages.intake.xlsx_package import Package, Stop, local
from survey_pipeline.stages.intake.xlsx_sheet import SheetRows
from survey_pipeline.stages.intake.xlsx_strings import read_date_styles, read_shared_strings

MOST_ROWS = 100_000
_WORKBOOK = "officeDocument"


class XlsxSource:
    """A workbook with its sheet and header found; a `source.Source`."""

    notes: Sequence[Message] = ()

    def __init__(self, file: BinaryIO, name: str, kind: FileKind) -> None:
        """Look through the workbook.

        Raises:
            UnreadableFile: it is damaged, asks for too much, or no sheet has the header.
        """
        self._package = Package(file, name)
        try:
            self.file_hash = self._package.file_hash
            self.size = MOST_ROWS
            sheets = self._read_workbook()
            self._strings = read_shared_strings(self._package, self._part("sharedStrings"))
            self._dates = read_date_styles(self._package, self._part("styles"))
            self._sheet, self.header = self._find_header(kind, sheets)
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
        rows: list[list[str]] = []
        numbers: list[int] = []
        characters = taken = 0
        for number, cells in self._rows(self._sheet, len(self.header.cells)):
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

    def _find_header(self, kind: FileKind, sheets: list[str]) -> tuple[str, Header]:
        searches = [HeaderSearch(kind)]
        for part in sheets:
            search = HeaderSearch(kind)
            searches.append(search)
            for looked, (number, cells) in enumerate(self._rows(part)):
                if header := search.look(number, cells):
                    return part, header
                if looked >= HEADER_WITHIN:
                    break
        raise max(searches, key=HeaderSearch.best).error(self._package.name)

    def _read_workbook(self) -> list[str]:
        """Return the parts of the worksheets in the order of their tabs; note the date system."""
        workbook = _relations(self._package, "").get(_WORKBOOK, [("", "")])[0][1]
        if not workbook.endswith(".xml") or not self._package.has(workbook):
            raise self._package.damaged()
        relations = _relations(self._package, workbook)
        self._parts = {kind: found[0][1] for kind, found in relations.items()}
        by_id = dict(relations.get("worksheet", []))
        sheets: list[str] = []
        self.epoch: date | None = EPOCH_1900

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "workbookPr" and attributes.get("date1904", "0") in {"1", "true"}:
                self.epoch = EPOCH_1904
            part = by_id.get(local(attributes, "id")) if tag == "sheet" else None
            if part and self._package.has(part) and len(sheets) < 1_000:
                sheets.append(part)

        self._package.read(workbook, start)
        return sheets

    def _part(self, kind: str) -> str | None:
        part = self._parts.get(kind)
        return part if part and self._package.has(part) else None


def _relations(package: Package, part: str) -> dict[str, list[tuple[str, str]]]:
    """Return what a part refers to: the kind of relation -> (id, part) in order."""
    folder, file = posixpath.split(part)
    found: dict[str, list[tuple[str, str]]] = {}
    count = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        if tag != "Relationship" or attributes.get("TargetMode") == "External":
            return
        count += 1
        if count > 5_000:
            raise Stop
        target = attributes.get("Target", "")
        path = target[1:] if target.startswith("/") else posixpath.join(folder, target)
        kind = attributes.get("Type", "").rpartition("/")[2]
        found.setdefault(kind, []).append((attributes.get("Id", ""), posixpath.normpath(path)))

    package.read(posixpath.join(folder, "_rels", f"{file}.rels"), start)
    return found
