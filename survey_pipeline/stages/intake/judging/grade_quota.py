"""How many offices a parent department may grade excellent, and must grade fair.

Source: specification, section 14.E; docs/decisions/quota-rounding.md.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import floor
from typing import NamedTuple

from survey_pipeline.i18n import Message
from survey_pipeline.standard.parts.delivered import ParentRating
from survey_pipeline.vocabulary import Grade


class GradeBounds(NamedTuple):
    """The two bounds of a department's grades; every other office may be good."""

    most_excellent: int
    fewest_fair: int


def grade_bounds(rating: ParentRating, offices: int) -> GradeBounds:
    """Return the bounds for a department with so many graded offices (clause E.2).

    The excellent share is rounded to the nearest, halves up, or down, as the standard says, and
    never below what every department has; the fair share is rounded down.
    """
    half = Fraction(1, 2) if rating.quota_rounding.excellent == "nearest" else Fraction(0)
    excellent = floor(Fraction(rating.quota.excellent) * offices + half)
    always = rating.quota_rounding.always_excellent
    return GradeBounds(
        most_excellent=min(offices, max(always, excellent)),
        fewest_fair=floor(Fraction(rating.quota.fair) * offices),
    )


def quota_problem(
    rating: ParentRating, offices: int, given: Mapping[str, int]
) -> tuple[str, Message] | None:
    """Return the column and the reason why a department's grades break its bounds; None if not.

    Args:
        rating: the standard's rules.
        offices: how many of its offices are graded and appraised.
        given: grade -> how many of them have it. An office without a grade may still become fair.
    """
    bounds = grade_bounds(rating, offices)
    excellent, fair = given.get(Grade.EXCELLENT, 0), given.get(Grade.FAIR, 0)
    graded = sum(given.values())
    values = {"offices": offices, "graded": graded}
    if excellent > bounds.most_excellent:
        return "grade", Message(
            "{given} of this department's offices would be excellent, at most {most} of "
            "{offices} may be; {graded} have a grade",
            {**values, "given": excellent, "most": bounds.most_excellent},
        )
    if fair + offices - graded < bounds.fewest_fair:
        return "grade", Message(
            "{given} of this department's offices would be fair, at least {least} of {offices} "
            "must be; {graded} have a grade",
            {**values, "given": fair, "least": bounds.fewest_fair},
        )
    return None
