"""Stored scores: which months and years have one, and an office over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select

from survey_pipeline.calendar import ONE_DAY, first_day, month_of, months_between
from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.reports.month_columns import RATINGS
from survey_pipeline.scoring.lines import Line
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.scoring.ranks import GroupRank, places_within
from survey_pipeline.scoring.year import OfficeYearScore
from survey_pipeline.scoring.year_rows import OfficeRow, rebuilt_office
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    daily_reports,
    month_scores,
    office_month_scores,
    office_year_scores,
    year_scores,
)

MOST_KNOWN = 500
"""Months whose counts are kept in memory."""


@dataclass(frozen=True)
class MonthChoice:
    """A month that can be looked at, or computed."""

    month: str
    stored: bool


@dataclass(frozen=True)
class ScoreHead:
    """What a stored score says of itself."""

    id: int
    version: int
    computed_at: datetime
    as_of: date
    standard: str
    standard_hash: str
    program_version: str
    inputs_hash: str
    complete: bool
    published_at: datetime | None
    published_by: str | None


@dataclass(frozen=True)
class ScoredOfficeMonth:
    """One office in the latest score of a month."""

    month: str
    head: ScoreHead
    row: MonthRow
    lines: Sequence[Mapping[str, Any]]
    """As `scoring.lines.Line.to_json` wrote them."""


@dataclass(frozen=True)
class YearTable:
    """The score of a year as of its latest day, without its lines."""

    year: int
    head: ScoreHead
    about: Mapping[str, Any]
    """The window, the exempt offices with their reasons, and what marks the figures."""
    offices: Sequence[OfficeRow]
    """By office_code; their `lines` are empty."""


@dataclass(frozen=True)
class ScoredOfficeYear:
    """One office in the score of a year as of its latest day."""

    year: int
    head: ScoreHead
    about: Mapping[str, Any]
    score: OfficeYearScore


def month_choices(context: Context) -> list[MonthChoice]:
    """Return the months that are stored, and those that have ended since the first report."""
    with reading(context.engine) as connection:
        stored = set(connection.scalars(select(month_scores.c.month).distinct()))
        first = connection.scalar(select(func.min(daily_reports.c.reported_on)))
    before = first_day(month_of(context.today())) - ONE_DAY
    ended = set(months_between(first, before)) if first and first <= before else set()
    return [MonthChoice(month, month in stored) for month in sorted(stored | ended, reverse=True)]


def scored_years(context: Context) -> list[int]:
    """Return the years that are stored, the latest first."""
    with reading(context.engine) as connection:
        years = connection.scalars(select(year_scores.c.year).distinct())
        return sorted(years, reverse=True)


def month_head(context: Context, month: str) -> ScoreHead | None:
    """Return the latest score of a month, or None."""
    with reading(context.engine) as connection:
        row = connection.execute(
            select(month_scores)
            .where(month_scores.c.month == month)
            .order_by(month_scores.c.version.desc())
            .limit(1)
        ).one_or_none()
    return None if row is None else head_of(row)


def head_of(row: Row[Any]) -> ScoreHead:
    """Return what a stored score says of itself, from its row."""
    return ScoreHead(**{name: getattr(row, name) for name in ScoreHead.__dataclass_fields__})


def answers_by_month(
    context: Context, months: Sequence[str], category: str = ""
) -> dict[str, list[int]]:
    """Count the answers of record of some months: satisfied, neutral, dissatisfied.

    Every month's latest score is taken, its appraised offices, of one category if it is named.
    """
    with reading(context.engine) as connection:
        heads = connection.execute(
            select(month_scores)
            .where(month_scores.c.id.in_(latest_scores(months)))
            .order_by(month_scores.c.month)
        ).all()
        counted = {head.month: _counted(connection, head) for head in heads}
    return {
        month: [sum(part) for part in zip(*_of(answers, category), strict=True)]
        for month, answers in counted.items()
        if _of(answers, category)
    }


def _of(answers: Mapping[str, Sequence[int]], category: str) -> list[Sequence[int]]:
    return [counts for each_category, counts in answers.items() if category in ("", each_category)]


def _counted(connection: Connection, head: Row[Any]) -> dict[str, list[int]]:
    """Return a stored month's answers by category; counted once, as a version never changes.

    What identifies it is what it was computed from, whatever the database.
    """
    key = (head.month, head.inputs_hash, head.standard_hash, head.program_version)
    found = _KNOWN.get(key)
    if found is None:
        found = _count(connection, head.id)
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[key] = found
    return found


_KNOWN: dict[tuple[str, ...], dict[str, list[int]]] = {}


def _count(connection: Connection, score_id: int) -> dict[str, list[int]]:
    facts = office_month_scores.c.facts
    counts = [func.sum(facts[name].as_integer()) for name in RATINGS]
    category = facts["category"].as_string()
    rows = connection.execute(
        select(category, *counts)
        .where(office_month_scores.c.score_id == score_id, facts["appraised"].as_boolean())
        .group_by(category)
    )
    return {category_code: [int(count) for count in answers] for category_code, *answers in rows}


def latest_scores(months: Sequence[str] = ()) -> Any:
    """Select the id of each month's latest score; of every month where none is named."""
    newest = (
        select(month_scores.c.month, func.max(month_scores.c.version).label("version"))
        .group_by(month_scores.c.month)
        .subquery()
    )
    query = select(month_scores.c.id).join(
        newest,
        and_(newest.c.month == month_scores.c.month, newest.c.version == month_scores.c.version),
    )
    return query.where(month_scores.c.month.in_(months)) if months else query


