"""The word that there is nothing to bring for a period: a department's month, a hotline quarter.

Without records and without that word, what the period owes is outstanding. Records that come in
later take its place wherever the period is judged. The person who gave the word may take it back
for a short time, as a zero report (`zero_reports`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select

from survey_pipeline.calendar import month_of
from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord
from survey_pipeline.stages.intake.zero_reports import TAKEN_BACK_WITHIN
from survey_pipeline.standard.load import FOLDER
from survey_pipeline.standard.periods import Period, month_period, quarter_name
from survey_pipeline.standard.quarters import find_quarter
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.insert import insert_absent
from survey_pipeline.store.tables import (
    filings,
    hotline_records,
    nothing_reports,
    offices,
    parents,
    supervision_records,
)
from survey_pipeline.vocabulary import AuditAction, Audited, Duty


@dataclass(frozen=True)
class NothingToBring:
    """A period for which there is nothing to bring."""

    duty: Duty
    """`SELF_CHECK` or `HOTLINE`."""
    period: Period
    parent_code: str = ""
    """The department whose checks found nothing; empty of hotline quarters."""

    @property
    def key(self) -> str:
        """How the audit log names it."""
        return "/".join(filter(None, (self.duty.value, self.parent_code, self.period.name)))

    @property
    def form_value(self) -> str:
        """How a form names it: two parts of a quarter that two years share have one key."""
        return f"{self.key}/{self.period.first}"

    @property
    def where(self) -> tuple[ColumnElement[bool], ...]:
        """The conditions that find its report."""
        return (
            nothing_reports.c.duty == self.duty.value,
            nothing_reports.c.parent_code == self.parent_code,
            nothing_reports.c.first_day == self.period.first,
        )


def no_filing(parent_code: str, month: str) -> NothingToBring:
    """Return that a department's own checks found nothing in a month (`YYYY-MM`)."""
    return NothingToBring(Duty.SELF_CHECK, month_period(month), parent_code)


def no_hotline_record(context: Context, quarter: str, year: int | None = None) -> NothingToBring:
    """Return that a quarter has no hotline record.

    Args:
        context: the workspace.
        quarter: `2023-Q1`.
        year: the appraisal year, for a quarter that two of them share (`standard.quarters`).

    Raises:
        UsageError: the appraisal year has nothing of the quarter.
    """
    part = find_quarter(
        quarter,
        year=year,
        today=context.today(),
        standards=context.settings.standards,
        directory=context.home / FOLDER,
    )
    return NothingToBring(Duty.HOTLINE, part.period)


def report_nothing(context: Context, nothing: NothingToBring) -> bool:
    """Record that there is nothing to bring for a period; again changes nothing.

    Args:
        context: the workspace; its actor says so.
        nothing: what there is nothing of.

    Returns:
        Whether it was not on record before.

    Raises:
        UnknownRecord: there is no such department.
        CannotProceed: the period is not over, the department is withdrawn, or records of the
            period are there.
    """
    if nothing.period.last >= context.today():
        raise CannotProceed(
            "{period} is not over before {day}. Report it after that day",
            period=nothing.period.name,
            day=nothing.period.last,
        )
    with writing(context.engine) as connection:
        _refuse_what_came(connection, nothing)
        row = {
            "duty": nothing.duty.value,
            "parent_code": nothing.parent_code,
            "first_day": nothing.period.first,
            "last_day": nothing.period.last,
            "by": context.actor,
            "at": context.now(),
        }
        if _filed_nothing(connection, nothing) or not insert_absent(
            connection, nothing_reports, [row]
        ):
            return False
        _log(connection, context, nothing, given=True)
    return True


def take_nothing_back(context: Context, nothing: NothingToBring) -> None:
    """Take the word back: what the period owes is outstanding again.

    Raises:
        CannotProceed: the context's actor gave none for the period within `TAKEN_BACK_WITHIN`.
    """
    with writing(context.engine) as connection:
        gone = connection.execute(
            delete(nothing_reports).where(*nothing.where, *_is_fresh(context))
        )
        if not gone.rowcount:
            raise CannotProceed(
                "that there was nothing for {period} can no longer be taken back. Import the "
                "records of that time: they take its place",
                period=nothing.period.name,
            )
        _log(connection, context, nothing, given=False)


