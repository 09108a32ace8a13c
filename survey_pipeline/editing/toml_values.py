"""Changes values in a TOML text that people edit: every comment, blank and other line stays."""

from collections.abc import Iterator, Mapping
from typing import Any

import tomlkit
from tomlkit.items import AoT, InlineTable

from survey_pipeline.standard.whereabouts import Key

Values = Mapping[Key, str]
"""Values as TOML writes them, by the path of their key."""


def with_values(text: str, values: Values) -> str:
    """Return a TOML text in which keys have other values; a key or table may be new."""
    document = tomlkit.parse(text)
    for key, value in values.items():
        place: Any = document
        for name in key[:-1]:
            if isinstance(name, str) and name not in place:
                place[name] = tomlkit.table()
            place = place[name]
        place[key[-1]] = tomlkit.value(value)
    return tomlkit.dumps(document)


def sources_of(text: str) -> dict[Key, str]:
    """Return the values as TOML has them, comments within them too, by the path of their key."""
    return dict(_sources(tomlkit.parse(text), ()))


def _sources(table: Any, path: Key) -> Iterator[tuple[Key, str]]:
    for name, item in table.items():
        if isinstance(item, AoT):
            for number, entry in enumerate(item):
                yield from _sources(entry, (*path, name, number))
        elif isinstance(item, dict) and not isinstance(item, InlineTable):
            yield from _sources(item, (*path, name))
        else:
            yield (*path, name), tomlkit.item(item).as_string()  # a bool is given as Python has it


def quoted(text: str) -> str:
    """Return a text as TOML writes it."""
    return tomlkit.string(text).as_string()
