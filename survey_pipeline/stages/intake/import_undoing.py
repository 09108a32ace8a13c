"""What an import brought is taken back as a whole, where nothing rests on it yet.

Records that the import made are withdrawn one by one, each on record with the reason. What it only
changed stays as it is: before and after stand in the journal. Whatever stays is named with why.
Cases have their own way (`case_undoing`).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, select

from survey_pipeline.calendar import month_of
from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.case_undoing import Undone, undo_cases
from survey_pipeline.stages.intake.values.cells import FREE_TEXT
from survey_pipeline.stages.intake.withdrawing import withdraw
from survey_pipeline.store import audit
from survey_pipeline.store.bulk import KEYS_AT_ONCE
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.record_keys import PLACES, RecordKey, read_record_key
from survey_pipeline.store.tables import (
    audit_entries,
    cases,
    import_runs,
    month_scores,
    review_offices,
    review_representatives,
    year_scores,
)
from survey_pipeline.vocabulary import AuditAction, Audited, RecordKind

SPAN = timedelta(hours=1)
"""Within which the entries of an import are looked for: they bear its time, but for moments."""

CHANGED_LATER = Message("it was changed after the import")
MONTH_PUBLISHED = Message("the scores of {month} are published")
YEAR_PUBLISHED = Message("the scores of {year} are published")
SELECTED = Message("the office is selected for the online review of {year}")
REPRESENTATIVES_DRAWN = Message("the representative is drawn for the online review of {year}")


def undo_import(context: Context, number: int, reason: str) -> Undone:
    """Take back what an import brought; again takes back what has become free since.

    Args:
        context: the workspace.
        number: the import's.
        reason: why; kept with each record.

    Raises:
        UnknownRecord: there is no such import.
        UsageError: the reason is missing or too long.
        CannotProceed: the import brought ballots, which nobody can tell apart.
    """
    reason = reason.strip()
    if not reason or len(reason) > FREE_TEXT:
        raise UsageError("give a reason of 1 to {most} characters", most=FREE_TEXT)
    run = _find_run(context, number)
    kind = RecordKind(run.kind)
    if kind is RecordKind.BALLOTS:
        raise CannotProceed(
            "ballots are secret: which of them a file brought is not on record, so none is taken "
            "back. Until the review closes, their representatives may change them"
        )
    undo = undo_cases if kind is RecordKind.CASES else _undo_records
    done = undo(context, run, reason)
    entry = audit.entry(
        at=context.now(),
        actor=context.actor,
        action=AuditAction.WITHDRAWN,
        kind=Audited.IMPORTS,
        key=str(number),
        after={"withdrawn": done.withdrawn, "stayed": done.stayed},
        reason=reason,
    )
    if done.withdrawn:
        with writing(context.engine) as connection:
            audit.append(connection, [entry])
    return done


def _find_run(context: Context, number: int) -> Row[Any]:
    with reading(context.engine) as connection:
        query = select(import_runs).where(import_runs.c.id == number)
        run = connection.execute(query).one_or_none()
    if run is None:
        raise UnknownRecord("there is no entry {number}", number=number)
    return run


def _undo_records(context: Context, run: Row[Any], reason: str) -> Undone:
    """Withdraw the records of a kind of few rows, the last one first."""
    kind, done = RecordKind(run.kind), Undone()
    with reading(context.engine) as connection:
        made = _keys_made(connection, run)
        later = _changed_since(connection, kind, made)
    for logged in made:
        key = _read_logged(kind, logged)
        why = _why_it_stays(context, key, later.get(logged))
        if why is not None:
            done.keep(key.key, why)
        elif later.get(logged) != AuditAction.WITHDRAWN:
            _withdraw(context, key, reason, done)
    return done


def _withdraw(context: Context, key: RecordKey, reason: str, done: Undone) -> None:
    try:
        withdraw(context, key.kind, key.key, reason=reason, year=key.year)
    except CannotProceed as error:
        done.keep(key.key, error.message)
    else:
        done.withdrawn += 1


def _keys_made(connection: Connection, run: Row[Any]) -> Sequence[str]:
    """Return how the audit log names what an import made, the last one first."""
    query = select(audit_entries.c.key).where(
        audit_entries.c.at.between(run.at - SPAN, run.at + SPAN),
        audit_entries.c.import_id == run.id,
        audit_entries.c.kind == run.kind,
        audit_entries.c.action == AuditAction.CREATED.value,
    )
    return connection.scalars(query.order_by(audit_entries.c.id.desc())).all()


def _changed_since(
    connection: Connection, kind: RecordKind, keys: Sequence[str]
) -> Mapping[str, str]:
    """Return the last thing that was done to each record after it was made."""
    found: dict[str, str] = {}
    for start in range(0, len(keys), KEYS_AT_ONCE):
        query = select(audit_entries.c.key, audit_entries.c.action).where(
            audit_entries.c.kind == kind.value,
            audit_entries.c.key.in_(keys[start : start + KEYS_AT_ONCE]),
            audit_entries.c.action.in_([AuditAction.UPDATED.value, AuditAction.WITHDRAWN.value]),
        )
        rows = connection.execute(query.order_by(audit_entries.c.id))
        found |= {row.key: row.action for row in rows}
    return found


def _read_logged(kind: RecordKind, logged: str) -> RecordKey:
    """Return the key that the audit log names."""
    if not PLACES[kind].of_year:
        return read_record_key(kind, logged, None, 0)
    year, _, key = logged.partition("/")
    return read_record_key(kind, key, int(year), 0)


def _why_it_stays(context: Context, key: RecordKey, later: str | None) -> Message | None:
    """Return what rests on a record; None if nothing does."""
    if later == AuditAction.UPDATED:
        return CHANGED_LATER
    with reading(context.engine) as connection:
        record = key.record(connection)
        return next(_resting_on(connection, key.kind, record), None)


def _resting_on(connection: Connection, kind: RecordKind, record: Row[Any]) -> Iterator[Message]:
    """Yield what rests on a record: published scores, the online review."""
    values = record._mapping
    if kind is RecordKind.OFFICES:
        code = review_offices.c.office_code == record.office_code
        yield from _of_years(connection, SELECTED, select(review_offices.c.year).where(code))
    elif kind is RecordKind.REPRESENTATIVES:
        drawn = and_(
            review_representatives.c.year == record.year,
            review_representatives.c.rep_no == record.rep_no,
        )
        query = select(review_representatives.c.year).where(drawn)
        yield from _of_years(connection, REPRESENTATIVES_DRAWN, query)
    elif "year" in values:
        published = (year_scores.c.year == record.year, year_scores.c.published_at.is_not(None))
        yield from _of_years(
            connection, YEAR_PUBLISHED, select(year_scores.c.year).where(*published)
        )
    elif (month := _month(connection, kind, record)) is not None:
        wanted = (month_scores.c.month == month, month_scores.c.published_at.is_not(None))
        if connection.scalar(select(exists().where(*wanted))):
            yield Message(MONTH_PUBLISHED.text, {"month": month})


def _of_years(connection: Connection, why: Message, query: Any) -> Iterator[Message]:
    for year in connection.scalars(query.limit(1)):
        yield Message(why.text, {"year": year})


def _month(connection: Connection, kind: RecordKind, record: Row[Any]) -> str | None:
    """Return the month in whose score a delivered record counts; None if in none."""
    if kind is RecordKind.SATISFACTION:
        return str(record.month)
    if kind is not RecordKind.RESULTS:
        return None
    reported: date | None = connection.scalar(
        select(cases.c.reported_on).where(
            cases.c.office_code == record.office_code, cases.c.case_no == record.case_no
        )
    )
    return None if reported is None else month_of(reported)
