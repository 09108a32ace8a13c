"""What a body has delivered so far, a row for every office or department."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select

from survey_pipeline.context import Context
from survey_pipeline.reports.deadlines.appraised import (
    AppraisedOffice,
    appraised_offices,
    departments,
)
from survey_pipeline.scoring.numbers import from_units, plain
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    hotline_ranks,
    parent_grades,
    parent_points,
    performance_points,
    satisfaction_results,
)
from survey_pipeline.vocabulary import RANKED_GROUPS, RecordKind

TABLES: Mapping[RecordKind, Table] = {
    RecordKind.PERFORMANCE: performance_points,
    RecordKind.PARENT_POINTS: parent_points,
    RecordKind.PARENT_GRADES: parent_grades,
    RecordKind.HOTLINE_RANK: hotline_ranks,
    RecordKind.SATISFACTION: satisfaction_results,
}
"""Kinds of which an office or a department has one record in a year, or in a month."""


@dataclass(frozen=True)
class DeliveredRow:
    """An office or a department, and what is on record of it."""

    code: str
    name: str
    values: Mapping[str, str]
    """By column of the file; empty if nothing is on record."""


def appraised_now(context: Context) -> list[AppraisedOffice]:
    """Return the appraised offices of the register, by code."""
    with reading(context.engine) as connection:
        return appraised_offices(connection)


def names_of(kind: RecordKind, offices: list[AppraisedOffice]) -> dict[str, str]:
    """Return who has a row of a kind: code -> name; of ranks these are departments."""
    if kind is RecordKind.HOTLINE_RANK:
        return departments(office for office in offices if office.hotline_group in RANKED_GROUPS)
    return {office.office_code: office.name for office in offices}


def delivered_rows(
    context: Context, kind: RecordKind, names: Mapping[str, str], period: str
) -> list[DeliveredRow]:
    """Return what is on record, a row for every code.

    Args:
        context: the workspace.
        kind: one of `TABLES`.
        names: code -> name.
        period: the appraisal year, or the month `YYYY-MM` of satisfaction results.
    """
    table = TABLES[kind]
    code = table.c.parent_code if kind is RecordKind.HOTLINE_RANK else table.c.office_code
    when = table.c.month == period if "month" in table.c else table.c.year == int(period)
    query = select(table).where(when, table.c.withdrawn_at.is_(None))
    with reading(context.engine) as connection:
        found = {row._mapping[code.name]: row._mapping for row in connection.execute(query)}
    return [
        DeliveredRow(own, name, _written(found[own]) if own in found else {})
        for own, name in names.items()
    ]


def _written(record: Mapping[Any, Any]) -> dict[str, str]:
    values = {name: str(value) for name, value in record.items() if value is not None}
    if record.get("points") is not None:
        values["points"] = plain(from_units(record["points"]))
    return values
