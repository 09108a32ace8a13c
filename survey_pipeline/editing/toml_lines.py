"""Changes values in a TOML text that people edit: every comment, blank and other line stays.

Only the lines of the keys are written anew; what comes out is read again and compared before it is
returned, as `standard.adopting` does.
"""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from survey_pipeline.errors import CannotProceed
from survey_pipeline.standard.whereabouts import Key, lines_of

Values = Mapping[Key, str]
"""Values as TOML writes them, by the path of their key."""

_BEFORE = re.compile(r"\s*[\w.\"-]+\s*=\s*")
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[\[\]{}]|[^\[\]{}"\'#\s]+|\s+|#.*')
"""A text, a bracket, a bare word, blanks, or a comment."""


def with_values(text: str, values: Values) -> str:
    """Return a TOML text in which keys have other values; a key or table may be new.

    Raises:
        CannotProceed: a key is written in a way in which its line cannot be told for sure.
    """
    wanted = tomllib.loads(text)
    for key, value in values.items():
        _set(wanted, key, tomllib.loads(f"value = {value}")["value"])
    for key, value in values.items():
        text = _with_value(text, key, value)
    if tomllib.loads(text) != wanted:
        raise _by_hand(next(iter(values)))
    return text


def quoted(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False)


def _with_value(text: str, key: Key, value: str) -> str:
    known, lines = lines_of(text), text.splitlines(keepends=True)
    if key in known:
        number = known[key] - 1
        lines[number] = _replaced(lines[number], key, value)
        return "".join(lines)
    line = f"{key[-1]} = {value}\n"
    if key[:-1] not in known:
        if len(key) != 2 or not known:  # a list's entry, or texts over several lines
            raise _by_hand(key)
        end = "" if text.endswith("\n") else "\n"
        return f"{text}{end}\n[{key[0]}]\n{line}"
    last = _last_key(lines, known[key[:-1]], set(known.values()))
    if not lines[last - 1].endswith("\n"):
        lines[last - 1] += "\n"
    return "".join([*lines[:last], line, *lines[last:]])


def _last_key(lines: Sequence[str], header: int, keyed: set[int]) -> int:
    """Return the line (from 1) of a table's last key, or of its header where it has none."""
    last = header
    for number in range(header + 1, len(lines) + 1):
        if lines[number - 1].lstrip().startswith("["):
            break
        if number in keyed:
            last = number
    return last


def _replaced(line: str, key: Key, value: str) -> str:
    """Return a line with another value; the comment keeps its column where there is room."""
    begin = _BEFORE.match(line)
    if begin is None:
        raise _by_hand(key)
    at, depth = begin.end(), 0
    while piece := _PIECE.match(line, at):
        if not depth and at > begin.end() and (piece[0].isspace() or piece[0].startswith("#")):
            break
        depth += piece[0] in ("[", "{")
        depth -= piece[0] in ("]", "}")
        at = piece.end()
    if depth:  # it goes on on the next line
        raise _by_hand(key)
    rest = line[at:]
    if "#" in rest:
        gap = max(1, len(rest) - len(rest.lstrip()) + (at - begin.end()) - len(value))
        rest = " " * gap + rest.lstrip()
    return line[: begin.end()] + value + rest


def _set(data: Any, key: Key, value: object) -> None:
    for name in key[:-1]:
        data = data[name] if isinstance(name, int) else data.setdefault(name, {})
    data[key[-1]] = value


def _by_hand(key: Key) -> CannotProceed:
    return CannotProceed(
        "the line of {key} in the file cannot be told for sure. Change it by hand",
        key=".".join(map(str, key)),
    )
