"""The arithmetic of a line in words: count x rate x factor, in decimals that can be checked."""

from fractions import Fraction

from survey_pipeline.i18n import N_, Message
from survey_pipeline.vocabulary import Component

WRITTEN_OUT = frozenset({Component.SATISFACTION, Component.ONLINE, Component.BONUS})
"""Components whose notes hold the arithmetic: their rates and factors may be endless decimals."""
COUNTED = N_("{count} x {rate}")
WEIGHTED = N_("{count} x {rate} x {factor}")


def arithmetic(
    component: str,
    figures: tuple[int | None, str | None, str | None],
    *,
    noted: bool,
) -> Message | None:
    """Return a line's arithmetic, or None where it has none, or where points or note say it.

    Args:
        component: of the line.
        figures: count, rate and factor, the last two as `numbers.plain` writes them.
        noted: whether the line has a note.
    """
    count, rate, factor = figures
    if count is None or rate is None or (noted and (component in WRITTEN_OUT or not count)):
        return None
    values: dict[str, object] = {"count": count, "rate": rate}
    if factor is None or Fraction(factor) == 1:
        if count == 1:
            return None
        return Message(COUNTED, values)
    return Message(WEIGHTED, {**values, "factor": factor})
