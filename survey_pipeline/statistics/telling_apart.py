"""Which of several shares can be told apart, and the bands that follow."""

from collections.abc import Hashable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from survey_pipeline.statistics.intervals import Interval, wilson, z_together

K = TypeVar("K", bound=Hashable)
Shares = Mapping[K, tuple[Fraction, int]]
"""Key -> share (0 to 1) and the number of ratings that it rests on, at least one."""


def intervals_together(shares: Shares[K]) -> dict[K, Interval]:
    """Return Wilson intervals that hold all together at 95 % (Bonferroni over their number)."""
    z = z_together(len(shares))
    return {key: wilson(share, count, z) for key, (share, count) in shares.items()}


def bands(shares: Shares[K]) -> dict[K, int]:
    """Part shares into bands, from 1; what cannot be told apart from a whole band is in it.

    From the highest share down, a share opens a new band where its interval lies wholly below that
    of a share of the band above; within a band every two intervals overlap. Because the intervals
    hold together at 95 %, so does every statement that two of them differ, however many there are.
    The converse does not hold: shares of neighbouring bands may overlap too.
    """
    found: dict[K, int] = {}
    band, floor = 1, Decimal(0)
    intervals = intervals_together(shares)
    for key in sorted(shares, key=lambda key: (-shares[key][0], str(key))):
        if intervals[key].high < floor:
            band, floor = band + 1, Decimal(0)
        floor = max(floor, intervals[key].low)
        found[key] = band
    return found
