"""A year of all offices: components, totals, what is missing, and the two rankings.

Source: specification, section 14.I.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from survey_pipeline.scoring.bonus import score_bonus
from survey_pipeline.scoring.counted import counted
from survey_pipeline.scoring.delivered import score_parent_rating, score_performance
from survey_pipeline.scoring.evidence import OfficeYear, YearFacts
from survey_pipeline.scoring.facts import OfficeOnRegister
from survey_pipeline.scoring.hotline import score_hotline
from survey_pipeline.scoring.lines import Line
from survey_pipeline.scoring.material import score_material
from survey_pipeline.scoring.numbers import fixed, to_units
from survey_pipeline.scoring.online import score_online
from survey_pipeline.scoring.satisfaction import mean_volume, score_satisfaction
from survey_pipeline.scoring.supervision import score_supervision
from survey_pipeline.scoring.year_ranks import DAILY, UNRANKED, RankEntry, YearRanks, rank_all
from survey_pipeline.standard.model import Standard, Window
from survey_pipeline.vocabulary import Component


@dataclass(frozen=True)
class OfficeYearScore:
    """One office's year: a line for each component, in reading order, and their sums."""

    office: OfficeOnRegister
    lines: tuple[Line, ...]
    """`online` is there for selected offices alone."""
    ranks: YearRanks = UNRANKED

    @cached_property
    def points(self) -> Mapping[Component, Fraction | None]:
        """Points by component, of four decimals; None without data."""
        found = {Component(line.component): line.points for line in self.lines}
        return {component: found.get(component) for component in Component}

    @cached_property
    def missing(self) -> tuple[Component, ...]:
        """Components without data."""
        return tuple(Component(line.component) for line in self.lines if line.points is None)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing; else the sums are provisional."""
        return not self.missing

    @property
    def has_online_score(self) -> bool:
        """Whether it is ranked among the offices with an online score."""
        return self.points[Component.ONLINE] is not None

    @cached_property
    def daily(self) -> Fraction:
        """The sum of the daily components that have data."""
        return self._sum(DAILY)

    @cached_property
    def total(self) -> Fraction:
        """Daily appraisal, online review and bonus, less the material penalty."""
        given = self._sum((Component.ONLINE, Component.BONUS))
        return self.daily + given - self._sum((Component.MATERIAL_PENALTY,))

    @property
    def rank_entry(self) -> RankEntry:
        """What it is ranked by."""
        return RankEntry(
            office_code=self.office.office_code,
            category=self.office.category,
            online=self.has_online_score,
            complete=self.complete,
            total=to_units(self.total),
            daily=tuple(_units(self.points[component]) for component in DAILY),
            beside=to_units(self.total - self.daily),
        )

    def _sum(self, components: Iterable[Component]) -> Fraction:
        return sum((self.points[component] or Fraction(0) for component in components), Fraction(0))

    def to_json(self, locale: str, decimals: int) -> dict[str, Any]:
        """Return the office's entry in the document of `score year --json`."""

        def written(component: Component) -> str | None:
            return fixed(self.points[component], decimals)

        return {
            "office_code": self.office.office_code,
            "name": self.office.name,
            "category": self.office.category.value,
            "complete": self.complete,
            "components": {component.value: written(component) for component in DAILY},
            "daily": fixed(self.daily, decimals),
            "online": written(Component.ONLINE),
            "bonus": written(Component.BONUS),
            "material_penalty": written(Component.MATERIAL_PENALTY),
            "total": fixed(self.total, decimals),
            "rank": self.ranks.rank,
            "rank_in_category": self.ranks.rank_in_category,
            "provisional_rank": self.ranks.provisional_rank,
            "compared_on": [component.value for component in self.ranks.compared_on],
            "missing": [component.value for component in self.missing],
            "lines": [
                _line_json(line, locale, decimals, counts=counts)
                for head in self.lines
                for line, counts in head.flattened()
            ],
        }


