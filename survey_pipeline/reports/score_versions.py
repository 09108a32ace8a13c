"""Two versions of a stored score compared: what changed, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, func, select

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.reports.line_changes import Tree, line_changes
from survey_pipeline.reports.month_columns import COUNTS
from survey_pipeline.reports.score_changes import Changes, FigureChange, OfficeChange
from survey_pipeline.reports.stored_scores import ScoreHead, head_of
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.scoring.packing import unpack
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    audit_log,
    month_scores,
    office_month_scores,
    office_year_scores,
    year_scores,
)
from survey_pipeline.vocabulary import Component, RecordKind

MOST = 100
"""Offices whose changes are shown, those that moved furthest first."""
MONTH_FIGURES = (*COUNTS, "rate", "coefficient", "points", "response_rate", "source")
"""What is compared of an office's month, in the order of the export."""
YEAR_FIGURES = (*(component.value for component in Component), "daily", "total")


@dataclass(frozen=True)
class _Side:
    """An office in one version."""

    name: str
    figures: Mapping[str, Any]
    points: Decimal | None
    rank: int | None
    lines: Any
    """As stored: a tree (month), or packed (year)."""


Period = str | int
"""A month (`YYYY-MM`), or an appraisal year."""


def versions_of(context: Context, period: Period) -> list[ScoreHead]:
    """Return the stored versions of a period, the newest first."""
    with reading(context.engine) as connection:
        return [head_of(row) for row in _heads(connection, period)]


def last_two(heads: Sequence[ScoreHead], before: int = 0, after: int = 0) -> tuple[int, int]:
    """Return the versions to compare, the earlier first; 0 for one that is not there.

    Args:
        heads: the versions, the newest first.
        before: the version chosen as the earlier; 0 for the one before the later.
        after: the version chosen as the later; 0 for the newest.
    """
    versions = [head.version for head in heads]
    later = after or next(iter(versions), 0)
    earlier = before or next((version for version in versions if version < later), 0)
    return min(earlier, later), max(earlier, later)


def changes_between(context: Context, period: Period, before: int, after: int) -> Changes:
    """Compare two versions of a period.

    Args:
        context: the workspace.
        period: a month or an appraisal year.
        before: a version; the lower number is taken for the earlier one.
        after: another version.

    Raises:
        UnknownRecord: there is no such version.
    """
    with reading(context.engine) as connection:
        heads = {row.version: head_of(row) for row in _heads(connection, period)}
        missing = next((version for version in (before, after) if version not in heads), None)
        if missing is not None:
            raise UnknownRecord(
                "the scores of {period} have no version {version}", period=period, version=missing
            )
        old, new = heads[min(before, after)], heads[max(before, after)]
        return _compared(connection, period, old, new)


def changes_since_last(context: Context, period: Period, version: int) -> Changes | None:
    """Compare a version with the one before it; None if it is the first."""
    earlier = [head.version for head in versions_of(context, period) if head.version < version]
    return changes_between(context, period, max(earlier), version) if earlier else None


def _compared(
    connection: Connection, period: Period, before: ScoreHead, after: ScoreHead
) -> Changes:
    old, new = (_sides(connection, period, head.id) for head in (before, after))
    found = [
        change
        for code in sorted(old.keys() | new.keys())
        if (change := _office(code, old.get(code), new.get(code))) is not None
    ]
    found.sort(key=lambda office: (-abs(office.by), office.office_code))
    return Changes(
        before=before,
        after=after,
        offices=[_with_lines(office, old, new) for office in found[:MOST]],
        moved=sum(office.moved for office in found),
        ranked=sum(office.rank[0] != office.rank[1] for office in found),
        differing=len(found),
        same=len(old.keys() & new.keys()) - sum(all(office.there) for office in found),
        records=_records(connection, before, after),
    )


def _office(code: str, before: _Side | None, after: _Side | None) -> OfficeChange | None:
    if before == after:
        return None
    side = after or before
    if side is None:
        return None
    return OfficeChange(
        office_code=code,
        office=side.name,
        figures=list(_figures(before, after)),
        lines=(),
        points=(before.points if before else None, after.points if after else None),
        rank=(before.rank if before else None, after.rank if after else None),
        there=(before is not None, after is not None),
    )


def _figures(before: _Side | None, after: _Side | None) -> Iterator[FigureChange]:
    old: Mapping[str, Any] = before.figures if before else {}
    new: Mapping[str, Any] = after.figures if after else {}
    for name in new or old:
        if old.get(name) != new.get(name):
            yield FigureChange(name, old.get(name), new.get(name))


def _with_lines(
    office: OfficeChange, old: Mapping[str, _Side], new: Mapping[str, _Side]
) -> OfficeChange:
    code = office.office_code
    trees = [_tree(side[code].lines) if code in side else [] for side in (old, new)]
    return replace(office, lines=line_changes(*trees))


def _tree(lines: Any) -> Tree:
    return [line.to_json() for line in unpack(lines)] if isinstance(lines, str) else lines


def _heads(connection: Connection, period: Period) -> Sequence[Row[Any]]:
    table, column = (
        (year_scores, year_scores.c.year)
        if isinstance(period, int)
        else (month_scores, month_scores.c.month)
    )
    query = select(table).where(column == period).order_by(table.c.version.desc())
    return connection.execute(query).all()


def _sides(connection: Connection, period: Period, score_id: int) -> dict[str, _Side]:
    if isinstance(period, int):
        years = select(office_year_scores).where(office_year_scores.c.score_id == score_id)
        return {row.office_code: _of_year(row) for row in connection.execute(years)}
    months = select(office_month_scores).where(office_month_scores.c.score_id == score_id)
    return {row.office_code: _of_month(row) for row in connection.execute(months)}


def _of_month(row: Row[Any]) -> _Side:
    month = MonthRow.from_json(row.facts)
    figures = {name: getattr(month, name) for name in MONTH_FIGURES}
    return _Side(month.office, figures, month.points, row.rank, row.lines)


def _of_year(row: Row[Any]) -> _Side:
    facts = row.facts
    figures = {name: facts["components"].get(name, facts.get(name)) for name in YEAR_FIGURES}
    points = None if facts["total"] is None else Decimal(facts["total"])
    return _Side(facts["name"], figures, points, row.rank, row.lines)


def _records(
    connection: Connection, before: ScoreHead, after: ScoreHead
) -> list[tuple[str, str, int]]:
    """Count the changes of records that came between two computations, by kind and action."""
    query = (
        select(audit_log.c.kind, audit_log.c.action, func.count())
        .where(
            audit_log.c.at > before.computed_at,
            audit_log.c.at <= after.computed_at,
            audit_log.c.kind.in_(list(RecordKind)),
            audit_log.c.action.in_(("created", "updated", "withdrawn")),
        )
        .group_by(audit_log.c.kind, audit_log.c.action)
        .order_by(audit_log.c.kind, audit_log.c.action)
    )
    return [(kind, action, int(count)) for kind, action, count in connection.execute(query)]
