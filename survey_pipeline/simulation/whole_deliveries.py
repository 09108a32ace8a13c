"""What lead agencies deliver of the offices whose citizens they ask themselves."""

from typing import NamedTuple

from survey_pipeline.gateways.simulated.chance import Dice
from survey_pipeline.standard.parts.satisfaction import Arrangement


class WholeDelivery(NamedTuple):
    """A month's results of one office."""

    sampled: int
    satisfied: int
    neutral: int
    dissatisfied: int


def whole_delivery(
    seed: str, office_code: str, month: str, cases: int, rules: Arrangement
) -> WholeDelivery | None:
    """Return what is delivered of an office; None if its own survey is left to us.

    Args:
        seed: the city's.
        office_code: the office.
        month: `YYYY-MM`.
        cases: that it reported in the month.
        rules: who asks its citizens.
    """
    if not cases or rules.by is None or rules.is_shared:
        return None
    dice = Dice(seed, "delivered", office_code, month)
    if not rules.waits_for_delivery and dice.happens("none", 600):
        return None  # most that need not deliver (schools) leave it to the appraisal office
    sampled = max(1, cases // 5)
    rated = sampled * (70 + dice.number("rated", 25)) // 100
    unhappy = rated * dice.number("unhappy", 12) // 100
    return WholeDelivery(sampled, rated - unhappy, unhappy - unhappy // 3, unhappy // 3)
