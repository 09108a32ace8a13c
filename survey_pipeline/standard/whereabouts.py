"""Finds the line of a key in a standard's file.

`tomllib` does not keep lines, so they are looked up in the text, for the plain way in which
standards are written: headers and keys at the beginning of a line. Where that cannot be sure (texts
over several lines) it says nothing: a wrong line is worse than none.
"""

import re
from collections import Counter
from collections.abc import Sequence

Key = tuple[str | int, ...]
"""A key as Pydantic names it: names of tables and keys, numbers of list entries from 0."""

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*([\w.-]+)\s*=")


def line_of(text: str, key: Sequence[str | int]) -> int | None:
    """Return the line (from 1) of a key, or of the nearest table or list around it, if any.

    Args:
        text: the file's.
        key: as Pydantic names it.
    """
    known = lines_of(text)
    path = tuple(key)
    while path:
        if path in known:
            return known[path]
        path = path[:-1]
    return None


def lines_of(text: str) -> dict[Key, int]:
    """Return the line of every key and table; nothing if the text has texts over several lines."""
    if '"""' in text or "'''" in text:
        return {}
    known: dict[Key, int] = {}
    entries: Counter[Key] = Counter()
    table: Key = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.fullmatch(line):
            table = _within(header[2], entries)
            if header[1] == "[[":
                known.setdefault(table, number)
                entries[table] += 1
                table = (*table, entries[table] - 1)
            known.setdefault(table, number)
        elif key := _KEY.match(line):
            known.setdefault((*table, *key[1].split(".")), number)
    return known


def _within(header: str, entries: Counter[Key]) -> Key:
    """Return the path of a header; a table below a list belongs to the list's last entry so far."""
    path: Key = ()
    names = header.split(".")
    for name in names:
        if path in entries:
            path = (*path, entries[path] - 1)
        path = (*path, name)
    return path
