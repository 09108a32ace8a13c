"""What stands before the terminal: the only door, with `console`, through which commands write.

Names, texts and file names come from outside. What would steer a terminal (escape sequences, other
control characters, direction marks) is printed as a visible escape, and what looks like markup is
text. A character that the terminal's encoding lacks is printed as an escape too.
"""

import json
import os
import re
import sys
from typing import Any, TextIO

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
    """Let no character, and no stream that is closed, end the program with a traceback."""
    sys.stdout, sys.stderr = _open(sys.stdout), _open(sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def _open(stream: TextIO | None) -> TextIO:
    """Return a stream; of one that the caller closed (`>&-`), one that leads nowhere."""
    return stream or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - for good


def silence() -> None:
    """Let what is still buffered for a stream that nobody reads lead nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        if stream in {sys.__stdout__, sys.__stderr__}:
            os.dup2(nowhere, number)
