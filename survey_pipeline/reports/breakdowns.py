"""Ratings of drawn cases by channel, subject type, item and parent department.

They explain a month or a year and score nothing. What others delivered has no such words, so these
are our own answers of record, as long as the cases are kept.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import ColumnElement, and_, func, select

from survey_pipeline.context import Context
from survey_pipeline.i18n import N_
from survey_pipeline.scoring.facts import Answers
from survey_pipeline.scoring.numbers import DECIMALS, rounded
from survey_pipeline.scoring.satisfaction import rate_of
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


@dataclass(frozen=True)
class Group:
    """The drawn cases that have one word in common."""

    name: str | None
    """As the reports have it; empty where they say nothing, None for the others together."""
    drawn: int
    answers: Answers
    rate: Decimal | None
    """R, 0 to 1, four places; None without ratings."""


def breakdowns(
    context: Context, months: Sequence[str], rules: Satisfaction
) -> dict[str, list[Group]]:
    """Return the groups of each of `HEADINGS`, those with most drawn cases first.

    Args:
        context: the workspace.
        months: `YYYY-MM`, whose drawn cases are counted.
        rules: what each answer is worth.
    """
    columns = {
        "channel": cases.c.channel,
        "subject_type": cases.c.subject_type,
        "item": cases.c.item,
        "parent": parents.c.name,
    }
    return {name: _groups(context, months, rules, columns[name]) for name in HEADINGS}


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
