"""The history of imports: who brought which file when, what became of its rows, and its undoing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.i18n import Message
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log, import_runs
from survey_pipeline.vocabulary import AuditAction, Audited

PAGE = 25
"""Imports of a page."""


@dataclass(frozen=True)
class ImportFilter:
    """Which imports are wanted; an empty field filters nothing."""

    kind: str = ""
    by: str = ""
    name: str = ""
    """Part of the file's name."""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Undoing:
    """Who took back what an import brought, and why."""

    at: datetime
    by: str
    reason: str
    counts: Mapping[str, Any]


@dataclass(frozen=True)
class PastImport:
    """One file that was imported."""

    id: int
    at: datetime
    by: str
    kind: str
    name: str
    reported_on: date | None
    accepted: int
    updated: int
    unchanged: int
    refused: int
    warnings: int
    reasons: Sequence[tuple[str, Message, int, int]]
    """Of the first refusals: column, reason, rows with it, the first of them."""
    undoings: Sequence[Undoing] = ()


@dataclass(frozen=True)
class ImportPage:
    """Some imports, newest first."""

    imports: Sequence[PastImport]
    older: int | None
    """Before which import the next page begins; None on the last page."""
    found: int


def read_imports(
    context: Context, wanted: ImportFilter, *, before: int | None = None
) -> ImportPage:
    """Return a page of the imports.

    Args:
        context: the workspace.
        wanted: which imports.
        before: older than this one; the newest if None.
    """
    conditions = _conditions(context, wanted)
    query = select(import_runs).where(*conditions).order_by(import_runs.c.id.desc())
    if before is not None:
        query = query.where(import_runs.c.id < before)
    count = select(func.count()).select_from(import_runs).where(*conditions)
    with reading(context.engine) as connection:
        rows = connection.execute(query.limit(PAGE + 1)).all()
        found = connection.scalar(count) or 0
        undone = _undoings(connection, [row.id for row in rows[:PAGE]])
    imports = [_past_import(row, undone.get(row.id, ())) for row in rows[:PAGE]]
    return ImportPage(imports, imports[-1].id if len(rows) > PAGE else None, found)


def read_import(context: Context, number: int) -> PastImport:
    """Return one import.

    Raises:
        UnknownRecord: there is none with this number.
    """
    with reading(context.engine) as connection:
        row = connection.execute(
            select(import_runs).where(import_runs.c.id == number)
        ).one_or_none()
        if row is None:
            raise UnknownRecord("there is no entry {number}", number=number)
        return _past_import(row, _undoings(connection, [number]).get(number, ()))


def _conditions(context: Context, wanted: ImportFilter) -> list[Any]:
    columns, found = import_runs.c, []
    if wanted.kind:
        found.append(columns.kind == wanted.kind)
    if wanted.by:
        found.append(columns.by == wanted.by)
    if wanted.name:
        found.append(columns.file_name.icontains(wanted.name, autoescape=True))
    if wanted.first is not None:
        found.append(columns.at >= context.calendar.end_of(wanted.first - ONE_DAY))
    if wanted.last is not None:
        found.append(columns.at < context.calendar.end_of(wanted.last))
    return found


def _undoings(connection: Connection, numbers: Sequence[int]) -> Mapping[int, Sequence[Undoing]]:
    """Return who took back what these imports brought, by import."""
    found: dict[int, list[Undoing]] = {}
    query = select(audit_log).where(
        audit_log.c.kind == Audited.IMPORTS.value,
        audit_log.c.action == AuditAction.WITHDRAWN.value,
        audit_log.c.key.in_([str(number) for number in numbers]),
    )
    for row in connection.execute(query.order_by(audit_log.c.id)):
        undoing = Undoing(row.at, row.actor, row.reason or "", row.after or {})
        found.setdefault(int(row.key), []).append(undoing)
    return found


def _past_import(row: Row[Any], undoings: Sequence[Undoing]) -> PastImport:
    reasons = [
        (reason["column"], Message.from_json(reason["reason"]), reason["rows"], reason["first"])
        for reason in row.reasons or ()
    ]
    return PastImport(
        id=row.id,
        at=row.at,
        by=row.by,
        kind=row.kind,
        name=row.file_name,
        reported_on=row.reported_on,
        accepted=row.accepted,
        updated=row.updated,
        unchanged=row.unchanged,
        refused=row.refused,
        warnings=row.warnings,
        reasons=reasons,
        undoings=undoings,
    )
