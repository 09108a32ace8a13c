"""Part D by quarter: what a quarter's records take off, and the year so far against the caps.

Source: specification, section 14.D. Deductions are judged by quarter and add up over the year; the
caps are the year's. The lines are those of the year's score (`hotline`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from survey_pipeline.scoring.evidence import HotlineRecord
from survey_pipeline.scoring.hotline import record_line
from survey_pipeline.scoring.lines import Line
from survey_pipeline.scoring.numbers import exact, exact_sum
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.parts.hotline import Cap
from survey_pipeline.standard.periods import Period


@dataclass(frozen=True)
class QuarterRecord:
    """A record of the quarter, and what it comes to."""

    record: HotlineRecord
    line: Line

    @property
    def deduction(self) -> Fraction:
        """What it takes off, as a positive number; nothing where it does not count."""
        return _deduction(self.line)


@dataclass(frozen=True)
class GroupSums:
    """The deductions of one group of clauses, positive numbers."""

    cap: Cap
    quarter: Fraction
    """In the quarter."""
    year: Fraction
    """From the beginning of the year to the end of the quarter, beyond the cap too."""

    @property
    def counted(self) -> Fraction:
        """What the year so far takes off: at most the cap."""
        return min(self.year, exact(self.cap.cap))


@dataclass(frozen=True)
class HotlineQuarter:
    """A quarter of one office."""

    records: tuple[QuarterRecord, ...]
    """By day, then by number."""
    groups: tuple[GroupSums, ...]
    """In the standard's order."""

    @property
    def deducted(self) -> Fraction:
        """What the quarter's records take off."""
        return exact_sum(group.quarter for group in self.groups)

    @property
    def year_counted(self) -> Fraction:
        """What the year so far takes off, within the caps."""
        return exact_sum(group.counted for group in self.groups)


def score_quarter(
    standard: Standard, records: Sequence[HotlineRecord], quarter: Period
) -> HotlineQuarter:
    """Return an office's quarter.

    Args:
        standard: the standard in force.
        records: the office's records of the appraisal year, in any order; what occurred after the
            quarter plays no part.
        quarter: the quarter, as the window cuts it.
    """
    in_order = sorted(records, key=lambda record: (record.occurred_on, record.key))
    so_far = [
        QuarterRecord(record, record_line(standard, record, quarter.last))
        for record in in_order
        if record.occurred_on <= quarter.last
    ]
    within = tuple(found for found in so_far if found.record.occurred_on in quarter)
    groups = tuple(
        GroupSums(cap, _sum_of(standard, cap, within), _sum_of(standard, cap, so_far))
        for cap in standard.hotline.caps
    )
    return HotlineQuarter(within, groups)


def _sum_of(standard: Standard, cap: Cap, found: Sequence[QuarterRecord]) -> Fraction:
    clauses = {rule.clause for rule in standard.hotline.clauses if rule.group == cap.clause}
    return exact_sum(each.deduction for each in found if each.line.clause in clauses)


def _deduction(line: Line) -> Fraction:
    return -line.points if line.counted and line.points is not None else Fraction(0)
