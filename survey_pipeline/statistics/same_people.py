"""The gap between two answers of the same people, with an interval that small numbers can bear.

Source: specification, section 13.4. Of n people U is the mean rise (0 for people who did not rise)
and D the mean fall; the gap is U - D. Each has its Wilson interval, and the two are joined as
Newcombe 1998 and Zou and Donner 2008 do: by the squares of the distances to their bounds, with the
correlation of two shares of which a person adds to at most one. No spread is estimated from the
differences, so there is an interval for a single person, and it is no point where all say the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from survey_pipeline.statistics.intervals import DIGITS, Interval, wilson

Pairs = Mapping[tuple[Fraction, Fraction], int]
"""(value of the first answer, value of the second) -> people; values from 0 to 1."""


@dataclass(frozen=True)
class Gap:
    """How much higher the second answers are than the first ones of the same people."""

    people: int
    risen: int
    """People whose second answer is higher."""
    fallen: int
    mean: Fraction | None
    """Second minus first, -1 to 1; None without people."""
    interval: Interval | None
    """95 %; None without people."""

    @property
    def same(self) -> int:
        """People who said the same twice."""
        return self.people - self.risen - self.fallen


def gap_of(pairs: Pairs) -> Gap:
    """Return the mean gap of some people, as they are."""
    people = sum(pairs.values())
    risen = sum(count for (first, second), count in pairs.items() if second > first)
    fallen = sum(count for (first, second), count in pairs.items() if second < first)
    if not people:
        return Gap(0, 0, 0, None, None)
    rise = _mean(pairs, people, sign=1)
    fall = _mean(pairs, people, sign=-1)
    return Gap(people, risen, fallen, rise - fall, _interval(rise, fall, people))


def _mean(pairs: Pairs, people: int, *, sign: int) -> Fraction:
    moves = (
        max(sign * (second - first), Fraction(0)) * count
        for (first, second), count in pairs.items()
    )
    return sum(moves, Fraction(0)) / people


def _interval(rise: Fraction, fall: Fraction, people: int) -> Interval:
    up, down = wilson(rise, people), wilson(fall, people)
    with localcontext(prec=DIGITS):
        u, d = _decimal(rise), _decimal(fall)
        correlation = _correlation(u, d)
        low = u - d - _joined(u - up.low, down.high - d, correlation)
        high = u - d + _joined(up.high - u, d - down.low, correlation)
    return Interval(low, high)


def _correlation(u: Decimal, d: Decimal) -> Decimal:
    """Return the correlation of two shares that exclude each other; 0 where one is not there."""
    if not u or not d:
        return Decimal(0)
    return max(-(u * d / ((1 - u) * (1 - d))).sqrt(), Decimal(-1))


def _joined(one: Decimal, other: Decimal, correlation: Decimal) -> Decimal:
    """Return the distance to a bound of the difference, from the distances of its two parts."""
    return (one * one - 2 * correlation * one * other + other * other).sqrt()


def weighted_gap(parts: Sequence[tuple[Pairs, int]]) -> Gap:
    """Return the gap over everybody who answered, from those who were asked twice.

    Those who were not satisfied are asked again far more often, and their answers can only rise. So
    the gap is taken among those with the same first answer, and weighted by how many gave it.

    Args:
        parts: for each first answer the people asked twice, and how many gave that answer.

    Returns:
        People, risen and fallen as counted. Mean and interval are None where nobody answered, or
        where nobody of those with some first answer was asked twice. The interval joins those of
        the parts by the squares of their weighted distances.
    """
    answered = sum(count for _, count in parts)
    gaps = [(gap_of(pairs), Fraction(count, answered or 1)) for pairs, count in parts]
    people = sum(gap.people for gap, _ in gaps)
    risen, fallen = sum(gap.risen for gap, _ in gaps), sum(gap.fallen for gap, _ in gaps)
    known = [
        (gap.mean, gap.interval, weight)
        for gap, weight in gaps
        if weight and gap.mean is not None and gap.interval is not None
    ]
    if sum((weight for *_, weight in known), Fraction(0)) != 1:
        return Gap(people, risen, fallen, None, None)
    mean = sum((weight * gap for gap, _, weight in known), Fraction(0))
    with localcontext(prec=DIGITS):
        middle = _decimal(mean)
        below = [_decimal(weight) * (_decimal(gap) - bounds.low) for gap, bounds, weight in known]
        above = [_decimal(weight) * (bounds.high - _decimal(gap)) for gap, bounds, weight in known]
        bounds = Interval(middle - _length(below), middle + _length(above))
    return Gap(people, risen, fallen, mean, bounds)


def _length(distances: Sequence[Decimal]) -> Decimal:
    return sum((distance * distance for distance in distances), Decimal(0)).sqrt()


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / value.denominator
