"""The carrier's ledger: one JSON line per text it took, in a file of the workspace.

Append only and mode 0600. A line is written by one `write` before `send` returns, so several
processes share one carrier, and a restart forgets nothing. A sender that was killed may leave half
a line: what follows on it is found again by how a line begins; the half itself was never answered,
so the carrier never had that text.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from typing import BinaryIO

BLOCK = 1 << 20
"""Bytes read at a time; a line has a few hundred."""
CLOCKS_DIFFER = timedelta(hours=1)
"""Lines of several senders stand in order of time but for so much at most."""
_BEGINS = b'{"id":'


@dataclass(frozen=True, slots=True, repr=False)
class Taken:
    """A text that the carrier took. Its `repr` shows no number."""

    provider_id: str
    attempt_id: str
    at: datetime
    number: str
    template: str
    quality: int
    """How good the office is that the text asks about: its satisfied of a thousand."""

    def __repr__(self) -> str:
        return f"Taken(provider_id={self.provider_id!r})"

    @property
    def is_hidden(self) -> bool:
        """Whether the number was overwritten, because it was due for deletion."""
        return not self.number.strip("+0")

    def to_line(self) -> bytes:
        """Return the ledger's line; ASCII, so half a line is never half a character."""
        return (
            f'{{"id":{quoted(self.provider_id)},"attempt":{quoted(self.attempt_id)},'
            f'"at":"{self.at.astimezone(UTC).isoformat(timespec="microseconds")}",'
            f'"to":{quoted(self.number)},"template":{quoted(self.template)},'
            f'"quality":{self.quality}}}\n'
        ).encode("ascii")


class Ledger:
    """The file of one carrier."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def close(self) -> None:
        """Close the file; the next text opens it again."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def append(self, taken: Taken) -> bool:
        """Write one text down; say whether that went well."""
        line = taken.to_line()
        try:
            if self._file is None:
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
                self._file = os.open(self._path, flags, 0o600)
            return os.write(self._file, line) == len(line)
        except OSError:
            return False

    def read(self, offset: int) -> tuple[list[Taken], int]:
        """Return some texts from a byte of the file on, and the byte after the last whole line.

        What came of a text whose number is hidden was told long ago.
        """
        try:
            with self._path.open("rb") as file:
                file.seek(offset)
                data = file.read(BLOCK)
        except FileNotFoundError:
            return [], offset
        end = data.rfind(b"\n") + 1
        return [text for text in _texts(data[:end]) if not text.is_hidden], offset + end

    def find(self, attempt_id: str, since: datetime) -> Taken | None:
        """Look back for the text of an attempt that began at `since` or later."""
        name = f'"attempt":{quoted(attempt_id)}'.encode("ascii")
        for lines in self._backwards():
            texts = _texts(lines if name in lines else lines[: BLOCK // 100])
            first = next(texts, None)
            found = [line for line in (first, *texts) if line and line.attempt_id == attempt_id]
            if found:
                return found[0]
            if first is not None and first.at < since - CLOCKS_DIFFER:
                return None
        return None

    def _backwards(self) -> Iterator[bytes]:
        """Yield the file's lines from its end on, a block at a time; whole lines alone."""
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return
        with file:
            start = file.seek(0, os.SEEK_END)
            rest = b""
            while start > 0:
                end, start = start, max(0, start - BLOCK)
                file.seek(start)
                data = file.read(end - start) + rest
                cut = data.find(b"\n") + 1 if start else 0
                rest = data[:cut]
                yield data[cut:]


def ledgers(home: Path) -> list[Path]:
    """Return the ledgers of every simulated carrier of a workspace."""
    return sorted(home.glob("simulated-*.jsonl"))


def hide_numbers(
    path: Path,
    before: datetime | None = None,
    *,
    number: str | None = None,
    dry_run: bool = False,
) -> int:
    """Overwrite numbers in a ledger with zeros, in their place: carriers know lines by their byte.

    Args:
        path: the ledger.
        before: those of texts taken at or before; None: whenever.
        number: that number alone (E.164); None: every one.
        dry_run: change nothing.

    Returns:
        How many lines held such a number.
    """
    hidden = 0
    with path.open("rb" if dry_run else "r+b") as file:
        for line, place in _placed_lines(file):
            taken = _text(line)
            if taken is None or taken.is_hidden or number not in (None, taken.number):
                continue
            if before is not None and taken.at > before:
                if taken.at > before + CLOCKS_DIFFER:
                    break
                continue
            hidden += 1
            if not dry_run:
                written = quoted(taken.number).encode("ascii")
                os.pwrite(file.fileno(), _zeros(written), place + line.rindex(written))
        if hidden and not dry_run:
            os.fsync(file.fileno())
    return hidden


def _placed_lines(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield each line with the byte at which it begins."""
    place = 0
    for line in file:
        yield line, place
        place += len(line)


def _zeros(quoted_number: bytes) -> bytes:
    return re.sub(rb"[0-9]", b"0", quoted_number)


def _texts(lines: bytes) -> Iterator[Taken]:
    for line in lines.splitlines():
        taken = _text(line)
        if taken is not None:
            yield taken


def _text(line: bytes) -> Taken | None:
    """Read one line; skip the half line that a killed process left before it."""
    begins = line.rfind(_BEGINS)
    if begins < 0:
        return None
    try:
        data = json.loads(line[begins:])
        return Taken(
            provider_id=data["id"],
            attempt_id=data["attempt"],
            at=datetime.fromisoformat(data["at"]),
            number=data["to"],
            template=data["template"],
            quality=int(data["quality"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
