"""How many seats of each grade a parent department may give (specification, section 14.E)."""

from collections.abc import Mapping

from survey_pipeline.apportionment import all_to, largest_remainder
from survey_pipeline.standard.parts.delivered import ParentRating
from survey_pipeline.vocabulary import Grade


def seats(rating: ParentRating, offices: int) -> Mapping[Grade, int]:
    """Return the seats of each grade among so many offices, by largest remainder.

    Seats for which several grades would tie go to the grade that the standard names.
    """
    shares = {grade: rating.quota.share(grade) for grade in Grade}
    return largest_remainder(offices, shares, all_to(rating.quota_rounding.tie_to))