def fresh_nothing_reports(context: Context) -> Sequence[NothingToBring]:
    """Return what the context's actor may still take back, the oldest first."""
    with reading(context.engine) as connection:
        rows = connection.execute(
            select(nothing_reports).where(*_is_fresh(context)).order_by(nothing_reports.c.at)
        ).all()
    return [
        NothingToBring(
            Duty(row.duty), _period(row.duty, row.first_day, row.last_day), row.parent_code
        )
        for row in rows
    ]


def _period(duty: str, first: date, last: date) -> Period:
    name = month_of(first) if duty == Duty.SELF_CHECK else quarter_name(first)
    return Period(name, first, last)


def _is_fresh(context: Context) -> tuple[ColumnElement[bool], ...]:
    return (
        nothing_reports.c.by == context.actor,
        nothing_reports.c.at >= context.now() - TAKEN_BACK_WITHIN,
    )


def _log(connection: Connection, context: Context, nothing: NothingToBring, *, given: bool) -> None:
    """Put on record that the word was given, or taken back."""
    days = {
        "first_day": nothing.period.first.isoformat(),
        "last_day": nothing.period.last.isoformat(),
    }
    entry = audit.entry(
        at=context.now(),
        actor=context.actor,
        action=AuditAction.CREATED if given else AuditAction.UPDATED,
        kind=Audited.NOTHING_REPORTS,
        key=nothing.key,
        before=None if given else {"nothing": True},
        after={"nothing": given, **days},
    )
    audit.append(connection, [entry])


def _refuse_what_came(connection: Connection, nothing: NothingToBring) -> None:
    """Refuse the word where records of the period say otherwise."""
    if nothing.duty is Duty.HOTLINE:
        if count := _count(connection, hotline_records, *_of_days(hotline_records, nothing)):
            raise CannotProceed(
                "{count} hotline records of {period} are there. If they are wrong, withdraw them "
                "first",
                count=count,
                period=nothing.period.name,
            )
        return
    _require_parent(connection, nothing.parent_code)
    found = filings.c.nothing_found.is_(False)
    if count := _count(connection, filings, *_of_month(nothing), found):
        raise CannotProceed(
            "{code} filed {count} self-checks of {period}. If they are wrong, withdraw them first",
            code=nothing.parent_code,
            count=count,
            period=nothing.period.name,
        )
    _refuse_what_was_found(connection, nothing)


def _refuse_what_was_found(connection: Connection, nothing: NothingToBring) -> None:
    records = supervision_records
    own = select(offices.c.office_code).where(offices.c.parent_code == nothing.parent_code)
    if count := _count(
        connection,
        records,
        *_of_days(records, nothing),
        records.c.self_found.is_(True),
        records.c.office_code.in_(own),
    ):
        raise CannotProceed(
            "{count} records of {period} say that {code} found them itself. File them (import "
            "filings), or correct them first",
            code=nothing.parent_code,
            count=count,
            period=nothing.period.name,
        )


def _require_parent(connection: Connection, parent_code: str) -> None:
    parent = connection.execute(
        select(parents.c.withdrawn_at).where(parents.c.parent_code == parent_code)
    ).one_or_none()
    if parent is None:
        raise UnknownRecord("there is no parent department {code}", code=parent_code)
    if parent.withdrawn_at is not None:
        raise CannotProceed("the parent department {code} was withdrawn", code=parent_code)


def _filed_nothing(connection: Connection, nothing: NothingToBring) -> bool:
    """Return whether a filing of the month says already that nothing was found."""
    if nothing.duty is Duty.HOTLINE:
        return False
    return bool(_count(connection, filings, *_of_month(nothing)))


def _of_month(nothing: NothingToBring) -> tuple[ColumnElement[bool], ...]:
    return (
        filings.c.parent_code == nothing.parent_code,
        filings.c.month == nothing.period.name,
        filings.c.withdrawn_at.is_(None),
    )


def _of_days(table: Any, nothing: NothingToBring) -> tuple[ColumnElement[bool], ...]:
    return (
        table.c.occurred_on.between(nothing.period.first, nothing.period.last),
        table.c.withdrawn_at.is_(None),
    )


def _count(connection: Connection, table: Any, *where: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(*where)) or 0
