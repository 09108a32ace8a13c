"""What a file is that is no table, found by its name or first bytes, and how to save it as one.

Two kinds. Leftovers lie in a folder beside reports (lock files, thumbnails) and hold nothing to
import. Foreign files may hold a table, in a form that is not read: each names how to save it.
"""

import re
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from survey_pipeline.errors import UnreadableFile
from survey_pipeline.i18n import Message

START = 4096
"""Bytes at the start of a file that show what it is."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DIRECTORY = 1 << 16
"""Bytes of an OLE file's directory that are read; workbooks have some ten entries."""

LOCK = Message("the lock file that an office program keeps while a workbook is open")
SYSTEM = Message("a file that the operating system keeps for its folder windows")
UNFINISHED = Message("an unfinished download or copy")
FOLDER = Message("a folder")

SAVE_AS = Message("Open it in a spreadsheet program and save it as .xlsx")
PASSWORD = Message("Open it, remove the password, and save it as .xlsx")
UNPACK = Message("Unpack it and import the files in it")
COPY = Message("Copy its table into a workbook, and save that as .xlsx")
EXPORT = Message("Save the table as .xlsx or CSV UTF-8")
NOTHING = Message("It holds no rows; import the report itself")
NAME_FILES = Message("Name the files in it")

OLD_WORKBOOK = Message("a workbook of an old Excel or of WPS (.xls, .et)")
PROTECTED = Message("a workbook protected by a password")
OLD_TEXT = Message("a text document (.doc, .wps)")
OLD_SLIDES = Message("a presentation (.ppt, .dps)")
OTHER_OFFICE = Message("an old office document, or one protected by a password")
WEB_PAGE = Message("a web page (HTML), whatever its name says")
XML_TABLE = Message("an XML table of an old Excel (XML Spreadsheet 2003), whatever its name says")
XML_OTHER = Message("an XML document")
BINARY_WORKBOOK = Message("a binary workbook (.xlsb)")
OPEN_DOCUMENT = Message("an OpenDocument workbook (.ods)")
TEXT_DOCUMENT = Message("a text document (.docx, .odt)")
SLIDES = Message("a presentation (.pptx, .odp)")
NUMBERS = Message("a Numbers workbook")
ARCHIVE = Message("a packed archive, no .xlsx workbook")
PDF = Message("a PDF document")
PICTURE = Message("a picture")
RICH_TEXT = Message("a text document (.rtf)")
JSON = Message("a JSON document")
DATABASE = Message("a dBASE table (.dbf)")

ForeignFormat = tuple[Message, Message]
"""What a file is, and what to do."""

_LOCK_NAME = re.compile(r"~\$.*|\.~lock\..*#|\.~.*\.(?:xlsx?|et|csv)", re.IGNORECASE)
_SYSTEM_NAME = re.compile(
    r"\.ds_store|thumbs\.db|ehthumbs\.db|desktop\.ini|\._.*|\.directory|icon\r", re.IGNORECASE
)
_UNFINISHED_NAME = re.compile(
    r".*\.(?:crdownload|part|partial|download)|~wrl.*\.tmp", re.IGNORECASE
)
_NAMES = ((_LOCK_NAME, LOCK), (_SYSTEM_NAME, SYSTEM), (_UNFINISHED_NAME, UNFINISHED))

_STARTS: tuple[tuple[bytes, ForeignFormat], ...] = (
    *((start, (PICTURE, COPY)) for start in (
        b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*",
    )),
    *((start, (ARCHIVE, UNPACK)) for start in (
        b"PK\x05\x06", b"PK\x07\x08", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a", b"BZh",
        b"\xfd7zXZ",
    )),
    *((start, (OLD_WORKBOOK, SAVE_AS)) for start in (  # BIFF2 to BIFF8 without a container
        b"\x09\0\x04\0", b"\x09\0\x06\0", b"\x09\x02\x06\0", b"\x09\x04\x06\0", b"\x09\x08\x08\0",
        b"\x09\x08\x10\0", b"ID;PWXL", b"ID;PSCALC",
    )),
    (b"{\\rtf", (RICH_TEXT, COPY)),
    (b"\0\x05\x16\x07", (SYSTEM, NOTHING)),
)  # fmt: skip

_STREAMS: tuple[tuple[str, ForeignFormat], ...] = (
    ("EncryptedPackage", (PROTECTED, PASSWORD)),
    ("Workbook", (OLD_WORKBOOK, SAVE_AS)),
    ("Book", (OLD_WORKBOOK, SAVE_AS)),
    ("WordDocument", (OLD_TEXT, COPY)),
    ("PowerPoint Document", (OLD_SLIDES, COPY)),
)
"""Names of an OLE file's streams (MS-CFB 2.6.1) that say what is in it."""

