"""Patterns in an office's numbers of one day: pure, on plain lists."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

SHORTEST_RUN = 3
"""So many numbers that follow one upon another are a run; two may be a family's."""
FEWEST_NUMBERED = 5
"""A series of case numbers shorter than that tells nothing of gaps."""
_COUNTER = re.compile(r"(.*?)(\d{1,9})\Z", re.DOTALL)
"""A case number's counter: its last digits, nine at most, behind what all of a series begin with.
"""


class Gaps(NamedTuple):
    """How complete the case numbers of an office's day are."""

    missing: int
    """Numbers between the lowest and the highest of a series that no case has."""
    span: int
    """Numbers from the lowest to the highest of each series, both included."""


def in_runs(numbers: Iterable[int]) -> int:
    """Return how many different numbers stand in runs of consecutive ones."""
    ordered = sorted(set(numbers))
    count, length = 0, 1
    for before, after in pairwise(ordered):
        if after == before + 1:
            length += 1
            continue
        count += length if length >= SHORTEST_RUN else 0
        length = 1
    return count + (length if length >= SHORTEST_RUN else 0)


def gaps(case_numbers: Iterable[str]) -> Gaps:
    """Return how many case numbers are missing of those that an office counts up.

    Numbers of the same beginning and length form a series. A series of which less than half is
    there is not counted up by this office alone (a shared counter, random numbers), and says
    nothing.
    """
    series: dict[tuple[str, int], list[int]] = defaultdict(list)
    for number in case_numbers:
        if found := _COUNTER.match(number):
            series[found[1], len(found[2])].append(int(found[2]))
    missing = span = 0
    for counters in series.values():
        width = max(counters) - min(counters) + 1
        if _is_counted_up(counters, width):
            missing += width - len(set(counters))
            span += width
    return Gaps(missing, span)


def _is_counted_up(counters: Sequence[int], width: int) -> bool:
    return len(counters) >= FEWEST_NUMBERED and 2 * len(set(counters)) >= width
