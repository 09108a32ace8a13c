"""The offices of a year's review: by quota from the daily ranking, or from a list with reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.stages.review.manual import NamedOffice
from survey_pipeline.stages.review.quota import OfficeCandidate, choose
from survey_pipeline.stages.review.steps import found, locked, log, note
from survey_pipeline.standard.load import FOLDER, standard_for
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import offices, review_offices
from survey_pipeline.validity import valid_on_sql
from survey_pipeline.vocabulary import Category

QUOTA, MANUAL = "quota", "manual"


@dataclass(frozen=True)
class SelectedOffice:
    """An office that takes part, and why."""

    office_code: str
    name: str
    category: str
    daily: int | None
    """Ten-thousandths of a point."""
    place: int | None
    """In the daily ranking of its category; equal points share one."""
    reason: str | None
    """Of a list by hand."""


@dataclass(frozen=True)
class Selection:
    """A year's selection, made now or before."""

    year: int
    done_before: bool
    way: str
    by: str
    offices: tuple[SelectedOffice, ...]
    """By category, then place, then office_code."""


def select_offices(
    context: Context,
    year: int,
    daily: Mapping[str, int | None],
    *,
    score_version: int | None = None,
) -> Selection:
    """Select the year's offices by quota; what is selected already is only shown.

    Args:
        context: the workspace.
        year: the appraisal year.
        daily: office_code -> daily points in ten-thousandths, provisional ones too; an office that
            is missing, or has none, stands behind all that have some.
        score_version: which version of the year's score these points are.

    Raises:
        CannotProceed: the standard wants a list by hand, or no office is on the register.
    """
    rule = standard_for(
        year, context.settings.standards, context.home / FOLDER
    ).standard.review.selection
    wanted = context.settings.review.offices
    with writing(context.engine) as connection:
        review = locked(connection, year)
        if review.selected_at is not None:
            return _stored(connection, review, done_before=True)
        if rule.way == MANUAL:
            raise CannotProceed(
                "the standard of {year} has the offices selected by hand. Write a list and run: "
                "survey-pipeline review select --manual FILE",
                year=year,
            )
        candidates = [
            OfficeCandidate(office.office_code, office.category, daily.get(office.office_code))
            for office in _eligible(connection, context.today())
        ]
        rows = [vars(office) for office in choose(candidates, wanted, rule.least)]
        _store(connection, context, year, rows, QUOTA, score_version)
    return selected(context, year)


def select_by_hand(context: Context, year: int, named: Sequence[NamedOffice]) -> Selection:
    """Select the offices of a list; what is selected already is only shown.

    Raises:
        CannotProceed: one of them is not on the register, closed or exempt; nothing is stored.
    """
    with writing(context.engine) as connection:
        review = locked(connection, year)
        if review.selected_at is not None:
            return _stored(connection, review, done_before=True)
        eligible = {
            candidate.office_code: candidate for candidate in _eligible(connection, context.today())
        }
        for office in named:
            if office.office_code not in eligible:
                raise CannotProceed(
                    "row {row}: {code} cannot be selected: it is not on the register, closed or "
                    "exempt. Nothing was selected",
                    row=office.row,
                    code=office.office_code,
                )
        rows = [
            {
                "office_code": office.office_code,
                "category": eligible[office.office_code].category,
                "reason": office.reason,
            }
            for office in named
        ]
        _store(connection, context, year, rows, MANUAL, None)
    return selected(context, year)


def selected(context: Context, year: int) -> Selection:
    """Return a year's selection.

    Raises:
        CannotProceed: there is none.
    """
    with reading(context.engine) as connection:
        review = found(connection, year)
        if review is None or review.selected_at is None:
            raise CannotProceed(
                "no offices are selected for the online review of {year}. Run: survey-pipeline "
                "review select --year {year}",
                year=year,
            )
        return _stored(connection, review, done_before=False)


def selected_before(context: Context, year: int) -> Selection | None:
    """Return a selection that was made already, or nothing."""
    with reading(context.engine) as connection:
        review = found(connection, year)
        if review is None or review.selected_at is None:
            return None
        return _stored(connection, review, done_before=True)


def _eligible(connection: Connection, today: date) -> list[Row[Any]]:
    """Return the offices that can take part: on the register today, and not exempt."""
    query = select(offices.c.office_code, offices.c.category).where(
        offices.c.withdrawn_at.is_(None),
        or_(offices.c.exempt_reason.is_(None), offices.c.exempt_reason == ""),
        valid_on_sql(offices.c, today),
    )
    return list(connection.execute(query))


def _store(
    connection: Connection,
    context: Context,
    year: int,
    rows: Sequence[Mapping[str, Any]],
    way: str,
    score_version: int | None,
) -> None:
    if not rows:
        raise CannotProceed(
            "no office on the register can take part. Import them first: survey-pipeline import "
            "offices FILE"
        )
    connection.execute(review_offices.insert(), [{"year": year, **row} for row in rows])
    wanted = context.settings.review.offices
    note(
        connection,
        year,
        selected_at=context.now(),
        selected_by=context.actor,
        way=way,
        wanted_offices=wanted,
        score_version=score_version,
    )
    chosen = {"way": way, "offices": sorted(row["office_code"] for row in rows)}
    log(connection, context, year, "select", {**chosen, "score_version": score_version})


def _stored(connection: Connection, review: Row[Any], *, done_before: bool) -> Selection:
    rows = connection.execute(
        select(review_offices, offices.c.name)
        .join(offices, offices.c.office_code == review_offices.c.office_code)
        .where(review_offices.c.year == review.year)
    )
    order = [category.value for category in Category]
    chosen = [
        SelectedOffice(row.office_code, row.name, row.category, row.daily, row.place, row.reason)
        for row in rows
    ]
    chosen.sort(
        key=lambda office: (order.index(office.category), office.place or 0, office.office_code)
    )
    return Selection(review.year, done_before, review.way, review.selected_by, tuple(chosen))
