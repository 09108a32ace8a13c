"""Competition ranks: equal values share a rank and the next one is skipped (1 1 3)."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Mapping
from typing import NamedTuple, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value", int, tuple[bool, int], tuple[int, int])


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


class GroupRank(NamedTuple):
    """A rank within a group, and how many are ranked there."""

    rank: int | None
    """None for what has no rank over all either."""
    ranked: int


def places_within(ranked: Mapping[Key, tuple[Hashable, int | None]]) -> dict[Key, GroupRank]:
    """Return each key's place within its group.

    Args:
        ranked: key -> its group, and its rank over all groups (1 1 3).
    """
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for group, rank in ranked.values():
        if rank is not None:
            groups[group].append(rank)
    for found in groups.values():
        found.sort()
    return {
        key: GroupRank(
            None if rank is None else bisect_left(groups[group], rank) + 1, len(groups[group])
        )
        for key, (group, rank) in ranked.items()
    }
