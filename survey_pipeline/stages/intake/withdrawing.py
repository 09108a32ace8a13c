"""Records taken back: they stay visible, with who, when and why.

Taking a case back must not mend a score (specification, section 12): a drawn case stays drawn, as
4.10, or as 4.90 if a named person proves that it never was one; a rating that it had stays.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.kinds import KINDS
from survey_pipeline.stages.intake.values.cells import FREE_TEXT
from survey_pipeline.store import audit
from survey_pipeline.store.engine import writing
from survey_pipeline.store.locks import RECORDS, lock_name
from survey_pipeline.store.record_keys import PLACES, RecordKey, read_record_key
from survey_pipeline.store.tables import (
    cases,
    daily_reports,
    offices,
    satisfaction_results,
    surveys,
)
from survey_pipeline.survey.closing import close_surveys
from survey_pipeline.survey.outcome import refresh_outcomes
from survey_pipeline.survey.upheld_objections import objection_reason
from survey_pipeline.vocabulary import AuditAction, RecordKind, SurveyEnd, SurveyState
from survey_pipeline.vocabulary.record_names import kind_named


@dataclass(frozen=True)
class Withdrawn:
    """What a withdrawal did."""

    kind: str
    key: str
    drawn: bool = False
    """The case had been drawn."""
    survey_closed: bool = False
    """Its survey was still open and is closed now."""
    rating_stays: bool = False
    """It had been rated; the rating still counts."""


def withdraw(  # noqa: PLR0913 - an option of the command each, all named
    context: Context,
    kind: RecordKind,
    key: str,
    *,
    reason: str,
    year: int | None = None,
    objection: int | None = None,
    never_a_case: bool = False,
    by: str | None = None,
) -> Withdrawn:
    """Take a record back.

    Args:
        context: the workspace.
        kind: what it is.
        key: its natural key, parts joined by `/`; a case number may itself hold slashes.
        reason: why; kept with the record.
        year: the appraisal year, for kinds whose key has one; the calendar year of today unless
            said.
        objection: the upheld objection that it follows; it stands beside the reason.
        never_a_case: a service case that never took place (4.90); needs `by`.
        by: the person who takes it back; the context's actor unless named.

    Raises:
        UsageError: the reason is missing or too long, the key has too few parts or no year, or
            `never_a_case` is asked for without a name or for something else than a case.
        UnknownRecord: there is no such record, or no such objection.
        CannotProceed: it was withdrawn before, others still depend on it, or the objection is not
            an upheld one.
    """
    reason = reason.strip()
    _check_options(kind, reason, never_a_case, by)
    named = read_record_key(kind, key, year, context.today().year)
    withdrawal = _Withdrawal(
        context,
        kind,
        named,
        _with_objection(context, reason, objection),
        (by or "").strip() or context.actor,
        never_a_case,
    )
    with writing(context.engine) as connection:
        return withdrawal.carry_out(connection)


def _check_options(kind: RecordKind, reason: str, never_a_case: bool, by: str | None) -> None:
    if not reason or len(reason) > FREE_TEXT:
        raise UsageError("give a --reason of 1 to {most} characters", most=FREE_TEXT)
    if never_a_case and kind is not RecordKind.CASES:
        raise UsageError("--never-a-case is for cases alone")
    if never_a_case and not (by or "").strip():
        raise UsageError("--never-a-case needs --by NAME: a named person answers for the proof")


def _with_objection(context: Context, reason: str, objection: int | None) -> str:
    """Return the reason, with the upheld objection that the withdrawal follows."""
    if (upheld := objection_reason(context, objection)) is None:
        return reason
    words = Message("{reason} ({objection})", {"reason": reason, "objection": upheld})
    return words.render(context.settings.locale)


@dataclass(frozen=True)
class _Withdrawal:
    """The withdrawal of one record."""

    context: Context
    kind: RecordKind
    named: RecordKey
    reason: str
    by: str
    never_a_case: bool

    def carry_out(self, connection: Connection) -> Withdrawn:
        """Withdraw the record, and whatever follows from that."""
        # a draw reads the record before or after, not between
        lock_name(connection, RECORDS, self.kind)
        now = self.context.now()
        record = self.named.record(connection)
        self._refuse_withdrawn(record)
        _refuse_dependents(connection, self.kind, record)
        self._mark(connection, record, now)
        audit.append(connection, [self._entry(now)])
        if self.kind is RecordKind.RESULTS:
            _refresh_survey(connection, record, now)
        if self.kind is not RecordKind.CASES:
            return Withdrawn(self.kind.value, self.named.key)
        if record.withdrawn_at is None:
            _take_off_the_day(connection, record)
        return _end_survey(connection, self.context, record, self.named.key)

    def _refuse_withdrawn(self, record: Row[Any]) -> None:
        """Refuse a record that was withdrawn, unless only now it is said never to be a case."""
        is_news = self.never_a_case and not record.never_a_case
        if record.withdrawn_at is not None and not is_news:
            raise CannotProceed(
                "{key} was withdrawn already, on {day} by {by}: {reason}",
                key=self.named.key,
                day=self.context.calendar.day(record.withdrawn_at),
                by=record.withdrawn_by,
                reason=record.withdrawn_reason,
            )

    def _mark(self, connection: Connection, record: Row[Any], now: datetime) -> None:
        """Mark the record as withdrawn; the statement repeats the state that it leaves."""
        table = PLACES[self.kind].table
        values: dict[str, Any] = {
            "withdrawn_at": now,
            "withdrawn_by": self.by,
            "withdrawn_reason": self.reason,
        }
        if self.kind is RecordKind.CASES:
            values["never_a_case"] = self.never_a_case
        was = (
            table.c.withdrawn_at.is_(None)
            if record.withdrawn_at is None
            else table.c.never_a_case.is_(False)
        )
        done = connection.execute(update(table).where(self.named.where, was).values(**values))
        if not done.rowcount:
            raise CannotProceed(
                "{key} has just been withdrawn by somebody else", key=self.named.key
            )

    def _entry(self, now: datetime) -> dict[str, Any]:
        return audit.entry(
            at=now,
            actor=self.by,
            action=AuditAction.WITHDRAWN,
            kind=self.kind,
            key=self.named.logged,
            after={"never_a_case": True} if self.never_a_case else None,
            reason=self.reason,
        )


def _refuse_dependents(connection: Connection, kind: RecordKind, record: Row[Any]) -> None:
    """Refuse departments that have offices or evidence, and offices that have any records."""
    if kind is RecordKind.PARENTS:
        own = [offices.c.parent_code == record.parent_code, offices.c.withdrawn_at.is_(None)]
        if _any(connection, *own):
            raise CannotProceed(
                "{code} still has offices. Import them with another parent_code, or withdraw them, "
                "first",
                code=record.parent_code,
            )
        if (named := _evidence(connection, "parent_code", record.parent_code)) is not None:
            raise CannotProceed(
                "{code} has records of kind {kind}. Withdraw them first",
                code=record.parent_code,
                kind=kind_named(named),
            )
    if kind is RecordKind.OFFICES:
        _refuse_history(connection, record.office_code)


def _refuse_history(connection: Connection, office_code: str) -> None:
    if _has_history(connection, office_code):
        raise CannotProceed(
            "{code} has reported cases or results, so it stays on the register. To close it, "
            "import it again with valid_until",
            code=office_code,
        )
    if (named := _evidence(connection, "office_code", office_code)) is not None:
        raise CannotProceed(
            "{code} has records of kind {kind}. Withdraw them first, or close the office: import "
            "it again with valid_until",
            code=office_code,
            kind=kind_named(named),
        )


def _evidence(connection: Connection, column: str, code: str) -> RecordKind | None:
    """Return a yearly kind of which an office or department has records; None if there is none."""
    for kind, place in PLACES.items():
        table = place.table
        if not KINDS[kind].yearly or column not in table.c:
            continue
        if _any(connection, table.c[column] == code, table.c.withdrawn_at.is_(None)):
            return kind
    return None


def _has_history(connection: Connection, office_code: str) -> bool:
    """Return whether an office has reported cases, or has surveys or delivered results."""
    return (
        _any(connection, cases.c.office_code == office_code, cases.c.withdrawn_at.is_(None))
        or _any(connection, surveys.c.office_code == office_code)
        or _any(
            connection, daily_reports.c.office_code == office_code, daily_reports.c.reported > 0
        )
        or _any(
            connection,
            satisfaction_results.c.office_code == office_code,
            satisfaction_results.c.withdrawn_at.is_(None),
        )
    )


def _any(connection: Connection, *where: ColumnElement[bool]) -> bool:
    return bool(connection.scalar(select(exists().where(*where))))


def _take_off_the_day(connection: Connection, record: Row[Any]) -> None:
    """Take a withdrawn case off the number that its office reported that day."""
    connection.execute(
        update(daily_reports)
        .where(
            daily_reports.c.office_code == record.office_code,
            daily_reports.c.reported_on == record.reported_on,
            daily_reports.c.reported > 0,
        )
        .values(reported=daily_reports.c.reported - 1)
    )


def _refresh_survey(connection: Connection, result: Row[Any], now: datetime) -> None:
    """Derive anew how the case of a withdrawn result ended, if it was drawn."""
    drawn = select(surveys.c.id).where(
        surveys.c.office_code == result.office_code, surveys.c.case_no == result.case_no
    )
    refresh_outcomes(connection, connection.scalars(drawn), now)


def _end_survey(connection: Connection, context: Context, record: Row[Any], key: str) -> Withdrawn:
    """Close the survey of a drawn case, with its waiting texts and calls."""
    survey = connection.execute(
        select(surveys.c.id, surveys.c.rating, surveys.c.state)
        .where(surveys.c.office_code == record.office_code, surveys.c.case_no == record.case_no)
        .with_for_update(key_share=True)  # a rating that comes now waits, and stays
    ).one_or_none()
    if survey is None:
        return Withdrawn(RecordKind.CASES.value, key)
    rated = survey.rating is not None
    if not rated:
        connection.execute(update(surveys).where(surveys.c.id == survey.id).values(withdrawn=True))
    close_surveys(connection, [survey.id], SurveyEnd.WITHDRAWN, context.now())
    return Withdrawn(
        RecordKind.CASES.value,
        key,
        drawn=True,
        survey_closed=survey.state == SurveyState.OPEN,
        rating_stays=rated,
    )
