"""CSV files: UTF-8, GB18030 or UTF-16; comma, semicolon or tab; read as a stream.

The bytes are read twice. The first pass decodes them strictly and keeps nothing: it finds the
encoding, binary files and endless lines before anything is stored. The second yields rows.
"""

import codecs
import csv
import hashlib
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from survey_pipeline.errors import UnreadableFile
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.columns import FileKind
from survey_pipeline.stages.intake.encodings import choose_encoding
from survey_pipeline.stages.intake.header import (
    CHUNK_CHARACTERS,
    CHUNK_ROWS,
    HEADER_WITHIN,
    SWALLOWED,
    Chunk,
    Header,
    HeaderSearch,
)

if TYPE_CHECKING:
    from _csv import Reader

DELIMITERS = (",", ";", "\t")
BLOCK = 1 << 20
LONGEST_CELL = 2 * BLOCK
"""A cell longer than this, in characters, is a quotation mark that was never closed."""
SLICE_ROWS = 16
SLICE_CHARACTERS = 16 << 20
"""So many characters in so few rows are no table."""
SURELY_UTF8 = 40
"""So many bytes of well-formed multi-byte characters do not come about by chance in GB18030."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class CsvSource:
    """A CSV file with its encoding, delimiter and header found; a `source.Source`."""

    epoch: date | None = None
    notes: Sequence[Message] = ()

    def __init__(self, file: BinaryIO, name: str, kind: FileKind) -> None:
        """Examine the file.

        Raises:
            UnreadableFile: it is not text, or no row has all required columns.
        """
        self._name = name
        self._raw = file
        self.size = os.fstat(file.fileno()).st_size
        self.encoding, self.file_hash = _examine(file, name)
        if self.encoding == "utf-8":
            self.encoding, note = choose_encoding(file)
            self.notes = (note,) if note else ()
        csv.field_size_limit(LONGEST_CELL)
        self.delimiter, self.header = self._find_header(kind)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows below the header."""
        with self._lines() as lines:
            reader = csv.reader(lines, delimiter=self.delimiter)
            try:
                while reader.line_num < self.header.row:
                    next(reader)
                while chunk := self._chunk(reader, lines):
                    yield chunk
            except csv.Error as error:
                raise self._never_closed() from error

    def _chunk(self, reader: "Reader", lines: "_Lines") -> Chunk | None:
        rows: list[list[str]] = []
        before, characters = reader.line_num, 0
        while len(rows) < CHUNK_ROWS and characters < CHUNK_CHARACTERS:
            lines.characters = 0
            some = list(islice(reader, SLICE_ROWS))
            rows += some
            characters += lines.characters
            if len(some) < SLICE_ROWS:
                break
        if not rows:
            return None
        if reader.line_num - before == len(rows):
            return Chunk(rows, range(before + 1, reader.line_num + 1), self._raw.tell())
        return Chunk(rows, _row_numbers(rows, before), self._raw.tell(), self._swallowed(rows))

    def _swallowed(self, rows: Sequence[Sequence[str]]) -> dict[int, Message]:
        """Find cells that hold whole lines of the table: an open quotation mark took them in."""
        separators = len(self.header.positions) - 1
        return {
            index: SWALLOWED
            for index, cells in enumerate(rows)
            for cell in cells
            if _breaks(cell)
            and any(line.count(self.delimiter) >= separators for line in cell.splitlines())
        }

    def _find_header(self, kind: FileKind) -> tuple[str, Header]:
        """Try each delimiter on the first rows; the one that shows a header is the file's."""
        searches = []
        for delimiter in DELIMITERS:
            search = HeaderSearch(kind)
            searches.append(search)
            for row, cells in self._first_rows(delimiter):
                if header := search.look(row, cells):
                    return delimiter, header
        raise max(searches, key=HeaderSearch.best).error(self._name)

    def _first_rows(self, delimiter: str) -> Iterator[tuple[int, Sequence[str]]]:
        with self._lines() as lines:
            reader = csv.reader(lines, delimiter=delimiter)
            start = 1
            with suppress(csv.Error):  # under a wrong delimiter anything may look like a quotation
                for cells in islice(reader, HEADER_WITHIN):
                    yield start, cells
                    start, lines.characters = reader.line_num + 1, 0

    @contextmanager
    def _lines(self) -> Iterator["_Lines"]:
        self._raw.seek(0)
        text = io.TextIOWrapper(self._raw, self.encoding, newline="")
        try:
            yield _Lines(text, self._name)
        finally:
            text.detach()

    def _never_closed(self) -> UnreadableFile:
        """Read once more, row by row, to name the line where the endless cell begins."""
        start = 1
        with self._lines() as lines, suppress(csv.Error):
            reader = csv.reader(lines, delimiter=self.delimiter)
            for _ in reader:
                start, lines.characters = reader.line_num + 1, 0
        return UnreadableFile(
            "{file}: a quotation mark in line {row} is never closed. Close it, or write quotation "
            "marks inside a text twice",
            file=self._name,
            row=start,
        )


