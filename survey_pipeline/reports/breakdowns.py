"""Ratings of drawn cases by channel, subject type, item and parent department.

They explain a month or a year and score nothing. What others delivered has no such words, so these
are our own answers of record. The words stay with the case when its personal data is deleted.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, Message
from survey_pipeline.reports.month_columns import ReportColumn
from survey_pipeline.reports.month_report import STANDARDS
from survey_pipeline.reports.survey_figures.figure_table import FigureTable
from survey_pipeline.scoring.facts import Answers
from survey_pipeline.scoring.numbers import DECIMALS, rounded
from survey_pipeline.scoring.satisfaction import rate_of
from survey_pipeline.standard import InForce, standard_for, standard_of_month
from survey_pipeline.standard.load import window_months
from survey_pipeline.standard.parts.satisfaction import Satisfaction
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import cases, offices, parents, surveys
from survey_pipeline.vocabulary import Rating

MOST = 50
"""Groups of a table, those with most drawn cases; the others stand together in the last row."""
HEADINGS: Mapping[str, str] = {
    "channel": N_("By channel"),
    "subject_type": N_("By subject type"),
    "item": N_("By item"),
    "parent": N_("By parent department"),
}


COLUMNS: tuple[ReportColumn, ...] = (
    ReportColumn("grouping", N_("Grouped by"), "word", 16),
    ReportColumn("name", N_("Group"), "text", 30),
    ReportColumn("drawn", N_("Drawn"), "count", 9),
    ReportColumn("rated", N_("Rated"), "count", 9),
    ReportColumn("satisfied", N_("Satisfied"), "count", 9),
    ReportColumn("neutral", N_("Neutral"), "count", 9),
    ReportColumn("dissatisfied", N_("Dissatisfied"), "count", 11),
    ReportColumn("rate", N_("Satisfaction rate"), "share", 11),
    ReportColumn("satisfied_share", N_("Share satisfied"), "share", 9),
    ReportColumn("few", N_("Few answers"), "word", 9),
)
EXPLAINED = (
    N_(
        "Our own answers of record to drawn cases; delivered results are not among them. This "
        "explains the scores and changes none."
    ),
    N_(
        "The figures stay the same when personal data is deleted: the words that they are grouped "
        "by are kept with the case."
    ),
)


@dataclass(frozen=True)
class Group:
    """The drawn cases that have one word in common."""

    name: str | None
    """As the reports have it; empty where they say nothing, None for the others together."""
    drawn: int
    answers: Answers
    rate: Decimal | None
    """R, 0 to 1, four places; None without ratings."""


@dataclass(frozen=True)
class Breakdowns:
    """The groups of a month or a year."""

    period: str
    """`2023-05`, or `2023` for an appraisal year."""
    months: Sequence[str]
    """`YYYY-MM`, whose drawn cases are counted."""
    in_force: InForce
    min_cell: int
    """Groups with fewer ratings are marked."""
    groups: Mapping[str, Sequence[Group]]
    """By `HEADINGS`, those with most drawn cases first."""

    @property
    def is_year(self) -> bool:
        """Whether it is an appraisal year."""
        return "-" not in self.period

    @property
    def about(self) -> dict[str, Any]:
        """Return what a file of them is about."""
        name = "year" if self.is_year else "month"
        period = int(self.period) if self.is_year else self.period
        return {name: period, "months": list(self.months), "min_cell": self.min_cell}

    def is_few(self, group: Group) -> bool:
        """Return whether a group has so few ratings that its rate says little."""
        return group.answers.rated < self.min_cell

    @property
    def flat(self) -> FigureTable:
        """Return the groups as one table."""
        rows = [
            self._row(grouping, group) for grouping in HEADINGS for group in self.groups[grouping]
        ]
        return FigureTable("groups", N_("Ratings by group"), EXPLAINED, COLUMNS, rows)

    @property
    def tables(self) -> Sequence[FigureTable]:
        """Return a table for each of `HEADINGS`."""
        whole = self.flat
        return [
            replace(whole.narrowed(grouping), name=grouping, title=heading)
            for grouping, heading in HEADINGS.items()
        ]

    @staticmethod
    def _name(group: Group) -> str | Message:
        if group.name is None:
            return Message("all others")
        return group.name or Message("not said")

    def _row(self, grouping: str, group: Group) -> dict[str, Any]:
        answers = group.answers
        return {
            "grouping": grouping,
            "name": self._name(group),
            "drawn": group.drawn,
            "rated": answers.rated,
            **{rating.value: answers.of(rating) for rating in Rating},
            "rate": group.rate,
            "satisfied_share": answers.satisfied_share,
            "few": self.is_few(group),
        }


def month_breakdowns(context: Context, month: str) -> Breakdowns:
    """Return the groups of a month.

    Raises:
        ConfigurationError: the standard's file is missing or wrong.
    """
    in_force = standard_of_month(month, context.settings.standards, context.home / STANDARDS)
    return _breakdowns(context, month, [month], in_force)


def year_breakdowns(context: Context, year: int) -> Breakdowns:
    """Return the groups of an appraisal year, up to today.

    Raises:
        ConfigurationError: the standard's file is missing or wrong.
    """
    in_force = standard_for(year, context.settings.standards, context.home / STANDARDS)
    window = in_force.standard.window
    months = window_months(window, min(context.today(), window.until))
    return _breakdowns(context, str(year), months, in_force)


def _breakdowns(
    context: Context, period: str, months: Sequence[str], in_force: InForce
) -> Breakdowns:
    columns = {
        "channel": cases.c.channel,
        "subject_type": cases.c.subject_type,
        "item": cases.c.item,
        "parent": parents.c.name,
    }
    rules = in_force.standard.satisfaction
    groups = {name: _groups(context, months, rules, columns[name]) for name in HEADINGS}
    return Breakdowns(period, months, in_force, context.settings.privacy.min_cell, groups)


def _groups(
    context: Context, months: Sequence[str], rules: Satisfaction, column: ColumnElement[str]
) -> list[Group]:
    word = func.coalesce(column, "")
    query = (
        select(word, surveys.c.rating, func.count())
        .join(
            cases,
            and_(
                cases.c.office_code == surveys.c.office_code, cases.c.case_no == surveys.c.case_no
            ),
        )
        .join(offices, offices.c.office_code == surveys.c.office_code)
        .outerjoin(parents, parents.c.parent_code == offices.c.parent_code)
        .where(surveys.c.month.in_(months))
        .group_by(word, surveys.c.rating)
    )
    drawn: dict[str, int] = defaultdict(int)
    answers: dict[str, Answers] = defaultdict(Answers)
    with reading(context.engine) as connection:
        for name, rating, count in connection.execute(query):
            drawn[name] += count
            if rating is not None:
                answers[name] += Answers(**{Rating(rating).value: count})
    names = sorted(drawn, key=lambda name: (-drawn[name], name))
    found = [_group(rules, name, drawn[name], answers[name]) for name in names[:MOST]]
    others = names[MOST:]
    if others:
        together = sum((answers[name] for name in others), Answers())
        found.append(_group(rules, None, sum(drawn[name] for name in others), together))
    return found


def _group(rules: Satisfaction, name: str | None, drawn: int, answers: Answers) -> Group:
    rate: Fraction | None = rate_of(rules, answers)
    return Group(name, drawn, answers, rounded(rate, DECIMALS))
