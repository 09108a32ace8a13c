"""The notice of a month (通报): the city's figures, rankings, offices named, problems, what comes.

Offices read it too. So an office's points, and the rate of a group of few offices, are on it only
where every answer's count may be told (`reports.disclosure`), unless all points are asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from survey_pipeline.calendar import ONE_DAY, first_day, month_of
from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, Message
from survey_pipeline.papers.outlook import coming_rows, overdue_lines
from survey_pipeline.papers.paper import (
    MISSING,
    OutgoingPaper,
    common_fields,
    file_name,
    listed,
    objections_until,
    percent,
    some,
)
from survey_pipeline.papers.paper import told as rendered
from survey_pipeline.reports.disclosure import shown_answers, shown_reasons
from survey_pipeline.reports.month_report import MonthReport, period
from survey_pipeline.reports.month_summaries import (
    Summary,
    by_category,
    reasons,
    share_of,
    whole_city,
)
from survey_pipeline.reports.ranking import ranked_offices
from survey_pipeline.reports.stored_scores import answers_by_month
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.vocabulary import Category, Rating
from survey_pipeline.vocabulary.names import CATEGORIES, DISSATISFIED_WITH, named

MOST_NAMED = 3
"""Offices of a category that are praised, and that are named as weak."""
SHARE_NAMED = 5
"""...but not more than every fifth of the category's ranked offices."""


