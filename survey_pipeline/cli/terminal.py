"""What stands before the terminal: the only door, with `console`, through which commands write.

Names, texts and file names come from outside. What would steer a terminal (escape sequences, other
control characters, direction marks) is printed as a visible escape, and what looks like markup is
text. A character that the terminal's encoding lacks is printed as an escape too.
"""

import json
import os
import re
import sys
from contextlib import suppress
from typing import Any, TextIO, cast

LAST_STANDARD = 2
"""The descriptor of stderr; those of stdin and stdout are below it."""

_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters aside from tab and line feed
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Joiners stay: names of some languages and emoji are written with them."""


def visible(text: str) -> str:
    """Return a text with each character that would steer a terminal as an escape."""
    return _STEERING.sub(_escape, text)


def one_line(text: str) -> str:
    """Return a text that stays on one line, whatever it quotes."""
    return visible(text).replace("\n", "\\n").replace("\t", " ")


def _escape(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def print_json(document: Any) -> None:
    """Print one JSON document on stdout; what would steer a terminal is escaped as JSON does."""
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str)
    text = _STEERING.sub(lambda found: json.dumps(found[0])[1:-1], text)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    if text.encode(encoding, "ignore").decode(encoding) != text:
        text = json.dumps(document, indent=2, default=str)
    sys.stdout.write(text + "\n")


def tell(line: str) -> None:
    """Print one line on stderr."""
    sys.stderr.write(one_line(line) + "\n")


def prepare_streams() -> None:
    """Let no character, and no stream that is closed or full, end the program with a traceback."""
    _occupy_standard_descriptors()
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    sys.stdout, sys.stderr = _open(sys.stdout), _Lenient.over(_open(sys.stderr))


class _Lenient:
    """A stream for messages beside the work: what cannot be written is lost, the work goes on.

    The log's disk may be full, or its reader gone (`2>&1 | head`); texts must go out all the same.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @classmethod
    def over(cls, stream: TextIO) -> TextIO:
        """Return a stream made lenient; an embedding program may have done it before."""
        return stream if isinstance(stream, cls) else cast("TextIO", cls(stream))

    def write(self, text: str) -> int:
        """Write, as far as that can be."""
        with suppress(OSError):
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, as far as that can be."""
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _occupy_standard_descriptors() -> None:
    """Keep descriptors 0 to 2 for the streams: what a library prints must reach no file of ours."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= LAST_STANDARD:
        pass
    os.close(number)


def _open(stream: TextIO | None) -> TextIO:
    """Return the stream, or one that discards where the caller closed it (`>&-`)."""
    return stream or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - stays open


def silence() -> None:
    """Discard what is still buffered when the reader of stdout has gone."""
    if sys.stdout is sys.__stdout__:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())
