"""What a selection by quota comes to: offices, those passed over, gaps; nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from survey_pipeline.context import Context
from survey_pipeline.stages.review.daily import DailyPoints
from survey_pipeline.stages.review.gaps import Gaps, gaps_of
from survey_pipeline.stages.review.quota import OfficeCandidate, QuotaChoice, Ranked, choose
from survey_pipeline.stages.review.selection import QUOTA, PassedOver, SelectedOffice, Selection
from survey_pipeline.standard.load import FOLDER, standard_for
from survey_pipeline.standard.parts.review import SelectionRule
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import offices
from survey_pipeline.validity import valid_on_sql


@dataclass(frozen=True)
class QuotaSelection:
    """The offices that the quota chooses, and what stands in the way."""

    gaps: Gaps
    choice: QuotaChoice


def selection_rule(context: Context, year: int) -> SelectionRule:
    """Return how the standard of a year has its offices selected."""
    return standard_for(
        year, context.settings.standards, context.home / FOLDER
    ).standard.review.selection


def choose_by_quota(
    connection: Connection, context: Context, daily: DailyPoints, rule: SelectionRule
) -> QuotaSelection:
    """Choose the offices of a year by quota from the top of the daily ranking."""
    settings = context.settings.review
    eligible = eligible_offices(connection, context.today())
    gaps = gaps_of((office.office_code for office in eligible), daily)
    candidates = [_candidate(office, daily) for office in eligible]
    choice = choose(candidates, settings.offices, rule.least, settings.min_ratings)
    return QuotaSelection(gaps, choice)


def preview_selection(context: Context, year: int, daily: DailyPoints) -> Selection:
    """Return the selection that the quota would make now; nothing is stored.

    Args:
        context: the workspace.
        year: the appraisal year.
        daily: the daily points that select.
    """
    rule = selection_rule(context, year)
    with reading(context.engine) as connection:
        found = choose_by_quota(connection, context, daily, rule)
        codes = [office.office_code for office in found.choice.chosen]
        names = _names(connection, codes)
    choice = found.choice
    return Selection(
        year=year,
        done_before=False,
        way=QUOTA,
        by="",
        offices=tuple(_selected(office, names) for office in choice.chosen),
        min_ratings=context.settings.review.min_ratings,
        passed_over=tuple(
            PassedOver(office.office_code, office.category, office.place, office.rated)
            for office in choice.passed_over
        ),
        unfilled=choice.unfilled or {},
        lacking=found.gaps,
    )


def eligible_offices(connection: Connection, today: date) -> list[Row[Any]]:
    """Return the offices that can take part: on the register today, and not exempt."""
    query = select(offices.c.office_code, offices.c.category).where(
        offices.c.withdrawn_at.is_(None),
        or_(offices.c.exempt_reason.is_(None), offices.c.exempt_reason == ""),
        valid_on_sql(offices.c, today),
    )
    return list(connection.execute(query))


def _candidate(office: Row[Any], daily: DailyPoints) -> OfficeCandidate:
    score = daily.offices.get(office.office_code)
    if score is None:
        return OfficeCandidate(office.office_code, office.category)
    return OfficeCandidate(
        office.office_code, office.category, score.daily, score.components, score.rated
    )


def _selected(office: Ranked, names: Mapping[str, str]) -> SelectedOffice:
    name = names[office.office_code]
    return SelectedOffice(
        office.office_code, name, office.category, office.daily, office.place, None
    )


def _names(connection: Connection, codes: list[str]) -> Mapping[str, str]:
    query = select(offices.c.office_code, offices.c.name)
    wanted = set(codes)
    return {row.office_code: row.name for row in connection.execute(query) if row[0] in wanted}
