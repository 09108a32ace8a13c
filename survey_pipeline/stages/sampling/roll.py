"""The roll of a draw: one line per case of the frame, in code point order.

`office_code,case_no,reason,group`. Its SHA-256 is public from the draw on; the frame's hash is
that of the first two fields. It names no citizen, so it stays when the cases are deleted.
"""

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

BATCH = 20_000
"""Lines hashed and compressed at once."""


class RollLine(NamedTuple):
    """One case of the frame."""

    line: str
    """`office_code,case_no`."""
    reason: str
    """A `FrameReason`."""
    group: int
    """Number, from 1, of the first line of the frame with the same phone."""


@dataclass(frozen=True)
class Roll:
    """A roll as it is stored, with the hashes of the frame and of itself."""

    frame: int
    frame_hash: str
    roll_hash: str
    packed: bytes


class _Hasher:
    """SHA-256 of lines joined by newlines, without a final one."""

    def __init__(self) -> None:
        self._sha = hashlib.sha256()
        self._started = False

    def add(self, lines: Sequence[str]) -> bytes:
        data = ("\n" if self._started else "") + "\n".join(lines)
        self._started = True
        encoded = data.encode()
        self._sha.update(encoded)
        return encoded

    def hex(self) -> str:
        return self._sha.hexdigest()


def write_roll(lines: Sequence[str], reasons: Sequence[str], groups: Sequence[int]) -> Roll:
    """Hash and compress a frame, given as columns in code point order of the lines."""
    frame, roll, packer = _Hasher(), _Hasher(), zlib.compressobj(level=1)
    packed = []
    for start in range(0, len(lines), BATCH):
        part = slice(start, start + BATCH)
        frame.add(lines[part])
        written = [
            f"{line},{reason},{group}"
            for line, reason, group in zip(lines[part], reasons[part], groups[part], strict=True)
        ]
        packed.append(packer.compress(roll.add(written)))
    packed.append(packer.flush())
    return Roll(len(lines), frame.hex(), roll.hex(), b"".join(packed))


def unpack_roll(packed: bytes) -> str:
    """Return the text of a stored roll, to the byte what its hash is of.

    Raises:
        ValueError: it is damaged.
    """
    try:
        return zlib.decompress(packed).decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise ValueError("the stored roll is damaged") from error


def read_roll(packed: bytes) -> list[RollLine]:
    """Return the lines of a stored roll.

    Raises:
        ValueError: it is damaged.
    """
    text = unpack_roll(packed)
    lines = []
    for written in text.split("\n") if text else []:
        line, reason, group = written.rsplit(",", 2)
        lines.append(RollLine(line, reason, int(group)))
    return lines


def columns(roll: Sequence[RollLine]) -> tuple[list[str], list[str], list[int]]:
    """Return the lines, reasons and groups of a roll as columns."""
    return (
        [line for line, _, _ in roll],
        [reason for _, reason, _ in roll],
        [group for _, _, group in roll],
    )
