"""How likely a count is by chance, and which of many stand out: pure functions of counts."""

import math
from collections.abc import Sequence

MANY_TERMS = 100_000
"""Terms after which a tail's rest is too small to matter."""


def upper_tail(count: int, of: int, share: float) -> float:
    """Return the probability of `count` or more successes in `of` trials: the binomial tail.

    Args:
        count: successes, 0 to `of`.
        of: trials.
        share: the probability of each, above 0 and below 1.
    """
    if count <= of * share:
        return 1.0  # not above what is expected: no evidence, and the sum below would be long
    term = math.exp(
        math.lgamma(of + 1)
        - math.lgamma(count + 1)
        - math.lgamma(of - count + 1)
        + count * math.log(share)
        + (of - count) * math.log1p(-share)
    )
    total, odds = 0.0, share / (1 - share)
    for successes in range(count, min(of, count + MANY_TERMS) + 1):
        total += term
        term *= (of - successes) / (successes + 1) * odds
        if term <= total * 1e-17:
            break
    return min(total, 1.0)


def standing_out(chances: Sequence[float], level: float) -> list[bool]:
    """Return which p-values stand out, by Benjamini and Hochberg's step-up procedure.

    Of those that it names, a share of at most `level` is named by chance (the expected false
    discovery rate). Source: Benjamini and Hochberg 1995.

    Args:
        chances: one p-value per office.
        level: 0 to 1.
    """
    ordered, limit = sorted(chances), -1.0
    for rank, chance in enumerate(ordered, 1):
        if chance <= level * rank / len(ordered):
            limit = chance
    return [chance <= limit for chance in chances]
