"""e: which share of the cases of unknown eligibility is taken as eligible, where a user says so."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from survey_pipeline.errors import UsageError
from survey_pipeline.statistics.response_rates import (
    Eligibility,
    OutcomeCounts,
    estimated_eligibility,
)
from survey_pipeline.vocabulary import DispositionGroup

GivenShares = Mapping[DispositionGroup, Fraction]
"""Class of unknown cases -> its e; classes that are not given are estimated."""
FIELDS: Mapping[DispositionGroup, str] = {
    DispositionGroup.UNKNOWN_HOUSEHOLD: "household",
    DispositionGroup.UNKNOWN_OTHER: "other",
}


def read_shares(texts: Iterable[str]) -> dict[DispositionGroup, Fraction]:
    """Read what a user gives for e: `0.5` for all classes, or `UH=0.5` for one.

    Raises:
        UsageError: a text is no share from 0 to 1, or names no class.
    """
    given: dict[DispositionGroup, Fraction] = {}
    for text in texts:
        group, _, figure = text.strip().rpartition("=")
        wanted = [name for name in FIELDS if not group or name == group.strip().upper()]
        share = _share(figure)
        if not wanted or share is None:
            raise UsageError(
                "{text} is no e. Write a share from 0 to 1, such as 0.5, or UH=0.5 or UO=0.5 for "
                "one class of unknown cases",
                text=text,
            )
        given |= dict.fromkeys(wanted, share)
    return given


def _share(text: str) -> Fraction | None:
    try:
        share = Decimal(text.strip())
    except InvalidOperation:
        return None
    return Fraction(share) if share.is_finite() and 0 <= share <= 1 else None


def eligibility(counts: OutcomeCounts, given: GivenShares) -> Eligibility:
    """Return e by class: as given, else E / (E + NE) of these cases."""
    shares = {FIELDS[group]: share for group, share in given.items()}
    return replace(estimated_eligibility(counts), **shares)
