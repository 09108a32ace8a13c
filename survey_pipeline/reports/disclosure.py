"""Which counts of people's answers an office may see. Pure.

A cell is the number of people who gave an answer. A cell under the bound is hidden, an empty one
too: if no citizen was dissatisfied, that tells what each of them said. A hidden cell must not
follow from the cells shown, so cells are merged in one fixed order: all answers; else the satisfied
against the others; else none. The order does not depend on which cell is small, because that would
reveal it. Rate, points and rank follow from the cells and are shown only with all of them.

Two versions of a month can be compared: their difference is a count of answers too, so the bound
holds for it as well (`may_follow`).
"""

from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal
from typing import TypeVar

from survey_pipeline.vocabulary import Rating

K = TypeVar("K", bound=str)


def shown_answers(answers: Mapping[Rating, int], least: int) -> dict[Rating, int]:
    """Return the answers whose counts may be shown beside their total.

    Args:
        answers: how many gave each.
        least: the bound for each cell, and for those together that are hidden.
    """
    if min(answers.values()) >= least:
        return dict(answers)
    satisfied = answers[Rating.SATISFIED]
    others = sum(answers.values()) - satisfied
    return {Rating.SATISFIED: satisfied} if min(satisfied, others) >= least else {}


def shown_reasons(reasons: Mapping[K, int], dissatisfied: int, least: int) -> dict[K, int]:
    """Return the reasons that may be shown: none, where those of the others would be few.

    Args:
        reasons: reason -> how many gave it.
        dissatisfied: how many could have given one.
        least: the bound for each reason, and for the others and those who gave none together.
    """
    shown = {name: count for name, count in reasons.items() if count >= least}
    return shown if dissatisfied - sum(shown.values()) >= least else {}


def may_follow(before: Mapping[Rating, int], after: Mapping[Rating, int], least: int) -> bool:
    """Return whether a reader who was shown a month's answers may be shown later ones as well.

    Nothing may have changed, or every cell by the bound or more: a smaller change would tell what
    few people answered, and a cell that stayed would tell what all the new ones did not. Hidden
    cells count like the others, since what is shown of each version depends on them.

    Args:
        before: how many gave each answer in a version that was shown.
        after: how many did in the later one.
        least: the bound; nothing was shown of fewer answers than that.
    """
    if sum(before.values()) < least or dict(before) == dict(after):
        return True
    changes = [abs(after[rating] - count) for rating, count in before.items()]
    others = sum(after.values()) - sum(before.values())
    others -= after[Rating.SATISFIED] - before[Rating.SATISFIED]
    return min(*changes, abs(others)) >= least


def reasons_may_follow(before: Mapping[K, int], after: Mapping[K, int], least: int) -> bool:
    """Return whether later counts of reasons may be shown after earlier ones.

    Args:
        before: reason -> how many gave it, in a version that was shown; none gave what is absent.
        after: the same in the later version.
        least: the bound for each change.
    """
    changes = [abs(after.get(name, 0) - before.get(name, 0)) for name in {*before, *after}]
    return all(change == 0 or change >= least for change in changes)


def share_of_nearly_all(largest: int, total: int, least: int) -> Decimal | None:
    """Return a lower end of the commonest answer's share, where (nearly) everybody gave it.

    It is the same whether all of them did or all but `least` - 1, so that it does not reveal
    whether a citizen answered otherwise. With few answers it would reveal too much: None then.

    Args:
        largest: how many gave the commonest answer.
        total: how many answered.
        least: the bound.
    """
    most_others = least - 1
    if total < ENOUGH * least or total - largest > most_others:
        return None
    share = Decimal(total - most_others) / total
    return share.quantize(Decimal("0.01"), rounding=ROUND_DOWN)


ENOUGH = 4
"""Times the bound: so many answers, before a share of nearly all is told."""