def office_months(context: Context, office_code: str) -> list[ScoredOfficeMonth]:
    """Return an office in every scored month, each month's latest score, the newest month first."""
    query = (
        select(month_scores, office_month_scores.c.facts, office_month_scores.c.lines)
        .join(office_month_scores, office_month_scores.c.score_id == month_scores.c.id)
        .where(office_month_scores.c.office_code == office_code)
        .where(month_scores.c.id.in_(latest_scores()))
        .order_by(month_scores.c.month.desc())
    )
    with reading(context.engine) as connection:
        return [
            ScoredOfficeMonth(row.month, head_of(row), MonthRow.from_json(row.facts), row.lines)
            for row in connection.execute(query)
        ]


def month_lines(context: Context, score_id: int, office_code: str) -> tuple[Line, ...]:
    """Return an office's lines in a stored score of a month; none if it is not in it."""
    query = select(office_month_scores.c.lines).where(
        office_month_scores.c.score_id == score_id, office_month_scores.c.office_code == office_code
    )
    with reading(context.engine) as connection:
        stored = connection.scalar(query) or ()
    return tuple(Line.from_json(line) for line in stored)


@dataclass(frozen=True)
class Standing:
    """Where an office stands in a stored score of a month."""

    in_city: GroupRank
    in_category: GroupRank


def standing(context: Context, score_id: int, office_code: str) -> Standing:
    """Return an office's places in a stored score of a month.

    Raises:
        KeyError: the office is not in it.
    """
    category = office_month_scores.c.facts["category"].as_string()
    query = select(office_month_scores.c.office_code, category, office_month_scores.c.rank)
    with reading(context.engine) as connection:
        rows = connection.execute(query.where(office_month_scores.c.score_id == score_id)).all()
    within = places_within({code: (of_category, rank) for code, of_category, rank in rows})
    ranks = {code: rank for code, _, rank in rows}
    ranked = sum(rank is not None for rank in ranks.values())
    return Standing(GroupRank(ranks[office_code], ranked), within[office_code])


def year_head(context: Context, year: int) -> ScoreHead | None:
    """Return the score of a year as of its latest day, or None."""
    with reading(context.engine) as connection:
        row = _furthest(connection, year)
    return None if row is None else head_of(row)


def year_table(context: Context, year: int, score_id: int) -> YearTable:
    """Return a stored score of a year without its lines."""
    columns = [
        getattr(office_year_scores.c, name)
        for name in OfficeRow.__dataclass_fields__
        if name != "lines"
    ]
    with reading(context.engine) as connection:
        head = connection.execute(select(year_scores).where(year_scores.c.id == score_id)).one()
        rows = connection.execute(
            select(*columns).where(office_year_scores.c.score_id == score_id)
        ).all()
    offices = sorted(
        (OfficeRow(**row._mapping, lines="") for row in rows), key=lambda row: row.office_code
    )
    return YearTable(year, head_of(head), head.head, offices)


def office_year(context: Context, year: int, office_code: str) -> ScoredOfficeYear:
    """Return one office in the score of a year as of its latest day.

    Raises:
        UnknownRecord: the year was never scored, or the office is not in it.
    """
    columns = [getattr(office_year_scores.c, name) for name in OfficeRow.__dataclass_fields__]
    with reading(context.engine) as connection:
        head = _furthest(connection, year)
        row = (
            head
            and connection.execute(
                select(*columns).where(
                    office_year_scores.c.score_id == head.id,
                    office_year_scores.c.office_code == office_code,
                )
            ).one_or_none()
        )
    if head is None or row is None:
        raise UnknownRecord(
            "there is no score of {office} for {period}", office=office_code, period=year
        )
    return ScoredOfficeYear(year, head_of(head), head.head, rebuilt_office(OfficeRow(*row)))


def _furthest(connection: Connection, year: int) -> Row[Any] | None:
    """Select the score of the latest day, the newest version."""
    return connection.execute(
        select(year_scores)
        .where(year_scores.c.year == year)
        .order_by(year_scores.c.as_of.desc(), year_scores.c.version.desc())
        .limit(1)
    ).one_or_none()
