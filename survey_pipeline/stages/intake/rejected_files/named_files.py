"""Which of the files named on the command line are read, and in which order.

`import cases today/*` names what lies beside reports too: lock files, folders, rejected files of an
earlier run. Files that the program wrote and that are unchanged are passed over; a rejected file
that was corrected is read before the file that its rows came from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.formats.foreign import leftover
from survey_pipeline.stages.intake.rejected_files.rejected_file import (
    is_rejected,
    is_untouched,
    origin_of,
    rejected_path,
)

IS_LEFTOVER = Message("{file} is passed over: it is {what}")
IS_UNTOUCHED = Message(
    "{file} is passed over: the program wrote it, and nothing was mended in it since"
)
IS_CORRECTED = Message(
    "{file} was changed since it was written, or comes from elsewhere: it is read before {origin}"
)


@dataclass(frozen=True)
class NamedFiles:
    """Files named together: which are read, and which are not."""

    read: Sequence[Path]
    """In the order in which they are read."""
    passed_over: Sequence[tuple[Path, Message]]
    """With the reason."""
    notes: Sequence[Message]
    """What else should be said of the order."""


def choose_files(context: Context, files: Sequence[Path]) -> NamedFiles:
    """Return which of some files are read, each once; a file named alone is always read."""
    once = list(dict.fromkeys(files))
    passed_over = [
        (file, why) for file in once if (why := _why_passed_over(context, file)) is not None
    ]
    idle = {file for file, _ in passed_over}
    if len(idle) == len(once):
        return NamedFiles(once, [], [])
    read = [file for file in once if file not in idle]
    notes = [
        Message(IS_CORRECTED.text, {"file": file.name, "origin": origin_of(file).name})
        for file in read
        if is_rejected(file) and origin_of(file) in read
    ]
    return NamedFiles(_corrected_first(read), passed_over, notes)


def _why_passed_over(context: Context, file: Path) -> Message | None:
    """Return why a file need not be read; None if it is to be read."""
    if (found := leftover(file)) is not None:
        return Message(IS_LEFTOVER.text, {"file": file.name, "what": found[0]})
    if is_rejected(file) and is_untouched(context, file):
        return Message(IS_UNTOUCHED.text, {"file": file.name})
    return None


def _corrected_first(files: Sequence[Path]) -> list[Path]:
    """Put rejected files right before the files that they came from."""
    ordered: list[Path] = []
    for file in files:
        chain = [file]
        while (corrected := rejected_path(chain[-1])) in files:
            chain.append(corrected)
        ordered += reversed(chain)
    return list(dict.fromkeys(ordered))
