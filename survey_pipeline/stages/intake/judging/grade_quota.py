"""How many seats of each grade a parent department may give (specification, section 14.E)."""

from collections.abc import Mapping
from fractions import Fraction

from survey_pipeline.standard.parts.delivered import ParentRating
from survey_pipeline.vocabulary import Grade


def seats(rating: ParentRating, offices: int) -> Mapping[Grade, int]:
    """Return the seats of each grade among so many offices, by largest remainder.

    Seats for which several grades would tie go to the grade that the standard names.
    """
    exact = {grade: Fraction(rating.quota.share(grade)) * offices for grade in Grade}
    given = {grade: int(share) for grade, share in exact.items()}
    rest = {grade: exact[grade] - given[grade] for grade in Grade}
    left = offices - sum(given.values())
    for remainder in sorted(set(rest.values()), reverse=True):
        level = [grade for grade in Grade if rest[grade] == remainder]
        if left < len(level):
            given[rating.quota_rounding.tie_to] += left
            break
        for grade in level:
            given[grade] += 1
        left -= len(level)
    return given
