"""Competition ranks: equal values share a rank and the next one is skipped (1 1 3)."""

from collections.abc import Mapping
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value", int, tuple[bool, int])


def ranks(values: Mapping[Key, Value | None]) -> dict[Key, int | None]:
    """Return each key's rank, the largest value first.

    Args:
        values: what is ranked; None has no rank.
    """
    falling = sorted((value for value in values.values() if value is not None), reverse=True)
    first: dict[Value, int] = {}
    for place, value in enumerate(falling, 1):
        first.setdefault(value, place)
    return {key: None if value is None else first[value] for key, value in values.items()}
