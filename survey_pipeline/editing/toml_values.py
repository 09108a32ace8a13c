"""Changes values in a TOML text that people edit: every comment, blank and other line stays."""

from collections.abc import Mapping
from typing import Any

import tomlkit

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


def quoted(text: str) -> str:
    """Return a text as TOML writes it."""
    return tomlkit.string(text).as_string()
