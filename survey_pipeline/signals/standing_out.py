"""Which offices of a month stand out from the rest of the city: pure, on counts alone.

An office's share is held against that of all other offices together. It stands out only where it
is beyond one and a half times their odds (`TIMES`), so that honest offices may differ. "Beyond" is
a one-sided binomial test; Benjamini and Hochberg's procedure then accounts for the many offices of
the month.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from survey_pipeline.signals.binomial import standing_out, upper_tail
from survey_pipeline.statistics.intervals import Interval, wilson

TIMES = Fraction(3, 2)
"""An office may differ from the others by this ratio of odds before anything is said."""
LEAST_SHARE = Fraction(1, 100)
"""What nobody else does is still taken to happen in one of a hundred: a single case is no sign."""
FEWEST = 3
"""A count below it is never named, whatever its denominator."""


@dataclass(frozen=True)
class Proportion:
    """So many of so many."""

    count: int
    of: int

    def __add__(self, other: "Proportion") -> "Proportion":
        return Proportion(self.count + other.count, self.of + other.of)

    def __sub__(self, other: "Proportion") -> "Proportion":
        return Proportion(self.count - other.count, self.of - other.of)

    @property
    def share(self) -> Fraction | None:
        """The share, 0 to 1; None of nothing."""
        return Fraction(self.count, self.of) if self.of else None

    @property
    def interval(self) -> Interval | None:
        """The share's 95 % Wilson interval; None of nothing."""
        share = self.share
        return None if share is None else wilson(share, self.of)


@dataclass(frozen=True)
class Judged:
    """One office's count beside that of all other offices."""

    own: Proportion
    others: Proportion
    chance: float
    """The p-value against the odds that are allowed; 1.0 where nothing can be compared."""
    named: bool
    """Whether it stands out among the month's offices."""


def judge(
    counts: Mapping[str, Proportion],
    level: float,
    *,
    city: Mapping[str, Proportion] | None = None,
    times: Fraction = TIMES,
) -> dict[str, Judged]:
    """Return each office's count with what there is to say of it.

    Args:
        counts: by office, for one signal and month.
        level: the false discovery rate, 0 to 1.
        city: counts that offices are held against, where these are not the offices' own.
        times: the ratio of odds by which an office may differ.
    """
    compared = counts if city is None else city
    everyone = sum(compared.values(), Proportion(0, 0))
    others = {code: everyone - compared.get(code, Proportion(0, 0)) for code in counts}
    chances = {code: chance_of(own, others[code], times) for code, own in counts.items()}
    tested = [code for code, own in counts.items() if own.of]
    named = standing_out([chances[code] for code in tested], level)
    out = {code for code, stands in zip(tested, named, strict=True) if stands}
    return {
        code: Judged(own, others[code], chances[code], code in out and own.count >= FEWEST)
        for code, own in counts.items()
    }


def chance_of(own: Proportion, others: Proportion, times: Fraction = TIMES) -> float:
    """Return the p-value of an office's count against `times` the odds of all others."""
    usual = usual_share(others)
    if usual is None or not own.of:
        return 1.0
    return upper_tail(own.count, own.of, float(allowed_share(usual, times)))


def usual_share(others: Proportion) -> Fraction | None:
    """Return what is usual: the upper end of the others' interval, None without others.

    The upper end, because the share of few others is uncertain itself.
    """
    if others.interval is None:
        return None
    return max(Fraction(others.interval.high), LEAST_SHARE)


def allowed_share(usual: Fraction, times: Fraction = TIMES) -> Fraction:
    """Return the share whose odds are `times` those of the usual one."""
    return times * usual / (1 - usual + times * usual)
