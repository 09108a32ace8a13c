"""Which gateway takes which message: a share of the traffic by priority.

A message's number decides, so that any number of senders on any number of hosts agree without a
word. A gateway that was stopped has no share; the others take its part.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Column as SqlColumn
from sqlalchemy import ColumnElement, and_, true


@dataclass(frozen=True)
class Share:
    """A range of `number modulo whole`: from `first` (inclusive) to `end` (exclusive)."""

    first: int
    end: int
    whole: int

    def of(self, number: "SqlColumn[int]") -> ColumnElement[bool]:
        """Say which numbers are in the share."""
        if self.end - self.first >= self.whole:
            return true()
        place = number % self.whole
        return and_(place >= self.first, place < self.end)


EVERYTHING = Share(0, 1, 1)


def shares(priorities: Mapping[str, int]) -> dict[str, Share]:
    """Divide the traffic: each gateway's share is its priority over the sum of priorities.

    Gateways that all have priority 0 share evenly.
    """
    weights = dict(priorities)
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    whole, first, found = sum(weights.values()), 0, {}
    for label, weight in weights.items():
        found[label] = Share(first, first + weight, whole)
        first += weight
    return found
