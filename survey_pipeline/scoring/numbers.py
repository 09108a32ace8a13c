"""Exact figures, rounded half up and written for people."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import lcm

UNIT = 10_000
"""Points are stored in ten-thousandths."""
DECIMALS = 4
"""Of points and shares."""


@lru_cache(maxsize=1 << 14)
def exact(figure: Decimal) -> Fraction:
    """Return a figure as a fraction; cached, because every record uses the same few."""
    return Fraction(figure)


def exact_sum(values: Iterable[Fraction]) -> Fraction:
    """Add fractions up, as whole numbers over their common denominator.

    The same few figures come up with every record (`exact` gives one object for each), so that they
    are counted first; adding fraction by fraction takes ten times as long.
    """
    each = list(values)
    times = Counter(map(id, each))
    sums: dict[int, int] = {}
    for key, value in dict(zip(map(id, each), each, strict=True)).items():
        part, whole = value.as_integer_ratio()
        sums[whole] = sums.get(whole, 0) + part * times[key]
    common = lcm(*sums)
    return Fraction(sum(part * (common // whole) for whole, part in sums.items()), common)


def half_up(value: Fraction, places: int) -> Fraction:
    """Round to a number of decimals, halves away from zero."""
    scale: int = 10**places
    if scale % value.denominator == 0:
        return value  # nothing to round, as nearly always
    return Fraction(_whole(value, places), scale)


def _whole(value: Fraction, places: int) -> int:
    """Return the value, rounded half up, in units of its last decimal."""
    scale: int = 10**places
    scaled, denominator = abs(value.numerator) * scale, value.denominator
    whole = (2 * scaled + denominator) // (2 * denominator)
    return whole if value.numerator >= 0 else -whole


def to_units(points: Fraction) -> int:
    """Return points of four decimals as integer ten-thousandths.

    Raises:
        ValueError: they have more than four decimals.
    """
    part, whole = points.as_integer_ratio()
    units, rest = divmod(part * UNIT, whole)
    if rest:
        raise ValueError(f"{points} is not rounded to four decimals")
    return units


def from_units(units: int) -> Fraction:
    """Return stored ten-thousandths as points."""
    return Fraction(units, UNIT)


def fixed(value: Fraction | None, places: int) -> str | None:
    """Write a figure with a fixed number of decimals, half up; None stays None."""
    if value is None:
        return None
    units = _whole(value, places)
    whole, decimals = divmod(abs(units), 10**places)
    sign = "-" if units < 0 else ""
    return f"{sign}{whole}.{decimals:0{places}d}" if places else f"{sign}{whole}"


def rounded(value: Fraction | None, places: int) -> Decimal | None:
    """Return a figure with so many decimals, half up; None stays None."""
    return None if value is None else Decimal(_whole(value, places)).scaleb(-places)


def shown(value: Fraction, places: int) -> str:
    """Write a sum as short as possible; an endless decimal is rounded."""
    text = plain(value)
    return (fixed(value, places) or "") if "/" in text else text


def plain(value: Fraction) -> str:
    """Write an exact figure as short as possible: `0.98`, `27`, `10/9` for an endless decimal."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    return f"{(Decimal(value.numerator) / Decimal(value.denominator)).normalize():f}"
