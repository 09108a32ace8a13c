"""A file as a header and a stream of rows, whatever its format.

The first bytes decide which format it is, not the name.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Protocol

from survey_pipeline.errors import UnreadableFile
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.formats.foreign import foreign, leftover, refuse_foreign
from survey_pipeline.stages.intake.formats.header import Chunk, Header
from survey_pipeline.stages.intake.kinds.file_kind import FileKind
from survey_pipeline.validation import os_problem

Pulse = Callable[[], None]
"""Is called now and then while a file is read; an exception that it raises ends the reading."""


class Source(Protocol):
    """An opened file, its header found."""

    header: Header
    epoch: date | None
    """Day 0 of a spreadsheet's date numbers; None if the file has no such numbers."""
    file_hash: str
    """SHA-256 of the bytes, in hex."""
    size: int
    notes: Sequence[Message]
    """Warnings about the file as a whole, such as a second table in it."""

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows below the header, from the first; blank rows may be among them."""
        ...


@contextmanager
def open_source(path: Path, kind: FileKind, pulse: Pulse = lambda: None) -> Iterator[Source]:
    """Open a CSV or XLSX file and find its header.

    Args:
        path: the file.
        kind: what it holds.
        pulse: is called now and then while the file is read.

    Raises:
        UnreadableFile: it is missing, damaged, empty, of another format, asks for more than a file
            may, or has no row with all required columns.
    """
    if (found := leftover(path)) is not None:
        raise foreign(path.name, found)
    try:
        with path.open("rb") as file:
            if refuse_foreign(file, path.name):
                from survey_pipeline.stages.intake.formats.xlsx_source import (  # noqa: PLC0415 - rarely needed
                    XlsxSource,
                )

                with XlsxSource(file, path.name, kind, pulse) as source:
                    yield source
            else:
                from survey_pipeline.stages.intake.formats.csv_source import (  # noqa: PLC0415 - beside the other
                    CsvSource,
                )

                yield CsvSource(file, path.name, kind, pulse)
    except OSError as error:
        raise UnreadableFile(
            "{file} cannot be read: {problem}", file=path.name, problem=os_problem(error)
        ) from error
