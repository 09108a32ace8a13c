"""The design-weighted mean of ratings: strata, weights, variance, Kish's effective number.

Source: specification, section 13.4, after Cochran 1977 and Kish 1965. A stratum is the cases of
one office and one day of the draw, N_h of them, of which n_h were rated. A rated case has the
weight N_h / n_h: the inverse of the probability that it was drawn, and of the share of its day's
drawn cases that answered.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from survey_pipeline.statistics.intervals import DIGITS, Interval, wilson

LEAST = 2
"""Rated cases that a stratum needs: the spread of a single one is unknown."""


@dataclass(frozen=True)
class Stratum:
    """Cases that were drawn with one probability."""

    size: Decimal
    """N_h: cases that it stands for, at least as many as were rated."""
    values: Mapping[Decimal, int]
    """Value of a rating (0 to 1) -> how many rated cases."""

    @property
    def rated(self) -> int:
        """n_h."""
        return sum(self.values.values())

    @property
    def stands_alone(self) -> bool:
        """Whether its spread is known: two rated cases, or all there are."""
        return self.rated >= LEAST or 0 < self.size <= self.rated

    def __add__(self, other: "Stratum") -> "Stratum":
        values = dict(self.values)
        for value, count in other.values.items():
            values[value] = values.get(value, 0) + count
        return Stratum(self.size + other.size, values)


@dataclass(frozen=True)
class WeightedMean:
    """What ratings of a sample say of all the cases that it was drawn from."""

    rated: int
    size: Decimal
    """N: cases that the estimate stands for."""
    strata: int
    """After those with too few rated cases were combined."""
    mean: Decimal | None
    """0 to 1; None without a rated case."""
    variance: Decimal | None
    """None where a single rated case stands for several."""
    effective: Decimal | None
    """Kish's n_eff: how many ratings of equal weight would weigh as much."""
    interval: Interval | None
    """95 %."""


NOTHING = WeightedMean(0, Decimal(0), 0, None, None, None, None)


def combine(strata: Iterable[Stratum]) -> list[Stratum]:
    """Join strata with too few rated cases to the one that follows, the last to the one before.

    Neighbours in the order given are alike: days of an office that follow each other. A stratum
    without a rated case so takes part with its size, as if its cases were rated like those beside
    it. What is left is one stratum that does not stand alone, or none, or only such as do.
    """
    found: list[Stratum] = []
    waiting: Stratum | None = None
    for stratum in strata:
        joined = stratum if waiting is None else waiting + stratum
        if joined.stands_alone:
            found.append(joined)
            waiting = None
        else:
            waiting = joined
    if waiting is not None:
        found.append(found.pop() + waiting if found else waiting)
    return found


def together(offices: Iterable[Sequence[Stratum]]) -> list[Stratum]:
    """Return the strata of several offices, each already combined, for an estimate over all.

    Offices without a rated case are left out: nothing stands for their cases. Those with a single
    one are joined with each other, in the order given.
    """
    every = [stratum for strata in offices for stratum in strata if stratum.rated]
    single = [stratum for stratum in every if not stratum.stands_alone]
    return combine([*single, *(stratum for stratum in every if stratum.stands_alone)])


def weighted_mean(strata: Sequence[Stratum]) -> WeightedMean:
    """Return the stratified mean, V = sum (N_h/N)^2 (1 - n_h/N_h) s_h^2 / n_h, and what follows.

    Args:
        strata: as `combine` or `together` returns them.
    """
    rated = sum(stratum.rated for stratum in strata)
    if not rated:
        return NOTHING
    with localcontext(prec=DIGITS):
        size = sum((stratum.size for stratum in strata), Decimal(0))
        mean = sum((stratum.size / size * _mean(stratum) for stratum in strata), Decimal(0))
        parts = [_variance(stratum, size) for stratum in strata]
        known = [part for part in parts if part is not None]
        variance = sum(known, Decimal(0)) if len(known) == len(parts) else None
        squares = sum((stratum.size**2 / stratum.rated for stratum in strata), Decimal(0))
        interval = _interval(mean, variance, rated, size)
    return WeightedMean(rated, size, len(strata), mean, variance, size**2 / squares, interval)


def _mean(stratum: Stratum) -> Decimal:
    worth = sum((value * count for value, count in stratum.values.items()), Decimal(0))
    return worth / stratum.rated


def _variance(stratum: Stratum, size: Decimal) -> Decimal | None:
    """Return a stratum's part of V; None where a single rated case stands for several."""
    rated = stratum.rated
    if rated >= stratum.size:
        return Decimal(0)  # all of its cases are rated
    if rated < LEAST:
        return None
    mean = _mean(stratum)
    squares = sum(
        (count * (value - mean) ** 2 for value, count in stratum.values.items()), Decimal(0)
    )
    spread = squares / (rated - 1)
    return (stratum.size / size) ** 2 * (1 - rated / stratum.size) * spread / rated


def _interval(mean: Decimal, variance: Decimal | None, rated: int, size: Decimal) -> Interval:
    """Return the Wilson interval with the number of ratings that would be as precise.

    That number is p (1 - p) / V, the effective number of Korn and Graubard 1998, and at most the
    ratings by themselves, n / (1 - n/N): with few ratings that are nearly all alike V comes out far
    too small, or 0, and an interval of `mean` and V alone would be a point.
    """
    if rated >= size:
        return Interval(mean, mean)
    most = rated / (1 - rated / size)
    count = min(most, mean * (1 - mean) / variance) if variance else most
    return wilson(Fraction(min(max(mean, Decimal(0)), Decimal(1))), max(count, Decimal(1)))
