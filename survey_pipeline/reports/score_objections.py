"""Objections (申诉) beside the scores that they are against: those of a month, and of a year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, select

from survey_pipeline.calendar import last_day
from survey_pipeline.context import Context
from survey_pipeline.standard.model import Window
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    hotline_records,
    objections,
    offices,
    supervision_records,
)
from survey_pipeline.vocabulary import Component, RecordKind

NUMBERED: Mapping[str, Table] = {
    RecordKind.SUPERVISION: supervision_records,
    RecordKind.HOTLINE: hotline_records,
}
"""Records whose key has no year: each was brought in for one."""
ONE_A_YEAR: Mapping[str, Component] = {
    RecordKind.PERFORMANCE: Component.PERFORMANCE,
    RecordKind.HOTLINE_RANK: Component.HOTLINE,
    RecordKind.PARENT_GRADES: Component.PARENT_RATING,
    RecordKind.PARENT_POINTS: Component.PARENT_RATING,
}
"""Records whose key names an office or a department: it says nothing without the component."""
MOST = 500
"""Objections that are shown at once."""


@dataclass(frozen=True)
class ScoreObjection:
    """An objection (see `ListedObjection`), its office, and the year it belongs to."""

    said: Any
    office: str
    year: int | None
    """The appraisal year of the record; None for a month's score."""

    def belongs(self, year: int, window: Window) -> bool:
        """Return whether it is against something of an appraisal year."""
        month = self.said.month
        return self.year == year if month is None else last_day(month) in window

    def meets(self, record: object, component: str | None) -> bool:
        """Return whether it is against the record that a line names as its evidence.

        Args:
            record: the record's key as the evidence has it.
            component: of the line.
        """
        kind, key = self.said.kind, self.said.key
        if key is None or (kind in ONE_A_YEAR and ONE_A_YEAR[kind] != component):
            return False
        return record in (key, key.removesuffix(f"/{self.said.office_code}"))


def objections_to_month(context: Context, office_code: str, month: str) -> list[ScoreObjection]:
    """Return an office's objections to its score of a month, the newest first."""
    with reading(context.engine) as connection:
        return _read(
            connection, objections.c.office_code == office_code, objections.c.month == month
        )


def objections_to_year(
    context: Context, office_code: str, year: int, window: Window
) -> list[ScoreObjection]:
    """Return an office's objections to what its year is made of, the newest first.

    Args:
        context: the workspace.
        office_code: the office.
        year: the appraisal year.
        window: of the year's standard; a month belongs to that in which its last day lies.
    """
    with reading(context.engine) as connection:
        found = _read(connection, objections.c.office_code == office_code)
    return [objection for objection in found if objection.belongs(year, window)]


def disputed_in_month(context: Context, month: str) -> frozenset[str]:
    """Return the offices whose objection to a month's score waits for its decision."""
    with reading(context.engine) as connection:
        query = select(objections.c.office_code).where(
            objections.c.month == month, objections.c.decision.is_(None)
        )
        return frozenset(connection.scalars(query))


def disputed_in_year(context: Context, year: int, window: Window) -> frozenset[str]:
    """Return the offices with an objection to anything of a year that waits for its decision."""
    with reading(context.engine) as connection:
        found = _read(connection, objections.c.decision.is_(None))
    return frozenset(
        objection.said.office_code for objection in found if objection.belongs(year, window)
    )


def all_objections(context: Context) -> list[ScoreObjection]:
    """Return the objections of all offices: those that wait for a decision first, then the newest.

    At most `MOST`.
    """
    with reading(context.engine) as connection:
        found = _read(connection)
    return sorted(found, key=lambda objection: objection.said.decision is not None)


def _read(connection: Connection, *where: Any) -> list[ScoreObjection]:
    query = (
        select(objections, offices.c.name.label("office"))
        .outerjoin(offices, offices.c.office_code == objections.c.office_code)
        .where(*where)
        .order_by(objections.c.decision.is_not(None), objections.c.id.desc())
        .limit(MOST)
    )
    rows = connection.execute(query).all()
    years = _years(connection, rows)
    found = [
        ScoreObjection(
            row, row.office or row.office_code, row.year or years.get((row.kind, row.key))
        )
        for row in rows
    ]
    return sorted(found, key=lambda objection: -objection.said.id)


def _years(connection: Connection, rows: Sequence[Any]) -> dict[tuple[str, str], int]:
    """Return for which years the numbered records were brought in that these objections name."""
    years: dict[tuple[str, str], int] = {}
    for kind, table in NUMBERED.items():
        keys = {row.key for row in rows if row.kind == kind}
        query = select(table.c.record_no, table.c.year).where(table.c.record_no.in_(keys))
        for number, year in connection.execute(query) if keys else ():
            years[kind, number] = year
    return years
