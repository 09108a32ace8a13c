"""A month's score: computed, compared with the last one, stored as a new version if it differs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import IntegrityError

from survey_pipeline import __version__
from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.scoring.facts import MonthFacts
from survey_pipeline.scoring.month import OfficeScore, score_month
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.stages.assessment.canonical import inputs_hash
from survey_pipeline.standard.load import InForce
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import month_scores, office_month_scores


@dataclass(frozen=True)
class StoredOffice:
    """One office's row of a stored score."""

    office_code: str
    points: int | None
    """Ten-thousandths."""
    rank: int | None
    facts: Mapping[str, Any]
    """The row as it is stored (`MonthRow.to_json`): a check of the score compares it."""
    lines: list[Any]
    """The lines that make the points, as `scoring.lines.Line.to_json` wrote them."""

    @cached_property
    def row(self) -> MonthRow:
        """The row of the monthly export, and what stands beside it."""
        return MonthRow.from_json(self.facts)


@dataclass(frozen=True)
class StoredMonth:
    """A stored score of a month."""

    id: int
    month: str
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
    offices: tuple[StoredOffice, ...]
    """By office_code (code points)."""
    is_new: bool = False
    """Whether this very call made the version."""

    def office(self, office_code: str) -> StoredOffice | None:
        """Return one office's row, or None."""
        return next((row for row in self.offices if row.office_code == office_code), None)


def assess_month(context: Context, in_force: InForce, facts: MonthFacts) -> StoredMonth:
    """Score a month and store it, unless the last version has the same inputs.

    Same inputs, same standard (its file's SHA-256) and same program version: the stored version is
    returned as it is. Two processes at once make one version.
    """
    fingerprint = {
        "standard": in_force.standard.id,
        "standard_hash": in_force.file_hash,
        "program_version": __version__,
        "inputs_hash": inputs_hash(facts),
    }
    with reading(context.engine) as connection:
        stored = _same(connection, facts.month, fingerprint)
    if stored is None:
        stored = _store_once(context, in_force, facts, fingerprint)
    return stored


def _store_once(
    context: Context, in_force: InForce, facts: MonthFacts, fingerprint: dict[str, str]
) -> StoredMonth:
    scores = score_month(in_force.standard, facts)
    try:
        with writing(context.engine) as connection:
            stored = _same(connection, facts.month, fingerprint)
            return stored or _store(connection, facts, scores, fingerprint, context.now())
    except IntegrityError:  # another host stored this version between our look and our insert
        with writing(context.engine) as connection:
            stored = _same(connection, facts.month, fingerprint)
            return stored or _store(connection, facts, scores, fingerprint, context.now())


def latest(connection: Connection, month: str) -> StoredMonth | None:
    """Return the last stored version of a month, or None."""
    head = _head(connection, month)
    return None if head is None else _with_offices(connection, head)


def stored_month(context: Context, month: str, version: int | None = None) -> StoredMonth:
    """Return a stored score: the version named, else the latest.

    Raises:
        UnknownRecord: the month was never scored, or has no such version.
    """
    query = select(month_scores).where(month_scores.c.month == month)
    if version is not None:
        query = query.where(month_scores.c.version == version)
    with reading(context.engine) as connection:
        head = connection.execute(
            query.order_by(month_scores.c.version.desc()).limit(1)
        ).one_or_none()
        if head is not None:
            return _with_offices(connection, head)
    if version is not None:
        raise UnknownRecord(
            "the scores of {period} have no version {version}", period=month, version=version
        )
    raise UnknownRecord("{month} has no stored scores", month=month).at_terminal(
        "Run: survey-pipeline score month {month}", month=month
    )


def _head(connection: Connection, month: str) -> Row[Any] | None:
    return connection.execute(
        select(month_scores)
        .where(month_scores.c.month == month)
        .order_by(month_scores.c.version.desc())
        .limit(1)
    ).one_or_none()


def _with_offices(connection: Connection, head: Row[Any]) -> StoredMonth:
    rows = connection.execute(
        select(office_month_scores).where(office_month_scores.c.score_id == head.id)
    )
    offices = tuple(
        StoredOffice(row.office_code, row.points, row.rank, row.facts, row.lines)
        for row in sorted(rows, key=lambda row: str(row.office_code))
    )
    return StoredMonth(**head._mapping, offices=offices)


def _same(connection: Connection, month: str, fingerprint: dict[str, str]) -> StoredMonth | None:
    head = _head(connection, month)
    if head is None or any(head._mapping[key] != value for key, value in fingerprint.items()):
        return None
    return _with_offices(connection, head)


def _store(
    connection: Connection,
    facts: MonthFacts,
    scores: list[OfficeScore],
    fingerprint: dict[str, str],
    now: datetime,
) -> StoredMonth:
    before = _head(connection, facts.month)
    key = connection.execute(
        month_scores.insert()
        .values(
            month=facts.month,
            version=before.version + 1 if before else 1,
            computed_at=now,
            as_of=facts.as_of,
            complete=facts.complete,
            **fingerprint,
        )
        .returning(month_scores.c.id)
    ).scalar_one()
    connection.execute(
        office_month_scores.insert(),
        [
            {
                "score_id": key,
                "office_code": score.office_code,
                "points": score.points,
                "rank": score.rank,
                "facts": score.row.to_json(),
                "lines": score.lines,
            }
            for score in scores
        ],
    )
    head = connection.execute(select(month_scores).where(month_scores.c.id == key)).one()
    return replace(_with_offices(connection, head), is_new=True)
