"""The outer shell of an XLSX file: a ZIP archive of XML parts, neither of them to be trusted.

The archive's directory is checked before `zipfile` loads it (`zip_directory`), every part is read
through a meter that counts the bytes that really come out, and XML is parsed as a stream with
bounds (`xlsx_xml`). So the memory that a file takes is bounded whatever it holds. (openpyxl builds
trees of styles, merged cells and shared strings first, and pads rows to any column that a cell
claims to stand in.)
"""

import hashlib
import posixpath
import zipfile
import zlib
from collections.abc import Callable
from typing import BinaryIO
from xml.parsers import expat

from survey_pipeline.errors import UnreadableFile
from survey_pipeline.stages.intake.formats.foreign import foreign, packed
from survey_pipeline.stages.intake.formats.xlsx_xml import (
    BeyondBounds,
    DocumentTypeFound,
    EndHandler,
    StartHandler,
    Stop,
    TextHandler,
    XmlStream,
)
from survey_pipeline.stages.intake.formats.zip_directory import directory_size

MOST_ENTRIES = 2_000
MOST_DIRECTORY_BYTES = 1 << 20
MOST_UNPACKED = 512 << 20
"""Bytes that all parts together may unpack to: 100,000 rows of 30 columns take about 300 MB."""
MOST_ASIDE = 32 << 20
"""Bytes that a part beside the rows may unpack to: styles of 65,000 formats take half of it."""
MOST_RATIO = 250
"""A part that unpacks to more than this times its packed size is a bomb..."""
RATIO_FROM = 32 << 20
"""...if it is larger than this: empty formatted rows pack very well too."""
BLOCK = 1 << 16


class Package:
    """The parts of an XLSX file, each readable as a stream of XML events."""

    def __init__(self, file: BinaryIO, name: str, pulse: Callable[[], None]) -> None:
        """Open the archive.

        Raises:
            UnreadableFile: it is damaged, encrypted, or its directory asks for too much.
        """
        self.name = name
        self.pulse = pulse
        self.file_hash = _sha256(file)
        self._unpacked = 0
        size = directory_size(file)
        if size is None or size > MOST_DIRECTORY_BYTES:
            raise self.damaged()
        try:
            self._archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise self.damaged() from error
        self._entries = {_plain(entry.filename): entry for entry in self._archive.infolist()}
        if len(self._archive.infolist()) > MOST_ENTRIES:
            raise self.bomb()

    def close(self) -> None:
        """Close the archive, not the file."""
        self._archive.close()

    def begin_again(self) -> None:
        """Start the count of unpacked bytes again, because the rows are read once more."""
        self._unpacked = 0

    def has(self, part: str) -> bool:
        """Return whether there is such a part."""
        return _plain(part) in self._entries

    def what_else(self) -> UnreadableFile:
        """Return the error for an archive that is no workbook; it says what the archive is."""
        kind = ""
        if (entry := self._entries.get("mimetype")) is not None and entry.file_size < 200:
            kind = self._archive.read(entry).decode("ascii", "replace")
        return foreign(self.name, packed(self._entries.keys(), kind))

    def read(
        self,
        part: str,
        start: StartHandler,
        end: EndHandler | None = None,
        text: TextHandler | None = None,
        *,
        most: int = MOST_ASIDE,
    ) -> None:
        """Stream one part through handlers; tag and attribute names come without prefix.

        Raises:
            UnreadableFile: the part is missing, damaged, larger than `most`, or holds a DTD.
        """
        reader = self.pull(part, start, end, text, most=most)
        while reader.more():
            pass

    def pull(
        self,
        part: str,
        start: StartHandler,
        end: EndHandler | None = None,
        text: TextHandler | None = None,
        *,
        most: int = MOST_UNPACKED,
    ) -> "PartReader":
        """Return a reader that goes on block by block (`PartReader.more`)."""
        entry = self._entries.get(_plain(part))
        if entry is None:
            raise self.damaged()
        packed_otherwise = entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
        if entry.flag_bits & 1 or packed_otherwise:
            raise UnreadableFile(
                "{file} is protected or packed in an unusual way. Open it and save it as .xlsx",
                file=self.name,
            )
        self.weigh(entry, entry.file_size, most)  # the size that it claims, before it is read
        return PartReader(self, entry, XmlStream(start, end, text), most)

    def weigh(self, entry: zipfile.ZipInfo, size: int, most: int) -> None:
        """Refuse a part of a size that no workbook needs.

        Raises:
            UnreadableFile: it is too large, or too large for what it is packed into.
        """
        if size > most or (size > RATIO_FROM and size > MOST_RATIO * max(entry.compress_size, 1)):
            raise self.bomb()

    def unpack(self, stream: zipfile.ZipExtFile) -> bytes:
        """Return the next block of a part, metered.

        Raises:
            UnreadableFile: the file unpacks to too much, or the part is damaged.
        """
        self.pulse()
        try:
            block = stream.read(BLOCK)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise self.damaged() from error
        self._unpacked += len(block)
        if self._unpacked > MOST_UNPACKED:
            raise self.bomb()
        return block

    def open(self, entry: zipfile.ZipInfo) -> zipfile.ZipExtFile:
        """Open one entry.

        Raises:
            UnreadableFile: its local header contradicts the directory.
        """
        try:
            stream = self._archive.open(entry)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
            raise self.damaged() from error
        if not isinstance(stream, zipfile.ZipExtFile):
            raise self.damaged()
        return stream

    def damaged(self) -> UnreadableFile:
        """Return the error for an archive or part that breaks the format."""
        return UnreadableFile(
            "{file} is damaged or no .xlsx workbook. Open it in a spreadsheet program and save it "
            "again as .xlsx",
            file=self.name,
        )

    def bomb(self) -> UnreadableFile:
        """Return the error for a file that unpacks to more than a workbook may."""
        return UnreadableFile(
            "{file} unpacks to far more than a table of 100,000 rows. Copy the rows into a new "
            "workbook, or save them as CSV",
            file=self.name,
        )


class PartReader:
    """Reads one part block by block, so that rows can be handed on between blocks."""

    def __init__(self, package: Package, entry: zipfile.ZipInfo, xml: XmlStream, most: int) -> None:
        self._package = package
        self._most = most
        self._entry = entry
        self._xml = xml
        self._stream = package.open(entry)
        self._size = 0

    def more(self) -> bool:
        """Read the next block; return whether there may be another.

        Raises:
            UnreadableFile: the part is damaged, too large, or holds a DTD.
        """
        block = self._package.unpack(self._stream)
        self._size += len(block)
        self._package.weigh(self._entry, self._size, self._most)
        try:
            self._xml.feed(block)
        except Stop:
            block = b""
        except (  # LookupError: no encoding has the name that the part gives
            expat.ExpatError,
            BeyondBounds,
            ValueError,
            LookupError,
            OverflowError,
        ) as error:
            raise self._package.damaged() from error
        except DocumentTypeFound as error:
            raise UnreadableFile(
                "{file} holds a document type or entities, which no spreadsheet program writes; it "
                "is not read",
                file=self._package.name,
            ) from error
        if not block:
            self._stream.close()
        return bool(block)


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _plain(name: str) -> str:
    """Return a part's name as it is looked up; some programs write backslashes and `./`."""
    return posixpath.normpath(name.replace("\\", "/")).lstrip("/").casefold()
