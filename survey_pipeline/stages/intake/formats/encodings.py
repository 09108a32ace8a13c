"""GB18030 or UTF-8, where the bytes of a short text are well-formed in both.

通 in GBK is CD A8, and so is U+0368 in UTF-8. Such a text has only pairs of bytes that are two-byte
characters in UTF-8 (Latin, Greek, Cyrillic, marks) and common characters in GBK. Where real UTF-8
has such letters, they stand in words; what no word or number has around it comes from GBK.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import BinaryIO, NamedTuple

from survey_pipeline.i18n import Message

BLOCK = 1 << 20
MOST_RUNS = 1_000
"""Different pieces that are weighed."""

_RUN = re.compile(r"[^\x00-\x7f]+")
_UNSEEN = "\xad"
_SYMBOLS = "".join(map(chr, range(0xA1, 0xC0))) + "\xd7\xf7"
_LATIN = re.compile("[\xc0-\u024f]+")
_WORDS = re.compile(
    "[\u0386-\u03ce]{2,}|(?=.*[аеёиоуыэюяіїє])[\u0400-\u042f]?[\u0430-\u045f\u0490-\u04ff]+"
    "|(?=.*[АЕЁИОУЫЭЮЯІЇЄ])[\u0400-\u042f]{2,}|[\u0531-\u0587]{2,}|[\u05d0-\u05ea]{2,}"
)
"""Of the scripts with two bytes in UTF-8: Greek, Cyrillic (with a vowel), Armenian, Hebrew."""
_GREEK = re.compile("[\u0391-\u03c9]")
_COMBINING = re.compile("[\u0300-\u036f]+")
_COMMON = range(0xB0, 0xD8)
"""First bytes of the 3,755 most common characters in GB 2312."""


class _Piece(Enum):
    """How likely a piece that is not ASCII is UTF-8."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    ODD = "odd"


class Encoding(NamedTuple):
    """The encoding of a text, and a warning if it is in doubt."""

    name: str
    note: Message | None = None


READ_AS = Message(
    "the file could be UTF-8 or GB18030; it was read as {encoding}, so that it says {text}, not "
    "{other}. Check it, or save it as CSV UTF-8"
)


def choose_encoding(file: BinaryIO) -> Encoding:
    """Choose the encoding of a file that is well-formed UTF-8."""
    file.seek(0)
    return choose(_lines_beyond_ascii(file))


def _lines_beyond_ascii(file: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while block := file.read(BLOCK):
        block = rest + block
        head, _, rest = block.rpartition(b"\n")
        if not head.isascii():
            yield from (line for line in head.splitlines() if not line.isascii())
    if not rest.isascii():
        yield rest


def choose(lines: Iterable[bytes]) -> Encoding:
    """Choose the encoding of lines that are well-formed UTF-8."""
    found: Counter[_Piece] = Counter()
    met: set[tuple[str, str, str]] = set()
    sample = ""
    for line in lines:
        for piece, run in _pieces(line, met):
            if piece is _Piece.CERTAIN:
                return Encoding("utf-8")
            sample = run if not sample or (piece is _Piece.ODD and not found[piece]) else sample
            found[piece] += 1
        if len(met) > MOST_RUNS:
            break
    if not found:
        return Encoding("utf-8")
    if found[_Piece.ODD] > found[_Piece.POSSIBLE]:
        return _told("gb18030", sample.encode().decode("gb18030"), sample)
    return _told("utf-8", sample, sample.encode().decode("gb18030"))


def _told(name: str, text: str, other: str) -> Encoding:
    about: dict[str, object] = {"encoding": name.upper(), "text": text, "other": other}
    return Encoding(name, Message(READ_AS.text, about))


def _pieces(line: bytes, met: set[tuple[str, str, str]]) -> Iterable[tuple[_Piece, str]]:
    """Yield the pieces of a line that are not ASCII and were not met before."""
    text = line.decode("utf-8", "ignore")
    for run in _RUN.finditer(text):
        before, after = text[run.start() - 1 : run.start()], text[run.end() : run.end() + 1]
        if (before, run[0], after) not in met:
            met.add((before, run[0], after))
            yield _weigh(before, run[0], after), run[0]


def _weigh(before: str, run: str, after: str) -> _Piece:
    if not _common_in_gbk(run.encode()) or _UNSEEN in run:
        return _Piece.CERTAIN
    letters = run.strip(_SYMBOLS)
    if not letters:
        return _Piece.POSSIBLE
    if _LATIN.fullmatch(letters) and (before.isalpha() or after.isalpha()):
        return _Piece.CERTAIN
    if _WORDS.fullmatch(letters) and len(letters) > 1:
        return _Piece.CERTAIN
    if _COMBINING.fullmatch(run) and before.isalpha():
        return _Piece.CERTAIN
    in_text = any(character.isalnum() or character == "-" for character in before + after)
    return _Piece.POSSIBLE if in_text and _GREEK.fullmatch(letters) else _Piece.ODD


def _common_in_gbk(data: bytes) -> bool:
    """Return whether bytes are pairs that are common characters of GBK."""
    return all(first in _COMMON for first in data[::2]) and min(data[1::2], default=0) > 0xA0