@dataclass(frozen=True)
class YearScore:
    """All offices of a year under one standard."""

    standard_id: str
    year: int
    window: Window
    as_of: date
    decimals: int
    offices: tuple[OfficeYearScore, ...]
    """By office_code."""
    exempt: tuple[OfficeOnRegister, ...] = ()
    """Not appraised; listed apart with their reasons."""

    @property
    def complete(self) -> bool:
        """Whether the window is over by `as_of` and no office misses anything."""
        return self.as_of >= self.window.until and all(office.complete for office in self.offices)

    def to_json(self, locale: str) -> dict[str, Any]:
        """Return the document of `score year --json`, labels and notes in a locale."""
        return {
            "standard": self.standard_id,
            "year": self.year,
            "window": {
                "after": self.window.after.isoformat(),
                "until": self.window.until.isoformat(),
            },
            "as_of": self.as_of.isoformat(),
            "complete": self.complete,
            "exempt": [
                {"office_code": office.office_code, "reason": office.exempt_reason}
                for office in self.exempt
            ],
            "offices": [office.to_json(locale, self.decimals) for office in self.offices],
        }


def score_year(standard: Standard, facts: YearFacts) -> YearScore:
    """Score and rank every office of a year.

    The facts may come in any order. A standard of another year is taken with its window moved to
    the year of the facts, so that next year's rules can be tried on this year's evidence.
    """
    offices = list(score_offices(standard, facts))
    places = rank_all((score.rank_entry for score in offices), standard.ranking)
    ranked = (replace(score, ranks=places[score.office.office_code]) for score in offices)
    return replace(without_offices(standard, facts), offices=tuple(ranked))


def without_offices(standard: Standard, facts: YearFacts) -> YearScore:
    """Return a year's score without offices, for callers that score office by office."""
    standard = _of_year(standard, facts)
    return YearScore(
        standard_id=standard.id,
        year=facts.year,
        window=standard.window,
        as_of=facts.as_of,
        decimals=standard.rounding.decimals,
        offices=(),
        exempt=tuple(sorted(facts.exempt, key=lambda office: office.office_code)),
    )


def score_offices(standard: Standard, facts: YearFacts) -> Iterator[OfficeYearScore]:
    """Yield the score of each office, in order of their codes, without ranks (`rank_all`)."""
    standard = _of_year(standard, facts)
    bearers = Counter(
        office_year.office.parent_code for office_year in facts.offices if office_year.selected
    )
    for office_year in sorted(
        facts.offices, key=lambda office_year: office_year.office.office_code
    ):
        lines = _lines(standard, facts, office_year, bearers[office_year.office.parent_code])
        yield OfficeYearScore(office_year.office, tuple(lines))


def _of_year(standard: Standard, facts: YearFacts) -> Standard:
    return standard if standard.year == facts.year else standard.moved_to(facts.year)


def _lines(
    standard: Standard, facts: YearFacts, office_year: OfficeYear, bearers: int
) -> Iterable[Line]:
    """Score one office, component by component."""
    yield _satisfaction(standard, office_year, facts.counted_from)
    yield score_performance(standard, office_year.office.category, office_year.performance)
    yield score_supervision(standard, office_year, facts.as_of)
    yield score_hotline(standard, office_year, facts.as_of)
    yield score_parent_rating(
        standard, office_year.office.category, office_year.parent_grade, office_year.parent_points
    )
    if office_year.selected:
        yield score_online(standard, office_year.online)
    yield score_bonus(standard, office_year.awards, facts.as_of)
    records = facts.material.get(office_year.office.parent_code, ())
    yield score_material(standard, records, facts.as_of, bearers, bears=office_year.selected)


def _satisfaction(standard: Standard, office_year: OfficeYear, counted_from: str) -> Line:
    """Pool the rated cases of the year's months."""
    arrangement = standard.satisfaction.arrangement(
        office_year.office.category, approval_service=office_year.office.approval_service
    )
    months = [
        counted(month, arrangement)
        for month in sorted(office_year.months, key=lambda month: month.month)
    ]
    volume = mean_volume(months, office_year.ended_months, counted_from)
    return score_satisfaction(standard, office_year.office.category, months, volume).line


def _units(points: Fraction | None) -> int | None:
    return None if points is None else to_units(points)


def _line_json(line: Line, locale: str, decimals: int, *, counts: bool) -> dict[str, Any]:
    """Return one line of the tree as JSON; one that does not count has 0 points and a reason."""
    missing = line.counted and line.points is None
    points = line.points if counts else Fraction(0)
    return {
        "component": line.component,
        "clause": line.clause,
        "label": line.label.in_locale(locale),
        "points": None if missing else fixed(points, decimals),
        "note": line.note.render(locale) if line.note else None,
        "evidence": [message.render(locale) for message in line.evidence],
        "counted": counts,
    }
