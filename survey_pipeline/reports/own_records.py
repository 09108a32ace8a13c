"""The records that an office may object to: its own, and those of its department that it bears.

Names, matters and remarks stay out: they may hold words about people. The document number tells the
office which paper a record is about. A year's score is shown once it is published.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, or_, select

from survey_pipeline.calendar import Calendar
from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.i18n import N_, Message
from survey_pipeline.reports.closed_months import closed_months
from survey_pipeline.reports.own_lines import OwnLine, of_records
from survey_pipeline.reports.stored_scores import office_year
from survey_pipeline.scoring.numbers import from_units, plain
from survey_pipeline.scoring.year import OfficeYearScore
from survey_pipeline.standard.entry import entries
from survey_pipeline.standard.model import Standard
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    awards,
    hotline_ranks,
    hotline_records,
    offices,
    parent_grades,
    parent_points,
    performance_points,
    supervision_records,
)
from survey_pipeline.vocabulary import AwardLevel, Component, Grade, RecordKind

YEARS = 3
"""The latest years with a record are shown."""
MOST = 200
"""Records of a kind that are shown, the latest of them."""


@dataclass(frozen=True)
class OwnRecord:
    """A record, as the office may see it."""

    kind: RecordKind
    number: str
    """As an objection names it; empty for kinds of one record a year."""
    year: int
    clause: str
    """Empty where the kind has none."""
    day: date | None
    document: str
    """Its document number, or where it came from."""
    value: str
    """Points as the record carries them, a rank, or the code of a grade or level; may be empty."""
    taken_back: date | None


@dataclass(frozen=True)
class OwnYear:
    """An office's published year, as far as it may see it."""

    year: int
    version: int
    points: Mapping[Component, str | None]
    """Four decimals; without satisfaction where that would tell what few people answered."""
    total: str | None
    rank_in_category: int | None
    lines: Sequence[OwnLine]
    whole: bool
    """Whether satisfaction, total and rank are here."""


def own_records(context: Context, office_code: str) -> dict[int, list[OwnRecord]]:
    """Return an office's records by year, the newest year first.

    Raises:
        UnknownRecord: there is no such office.
    """
    with reading(context.engine) as connection:
        parent = connection.scalar(
            select(offices.c.parent_code).where(offices.c.office_code == office_code)
        )
        if parent is None:
            raise UnknownRecord("there is no office {code}", code=office_code)
        found = list(_records(connection, context.calendar, office_code, parent))
    years = sorted({record.year for record in found}, reverse=True)[:YEARS]
    return {year: [record for record in found if record.year == year] for year in years}


def _records(
    connection: Connection, calendar: Calendar, office_code: str, parent_code: str
) -> Iterator[OwnRecord]:
    for kind, table, whose in _sources(office_code, parent_code):
        query = select(table).where(whose).order_by(table.c.id.desc()).limit(MOST)
        for row in connection.execute(query):
            yield _record(kind, row, calendar)


def _sources(
    office_code: str, parent_code: str
) -> Iterable[tuple[RecordKind, Table, ColumnElement[bool]]]:
    """Return each kind with its table, and the condition that a record concerns the office."""
    supervision = supervision_records.c
    bears = or_(
        supervision.office_code == office_code,
        supervision.office_code.is_(None) & (supervision.parent_code == parent_code),
    )
    yield RecordKind.SUPERVISION, supervision_records, bears
    for kind, table in (
        (RecordKind.HOTLINE, hotline_records),
        (RecordKind.AWARDS, awards),
        (RecordKind.PERFORMANCE, performance_points),
        (RecordKind.PARENT_GRADES, parent_grades),
        (RecordKind.PARENT_POINTS, parent_points),
    ):
        yield kind, table, table.c.office_code == office_code
    yield RecordKind.HOTLINE_RANK, hotline_ranks, hotline_ranks.c.parent_code == parent_code


def _record(kind: RecordKind, row: Row[Any], calendar: Calendar) -> OwnRecord:
    words = row._mapping
    days = (words.get(name) for name in ("occurred_on", "issued_on", "delivered_on"))
    papers = (words.get(name) for name in ("document_no", "source"))
    return OwnRecord(
        kind=kind,
        number=words.get("record_no") or words.get("award_no") or "",
        year=row.year,
        clause=words.get("clause") or "",
        day=next((day for day in days if day), None),
        document=next((paper for paper in papers if paper), ""),
        value=_value(dict(words)),
        taken_back=row.withdrawn_at and calendar.day(row.withdrawn_at),
    )


def _value(words: Mapping[str, Any]) -> str:
    for name in ("level", "grade", "rank"):
        if words.get(name):
            return str(words[name])
    units = words.get("points")
    return "" if units is None else plain(from_units(units))


def clause_labels(standard: Standard, locale: str) -> dict[str, str]:
    """Return what the standard calls its clauses, by their numbers."""
    return {entry.clause: entry.label.in_locale(locale) for entry in entries(standard)}


def value_in_words(record: OwnRecord, standard: Standard, locale: str) -> str:
    """Return a record's points, grade, level or rank for people; empty if it carries none."""
    if not record.value:
        return ""
    if record.kind is RecordKind.AWARDS:
        return standard.bonus.level(AwardLevel(record.value)).label.in_locale(locale)
    if record.kind is RecordKind.PARENT_GRADES:
        return standard.parent_rating.grade(Grade(record.value)).label.in_locale(locale)
    text = RANK_OF if record.kind is RecordKind.HOTLINE_RANK else POINTS_OF
    return Message(text, {"value": record.value}).render(locale)


RANK_OF = N_("rank {value}")
POINTS_OF = N_("{value} points")


def own_year(context: Context, office_code: str, year: int) -> OwnYear | None:
    """Return an office's published year; None before it is published.

    Satisfaction, and the sums that it follows from, are shown only if the answers of months whose
    counts are hidden from the office are too many to tell what few people said.
    """
    try:
        found = office_year(context, year, office_code)
    except UnknownRecord:
        return None
    if found.head.published_at is None:
        return None
    score, whole = found.score, may_be_whole(context, found.score)
    return OwnYear(
        year=year,
        version=found.head.version,
        points={
            component: _written(points)
            for component, points in score.points.items()
            if whole or component is not Component.SATISFACTION
        },
        total=_written(score.total) if whole and score.complete else None,
        rank_in_category=score.ranks.rank_in_category if whole else None,
        lines=list(of_records(flat for line in score.lines for flat in line.flattened())),
        whole=whole,
    )


def may_be_whole(context: Context, score: OfficeYearScore) -> bool:
    """Return whether an office may see its satisfaction score of a year, and what follows from it.

    It may if the year adds to the months that it sees nothing, or enough of each answer.
    """
    counted = [
        line.count or 0
        for head in score.lines
        if head.component == Component.SATISFACTION
        for line in head.children
        if line.counted and line.rate is not None
    ]
    shown = [
        (month.satisfied or 0, month.neutral or 0, month.dissatisfied or 0)
        for month in closed_months(context, score.office.office_code)
        if month.whole
    ]
    hidden = [
        total - sum(month[place] for month in shown) for place, total in enumerate(counted[:3])
    ]
    least = context.settings.privacy.min_cell
    return not any(hidden) or min(hidden) >= least


def _written(points: Fraction | None) -> str | None:
    return None if points is None else plain(points)
