"""CSV files: UTF-8, GB18030 or UTF-16; comma, semicolon or tab; read as a stream.

The bytes are read twice. The first pass decodes them strictly and keeps nothing: it finds the
encoding, binary files and endless lines before anything is stored. The second yields rows: by the
csv module alone where no quotation mark stands in the file, else by `csv_records`, which is slower.
"""

import codecs
import hashlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from itertools import islice
from typing import BinaryIO, NamedTuple

from survey_pipeline.errors import UnreadableFile
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.file_summary import Problem
from survey_pipeline.stages.intake.formats.csv_records import (
    CsvRecord,
    CsvRecords,
    Likeness,
    LineJudge,
    plain_records,
)
from survey_pipeline.stages.intake.formats.encodings import choose_encoding
from survey_pipeline.stages.intake.formats.header import (
    CHUNK_CHARACTERS,
    CHUNK_ROWS,
    HEADER_WITHIN,
    LIKE_ROWS,
    SWALLOWED,
    Chunk,
    Header,
    HeaderSearch,
)
from survey_pipeline.stages.intake.formats.row_likeness import RowLikeness
from survey_pipeline.stages.intake.kinds.file_kind import FileKind

DELIMITERS = (",", ";", "\t")
BLOCK = 1 << 20
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

    def __init__(
        self, file: BinaryIO, name: str, kind: FileKind, pulse: Callable[[], None]
    ) -> None:
        """Examine the file.

        Raises:
            UnreadableFile: it is not text, or no row has all required columns.
        """
        self._name = name
        self._raw = file
        self._kind = kind
        self._pulse = pulse
        self.size = os.fstat(file.fileno()).st_size
        self.encoding, found = _examine(file, name, pulse)
        self.file_hash, self._has_quotations = found.digest, found.has_quotations
        if self.encoding == "utf-8":
            self.encoding, note = choose_encoding(file)
            self.notes = (note,) if note else ()
        self.delimiter, self.header, self._below = self._find_header()

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows below the header.

        Raises:
            UnreadableFile: a quotation mark is never closed.
        """
        chunks = self._quoted_chunks() if self._has_quotations else self._plain_chunks()
        for chunk in chunks:
            self._pulse()
            yield chunk

    def _plain_chunks(self) -> Iterator[Chunk]:
        """Yield the rows of a file without quotation marks: each line is one."""
        with self._text() as text:
            number = 1 + sum(1 for _ in islice(text, self._below))
            records = plain_records(text, self.delimiter, self._name)
            while rows := list(_as_many_as_fit(records)):
                yield Chunk(rows, range(number, number + len(rows)), self._raw.tell())
                number += len(rows)

    def _quoted_chunks(self) -> Iterator[Chunk]:
        judge = RowLikeness(self._kind, self.header)
        with self._records(self.delimiter, judge, self._below) as records:
            rows = iter(records)
            while chunk := self._chunk(rows):
                yield chunk

    def _chunk(self, records: Iterator[CsvRecord]) -> Chunk | None:
        rows: list[list[str]] = []
        numbers: list[int] = []
        damaged: dict[int, Message] = {}
        notes: list[Problem] = []
        characters = 0
        for line, cells, taken in islice(records, CHUNK_ROWS):
            if taken is Likeness.ROW:
                damaged[len(rows)] = SWALLOWED
            elif taken is Likeness.DOUBTFUL:
                notes.append(Problem(line, "", LIKE_ROWS))
            rows.append(cells)
            numbers.append(line)
            characters += len(cells) + sum(map(len, cells))
            if characters >= CHUNK_CHARACTERS:
                break
        return Chunk(rows, numbers, self._raw.tell(), damaged, notes) if rows else None

    def _find_header(self) -> tuple[str, Header, int]:
        """Try each delimiter on the first rows; the one that shows a header is the file's.

        Returns:
            The delimiter, the header, and how many lines end with it.
        """
        searches = []
        for delimiter in DELIMITERS:
            search = HeaderSearch(self._kind)
            searches.append(search)
            # under a wrong delimiter anything may look like a quotation without end
            with self._records(delimiter, self._is_header) as records, suppress(UnreadableFile):
                for record in islice(records, HEADER_WITHIN):
                    if header := search.look(record.line, record.cells):
                        return delimiter, header, records.line
                    several = records.line > record.line
                    if several and (header := search.look(record.line, records.first_cells())):
                        return delimiter, header, record.line
                    if search.is_over():
                        break
        raise max(searches, key=HeaderSearch.best).error(self._name)

    def _is_header(self, cells: Sequence[str], _first: Sequence[str]) -> Likeness:
        """Look for the header inside of a quotation that a title above it opens."""
        return Likeness.ROW if HeaderSearch(self._kind).look(0, cells) else Likeness.TEXT

    @contextmanager
    def _records(self, delimiter: str, judge: LineJudge, passed: int = 0) -> Iterator[CsvRecords]:
        with self._text() as text:
            yield CsvRecords(text, delimiter, judge, self._name, passed=passed)

    @contextmanager
    def _text(self) -> Iterator[io.TextIOWrapper]:
        self._raw.seek(0)
        text = io.TextIOWrapper(self._raw, self.encoding, newline="")
        try:
            yield text
        finally:
            if not self._raw.closed:  # an import that was ended lets go of its rows later
                text.detach()


def _as_many_as_fit(records: Iterator[list[str]]) -> Iterator[list[str]]:
    """Yield as many rows as a chunk may have, by their number and their characters."""
    characters = 0
    for cells in islice(records, CHUNK_ROWS):
        yield cells
        characters += len(cells) + sum(map(len, cells))
        if characters >= CHUNK_CHARACTERS:
            return


def _examine(file: BinaryIO, name: str, pulse: Callable[[], None]) -> tuple[str, "_Decoding"]:
    """Return the encoding of a text file, and what decoding it told.

    Raises:
        UnreadableFile: it is binary, damaged, or in no encoding that we know.
    """
    start = file.read(4)
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            return encoding, _decode(file, encoding, name, pulse).surely(name)
    utf8 = _decode(file, "utf-8", name, pulse)
    if utf8.digest or utf8.beyond_ascii >= SURELY_UTF8:
        return "utf-8", utf8.surely(name)
    return "gb18030", _decode(file, "gb18030", name, pulse).surely(name)


class _Decoding(NamedTuple):
    """How far one encoding got."""

    digest: str
    """SHA-256 of the file; empty where the encoding does not hold."""
    good: int
    """Bytes decoded."""
    beyond_ascii: int
    """Bytes that the decoded characters took beyond one each."""
    has_quotations: bool = True
    """Whether a quotation mark stands anywhere in the file."""

    def surely(self, name: str) -> "_Decoding":
        """Return itself, or refuse the file."""
        if not self.digest:
            raise UnreadableFile(
                "{file} is not text in UTF-8 or GB18030, or is damaged at byte {position}. Save it "
                "as CSV UTF-8 or .xlsx",
                file=name,
                position=self.good + 1,
            )
        return self


def _decode(file: BinaryIO, encoding: str, name: str, pulse: Callable[[], None]) -> _Decoding:
    """Decode the whole file strictly, keeping nothing but its hash."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    digest, good, characters, without_break = hashlib.sha256(), 0, 0, 0
    has_quotations = False
    while block := file.read(BLOCK):
        pulse()
        digest.update(block)
        try:
            text = decoder.decode(block)
        except UnicodeDecodeError as error:
            sound = error.object[: error.start]
            characters += len(sound.decode(encoding, "ignore"))
            return _Decoding("", good + len(sound), good + len(sound) - characters)
        good, characters = good + len(block), characters + len(text)
        _refuse_binary(text, name)
        has_quotations = has_quotations or '"' in text
        without_break = 0 if "\n" in text or "\r" in text else without_break + 1
        if without_break > 1:
            raise UnreadableFile(
                "{file} is no table: a line has more than a million characters", file=name
            )
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _Decoding("", good, good - characters)
    return _Decoding(digest.hexdigest(), good, good - characters, has_quotations)


def _refuse_binary(text: str, name: str) -> None:
    if "\0" in text:
        raise UnreadableFile(
            "{file} holds NUL bytes, so it is no text file. Save it as CSV UTF-8 or .xlsx",
            file=name,
        )
