"""`<file>.rejected.csv`: the refused rows with the reasons, to be corrected and imported again."""

import csv
import hashlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from sqlalchemy import select

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.formulas import disarmed
from survey_pipeline.stages.intake.file_summary import RefusedRow
from survey_pipeline.store.engine import reading
from survey_pipeline.store.files import Unfinished, remove_abandoned
from survey_pipeline.store.tables import import_runs
from survey_pipeline.validation import os_problem

OWN_HEADER = ("row", "column", "reason")
ENDING = ".rejected.csv"
SEPARATOR = "; "


def rejected_path(file: Path) -> Path:
    """Return where a file's refused rows go: its full name and the ending."""
    return file.with_name(f"{file.name}{ENDING}")


def origin_of(rejected: Path) -> Path:
    """Return the file whose refused rows a rejected file holds."""
    return rejected.with_name(rejected.name.removesuffix(ENDING))


def is_rejected(file: Path) -> bool:
    """Return whether a file has the name of a rejected file."""
    return file.name.endswith(ENDING)


def is_untouched(context: Context, file: Path) -> bool:
    """Return whether a file is, byte by byte, a rejected file that an import here has written.

    A file that was changed since, or comes from elsewhere, is not: it is never overwritten.
    """
    try:
        digest = _digest(context, file)
    except OSError:
        return False
    query = select(import_runs.c.id).where(import_runs.c.rejected_digest == digest).limit(1)
    with reading(context.engine) as connection:
        return connection.scalar(query) is not None


def _digest(context: Context, path: Path) -> str:
    """Return a keyed digest: without the key, nobody can find a short file by trying contents."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return context.keys.pseudonym(f"rejected/{digest}")


class RejectedFile:
    """Writes the refused rows beside their file; nothing is in place before `publish`.

    The rows hold full phone numbers, because they must be corrected: mode 0600. If the file in that
    place is not as the program wrote it, it holds a user's work, so it stays.
    """

    def __init__(self, context: Context, path: Path, header: Sequence[str], locale: str) -> None:
        self._context = context
        self._path = path
        self._header = header
        self._locale = locale
        self._unfinished: Unfinished | None = None
        self._file: TextIO | None = None
        self._writer: Any = None
        self._empty = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._unfinished is None:
            return
        try:
            if self._file is not None:
                self._file.close()
        finally:
            self._unfinished.close()

    def add(self, refused: Sequence[RefusedRow]) -> None:
        """Write refused rows.

        Raises:
            CannotProceed: the folder cannot be written to.
        """
        if refused and self._file is None:
            self._open()
        for row in refused:
            self._empty = False
            self._write(row)

    def can_be_written(self) -> bool:
        """Return whether the file can be begun in its folder."""
        try:
            self._open()
        except CannotProceed:
            return False
        return True

    def is_held(self) -> bool:
        """Return whether a file stands in the place that must not be overwritten."""
        return self._path.exists() and not is_untouched(self._context, self._path)

    def digest(self) -> str | None:
        """Return the digest by which the file is recognised; None if no row was refused."""
        if self._file is None or self._empty:
            return None
        self._file.flush()
        return _digest(self._context, Path(self._file.name))

    def publish(self) -> Path | None:
        """Replace the older file, or delete it if no row was refused.

        Returns:
            Where it is; None if no row was refused, or if a user's work is in that place.
        """
        if self.is_held():
            return None
        if self._unfinished is None or self._file is None or self._empty:
            self._path.unlink(missing_ok=True)
            remove_abandoned(self._path.parent, self._path.name)
            return None
        self._file.flush()
        self._unfinished.publish()
        return self._path

    def _open(self) -> None:
        try:
            self._unfinished = Unfinished(self._path)
        except OSError as error:
            raise CannotProceed(
                "{file} cannot be written ({problem}), so nothing was stored. Copy the file to a "
                "folder of your own and import it from there",
                file=self._path.name,
                problem=os_problem(error),
            ) from error
        self._file = self._unfinished.path.open("w", encoding="utf-8-sig", newline="")
        self._begin(self._file)

    def _begin(self, file: TextIO) -> None:
        self._writer = csv.writer(file)
        self._writer.writerow(rejected_header(self._header))

    def _write(self, row: RefusedRow) -> None:
        self._writer.writerow(rejected_cells(row, self._locale))


def rejected_header(header: Sequence[str]) -> list[str]:
    """Return the first line of a rejected file: our columns, then the file's own."""
    return [*OWN_HEADER, *map(disarmed, header)]


def rejected_cells(row: RefusedRow, locale: str) -> list[str]:
    """Return a refused row as it is written: number, columns, reasons, then its own cells."""
    return [
        str(row.row),
        disarmed(_joined(problem.column for problem in row.problems if problem.column)),
        disarmed(_joined(problem.reason.render(locale) for problem in row.problems)),
        *map(disarmed, row.cells),
    ]


def _joined(words: Any) -> str:
    return SEPARATOR.join(dict.fromkeys(words))
