"""Which gateway takes which message: a share of the traffic, by priority and by health.

Shares are whole hundredths of a point: all gateways together have 10,000. A message's number
decides, so that senders on several hosts agree without talking to each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Column as SqlColumn
from sqlalchemy import ColumnElement, and_, false, true

from survey_pipeline.apportionment import first_by, largest_remainder

POINT = 100
"""A point of share."""
WHOLE = 100 * POINT
"""All traffic."""
STRIDE = 6_181
"""Numbers are taken to places in steps of so many: coprime to the whole, so that each place is one
number's, and near the golden section, so that even twenty consecutive numbers spread by share."""


@dataclass(frozen=True)
class Share:
    """The places from `first` (inclusive) to `end` (exclusive) of the whole."""

    first: int
    end: int

    @property
    def size(self) -> int:
        """Return how many hundredths of a point it is."""
        return self.end - self.first

    def of(self, number: "SqlColumn[int]") -> ColumnElement[bool]:
        """Return the condition that a message's number is in the share."""
        if self.size >= WHOLE:
            return true()
        if self.size <= 0:
            return false()
        place = number % WHOLE * STRIDE % WHOLE
        return and_(place >= self.first, place < self.end)


EVERYTHING = Share(0, WHOLE)


def divide(amount: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Divide an amount by weight, so that the parts add up to it: by largest remainder.

    Where all weights are 0, evenly. Equal remainders go by name.
    """
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    return largest_remainder(amount, weights, first_by(str))


def configured_shares(priorities: Mapping[str, int]) -> dict[str, int]:
    """Return each gateway's share by the configuration: its priority over the sum of priorities."""
    return divide(WHOLE, priorities)


def ranges(shares: Mapping[str, int]) -> dict[str, Share]:
    """Lay the shares side by side, in the order of their names; they add up to the whole."""
    first, found = 0, {}
    for label in sorted(shares):
        found[label] = Share(first, first + shares[label])
        first += shares[label]
    return found
