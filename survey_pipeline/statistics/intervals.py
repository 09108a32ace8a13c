"""Wilson intervals of shares, for one share or for several that are to hold together."""

from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

Z_95 = Decimal("1.959963984540054")
"""The 97.5 % point of the normal distribution: 95 % lie between it and its negative."""
MISS = Decimal("0.05")
"""How often intervals may miss: one of them at 95 %, or any of several that hold together."""
DIGITS = 30


class Interval(NamedTuple):
    """Bounds of a share, or of a difference of shares."""

    low: Decimal
    high: Decimal


def wilson(share: Fraction, count: int | Decimal, z: Decimal = Z_95) -> Interval:
    """Return the Wilson score interval of a share.

    Source: Wilson 1927. Section 13.4 of the specification takes the 1 / 0.6 / 0 mean as the share,
    which makes it conservative.

    Args:
        share: the mean of the answers' values, 0 to 1.
        count: ratings, at least one; not whole where it is an effective number.
        z: how many standard deviations wide, 95 % unless given.

    Raises:
        ValueError: there is less than one rating.
    """
    if count < 1:
        raise ValueError("an interval needs at least one rating")
    with localcontext(prec=DIGITS):
        p, n, z2 = Decimal(share.numerator) / share.denominator, Decimal(count), z * z
        middle = p + z2 / (2 * n)
        reach = z * (p * (1 - p) / n + z2 / (4 * n * n)).sqrt()
        scale = 1 + z2 / n
        low, high = (middle - reach) / scale, (middle + reach) / scale
    return Interval(
        low if share > 0 else Decimal(0),  # exact at the ends, where the root leaves a crumb
        high if share < 1 else Decimal(1),
    )


@lru_cache
def z_together(intervals: int) -> Decimal:
    """Return how wide each of several intervals must be so that all hold together at 95 %.

    Source: Bonferroni 1936. Each may miss in 5 % / `intervals` of the samples, so that all of them
    hold in at least 95 %. To ten decimals.

    Args:
        intervals: how many; 0 and 1 give the z of a single interval.
    """
    if intervals <= 1:
        return Z_95
    tail = float(MISS) / (2 * intervals)
    return Decimal(f"{-NormalDist().inv_cdf(tail):.10f}")
