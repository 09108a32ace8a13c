"""Refused rows kept for a page, which shows them part by part in the language of its reader.

One JSON line a row, the first line the file's header. They hold full phone numbers, like a rejected
file, and are as private (mode 0600); `rejected_lines` writes the rejected file from them.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.file_summary import Problem, RefusedRow
from survey_pipeline.stages.intake.rejected_files.rejected_file import (
    RejectedFile,
    rejected_cells,
    rejected_header,
)

AT_ONCE = 500
"""Rows of a rejected file that are handed on together."""


class RefusedRows(RejectedFile):
    """Writes refused rows as JSON lines; nothing is in place before `publish`."""

    def __init__(self, context: Context, path: Path, header: Sequence[str]) -> None:
        super().__init__(context, path, header, locale="")

    def is_held(self) -> bool:
        """Return False: this file is the program's own, no user corrects it."""
        return False

    def digest(self) -> str | None:
        """Return None: no import ever reads this file."""
        return None

    def _begin(self, file: TextIO) -> None:
        self._writer = file
        self._line(list(self._header))

    def _write(self, row: RefusedRow) -> None:
        problems = [[problem.column, problem.reason.to_json()] for problem in row.problems]
        self._line([row.row, list(row.cells), problems])

    def _line(self, document: object) -> None:
        self._writer.write(json.dumps(document, ensure_ascii=False) + "\n")


def read_refused(path: Path, start: int = 0, count: int | None = None) -> list[RefusedRow]:
    """Return some of the rows, in order.

    Args:
        path: what `RefusedRows` wrote; a missing file has no rows.
        start: how many to skip.
        count: how many at most; default all.
    """
    stop = None if count is None else start + count
    return [] if not path.exists() else list(islice(_rows(path), start, stop))


def refused_header(path: Path) -> list[str]:
    """Return the header of the file that the rows come from; empty if no row was refused."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig") as file:
        return [str(cell) for cell in json.loads(next(file))]


def rejected_lines(path: Path, locale: str) -> Iterator[str]:
    """Yield the rejected file (UTF-8 with BOM), its reasons in a language, part by part."""
    yield "\ufeff" + _csv([rejected_header(refused_header(path))])
    rows = _rows(path)
    while some := list(islice(rows, AT_ONCE)):
        yield _csv([rejected_cells(row, locale) for row in some])


def _rows(path: Path) -> Iterator[RefusedRow]:
    with path.open(encoding="utf-8-sig") as file:
        for line in islice(file, 1, None):
            number, cells, reasons = json.loads(line)
            problems = [Problem(number, column, Message.from_json(why)) for column, why in reasons]
            yield RefusedRow(number, cells, problems)


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()
