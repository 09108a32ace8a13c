"""The same evidence under two standards: what would change for each office."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from survey_pipeline.scoring.facts import OfficeOnRegister
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.scoring.year import OfficeYearScore, YearScore
from survey_pipeline.scoring.year_ranks import YearRanks
from survey_pipeline.vocabulary import Component


@dataclass(frozen=True)
class OfficeTotals:
    """The points and ranks of an office under one standard."""

    points: Mapping[Component, Fraction | None]
    daily: Fraction
    total: Fraction
    ranks: YearRanks
    clauses: Mapping[str, Fraction] = field(default_factory=dict, compare=False)
    """Points by clause, of the counted lines; of a penalty as they are subtracted."""

    def to_json(self, decimals: int) -> dict[str, Any]:
        """Return points as text, by component, with the sums and ranks."""
        return {
            **{
                component.value: fixed(points, decimals)
                for component, points in self.points.items()
            },
            "daily": fixed(self.daily, decimals),
            "total": fixed(self.total, decimals),
            "rank": self.ranks.rank,
            "rank_in_category": self.ranks.rank_in_category,
            "provisional_rank": self.ranks.provisional_rank,
        }


@dataclass(frozen=True)
class Difference:
    """One office, before and after; None where only the other score has the office."""

    office: OfficeOnRegister
    before: OfficeTotals | None
    after: OfficeTotals | None

    @property
    def changed(self) -> bool:
        """Whether any figure differs."""
        return self.before != self.after

    @property
    def total(self) -> Fraction | None:
        """By how much the total changes; None if one of them is missing."""
        if self.before is None or self.after is None:
            return None
        return self.after.total - self.before.total

    @property
    def clauses(self) -> dict[str, tuple[Fraction | None, Fraction | None]]:
        """The clauses whose points differ, before and after; None where there is no such line."""
        was = self.before.clauses if self.before else {}
        now = self.after.clauses if self.after else {}
        return {
            clause: (was.get(clause), now.get(clause))
            for clause in dict.fromkeys((*was, *now))
            if was.get(clause) != now.get(clause)
        }

    def to_json(self, decimals: int) -> dict[str, Any]:
        """Return the difference as a document."""
        return {
            "office_code": self.office.office_code,
            "name": self.office.name,
            "category": self.office.category.value,
            "changed": self.changed,
            "total": fixed(self.total, decimals),
            "before": self.before.to_json(decimals) if self.before else None,
            "after": self.after.to_json(decimals) if self.after else None,
        }


def compare(one: YearScore, other: YearScore) -> tuple[Difference, ...]:
    """Compare two scores office by office, in order of their codes."""
    before, after = _by_code(one), _by_code(other)
    return tuple(
        Difference(
            (after.get(code) or before[code]).office,
            _figures(before.get(code)),
            _figures(after.get(code)),
        )
        for code in sorted(before.keys() | after.keys())
    )


def _by_code(score: YearScore) -> dict[str, OfficeYearScore]:
    return {office.office.office_code: office for office in score.offices}


def _figures(office: OfficeYearScore | None) -> OfficeTotals | None:
    if office is None:
        return None
    return OfficeTotals(office.points, office.daily, office.total, office.ranks, _clauses(office))


def _clauses(office: OfficeYearScore) -> dict[str, Fraction]:
    points: dict[str, Fraction] = defaultdict(Fraction)
    for line in office.lines:
        for leaf in line.leaves():
            if leaf.points is not None:
                points[leaf.clause] += leaf.points
    return dict(points)
