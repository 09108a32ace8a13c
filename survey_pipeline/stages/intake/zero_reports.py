"""The zero report: an office says that it had no case on a day.

Every office reports every day; without cases and without a zero report, its report is missing.
Cases of that day that come in later overtake it (`loaders.case_loader`). The person who made a zero
report may take it back for a short time.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.insert import insert_absent
from survey_pipeline.store.tables import daily_reports, offices
from survey_pipeline.vocabulary import AuditAction, Audited

TAKEN_BACK_WITHIN = timedelta(minutes=30)
"""A zero report, or the word that there is nothing to bring, may be taken back by its author."""


@dataclass(frozen=True)
class ZeroReport:
    """A zero report on record."""

    office_code: str
    day: date
    new: bool
    """Not on record before."""


def report_zero(context: Context, office_code: str, day: date) -> ZeroReport:
    """Record that an office had no case on a day; again changes nothing.

    Raises:
        UnknownRecord: there is no such office.
        CannotProceed: the day is in the future, the office is withdrawn, or cases of that day are
            on record.
    """
    if day > context.today():
        raise CannotProceed("{day} is in the future", day=day)
    with writing(context.engine) as connection:
        _require_office(connection, office_code)
        if _is_on_record(connection, office_code, day):
            return ZeroReport(office_code, day, new=False)
        _store(connection, context, office_code, day)
        entry = _entry(context, f"{office_code}/{day}", AuditAction.CREATED, None, {"zero": True})
        audit.append(connection, [entry])
    return ZeroReport(office_code, day, new=True)


def _require_office(connection: Connection, office_code: str) -> None:
    office = connection.execute(
        select(offices.c.withdrawn_at).where(offices.c.office_code == office_code)
    ).one_or_none()
    if office is None:
        raise UnknownRecord("there is no office {code}", code=office_code)
    if office.withdrawn_at is not None:
        raise CannotProceed("the office {code} was withdrawn", code=office_code)


def _is_on_record(connection: Connection, office_code: str, day: date) -> bool:
    """Return whether there is a zero report of the day; refuse one if cases were reported."""
    stored = connection.execute(
        select(daily_reports).where(*_of_day(office_code, day))
    ).one_or_none()
    if stored is not None and stored.reported:
        raise CannotProceed(
            "{code} reported {count} cases on {day}. If they are wrong, withdraw them first",
            code=office_code,
            count=stored.reported,
            day=day,
        )
    return stored is not None and stored.zero


def _store(connection: Connection, context: Context, office_code: str, day: date) -> None:
    """Store the zero report, unless cases have come in since it was looked for."""
    values = {"zero": True, "by": context.actor, "at": context.now()}
    row = {"office_code": office_code, "reported_on": day, "reported": 0, **values}
    if insert_absent(connection, daily_reports, [row]):
        return
    # a row may be left from a day whose cases were all withdrawn
    without_cases = daily_reports.update().where(
        *_of_day(office_code, day), daily_reports.c.reported == 0
    )
    if not connection.execute(without_cases.values(**values)).rowcount:
        raise CannotProceed("{code} has just reported cases on {day}", code=office_code, day=day)


def _of_day(office_code: str, day: date) -> tuple[ColumnElement[bool], ...]:
    return (daily_reports.c.office_code == office_code, daily_reports.c.reported_on == day)


def _entry(
    context: Context,
    key: str,
    action: AuditAction,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> dict[str, Any]:
    return audit.entry(
        at=context.now(),
        actor=context.actor,
        action=action,
        kind=Audited.DAILY_REPORTS,
        key=key,
        before=before,
        after=after,
    )


def fresh_zero_reports(context: Context, office_code: str) -> list[date]:
    """Return the days whose zero report the context's actor may still take back."""
    with reading(context.engine) as connection:
        return list(
            connection.scalars(
                select(daily_reports.c.reported_on)
                .where(*_is_fresh(context, office_code))
                .order_by(daily_reports.c.reported_on)
            )
        )


def take_zero_back(context: Context, office_code: str, day: date) -> None:
    """Take a zero report back: the day's report is missing again.

    Raises:
        CannotProceed: the actor made none for that day within `TAKEN_BACK_WITHIN`.
    """
    with writing(context.engine) as connection:
        gone = connection.execute(
            delete(daily_reports).where(
                *_is_fresh(context, office_code), daily_reports.c.reported_on == day
            )
        )
        if not gone.rowcount:
            raise CannotProceed(
                "the zero report of {day} can no longer be taken back. Bring the cases of that "
                "day: they take its place",
                day=day,
            )
        before, after = {"zero": True}, {"zero": False}
        entry = _entry(context, f"{office_code}/{day}", AuditAction.UPDATED, before, after)
        audit.append(connection, [entry])


def _is_fresh(context: Context, office_code: str) -> tuple[ColumnElement[bool], ...]:
    return (
        daily_reports.c.office_code == office_code,
        daily_reports.c.zero.is_(True),
        daily_reports.c.reported == 0,
        daily_reports.c.by == context.actor,
        daily_reports.c.at >= context.now() - TAKEN_BACK_WITHIN,
    )
