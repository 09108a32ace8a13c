"""A list of offices by hand: `office_code, reason`, a CSV file of a few lines."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from survey_pipeline.errors import UnreadableFile
from survey_pipeline.i18n import N_, Message
from survey_pipeline.typed import as_key, folded, is_blank, tidy
from survey_pipeline.validation import os_problem

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "office_code": (
        "office_code",
        "处室(站所)编码",
        "处室编码",
        "站所编码",
        "单位编码",
        "部门编码",
    ),
    "reason": ("reason", "理由", "原因", "入选理由"),
}
THE_LIST = N_("the list")
_GAP = re.compile(r"[,，;；\t ]\s*")
"""Between the code and the reason of a typed line."""
MOST_BYTES = 1_000_000
"""A list of all offices of a city, with long reasons, is smaller."""


class NamedOffice(NamedTuple):
    """A line of the list."""

    row: int
    office_code: str
    reason: str


def read_list(path: Path) -> list[NamedOffice]:
    """Read the list; each office once, each with its reason.

    Raises:
        UnreadableFile: it cannot be read, has no such columns, or a line is not sound.
    """
    rows = list(csv.reader(io.StringIO(_text(path)), strict=False))
    if not rows:
        raise UnreadableFile("{file} is empty", file=path.name)
    places = [_place(rows[0], HEADINGS[name], path) for name in HEADINGS]
    cells = ([row[place] if place < len(row) else "" for place in places] for row in rows[1:])
    return _named(cells, 2, path.name)


def read_typed_list(text: str) -> list[NamedOffice]:
    """Read a list that was typed or pasted: a line for each office, its code, then the reason.

    Code and reason are parted by a comma, a semicolon, a tab or a blank.

    Raises:
        UnreadableFile: it is empty, or a line is not sound.
    """
    pairs = ([*_GAP.split(line.strip(), maxsplit=1), ""][:2] for line in text.splitlines())
    if named := _named(pairs, 1, Message(THE_LIST)):
        return named
    raise UnreadableFile("{file} is empty", file=Message(THE_LIST))


def _named(rows: Iterable[Sequence[str]], first: int, file: str | Message) -> list[NamedOffice]:
    """Return the offices of a list's rows, which are numbered from `first`."""
    named: list[NamedOffice] = []
    for number, row in enumerate(rows, first):
        if all(map(is_blank, row)):
            continue
        code, reason = as_key(tidy(row[0])), tidy(row[1])
        if not code or not reason:
            raise UnreadableFile(
                "{file}, row {row}: give an office_code and a reason", file=file, row=number
            )
        if any(office.office_code == code for office in named):
            raise UnreadableFile(
                "{file}, row {row}: {code} is on the list already",
                file=file,
                row=number,
                code=code,
            )
        named.append(NamedOffice(number, code, reason))
    return named


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            "{file} cannot be read: {problem}", file=path.name, problem=os_problem(error)
        ) from error
    if len(content) > MOST_BYTES:
        raise UnreadableFile("{file} is too large for a list of offices", file=path.name)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("{file} is neither UTF-8 nor GB18030 text", file=path.name)


def _place(header: list[str], labels: tuple[str, ...], path: Path) -> int:
    cells = [folded(tidy(cell)) for cell in header]
    for label in labels:
        if label in cells:
            return cells.index(label)
    raise UnreadableFile(
        "{file} needs the columns office_code and reason in its first row", file=path.name
    )
