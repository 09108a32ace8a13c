"""Objections (申诉): an office objects to a record or to a month's score, and somebody decides.

A decision changes no evidence. What may follow an upheld objection is an update or a withdrawal
that names it (`survey.objections`), so that the audit log shows why.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from survey_pipeline.calendar import month_of
from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.i18n import N_
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.locks import lock_name
from survey_pipeline.store.record_keys import RecordKey, read_record_key
from survey_pipeline.store.tables import objections, offices
from survey_pipeline.vocabulary import AuditAction, Audited, Decision, RecordKind

FREE_TEXT = 500
"""Longest text and longest reason, in characters (specification, section 12)."""
MOST_OPEN = 50
"""Objections of one office that wait for a decision: more are no longer read one by one."""
LOCKED = "objections"
"""What an office is locked for while its open objections are counted."""


class TooManyObjections(CannotProceed):
    """The office has as many open objections as it may."""


@dataclass(frozen=True)
class ListedObjection:
    """An objection, and what was decided."""

    id: int
    at: datetime
    by: str
    office_code: str
    kind: str | None
    """What the record is; nothing where a month's score is meant."""
    key: str | None
    year: int | None
    """The appraisal year, where it belongs to the record's key."""
    month: str | None
    text: str
    decision: str | None
    """A `Decision`; nothing while it is open."""
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return the entry of `objections list --json`; the keys are the columns' names."""
        return asdict(self)


def add_objection(
    context: Context,
    office_code: str,
    *,
    text: str,
    record: tuple[RecordKind, str] | None = None,
    year: int | None = None,
    month: str | None = None,
    by: str | None = None,
) -> ListedObjection:
    """Note an office's objection.

    Args:
        context: the workspace.
        office_code: the office that objects.
        text: what it says, up to 500 characters.
        record: kind and key of the record that it objects to.
        year: the appraisal year of the record, for kinds whose key has one; the calendar year of
            today unless said.
        month: `YYYY-MM`, where it objects to that month's score.
        by: who brings it; the context's actor unless named.

    Raises:
        UsageError: text, or exactly one of record and month, is missing, or the key is misspelt.
        UnknownRecord: there is no such office or record.
        TooManyObjections: as many of the office's as may be wait for a decision.
        CannotProceed: the record is another office's, or the month is in the future.
    """
    text = _words(text, "--text")
    if (record is None) == (month is None):
        raise UsageError("name either the record (--record KIND KEY) or the month (--month)")
    if month is not None and year is not None:
        raise UsageError("--year belongs to a record; a month names its year itself")
    if month is not None and month > month_of(context.today()):
        raise CannotProceed("{month} is in the future", month=month)
    named = read_record_key(*record, year, context.today().year) if record else None
    who = (by or "").strip() or context.actor
    with writing(context.engine) as connection:
        _check_concern(connection, office_code, named)
        _check_number(connection, office_code)
        values = {
            "office_code": office_code,
            "kind": named.kind.value if named else None,
            "key": named.key if named else None,
            "year": named.year if named else None,
            "month": month,
            "text": text,
        }
        made = connection.execute(
            objections.insert()
            .values(at=context.now(), by=who, **values)
            .returning(*objections.columns)
        ).one()
        audit.append(connection, [_entry(made, made.at, who, AuditAction.CREATED, values)])
    return _listed(made)


def _check_number(connection: Connection, office_code: str) -> None:
    lock_name(connection, LOCKED, office_code)
    still_open = select(func.count()).where(
        objections.c.office_code == office_code, objections.c.decision.is_(None)
    )
    if (connection.scalar(still_open) or 0) >= MOST_OPEN:
        raise TooManyObjections(
            N_(
                "{count} objections of {code} wait for a decision already; bring this one when "
                "they are decided"
            ),
            count=MOST_OPEN,
            code=office_code,
        )


def _check_concern(connection: Connection, office_code: str, named: RecordKey | None) -> None:
    """Make sure that the office is on the register, and the record its own or its department's."""
    office = connection.execute(
        select(offices.c.parent_code).where(offices.c.office_code == office_code)
    ).one_or_none()
    if office is None:
        raise UnknownRecord("there is no office {code}", code=office_code)
    if named is None:
        return
    record = named.record(connection)._mapping
    bearer = record.get("office_code")
    if bearer == office_code or (not bearer and record.get("parent_code") == office.parent_code):
        return
    raise CannotProceed(
        "the record {key} does not concern the office {code}", key=named.key, code=office_code
    )


def list_objections(
    context: Context, *, only_open: bool = False, office_code: str | None = None
) -> Sequence[ListedObjection]:
    """Return all objections, those that wait for a decision, or one office's, oldest first."""
    query = select(objections).order_by(objections.c.id)
    if only_open:
        query = query.where(objections.c.decision.is_(None))
    if office_code is not None:
        query = query.where(objections.c.office_code == office_code)
    with reading(context.engine) as connection:
        return [_listed(row) for row in connection.execute(query)]


def decide_objection(
    context: Context, objection: int, decision: Decision, *, reason: str, by: str | None = None
) -> ListedObjection:
    """Decide an objection, once; the evidence itself stays as it is.

    Args:
        context: the workspace.
        objection: its number.
        decision: upheld or rejected.
        reason: why, up to 500 characters.
        by: who decides; the context's actor unless named.

    Raises:
        UsageError: the reason is missing or too long.
        UnknownRecord: there is no such objection.
        CannotProceed: it was decided before.
    """
    reason = _words(reason, "--reason")
    who = (by or "").strip() or context.actor
    with writing(context.engine) as connection:
        decided = connection.execute(
            update(objections)
            .where(objections.c.id == objection, objections.c.decision.is_(None))
            .values(decision=decision, decided_at=context.now(), decided_by=who, reason=reason)
            .returning(*objections.columns)
        ).one_or_none()
        if decided is None:
            raise _not_open(connection, context, objection)
        values = {"decision": decision.value, "reason": reason}
        entry = _entry(decided, decided.decided_at, who, AuditAction.DECIDED, values)
        audit.append(connection, [entry])
    return _listed(decided)


def _not_open(connection: Connection, context: Context, objection: int) -> CannotProceed:
    found = connection.execute(select(objections).where(objections.c.id == objection)).one_or_none()
    if found is None:
        return UnknownRecord("there is no objection {id}", id=objection)
    return CannotProceed(
        "objection {id} was decided already, on {day} by {by}: {reason}",
        id=objection,
        day=context.calendar.day(found.decided_at),
        by=found.decided_by,
        reason=found.reason,
    )


def _words(text: str, option: str) -> str:
    text = text.strip()
    if not text or len(text) > FREE_TEXT:
        raise UsageError("give a {option} of 1 to {most} characters", option=option, most=FREE_TEXT)
    return text


def _entry(
    objection: Row[Any], at: datetime, who: str, action: AuditAction, values: dict[str, Any]
) -> dict[str, Any]:
    return audit.entry(
        at=at,
        actor=who,
        action=action,
        kind=Audited.OBJECTIONS,
        key=str(objection.id),
        after={name: value for name, value in values.items() if value is not None},
        reason=values.get("reason"),
    )


def _listed(row: Row[Any]) -> ListedObjection:
    return ListedObjection(**row._mapping)
