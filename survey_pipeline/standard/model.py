"""A standard as a whole, and its part A; the other parts stand in `parts`."""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, Strict, StrictBool, StrictInt, model_validator

from survey_pipeline.calendar import first_day, next_month
from survey_pipeline.i18n import N_, Message
from survey_pipeline.standard.common import Shift, Total, Value, Values, only_once, wrong
from survey_pipeline.standard.figures import Entry, Figure, Label, Table, Words
from survey_pipeline.standard.parts.bonus import Bonus
from survey_pipeline.standard.parts.delivered import ParentRating, Performance
from survey_pipeline.standard.parts.duties import Duties
from survey_pipeline.standard.parts.hotline import Hotline
from survey_pipeline.standard.parts.review import OnlineReview
from survey_pipeline.standard.parts.supervision import Supervision
from survey_pipeline.vocabulary import Category, DeliveryMode, Duty

Day = Annotated[date, Strict()]
Who = Literal["ours", "others"]


class Window(Entry):
    """The appraisal year: from `after` (exclusive) to `until` (inclusive)."""

    after: Day
    until: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.after >= self.until:
            raise wrong(N_("the window ends before it begins"), "until")
        return self

    def __contains__(self, day: date) -> bool:
        return self.after < day <= self.until

    def moved(self, years: int) -> Self:
        """Return the window that many years later."""
        return self.model_copy(
            update={"after": _years_on(self.after, years), "until": _years_on(self.until, years)}
        )


class Rounding(Entry):
    """How a component is rounded when it is done, half up; inside it all is exact."""

    decimals: Literal[4]
    """The store keeps ten-thousandths."""
    shown: Literal[2]
    """Decimals that people are shown."""


class Step(Table):
    """A row of the coefficient table: from so many cases a month (inclusive) on."""

    from_: Annotated[StrictInt, Field(ge=0, alias="from")]
    coefficient: Annotated[Figure, Field(gt=0, le=1)]


