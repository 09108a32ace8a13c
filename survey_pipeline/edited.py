"""Files that people edit: configuration, standards, calendars, templates, key files.

An editor may save them with a byte order mark, as UTF-16 or in a Chinese encoding. What says itself
how it is written is read; what would have to be guessed is refused with what to do about it.
"""

import codecs
import re
import stat
from pathlib import Path

from survey_pipeline.i18n import N_, Message, coded
from survey_pipeline.validation import os_problem

LARGEST = 4 << 20
"""Bytes; no file that people write is longer."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Unreadable(Exception):
    """A file that people edit cannot be read as text; `problem` says why, and what to do."""

    def __init__(self, text: str, /, **params: object) -> None:
        """Set the English text and its values."""
        self.problem = Message(text, params)
        super().__init__(str(self.problem))


def shipped() -> Path:
    """Return the folder that holds the shipped `config/`, `templates/`, `docs/` and `reports/`.

    In an installed package they lie in `shipped/`; in a checkout, at its top.
    """
    inside = Path(__file__).parent / "shipped"
    return inside if inside.is_dir() else Path(__file__).parent.parent


def problem_in(error: Exception) -> object:
    """Return why a file could not be used: in words of ours; English keeps its reader's."""
    if isinstance(error, Unreadable):
        return error.problem
    found = _PLACE.search(str(error))
    if not found:
        return coded(str(error), Message(N_("it breaks off in the middle of a value")))
    place = {"line": found[1], "column": found[2]}
    return coded(str(error), Message(N_("no TOML at line {line}, column {column}"), place))


_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
"""Where TOML's reader stopped."""


def read_edited(path: Path) -> str:
    """Read a text file.

    Raises:
        FileNotFoundError: it is not there.
        Unreadable: it is no file, may not be read, or is no text in a known encoding.
    """
    return decoded(read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """Read a file that people edit, as it is stored.

    Raises:
        FileNotFoundError: it is not there.
        Unreadable: it is no file, may not be read, or is far too large.
    """
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise Unreadable(N_("a folder stands in its place; remove or rename the folder"))
        if not stat.S_ISREG(found.st_mode):
            raise Unreadable(N_("it is no plain file; put one in its place"))
        if found.st_size > LARGEST:
            raise Unreadable(N_("it is far too large for such a file; put back the right one"))
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        text = N_("{problem}; see that this program's user may read it")
        raise Unreadable(text, problem=os_problem(error)) from error


def decoded(content: bytes) -> str:
    """Return the text of a file's content.

    Raises:
        Unreadable: it is no text in UTF-8, nor in UTF-16 with its mark.
    """
    marked = [encoding for mark, encoding in _MARKS if content.startswith(mark)]
    try:
        text = content.decode(*marked)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        text = N_("line {line} is not in UTF-8; open it in an editor and save it as UTF-8")
        if _is_gb18030(content):
            text = N_(
                "it is saved in a Chinese encoding such as GBK (line {line}); open it in an editor "
                "and save it as UTF-8"
            )
        raise Unreadable(text, line=line) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Unreadable(
            N_("line {line} holds NUL characters; open it in an editor and save it as UTF-8"),
            line=line,
        )
    return text


def _is_gb18030(content: bytes) -> bool:
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return b"\0" not in content
