"""Files of the workspace that hold one citizen's number, however it is typed there.

These are files of uploads and refused rows, which hold full numbers because they must be corrected,
and exported call lists. A file that holds the number is deleted whole: it can be uploaded, imported
or exported again, while a file that was rewritten would be taken for a user's own work.
"""

import io
import re
import shutil
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple

from survey_pipeline.phones import COUNTRY
from survey_pipeline.privacy.held_files import exported_files, rejected_files, upload_folders

_PIECE, _OVERLAP = 1 << 20, 200
"""Characters that are looked at together; more than a number takes, typed as widely as may be."""
_ENCODINGS = ("utf-8", "gb18030", "utf-16")
_BETWEEN = r"[\s\-‐-―.·()]*"


class HoldingFile(NamedTuple):
    """A file, or an upload's folder, that holds the number."""

    kind: str
    """`uploads`, `rejected_files` or `exported_files`, as a receipt counts them."""
    path: Path


def files_with(home: Path, number: str) -> list[HoldingFile]:
    """Return the files that hold a number.

    Args:
        home: the workspace.
        number: E.164.
    """
    wanted = re.compile(_BETWEEN.join(number.removeprefix(COUNTRY)))
    kinds = {
        "uploads": upload_folders(home),
        "rejected_files": rejected_files(home),
        "exported_files": exported_files(home),
    }
    return [
        HoldingFile(kind, path)
        for kind, paths in kinds.items()
        for path in paths
        if any(_holds(file, wanted) for file in _files_of(path))
    ]


def delete_held(files: list[HoldingFile]) -> Counter[str]:
    """Delete files; return how many of each kind this process deleted."""
    deleted = Counter[str]()
    for file in files:
        with suppress(FileNotFoundError):  # another process was faster
            shutil.rmtree(file.path) if file.path.is_dir() else file.path.unlink()
            deleted[file.kind] += 1
    return deleted


def _files_of(path: Path) -> list[Path]:
    return [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]


def _holds(path: Path, wanted: re.Pattern[str]) -> bool:
    try:
        with path.open("rb") as file:
            if zipfile.is_zipfile(file):
                return _workbook_holds(file, wanted)
            return any(_text_holds(file, encoding, wanted) for encoding in _ENCODINGS)
    except FileNotFoundError:
        return False
    except (OSError, zipfile.BadZipFile, EOFError):
        return True  # what cannot be searched is not kept


def _workbook_holds(file: BinaryIO, wanted: re.Pattern[str]) -> bool:
    with zipfile.ZipFile(file) as package:
        for name in package.namelist():
            with package.open(name) as part:
                if any(wanted.search(text) for text in _pieces(part, "utf-8")):
                    return True
    return False


def _text_holds(file: BinaryIO, encoding: str, wanted: re.Pattern[str]) -> bool:
    file.seek(0)
    return any(wanted.search(text) for text in _pieces(file, encoding))


def _pieces(file: IO[bytes], encoding: str) -> Iterator[str]:
    """Yield a file's text in overlapping pieces; full-width digits as plain ones."""
    reader, before = io.TextIOWrapper(file, encoding, errors="replace"), ""
    try:
        while piece := reader.read(_PIECE):
            yield unicodedata.normalize("NFKC", before + piece)
            before = piece[-_OVERLAP:]
    except UnicodeError:  # UTF-16 without a mark
        return
    finally:
        with suppress(ValueError):
            reader.detach()
