"""The notice of a year (通报): the rankings, offices named, what took points, what comes.

As on the notice of a month, sums that would tell an office what few people answered are left out,
unless the points of all offices are asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, Message
from survey_pipeline.papers.month_notice import named_offices
from survey_pipeline.papers.outlook import coming_rows, overdue_lines
from survey_pipeline.papers.paper import (
    MISSING,
    OutgoingPaper,
    common_fields,
    day_words,
    file_name,
    listed,
    objections_until,
    some,
    told,
)
from survey_pipeline.reports.own_records import may_be_whole
from survey_pipeline.reports.year_report import YearReport, missing_of, totals_of
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.scoring.year import OfficeYearScore
from survey_pipeline.vocabulary import Category, Component
from survey_pipeline.vocabulary.names import CATEGORIES, named

DEDUCTED = (Component.SUPERVISION, Component.HOTLINE)
"""Components from which records take points."""
MOST_CLAUSES = 8
"""Clauses that are named as problems."""


@dataclass(frozen=True)
class YearNotice:
    """The notice of one stored year."""

    context: Context
    report: YearReport
    locale: str
    all_points: bool = False
    """Whether every office's sums are on it: for readers who may see them."""

    def paper(self) -> OutgoingPaper:
        """Return the notice."""
        report, locale = self.report, self.locale
        window = report.score.window
        fields = {
            **common_fields(self.context, locale),
            "year": report.year,
            "first": day_words(window.after + ONE_DAY, locale),
            "last": day_words(window.until, locale),
            "as_of": day_words(report.score.as_of, locale),
            "standard": report.in_force.standard.title.in_locale(locale),
            "marks": told(report.marks(), locale),
            "provisional": not report.complete,
            "summary": told(self._summary(), locale),
            "categories": [self._group(category) for category in report.categories],
            "rankings": list(self._rankings()),
            "points_withheld": not self.all_points,
            "exempt": self._exempt(),
            "praised": list(self._named(first=True)),
            "named": list(self._named(first=False)),
            "problems": told(self._problems(), locale) + overdue_lines(self.context, locale),
            "coming": coming_rows(self.context, locale),
            "objections_until": objections_until(self.context, locale),
        }
        return OutgoingPaper("notice_year", locale, file_name("notice", report.year), fields)

    def _summary(self) -> Iterator[Message]:
        offices = self.report.score.offices
        online = sum(office.has_online_score for office in offices)
        yield Message(
            "{offices} offices were appraised; {online} of them took part in the online review.",
            {"offices": len(offices), "online": online},
        )
        lacking = sum(not office.complete for office in offices)
        if lacking:
            yield Message(
                "{lacking} of them lack a part of their score and have no rank yet.",
                {"lacking": lacking},
            )

    def _group(self, category: Category) -> dict[str, Any]:
        offices = self._offices(category)
        totals = totals_of(offices)
        return {
            "name": named(CATEGORIES, category, self.locale),
            "offices": totals.offices,
            "online": sum(office.has_online_score for office in offices),
            "ranked": totals.offices - totals.lacking,
            "mean": fixed(totals.mean, 2) or MISSING,
        }

    def _offices(self, category: Category) -> list[OfficeYearScore]:
        return [
            office
            for online in (True, False)
            for office in self.report.of_category(category, online=online)
        ]

    def _rankings(self) -> Iterator[dict[str, Any]]:
        for category in self.report.categories:
            for online in (True, False):
                offices = self.report.of_category(category, online=online)
                if offices:
                    text = WITH_ONLINE if online else WITHOUT_ONLINE
                    known: dict[str, object] = {
                        "category": named(CATEGORIES, category, self.locale)
                    }
                    yield {
                        "category": Message(text, known).render(self.locale),
                        "offices": [self._office(office) for office in offices],
                    }

    def _office(self, office: OfficeYearScore) -> dict[str, Any]:
        is_told = self.all_points or may_be_whole(self.context, office)
        rank = office.ranks.rank_in_category
        return {
            "rank": MISSING if rank is None else rank,
            "office": office.office.name,
            "parent": office.office.parent,
            "daily": fixed(office.daily, 2) if is_told else MISSING,
            "online": fixed(office.points[Component.ONLINE], 2) or MISSING,
            "total": fixed(office.total, 2) if is_told else MISSING,
            "remark": missing_of(office, self.locale),
        }

    def _exempt(self) -> list[str]:
        return [
            Message(
                N_("{office}: {reason}"), {"office": office.name, "reason": office.exempt_reason}
            ).render(self.locale)
            for office in self.report.score.exempt
        ]

    def _named(self, *, first: bool) -> Iterator[dict[str, str]]:
        """Yield the first offices of each ranking, or the last ones; equal ranks come together."""
        for category in self.report.categories:
            found: list[str] = []
            for online in (True, False):
                offices = self.report.of_category(category, online=online)
                found += _ends([office for office in offices if office.complete], first=first)
            if found:
                name = named(CATEGORIES, category, self.locale)
                yield {"category": name, "offices": listed(found, self.locale)}

    def _problems(self) -> Iterator[Message]:
        for label, (count, points) in self._deductions():
            yield Message(
                "{label}: {count} records, {points} points taken off.",
                {"label": label, "count": count, "points": fixed(points, 2)},
            )
        missing = [office.office.name for office in self.report.score.offices if office.missing]
        if missing:
            yield Message(
                "{count} offices lack a part of their score: {names}.",
                {"count": len(missing), "names": some(missing, self.locale)},
            )

    def _deductions(self) -> list[tuple[str, tuple[int, Fraction]]]:
        """Return the clauses that took the most points, each with its records."""
        found: dict[str, tuple[int, Fraction]] = {}
        for office in self.report.score.offices:
            for head in office.lines:
                if head.component not in DEDUCTED:
                    continue
                for line in head.leaves():
                    records = [each for each in line.evidence if "record" in each.params]
                    if records and line.points is not None and line.points < 0:
                        label = line.label.in_locale(self.locale)
                        count, points = found.get(label, (0, Fraction(0)))
                        found[label] = (count + len(records), points - line.points)
        worst = sorted(found.items(), key=lambda clause: (-clause[1][1], clause[0]))
        return worst[:MOST_CLAUSES]


def _ends(ranked: Sequence[OfficeYearScore], *, first: bool) -> list[str]:
    """Return the names of the first or the last offices of a ranking."""
    count = named_offices(len(ranked))
    if not count:
        return []
    edge = ranked[count - 1 if first else len(ranked) - count].ranks.rank_in_category or 0
    picked = [
        office.office.name
        for office in ranked
        if ((office.ranks.rank_in_category or 0) <= edge) is first
        or (not first and office.ranks.rank_in_category == edge)
    ]
    return picked if len(picked) <= len(ranked) // 2 else []


WITH_ONLINE = N_("{category}, with an online score")
WITHOUT_ONLINE = N_("{category}, without an online score")
