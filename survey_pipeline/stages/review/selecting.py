"""The offices of a year's review: by quota from the daily ranking, or from a list with reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.stages.review.daily import DailyPoints
from survey_pipeline.stages.review.gaps import refuse_gaps
from survey_pipeline.stages.review.manual import NamedOffice
from survey_pipeline.stages.review.quota import Ranked
from survey_pipeline.stages.review.quota_selection import (
    choose_by_quota,
    eligible_offices,
    selection_rule,
)
from survey_pipeline.stages.review.selection import (
    MANUAL,
    ORDINARY,
    QUOTA,
    Selection,
    SelectionRequest,
    selected,
    stored_selection,
)
from survey_pipeline.stages.review.steps import locked, note
from survey_pipeline.store import audit
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import review_offices, reviews
from survey_pipeline.vocabulary import AuditAction, Audited


def select_offices(
    context: Context, year: int, daily: DailyPoints, asked: SelectionRequest = ORDINARY
) -> Selection:
    """Select the year's offices by quota; what is selected already is only shown.

    Args:
        context: the workspace.
        year: the appraisal year.
        daily: the daily points; an office that has none stands behind all that have some.
        asked: whether provisionally, or again.

    Raises:
        CannotProceed: an office lacks a daily component and it was not asked for provisionally, it
            was asked for again after representatives were drawn, the standard wants a list by
            hand, or no office is on the register.
    """
    rule = selection_rule(context, year)
    with writing(context.engine) as connection:
        review = locked(connection, year)
        if (before := _made_before(connection, review, asked)) is not None:
            return before
        if rule.way == MANUAL:
            raise CannotProceed(
                "the standard of {year} has the offices selected by hand. Write a list and run: "
                "survey-pipeline review select --manual FILE",
                year=year,
            )
        chosen = choose_by_quota(connection, context, daily, rule)
        choice, gaps = chosen.choice, chosen.gaps
        if not asked.provisional:
            refuse_gaps(year, gaps)
        rows = [_row(office) for office in choice.chosen]
        found = {
            "min_ratings": context.settings.review.min_ratings,
            "passed_over": [_passed(office) for office in choice.passed_over],
            "unfilled": choice.unfilled,
            "lacking": {code: [*components] for code, components in gaps.items()},
        }
        _store(connection, context, review, _Made(rows, QUOTA, asked, daily.version, found))
    return selected(context, year)


def _row(office: Ranked) -> dict[str, Any]:
    return {name: value for name, value in vars(office).items() if name != "rated"}


def _passed(office: Ranked) -> dict[str, Any]:
    return {name: value for name, value in vars(office).items() if name != "daily"}


def select_by_hand(
    context: Context, year: int, named: Sequence[NamedOffice], asked: SelectionRequest = ORDINARY
) -> Selection:
    """Select the offices of a list; what is selected already is only shown.

    Raises:
        CannotProceed: one of them is not on the register, closed or exempt, or it was asked for
            again after representatives were drawn; nothing is stored.
    """
    with writing(context.engine) as connection:
        review = locked(connection, year)
        if (before := _made_before(connection, review, asked)) is not None:
            return before
        eligible = {
            candidate.office_code: candidate
            for candidate in eligible_offices(connection, context.today())
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
        _store(connection, context, review, _Made(rows, MANUAL, asked))
    return selected(context, year)


def _made_before(
    connection: Connection, review: Row[Any], asked: SelectionRequest
) -> Selection | None:
    """Return a selection that stays; None where there is none, or it is to be made again.

    Raises:
        CannotProceed: it is asked for again, and representatives are drawn.
    """
    if review.selected_at is None:
        return None
    if not asked.again:
        return stored_selection(connection, review, done_before=True)
    if review.drawn_at is not None:
        raise CannotProceed(
            "the offices of {year} stay as they are selected: its representatives are drawn "
            "already, by {by}",
            year=review.year,
            by=review.drawn_by,
        )
    return None


@dataclass(frozen=True)
class _Made:
    """A selection to store."""

    rows: Sequence[Mapping[str, Any]]
    way: str
    asked: SelectionRequest
    score_version: int | None = None
    found: Mapping[str, Any] = field(default_factory=dict)


def _store(connection: Connection, context: Context, review: Row[Any], made: _Made) -> None:
    """Store a selection in the place of the one before, and journal both."""
    if not made.rows:
        raise _nothing_to_select(made.found)
    before = None if review.selected_at is None else _journaled(connection, review.year)
    connection.execute(delete(review_offices).where(review_offices.c.year == review.year))
    connection.execute(review_offices.insert(), [{"year": review.year, **row} for row in made.rows])
    note(
        connection,
        review.year,
        selected_at=context.now(),
        selected_by=context.actor,
        way=made.way,
        wanted_offices=context.settings.review.offices,
        score_version=made.score_version,
        selection_reason=made.asked.reason,
        selection=dict(made.found),
    )
    _journal(connection, context, review.year, before, made.asked.reason)


def _journal(
    connection: Connection,
    context: Context,
    year: int,
    before: Mapping[str, Any] | None,
    reason: str | None,
) -> None:
    entry = audit.entry(
        at=context.now(),
        actor=context.actor,
        action=AuditAction.DECIDED,
        kind=Audited.REVIEW,
        key=f"{year}/select",
        before=before,
        after=_journaled(connection, year),
        reason=reason,
    )
    audit.append(connection, [entry])


def _nothing_to_select(found: Mapping[str, Any]) -> CannotProceed:
    if found.get("passed_over"):
        return CannotProceed(
            "no office has {least} rated cases in the year (review.min_ratings), so none can be "
            "selected. Lower the setting, or select by a list: survey-pipeline review select "
            "--manual FILE",
            least=found["min_ratings"],
        )
    return CannotProceed(
        "no office on the register can take part. Import them first: survey-pipeline import "
        "offices FILE"
    )


def _journaled(connection: Connection, year: int) -> dict[str, Any]:
    """Return a year's selection as the journal keeps it."""
    review = connection.execute(select(reviews).where(reviews.c.year == year)).one()
    codes = connection.scalars(
        select(review_offices.c.office_code).where(review_offices.c.year == year)
    )
    return {
        "way": review.way,
        "offices": sorted(codes),
        "score_version": review.score_version,
        **(review.selection or {}),
    }
