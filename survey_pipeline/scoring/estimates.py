"""Figures beside the official points."""

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import NamedTuple

Z_95 = Decimal("1.959963984540054")
"""The 97.5 % point of the normal distribution: 95 % lie between it and its negative."""
DIGITS = 30


class Interval(NamedTuple):
    """Bounds of a share."""

    low: Decimal
    high: Decimal


def wilson(share: Fraction, count: int) -> Interval:
    """Return the 95 % Wilson score interval of a share.

    Source: Wilson 1927. Section 13.4 of the specification takes the 1 / 0.6 / 0 mean as the share,
    which makes it conservative.

    Args:
        share: the mean of the answers' values, 0 to 1.
        count: ratings, at least one.
    """
    if count < 1:
        raise ValueError("an interval needs at least one rating")
    with localcontext(prec=DIGITS):
        p, n, z2 = Decimal(share.numerator) / share.denominator, Decimal(count), Z_95 * Z_95
        middle = p + z2 / (2 * n)
        reach = Z_95 * (p * (1 - p) / n + z2 / (4 * n * n)).sqrt()
        scale = 1 + z2 / n
        low, high = (middle - reach) / scale, (middle + reach) / scale
    return Interval(
        low if share > 0 else Decimal(0),  # exact at the ends, where the root leaves a crumb
        high if share < 1 else Decimal(1),
    )