class _Lines:
    """The lines of a text, counted; stops a file whose rows have no end."""

    def __init__(self, text: io.TextIOWrapper, name: str) -> None:
        self._text = text
        self._name = name
        self.characters = 0
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._text:
            self.count += 1
            self.characters += len(line)
            if self.characters > SLICE_CHARACTERS:
                raise UnreadableFile(
                    "{file}: the rows before line {row} are too long for a table of records",
                    file=self._name,
                    row=self.count,
                )
            yield line


def _row_numbers(rows: Sequence[Sequence[str]], before: int) -> Sequence[int]:
    """Return the line on which each row starts, where cells hold line breaks."""
    numbers, line = [], before + 1
    for row in rows:
        numbers.append(line)
        line += 1 + sum(_breaks(cell) for cell in row)
    return numbers


def _breaks(cell: str) -> int:
    if "\n" not in cell and "\r" not in cell:
        return 0
    return cell.count("\n") + cell.count("\r") - cell.count("\r\n")


def _examine(file: BinaryIO, name: str) -> tuple[str, str]:
    """Return the encoding and the SHA-256 of a text file.

    Raises:
        UnreadableFile: it is binary, damaged, or in no encoding that we know.
    """
    start = file.read(4)
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            return encoding, _decode(file, encoding, name).surely(name)
    utf8 = _decode(file, "utf-8", name)
    if utf8.digest or utf8.beyond_ascii >= SURELY_UTF8:
        return "utf-8", utf8.surely(name)
    return "gb18030", _decode(file, "gb18030", name).surely(name)


class _Decoding(NamedTuple):
    """How far one encoding got."""

    digest: str
    """SHA-256 of the file; empty where the encoding does not hold."""
    good: int
    """Bytes decoded."""
    beyond_ascii: int
    """Bytes that the decoded characters took beyond one each."""

    def surely(self, name: str) -> str:
        """Return the digest, or refuse the file."""
        if not self.digest:
            raise UnreadableFile(
                "{file} is not text in UTF-8 or GB18030, or is damaged at byte {position}. Save it "
                "as CSV UTF-8 or .xlsx",
                file=name,
                position=self.good + 1,
            )
        return self.digest


def _decode(file: BinaryIO, encoding: str, name: str) -> _Decoding:
    """Decode the whole file strictly, keeping nothing but its hash."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    digest, good, characters, without_break = hashlib.sha256(), 0, 0, 0
    while block := file.read(BLOCK):
        digest.update(block)
        try:
            text = decoder.decode(block)
        except UnicodeDecodeError as error:
            sound = error.object[: error.start]
            characters += len(sound.decode(encoding, "ignore"))
            return _Decoding("", good + len(sound), good + len(sound) - characters)
        good, characters = good + len(block), characters + len(text)
        _refuse_binary(text, name)
        without_break = 0 if "\n" in text or "\r" in text else without_break + 1
        if without_break > 1:
            raise UnreadableFile(
                "{file} is no table: a line has more than a million characters", file=name
            )
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _Decoding("", good, good - characters)
    return _Decoding(digest.hexdigest(), good, good - characters)


def _refuse_binary(text: str, name: str) -> None:
    if "\0" in text:
        raise UnreadableFile(
            "{file} holds NUL bytes, so it is no text file. Save it as CSV UTF-8 or .xlsx",
            file=name,
        )
