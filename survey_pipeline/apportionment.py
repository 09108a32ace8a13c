"""Dividing whole seats in proportion to weights: the method of the largest remainder (Hamilton).

Every party gets the whole part of its exact share; the seats that are left go to the largest
fractional parts. Where more parties tie than seats are left, a rule decides. It is an argument,
because each use has its own (docs/decisions/review-selection.md for the online review).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

Party = TypeVar("Party")
TieRule = Callable[[Sequence[Party], int], Iterable[Party]]
"""Given the parties that tie and the seats left, the party that gets each of these seats."""


def largest_remainder(
    seats: int, weights: Mapping[Party, int | Decimal | Fraction], tie: TieRule[Party]
) -> dict[Party, int]:
    """Divide seats by weight, so that the parts add up to them.

    Args:
        seats: how many there are, 0 or more.
        weights: of each party, 0 or more and not all 0.
        tie: who gets the last seats where several parties tie for them.

    Returns:
        Every party's seats, in the order of `weights`.
    """
    total = sum(Fraction(weight) for weight in weights.values())
    exact = {party: seats * Fraction(weight) / total for party, weight in weights.items()}
    given = {party: int(share) for party, share in exact.items()}
    remainders = {party: exact[party] - given[party] for party in weights}
    left = seats - sum(given.values())
    for remainder in sorted(set(remainders.values()), reverse=True):
        level = [party for party in weights if remainders[party] == remainder]
        receivers = level if len(level) <= left else list(tie(level, left))
        for party in receivers:
            given[party] += 1
        left -= len(receivers)
        if not left:
            break
    return given


def first_by(key: Callable[[Party], Any]) -> TieRule[Party]:
    """Return the tie rule that gives each of the seats left to the first parties in an order."""
    return lambda level, left: sorted(level, key=key)[:left]
