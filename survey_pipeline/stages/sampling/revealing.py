"""Lays a month's draws open: writes the auditor's package, and keeps when it was first done."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select, update

from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.stages.sampling.package import MonthDraws, read_month, write_package
from survey_pipeline.store.audit import append, entry
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.insert import insert_absent
from survey_pipeline.store.tables import draw_months
from survey_pipeline.vocabulary import AuditAction, Audited


@dataclass(frozen=True)
class Reveal:
    """A written package."""

    month: str
    days: int
    package_hash: str
    """SHA-256 of the file, in hex."""
    first_hash: str
    """...of the package as first revealed; another one where words or draws changed since."""
    first_at: datetime
    first_by: str
    remarks: list[Message]


def reveal_month(context: Context, month: str, path: Path) -> Reveal:
    """Write a month's package, and record the first time that it was made.

    Args:
        context: the workspace; its actor reveals.
        month: `YYYY-MM`.
        path: where the ZIP archive is written.

    Raises:
        DrawError: the month is not closed, was not drawn, or its seed cannot be read.
    """
    with reading(context.engine) as connection:
        month_draws = read_month(connection, context, month)
        write_package(connection, month_draws, context.settings.locale, path)
    with path.open("rb") as package:
        package_hash = hashlib.file_digest(package, "sha256").hexdigest()
    with writing(context.engine) as connection:
        return _record(connection, context, month_draws, package_hash)


def _record(
    connection: Connection, context: Context, month_draws: MonthDraws, package_hash: str
) -> Reveal:
    now, month = context.now(), month_draws.month
    insert_absent(connection, draw_months, [{"month": month, "configured": False}])
    first = connection.execute(
        update(draw_months)
        .where(draw_months.c.month == month, draw_months.c.revealed_at.is_(None))
        .values(revealed_at=now, revealed_by=context.actor, package_hash=package_hash)
    )
    said = entry(
        at=now,
        actor=context.actor,
        action=AuditAction.PUBLISHED if first.rowcount else AuditAction.EXPORTED,
        kind=Audited.SEEDS,
        key=month,
        after={"package_hash": package_hash},
    )
    append(connection, [said])
    row = connection.execute(select(draw_months).where(draw_months.c.month == month)).one()
    return Reveal(
        month=month,
        days=len(month_draws.draws),
        package_hash=package_hash,
        first_hash=row.package_hash,
        first_at=row.revealed_at,
        first_by=row.revealed_by,
        remarks=month_draws.remarks(),
    )
