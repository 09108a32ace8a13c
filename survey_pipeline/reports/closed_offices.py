"""All offices of a closed month, for parent departments and leaders (`closed_months`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from survey_pipeline.calendar import month_of
from survey_pipeline.context import Context
from survey_pipeline.reports.closed_months import (
    ClosedMonth,
    ClosedVersion,
    closed_heads,
    shown_version,
)
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import month_scores, office_month_scores

MOST_KNOWN = 40
"""Months whose offices are kept in memory: a megabyte each, with 1,000 offices."""


@dataclass(frozen=True)
class ClosedOffice:
    """An appraised office in a closed month."""

    office_code: str
    name: str
    category: str
    parent_code: str
    parent: str
    score: ClosedMonth


def months_closed(context: Context) -> list[str]:
    """Return the months that are closed and scored, the newest first."""
    closed = select(month_scores.c.month).where(
        month_scores.c.complete.is_(True), month_scores.c.month <= month_of(context.today())
    )
    with reading(context.engine) as connection:
        return sorted(set(connection.scalars(closed)), reverse=True)


def closed_offices(context: Context, month: str, least: int) -> Sequence[ClosedOffice]:
    """Return all appraised offices of a closed month, by office_code.

    What was read is kept in memory under a key that says what it was made from.

    Args:
        context: the workspace.
        month: `YYYY-MM`.
        least: answers of a kind that are shown; with `privacy.min_cell` each office is told as it
            sees itself, with 0 nothing is left out.

    Returns:
        Nothing if the month is not closed or not scored.
    """
    with reading(context.engine) as connection:
        heads = closed_heads(connection, month_of(context.today()), month)
        key = (least, *(_identity(head) for head in heads))
        found = _KNOWN.get(key)
        if found is None:
            found = _offices(connection, heads, least)
            if len(_KNOWN) >= MOST_KNOWN:
                _KNOWN.clear()
            _KNOWN[key] = found
    return found


_KNOWN: dict[tuple[Any, ...], Sequence[ClosedOffice]] = {}


def _identity(head: Row[Any]) -> tuple[Any, ...]:
    """Return what a version was computed from, whatever the database, and when it was shown."""
    made_from = (head.inputs_hash, head.standard_hash, head.program_version)
    return (head.month, head.version, *made_from, head.computed_at, head.published_at, head.id)


def _offices(
    connection: Connection, heads: Sequence[Row[Any]], least: int
) -> Sequence[ClosedOffice]:
    versions = _versions(connection, heads)
    return [
        _office(versions[office_code], least)
        for office_code in sorted(versions)
        if versions[office_code][-1].facts.appraised
    ]


def _versions(connection: Connection, heads: Sequence[Row[Any]]) -> dict[str, list[ClosedVersion]]:
    """Return the versions of one month by office, the oldest first."""
    by_id = {head.id: head for head in heads}
    own = office_month_scores.c
    query = select(own.score_id, own.office_code, own.rank, own.facts)
    found: dict[str, list[ClosedVersion]] = {}
    for row in connection.execute(query.where(own.score_id.in_(list(by_id)))):
        version = ClosedVersion(by_id[row.score_id], MonthRow.from_json(row.facts), row.rank)
        found.setdefault(row.office_code, []).append(version)
    return {
        office_code: sorted(versions, key=lambda version: version.head.version)
        for office_code, versions in found.items()
    }


def _office(versions: Sequence[ClosedVersion], least: int) -> ClosedOffice:
    newest = versions[-1].facts
    return ClosedOffice(
        newest.office_code,
        newest.office,
        newest.category,
        newest.parent_code,
        newest.parent,
        shown_version(versions, least),
    )