def named_offices(ranked: int) -> int:
    """Return how many of a category's ranked offices are praised, and how many are named."""
    return min(MOST_NAMED, ranked // SHARE_NAMED)


@dataclass(frozen=True)
class MonthNotice:
    """The notice of one stored month."""

    context: Context
    report: MonthReport
    locale: str
    all_points: bool = False
    """Whether every office's points are on it: for readers who may see them."""

    def paper(self) -> OutgoingPaper:
        """Return the notice."""
        report, locale = self.report, self.locale
        city = whole_city(report)
        fields = {
            **common_fields(self.context, locale),
            "period": period(report.month, locale),
            "standard": report.in_force.standard.title.in_locale(locale),
            "marks": rendered(report.marks(), locale),
            "provisional": not report.complete,
            "summary": rendered(self._summary(city), locale),
            "categories": [self._group(part) for part in by_category(report)] + [self._group(city)],
            "rankings": [self._ranking(category) for category in self._categories()],
            "points_withheld": not self.all_points,
            "least": report.min_cell,
            "praised": list(self._praised()),
            "named": list(self._named()),
            "problems": rendered(self._problems(), locale) + overdue_lines(self.context, locale),
            "coming": coming_rows(self.context, locale),
            "objections_until": objections_until(self.context, locale),
        }
        return OutgoingPaper("notice_month", locale, file_name("notice", report.month), fields)

    def _categories(self) -> list[Category]:
        return [category for category in Category if self.report.of_category(category)]

    def _summary(self, city: Summary) -> Iterator[Message]:
        counts = city.counts
        yield Message(
            "{offices} offices were appraised. They reported {reported} service cases; {rated} "
            "cases were rated.",
            {"offices": city.offices, "reported": counts["reported"], "rated": counts["rated"]},
        )
        if not self._may_be_told(counts):
            return
        yield Message(
            "Of the ratings {satisfied} were satisfied, {neutral} neutral and {dissatisfied} "
            "dissatisfied: a satisfaction rate of {rate}.",
            {
                **{rating.value: counts[rating.value] for rating in Rating},
                "rate": percent(city.share.rate),
            },
        )
        yield Message("Share satisfied: {share}.", {"share": percent(city.satisfied_share)})
        yield from self._trend(city)

    def _trend(self, city: Summary) -> Iterator[Message]:
        """Compare the city's rate with the month before, if that has one."""
        before = month_of(first_day(self.report.month) - ONE_DAY)
        answers = answers_by_month(self.context, [before]).get(before)
        if answers is None or city.share.rate is None:
            return
        values = self.report.in_force.standard.satisfaction.values
        rate = share_of(dict(zip(Rating, answers, strict=True)), values).rate
        if rate is None:
            return
        change = Fraction(fixed((city.share.rate - rate) * 100, 2) or 0)
        texts = {
            True: N_("That is {points} percentage points more than in {month}."),
            False: N_("That is {points} percentage points less than in {month}."),
        }
        known: dict[str, object] = {
            "points": fixed(abs(change), 2),
            "month": period(before, self.locale),
        }
        text = texts[change > 0] if change else N_("That is as much as in {month}.")
        yield Message(text, known)

    def _may_be_told(self, counts: Any) -> bool:
        """Return whether rate and points of an office or a group may be on the notice."""
        answers = {rating: counts[rating.value] for rating in Rating}
        return self.all_points or len(shown_answers(answers, self.report.min_cell)) == len(answers)

    def _group(self, group: Summary) -> dict[str, Any]:
        name = N_("All categories") if group.category is None else CATEGORIES[group.category]
        is_told = group.offices >= self.report.min_cell or self._may_be_told(group.counts)
        return {
            "name": Message(name).render(self.locale),
            "offices": group.offices,
            "reported": group.counts["reported"],
            "rated": group.counts["rated"],
            "rate": percent(group.share.rate) if is_told else MISSING,
            "satisfied": percent(group.satisfied_share) if is_told else MISSING,
            "points": (fixed(group.mean_points, 2) if is_told else None) or MISSING,
        }

    def _ranking(self, category: Category) -> dict[str, Any]:
        rows = self.report.of_category(category)
        unranked = [row for row in rows if row.rank is None]
        return {
            "category": named(CATEGORIES, category, self.locale),
            "offices": [self._office(row) for row in rows if row.rank is not None],
            "unranked": listed((row.office for row in unranked), self.locale),
            "min_ratings": self.context.settings.ranking.min_ratings,
        }

    def _office(self, row: MonthRow) -> dict[str, Any]:
        answers = {rating.value: row.answers.of(rating) for rating in Rating}
        return {
            "rank": self.report.places[row.office_code].rank,
            "office": row.office,
            "parent": row.parent,
            "points": row.points if self._may_be_told(answers) else MISSING,
        }

    def _ranked(self, category: Category) -> list[MonthRow]:
        return [row for row in self.report.of_category(category) if row.rank is not None]

    def _praised(self) -> Iterator[dict[str, str]]:
        """Yield the first offices of each category; equal ranks come together."""
        for category in self._categories():
            ranked = self._ranked(category)
            count, places = named_offices(len(ranked)), self.report.places
            first = [row for row in ranked if (places[row.office_code].rank or 0) <= count]
            if count and len(first) <= len(ranked) // 2:
                yield self._offices_named(category, first)

    def _named(self) -> Iterator[dict[str, str]]:
        """Yield the last offices of each category that can be told apart from the first ones."""
        bands = {office.code: office.band or 0 for office in ranked_offices(self.report)}
        for category in self._categories():
            ranked = self._ranked(category)
            last = ranked[len(ranked) - named_offices(len(ranked)) :]
            weak = [row for row in last if bands[row.office_code] > 1]
            if weak:
                yield self._offices_named(category, weak)

    def _offices_named(self, category: Category, rows: Sequence[MonthRow]) -> dict[str, str]:
        return {
            "category": named(CATEGORIES, category, self.locale),
            "offices": listed((row.office for row in rows), self.locale),
        }

    def _problems(self) -> Iterator[Message]:
        yield from self._reasons()
        unrated = [row.office for row in self.report.appraised if not row.rated]
        if unrated:
            yield Message(
                "{count} offices have no rating: {names}.",
                {"count": len(unrated), "names": some(unrated, self.locale)},
            )
        least = self.context.settings.ranking.min_ratings
        few = [row.office for row in self.report.appraised if 0 < row.rated < least]
        if few:
            yield Message(
                "{count} offices have fewer than {least} ratings and no rank: {names}.",
                {"count": len(few), "least": least, "names": some(few, self.locale)},
            )

    def _reasons(self) -> Iterator[Message]:
        rows = self.report.appraised
        unhappy = sum(row.rated - row.satisfied for row in rows)
        shown = shown_reasons(reasons(rows), unhappy, self.report.min_cell)
        counts = sorted(shown.items(), key=lambda reason: -reason[1])
        if counts:
            said = [
                Message(
                    "{reason}: {count}",
                    {"reason": Message(DISSATISFIED_WITH[reason]), "count": count},
                ).render(self.locale)
                for reason, count in counts
            ]
            yield Message(
                "People who were not satisfied named as reasons: {reasons}.",
                {"reasons": listed(said, self.locale)},
            )
