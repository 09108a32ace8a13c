"""Response, cooperation, refusal and contact rates of a survey; exact, and pure.

Source: specification, section 13.2. A survey of one question
has no partials, so P is 0 with us; it is here because the formulas have it. An empty denominator
is undefined (`None`, shown as a dash), never 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from survey_pipeline.vocabulary import DISPOSITION_GROUPS, Disposition, DispositionGroup

Share = Fraction | None
"""A rate from 0 to 1, or undefined."""


@dataclass(frozen=True)
class OutcomeCounts:
    """Cases by outcome group; the letters are AAPOR's."""

    complete: int = 0
    """I."""
    partial: int = 0
    """P."""
    refusal: int = 0
    """R."""
    non_contact: int = 0
    """NC."""
    other: int = 0
    """O."""
    unknown_household: int = 0
    """UH."""
    unknown_respondent: int = 0
    """UR."""
    unknown_other: int = 0
    """UO."""
    not_eligible: int = 0
    """NE."""

    @property
    def interviewed(self) -> int:
        """I + P."""
        return self.complete + self.partial

    @property
    def reached(self) -> int:
        """I + P + R + O: a person was reached."""
        return self.interviewed + self.refusal + self.other

    @property
    def eligible(self) -> int:
        """E = I + P + R + NC + O."""
        return self.reached + self.non_contact

    @property
    def unknown(self) -> int:
        """U = UH + UR + UO."""
        return self.unknown_household + self.unknown_respondent + self.unknown_other


@dataclass(frozen=True)
class Eligibility:
    """e: which share of the unknown cases is taken as eligible, by class; `None` is undefined."""

    household: Share = None
    respondent: Share = None
    other: Share = None

    @classmethod
    def all_alike(cls, share: Share) -> "Eligibility":
        """Take the same share for every class of unknown cases."""
        return cls(share, share, share)


@dataclass(frozen=True)
class ResponseRates:
    """The rates under AAPOR's names."""

    rr1: Share
    rr2: Share
    rr3: Share
    rr4: Share
    rr5: Share
    rr6: Share
    coop1: Share
    coop2: Share
    coop3: Share
    coop4: Share
    ref1: Share
    ref2: Share
    ref3: Share
    con1: Share
    con2: Share
    con3: Share


def count_outcomes(cases: Mapping[Disposition, int]) -> OutcomeCounts:
    """Add up cases by their outcome codes into groups."""
    total = dict.fromkeys(DispositionGroup, 0)
    for code, count in cases.items():
        total[DISPOSITION_GROUPS[code]] += count
    return OutcomeCounts(
        complete=total[DispositionGroup.COMPLETE],
        refusal=total[DispositionGroup.REFUSAL],
        non_contact=total[DispositionGroup.NON_CONTACT],
        other=total[DispositionGroup.OTHER],
        unknown_household=total[DispositionGroup.UNKNOWN_HOUSEHOLD],
        unknown_other=total[DispositionGroup.UNKNOWN_OTHER],
        not_eligible=total[DispositionGroup.NOT_ELIGIBLE],
    )


def estimated_eligibility(counts: OutcomeCounts) -> Eligibility:
    """Return the default e = E / (E + NE) for every class of unknown cases."""
    return Eligibility.all_alike(_share(counts.eligible, counts.eligible + counts.not_eligible))


def response_rates(counts: OutcomeCounts, eligibility: Eligibility | None = None) -> ResponseRates:
    """Compute every rate.

    Args:
        counts: cases by outcome group.
        eligibility: e by class; by default `estimated_eligibility`.

    Returns:
        The rates as exact fractions; those whose denominator is empty, or rests on an undefined e,
        are undefined.
    """
    everyone = Fraction(counts.eligible + counts.unknown)
    likely = _likely_eligible(counts, eligibility or estimated_eligibility(counts))
    known = Fraction(counts.eligible)
    spoken = Fraction(counts.reached)
    willing = Fraction(counts.interviewed + counts.refusal)
    return ResponseRates(
        rr1=_share(counts.complete, everyone),
        rr2=_share(counts.interviewed, everyone),
        rr3=_share(counts.complete, likely),
        rr4=_share(counts.interviewed, likely),
        rr5=_share(counts.complete, known),
        rr6=_share(counts.interviewed, known),
        coop1=_share(counts.complete, spoken),
        coop2=_share(counts.interviewed, spoken),
        coop3=_share(counts.complete, willing),
        coop4=_share(counts.interviewed, willing),
        ref1=_share(counts.refusal, everyone),
        ref2=_share(counts.refusal, likely),
        ref3=_share(counts.refusal, known),
        con1=_share(counts.reached, everyone),
        con2=_share(counts.reached, likely),
        con3=_share(counts.reached, known),
    )


def _likely_eligible(counts: OutcomeCounts, e: Eligibility) -> Share:
    """Return E + eU, class by class; undefined where a class with cases has no e."""
    total = Fraction(counts.eligible)
    for cases, share in (
        (counts.unknown_household, e.household),
        (counts.unknown_respondent, e.respondent),
        (counts.unknown_other, e.other),
    ):
        if cases and share is None:
            return None
        total += cases * (share or 0)
    return total


def _share(part: int, whole: Fraction | int | None) -> Share:
    return Fraction(part) / whole if whole else None