class Coefficient(Entry):
    """The volume coefficient by cases reported per month."""

    adopted: StrictBool
    """Whether the office that runs the software has adopted the table; else it is as shipped."""
    steps: tuple[Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if any(above.from_ <= below.from_ for above, below in pairwise(self.steps)):
            raise wrong(N_("write the steps from the largest volume down, each once"), "steps")
        if any(above.coefficient < below.coefficient for above, below in pairwise(self.steps)):
            raise wrong(N_("a larger volume must not have a lower coefficient"), "steps")
        if self.steps[-1].from_ != 0:
            raise wrong(N_("the last step must count from 0"), "steps")
        return self

    def step(self, volume: Fraction | int) -> Step:
        """Return the row for so many cases a month (a mean over months may be a fraction)."""
        return next(step for step in self.steps if volume >= step.from_)


class NoRating(Entry):
    """What an office gets that nobody rated."""

    gives: Literal["absent"]
    """No score, and named as missing."""


class Due(Entry):
    """By which day of the following month a month's results are due."""

    day: Annotated[StrictInt, Field(ge=1, le=28)]


class Arrangement(Entry):
    """Who asks the citizens of an office, and whose results may be delivered."""

    category: Category | None = None
    """Empty: every category."""
    approval_service: StrictBool | None = None
    """Empty: with or without approval services."""
    survey: Who
    calls: Who
    delivered: tuple[DeliveryMode, ...]
    """Modes in which results may come in, the first where a row names none; empty: none may."""
    by: Label | None = None
    """Who delivers."""

    @model_validator(mode="after")
    def _named(self) -> Self:
        if bool(self.delivered) != (self.by is not None):
            raise ValueError(N_("name who delivers (by) exactly where results may be delivered"))
        if self.survey == "others" and self.calls == "ours":
            raise ValueError(N_("calls cannot be ours where the whole survey is not"))
        if self.calls == "others" and not self.delivered:
            raise ValueError(N_("what others carry out must come in: name the modes (delivered)"))
        return self

    def fits(self, category: Category | str, *, approval_service: bool) -> bool:
        """Say whether the entry speaks of such an office."""
        return self.category in (None, category) and self.approval_service in (
            None,
            approval_service,
        )

    @property
    def survey_is_ours(self) -> bool:
        """Whether we ask at all."""
        return self.survey == "ours"

    @property
    def calls_are_ours(self) -> bool:
        """Whether the call-backs are ours."""
        return self.calls == "ours"

    @property
    def waits_for_delivery(self) -> bool:
        """Whether a part of the month's answers can only come from others."""
        return not (self.survey_is_ours and self.calls_are_ours)


class Satisfaction(Table):
    """Part A: the satisfaction of those served."""

    total: Total
    values: Values
    coefficient: Coefficient
    no_rating: NoRating
    due: Due
    due_shift: Shift
    carried_out: tuple[Arrangement, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _everybody(self) -> Self:
        last = self.carried_out[-1]
        if last.category is not None or last.approval_service is not None:
            problem = N_("the last entry of carried_out must fit every office")
            raise wrong(problem, "carried_out", len(self.carried_out) - 1)
        return self

    def arrangement(self, category: Category | str, *, approval_service: bool) -> Arrangement:
        """Return who asks the citizens of such an office: the first entry that fits."""
        return self._by_kind[category, approval_service]

    @cached_property
    def _by_kind(self) -> Mapping[tuple[str, bool], Arrangement]:
        return {
            (category, service): next(
                entry
                for entry in self.carried_out
                if entry.fits(category, approval_service=service)
            )
            for category in Category
            for service in (False, True)
        }

    def due_on(self, month: str, next_working_day: Callable[[date], date]) -> date:
        """Return the last day on which a month's delivered results are in time.

        Args:
            month: `YYYY-MM`.
            next_working_day: the calendar's word on a day: itself, or the next working day.
        """
        nominal = next_month(first_day(month)).replace(day=self.due.day)
        return next_working_day(nominal) if self.due_shift.to == "next_working_day" else nominal


class Standard(Table):
    """A published standard."""

    id: Words
    year: Annotated[StrictInt, Field(ge=2000, le=2999)]
    title: Label
    text: Words
    """Where the published text stands."""
    published_on: Day
    window: Window
    rounding: Rounding
    daily: Total
    """What the components of the daily appraisal are worth together."""
    satisfaction: Satisfaction
    performance: Performance
    supervision: Supervision
    hotline: Hotline
    parent_rating: ParentRating
    review: OnlineReview
    bonus: Bonus
    duties: Duties

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        daily = (
            self.satisfaction.total.points
            + self.performance.total.points
            + self.supervision.total.points
            + self.hotline.total.points
            + self.parent_rating.total.points
        )
        if daily != self.daily.points:
            problem = Message("the daily components add up to {sum}", {"sum": daily})
            raise wrong(problem, "daily", "points")
        return self

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if not self.window.after.year <= self.year <= self.window.until.year:
            no_day = Message("the window has no day of {year}", {"year": self.year})
            raise wrong(no_day, "window")
        only_once(
            entry.clause
            for part in (
                self.supervision.clauses,
                (self.supervision.material,),
                self.hotline.caps,
                self.hotline.clauses,
                (self.hotline.rank,),
                self.bonus.levels,
            )
            for entry in part
        )
        self._same_deadlines()
        return self

    def _same_deadlines(self) -> None:
        """Refuse a deadline that two tables tell differently."""
        results, filing = self.satisfaction, self.supervision
        named = [entry.duty for entry in self.duties.due]
        for duty, day, shift in (
            (Duty.SATISFACTION, results.due.day, results.due_shift),
            (Duty.SELF_CHECK, filing.filing.count, filing.filing_shift),
        ):
            if (self.duties.of(duty).day, self.duties.shift.to) != (day, shift.to):
                differs = Message(
                    "the deadline of {duty} stands twice and differs: write the same day and the "
                    "same shift here and in its own part",
                    {"duty": duty.value},
                )
                raise wrong(differs, "duties", "due", named.index(duty))

    def moved_to(self, year: int) -> Self:
        """Return the standard with its window's dates in another appraisal year."""
        return self.model_copy(update={"year": year, "window": self.window.moved(year - self.year)})


def _years_on(day: date, years: int) -> date:
    if (day.month, day.day) == (2, 29):
        day = day.replace(day=28)
    return day.replace(year=day.year + years)


__all__ = [
    "Arrangement",
    "Label",
    "Satisfaction",
    "Standard",
    "Step",
    "Value",
    "Values",
    "Window",
]
