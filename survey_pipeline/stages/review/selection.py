"""A year's selection for the online review, as it is asked for and as it was made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.stages.review.gaps import Gaps
from survey_pipeline.stages.review.steps import found
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import offices, review_offices
from survey_pipeline.typed import is_blank
from survey_pipeline.vocabulary import Category, Component

QUOTA, MANUAL = "quota", "manual"


@dataclass(frozen=True)
class SelectionRequest:
    """How a selection is asked for, beyond the ordinary."""

    provisional: bool = False
    """Although offices lack daily components."""
    again: bool = False
    """In place of the one that was made before."""
    reason: str | None = None

    def __post_init__(self) -> None:
        """Check that what is out of the ordinary has its reason.

        Raises:
            UsageError: it has none, or a reason comes without either.
        """
        unusual = self.provisional or self.again
        if unusual and is_blank(self.reason or ""):
            raise UsageError("--provisional and --again need a reason: add --reason REASON")
        if self.reason is not None and not unusual:
            raise UsageError("--reason belongs to --provisional or --again")


ORDINARY = SelectionRequest()


@dataclass(frozen=True)
class PassedOver:
    """An office that would have been selected, and has too few rated cases."""

    office_code: str
    category: str
    place: int
    rated: int


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
    reason: str | None = None
    """Why it is provisional, or was made again."""
    min_ratings: int = 0
    """Rated cases that an office needed; 0: the rule was off, or the list made by hand."""
    passed_over: tuple[PassedOver, ...] = ()
    unfilled: Mapping[str, int] = field(default_factory=dict)
    """Category -> places that no office with enough rated cases could take."""
    lacking: Gaps = field(default_factory=dict)
    """Offices that lacked daily components when it was made."""

    @property
    def provisional(self) -> bool:
        """Whether offices lacked daily components when it was made."""
        return bool(self.lacking)

    def found_json(self) -> dict[str, Any]:
        """Return how it was made and what it found, beside the offices themselves."""
        return {
            "way": self.way,
            "provisional": self.provisional,
            "reason": self.reason,
            "min_ratings": self.min_ratings,
            "passed_over": [vars(office) for office in self.passed_over],
            "unfilled": dict(self.unfilled),
            "lacking": [
                {"office_code": code, "missing": [component.value for component in components]}
                for code, components in self.lacking.items()
            ],
        }


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
        return stored_selection(connection, review, done_before=False)


def selected_before(context: Context, year: int) -> Selection | None:
    """Return a selection that was made already, or nothing."""
    with reading(context.engine) as connection:
        review = found(connection, year)
        if review is None or review.selected_at is None:
            return None
        return stored_selection(connection, review, done_before=True)


def stored_selection(connection: Connection, review: Row[Any], *, done_before: bool) -> Selection:
    """Read a selection that was made."""
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
    details = review.selection or {}
    return Selection(
        year=review.year,
        done_before=done_before,
        way=review.way,
        by=review.selected_by,
        offices=tuple(chosen),
        reason=review.selection_reason,
        min_ratings=details.get("min_ratings", 0),
        passed_over=tuple(PassedOver(**office) for office in details.get("passed_over", ())),
        unfilled=details.get("unfilled", {}),
        lacking={
            code: tuple(Component(component) for component in components)
            for code, components in details.get("lacking", {}).items()
        },
    )
