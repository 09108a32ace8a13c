"""The cases that an import brought, taken back in batches: a file may have brought a million."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, func, select, update

from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.store import audit
from survey_pipeline.store.bulk import KEYS_AT_ONCE
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.locks import RECORDS, lock_name
from survey_pipeline.store.tables import audit_entries, cases, daily_reports
from survey_pipeline.vocabulary import AuditAction, RecordKind

BATCH = 5_000
"""Cases of one transaction."""
LISTED = 50
"""Records that stay and are named with why."""

IN_A_DRAW = Message("they are in a draw already")
CASES_CHANGED = Message("they were changed or taken back after the import")


@dataclass
class Undone:
    """What became of the records that an import made."""

    withdrawn: int = 0
    stayed: int = 0
    why: list[tuple[str, Message]] = field(default_factory=list)
    """The first records that stayed, or how many cases, with why."""

    def keep(self, what: str, why: Message, count: int = 1) -> None:
        """Note records that stay."""
        if count:
            self.stayed += count
            if len(self.why) < LISTED:
                self.why.append((what, why))


def undo_cases(context: Context, run: Row[Any], reason: str) -> Undone:
    """Withdraw the cases that a file brought and that no draw has seen."""
    done, last = Undone(), 0
    while True:
        with writing(context.engine) as connection:
            # a draw reads a case before or after, not between
            lock_name(connection, RECORDS, RecordKind.CASES)
            query = _free_cases(run).where(cases.c.id > last).limit(BATCH)
            batch = connection.execute(query).all()
            _withdraw_batch(connection, context, batch, reason)
        if not batch:
            break
        done.withdrawn, last = done.withdrawn + len(batch), batch[-1].id
    _count_the_others(context, run, done)
    return done


def _free_cases(run: Row[Any]) -> Select[Any]:
    """Return the query of what an import made and nothing rests on."""
    return (
        select(cases.c.id, cases.c.office_code, cases.c.case_no, cases.c.reported_on)
        .where(*_still_of(run), cases.c.frame_on.is_(None), cases.c.withdrawn_at.is_(None))
        .order_by(cases.c.id)
    )


def _still_of(run: Row[Any]) -> list[Any]:
    """Return the conditions of cases that an import made and no later one changed.

    A case names the import of its present contents; those that this import changed are on record.
    """
    changed = exists().where(
        audit_entries.c.kind == RecordKind.CASES.value,
        audit_entries.c.key == cases.c.office_code + "/" + cases.c.case_no,
        audit_entries.c.action == AuditAction.UPDATED.value,
        audit_entries.c.import_id == run.id,
    )
    # the day is that of the first report, and leads to the index
    return [cases.c.reported_on == run.reported_on, cases.c.import_id == run.id, ~changed]


def _withdraw_batch(
    connection: Connection, context: Context, batch: Sequence[Row[Any]], reason: str
) -> None:
    now = context.now()
    for start in range(0, len(batch), KEYS_AT_ONCE):
        _mark(connection, context, batch[start : start + KEYS_AT_ONCE], reason, now)
    _take_off_the_days(connection, batch)
    entries = (
        audit.entry(
            at=now,
            actor=context.actor,
            action=AuditAction.WITHDRAWN,
            kind=RecordKind.CASES,
            key=f"{case.office_code}/{case.case_no}",
            reason=reason,
        )
        for case in batch
    )
    audit.append(connection, entries)


def _mark(
    connection: Connection, context: Context, some: Sequence[Row[Any]], reason: str, now: datetime
) -> None:
    connection.execute(
        update(cases)
        .where(cases.c.id.in_([case.id for case in some]))
        .values(withdrawn_at=now, withdrawn_by=context.actor, withdrawn_reason=reason)
    )


def _take_off_the_days(connection: Connection, batch: Sequence[Row[Any]]) -> None:
    """Take withdrawn cases off the numbers that their offices reported on their days."""
    reported = daily_reports.c.reported
    days = Counter((case.office_code, case.reported_on) for case in batch)
    for (code, day), count in days.items():
        connection.execute(
            update(daily_reports)
            .where(
                daily_reports.c.office_code == code,
                daily_reports.c.reported_on == day,
                reported >= count,
            )
            .values(reported=reported - count)
        )


def _count_the_others(context: Context, run: Row[Any], done: Undone) -> None:
    """Count the cases that stay: in a draw already, or no more as the import made them."""
    drawn = select(func.count()).where(*_still_of(run), cases.c.frame_on.is_not(None))
    gone = select(func.count()).where(
        *_still_of(run), cases.c.frame_on.is_(None), cases.c.withdrawn_at.is_not(None)
    )
    with reading(context.engine) as connection:
        in_draw, withdrawn = connection.scalar(drawn) or 0, connection.scalar(gone) or 0
    done.keep(f"{in_draw:,}", IN_A_DRAW, in_draw)
    others = max(0, run.accepted - in_draw - withdrawn)
    done.keep(f"{others:,}", CASES_CHANGED, others)
