"""Texts that ended badly, by office and down to the cases: whose file should be checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, Integer, and_, cast, func, select

from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.phones import masked
from survey_pipeline.reports.text_groups import ended_badly, title_of
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import cases, messages, offices, surveys

PAGE = 50
"""Cases of a page."""


@dataclass(frozen=True)
class FailedTextFilter:
    """Which texts are looked at: those of the cases drawn in a span, both ends included."""

    first: date
    last: date
    group: str = ""
    """A group of the day's page; every text that ended badly if empty."""

    def spanned(self) -> ColumnElement[bool]:
        """Return the condition that a survey was drawn in the span."""
        return surveys.c.drawn_on.between(self.first, self.last)


@dataclass(frozen=True)
class OfficeTexts:
    """An office and its texts."""

    office_code: str
    name: str
    bad: int
    texts: int

    @property
    def share(self) -> float:
        """Return which part of its texts ended badly."""
        return self.bad / self.texts


@dataclass(frozen=True)
class FailedCase:
    """A case whose text ended badly."""

    survey_id: int
    case_no: str
    drawn_on: date
    phone: str
    """Masked; empty once it is deleted."""
    title: Message
    at: datetime | None


@dataclass(frozen=True)
class FailedCases:
    """Some cases, the latest first."""

    cases: Sequence[FailedCase]
    older: int | None
    """Before which survey the next page begins; None on the last page."""


def failed_by_office(context: Context, wanted: FailedTextFilter) -> list[OfficeTexts]:
    """Return the offices with such texts, those with the most first."""
    bad = func.sum(cast(ended_badly(wanted.group), Integer))
    query = (
        select(surveys.c.office_code, func.coalesce(offices.c.name, ""), bad, func.count())
        .join(messages, messages.c.survey_id == surveys.c.id)
        .outerjoin(offices, offices.c.office_code == surveys.c.office_code)
        .where(wanted.spanned())
        .group_by(surveys.c.office_code, offices.c.name)
        .having(bad > 0)
        .order_by(bad.desc(), surveys.c.office_code)
    )
    with reading(context.engine) as connection:
        return [OfficeTexts(*row) for row in connection.execute(query)]


def failed_cases(
    context: Context, wanted: FailedTextFilter, office_code: str, *, before: int | None = None
) -> FailedCases:
    """Return an office's cases whose texts ended badly, a page of them.

    Args:
        context: the workspace.
        wanted: which texts.
        office_code: of the office.
        before: older than this survey; the latest cases if None.
    """
    where = [wanted.spanned(), surveys.c.office_code == office_code, ended_badly(wanted.group)]
    if before is not None:
        where.append(surveys.c.id < before)
    with reading(context.engine) as connection:
        found = _cases(connection, context, where)
    shown = found[:PAGE]
    return FailedCases(shown, shown[-1].survey_id if len(found) > PAGE else None)


def _cases(
    connection: Connection, context: Context, where: Sequence[ColumnElement[bool]]
) -> list[FailedCase]:
    the_case = and_(
        cases.c.office_code == surveys.c.office_code, cases.c.case_no == surveys.c.case_no
    )
    query = (
        select(
            surveys.c.id,
            surveys.c.case_no,
            surveys.c.drawn_on,
            func.coalesce(messages.c.phone, cases.c.phone).label("phone"),
            messages.c.state,
            messages.c.reason,
            messages.c.settled_at,
        )
        .join(messages, messages.c.survey_id == surveys.c.id)
        .outerjoin(cases, the_case)
        .where(*where)
        .order_by(surveys.c.id.desc(), messages.c.id)
        .limit(PAGE + 1)
    )
    return [
        FailedCase(
            row.id,
            row.case_no,
            row.drawn_on,
            masked(context.keys.decrypt(row.phone)) if row.phone else "",
            title_of(row.state, row.reason or ""),
            row.settled_at,
        )
        for row in connection.execute(query)
    ]