_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|table|div|meta|style|script|center)\b", re.IGNORECASE
)
_MHTML = re.compile(r"mime-version:|from: <saved by", re.IGNORECASE)
_JSON = re.compile(r'(?:\[\s*)?\{\s*"|\[\s*[\[\]]')


def leftover(path: Path) -> ForeignFormat | None:
    """Return what a file is that lies beside reports and is none, by its name; else None."""
    if path.is_dir():
        return FOLDER, NAME_FILES
    for pattern, what in _NAMES:
        if pattern.fullmatch(path.name):
            return what, NOTHING
    return None


def refuse_foreign(file: BinaryIO, name: str) -> bool:
    """Refuse a file whose first bytes say that it is no table; ZIP archives are left to `xlsx`.

    Returns:
        Whether it is a ZIP archive.

    Raises:
        UnreadableFile: it is empty, or of a format that is not read.
    """
    start = file.read(START)
    if not start:
        raise UnreadableFile("{file} is empty", file=name)
    if start.startswith(b"PK\x03\x04"):
        return True
    found = _office(file, start) if start.startswith(_OLE) else _known(start)
    file.seek(0)
    if found is not None:
        raise foreign(name, found)
    return False


def foreign(name: str, found: ForeignFormat) -> UnreadableFile:
    """Return the error that says what a file is and what to do."""
    what, remedy = found
    return UnreadableFile("{file} is {what}. {remedy}", file=name, what=what, remedy=remedy)


def _known(start: bytes) -> ForeignFormat | None:
    for signature, found in _STARTS:
        if start.startswith(signature):
            return found
    if b"%PDF-" in start[:1024]:
        return PDF, COPY
    if start[4:8] == b"ftyp" or (start[:4] == b"RIFF" and start[8:12] == b"WEBP"):
        return PICTURE, COPY
    if start[:2] == b"BM" and start[6:10] == b"\0\0\0\0":
        return PICTURE, COPY
    if start[0] in b"\x03\x30\x31\x83\x8b\xf5" and b"\0" in start[:32] and 1 <= start[2] <= 12:
        return DATABASE, SAVE_AS
    return _marked_up(_text(start))


def _text(start: bytes) -> str:
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return start.decode("utf-16", "ignore").lstrip()
    return start.removeprefix(b"\xef\xbb\xbf").decode("latin-1").lstrip()


def _marked_up(text: str) -> ForeignFormat | None:
    if text.startswith("<"):
        if "urn:schemas-microsoft-com:office:spreadsheet" in text and not _HTML.match(text):
            return XML_TABLE, SAVE_AS
        if _HTML.match(text) or (text.startswith(("<?", "<!")) and _HTML.search(text)):
            return WEB_PAGE, SAVE_AS
        return (XML_OTHER, SAVE_AS) if text.startswith("<?xml") else None
    if _MHTML.match(text):
        return WEB_PAGE, SAVE_AS
    return (JSON, EXPORT) if _JSON.match(text) else None


def _office(file: BinaryIO, start: bytes) -> ForeignFormat:
    """Return what an OLE file holds, by the names in its directory (MS-CFB 2.2)."""
    size = 1 << min(int.from_bytes(start[30:32], "little"), 12)
    file.seek((int.from_bytes(start[48:52], "little") + 1) * size)
    directory = file.read(_DIRECTORY) + start
    for stream, found in _STREAMS:
        if f"{stream}\0".encode("utf-16-le") in directory:
            return found
    return OTHER_OFFICE, PASSWORD


def packed(parts: Collection[str], kind: str) -> ForeignFormat:
    """Return what a ZIP archive is that is no .xlsx workbook.

    Args:
        parts: the names in it, lower-case.
        kind: what its part `mimetype` says; blank where it has none.
    """
    if "xl/workbook.bin" in parts:
        return BINARY_WORKBOOK, SAVE_AS
    if "opendocument.spreadsheet" in kind:
        return OPEN_DOCUMENT, SAVE_AS
    if "opendocument.presentation" in kind or any(part.startswith("ppt/") for part in parts):
        return SLIDES, COPY
    if "opendocument" in kind or any(part.startswith("word/") for part in parts):
        return TEXT_DOCUMENT, COPY
    if any(part.endswith(".iwa") or part == "index.zip" for part in parts):
        return NUMBERS, SAVE_AS
    return ARCHIVE, UNPACK
