"""Part A: the satisfaction of those served."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StrictInt, model_validator

from survey_pipeline.calendar import first_day, next_month
from survey_pipeline.i18n import N_
from survey_pipeline.standard.common import Shift, Total, Values, wrong
from survey_pipeline.standard.entry import Entry, Figure, Label, Table
from survey_pipeline.standard.responsibility import Responsibilities, Responsibility
from survey_pipeline.vocabulary import Category, DeliveryMode


class Step(Table):
    """A row of the coefficient table: from so many cases a month (inclusive) on."""

    from_: Annotated[StrictInt, Field(ge=0, alias="from")]
    coefficient: Annotated[Figure, Field(gt=0, le=2)]
    """Above 1 a component still ends at its full points."""


def _falling(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Refuse a table of coefficients that has a hole or does not fall."""
    if any(above.from_ <= below.from_ for above, below in pairwise(steps)):
        raise ValueError(N_("write the steps from the largest volume down, each once"))
    if any(above.coefficient < below.coefficient for above, below in pairwise(steps)):
        raise ValueError(N_("a larger volume must not have a lower coefficient"))
    if steps[-1].from_ != 0:
        raise ValueError(N_("the last step must count from 0"))
    return steps


Steps = Annotated[tuple[Step, ...], Field(min_length=1), AfterValidator(_falling)]
"""A table of coefficients, from the largest volume down to 0."""


class CategorySteps(Table):
    """The table of one category, in place of the general one."""

    category: Category
    steps: Steps


class Coefficient(Entry):
    """The volume coefficient by cases reported per month."""

    steps: Steps
    """The general table."""
    by_category: tuple[CategorySteps, ...] = ()
    """Tables of categories that have one of their own."""

    @model_validator(mode="after")
    def _once(self) -> Self:
        named = [table.category for table in self.by_category]
        if len(set(named)) < len(named):
            raise wrong(N_("write the table of a category once"), "by_category")
        return self

    def steps_of(self, category: Category | str) -> tuple[Step, ...]:
        """Return the table that holds for a category: its own, else the general one."""
        own = (table.steps for table in self.by_category if table.category == category)
        return next(own, self.steps)

    def step(self, volume: Fraction | int, category: Category | str) -> Step:
        """Return the row for so many cases a month (a mean over months may be a fraction)."""
        return next(step for step in self.steps_of(category) if volume >= step.from_)


class NoRating(Entry):
    """What an office without ratings gets."""

    gives: Literal["absent"]
    """No score, and named as missing."""


class ResultsDue(Entry):
    """By which day of the following month a month's results are due."""

    day: Annotated[StrictInt, Field(ge=1, le=28)]


class Arrangement(Responsibility, Entry):
    """Who asks the citizens of an office, and whose results may be delivered."""

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

    @property
    def default_mode(self) -> DeliveryMode | None:
        """The mode of a delivery that names none; None where none may come in."""
        return self.delivered[0] if self.delivered else None


class Satisfaction(Table):
    """Part A: the satisfaction of those served."""

    total: Total
    values: Values
    coefficient: Coefficient
    no_rating: NoRating
    sample: Entry | None = None
    """That a part of the cases is asked about; how large, is a setting (`sampling`)."""
    quiet: Entry | None = None
    """That a citizen is left alone for a while (`sampling.quiet_days`)."""
    denominator: Entry | None = None
    """That the rate is of rated cases."""
    few_ratings: Entry | None = None
    """That few ratings give no rank in a month (`ranking.min_ratings`)."""
    counted_months: Entry | None = None
    """By which months the year's volume is divided."""
    due: ResultsDue
    due_shift: Shift
    carried_out: tuple[Arrangement, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _last_fits_all(self) -> Self:
        last = self.carried_out[-1]
        if last.category is not None or last.approval_service is not None:
            problem = N_("the last entry of carried_out must fit every office")
            raise wrong(problem, "carried_out", len(self.carried_out) - 1)
        return self

    def arrangement(self, category: Category | str, *, approval_service: bool) -> Arrangement:
        """Return who asks the citizens of such an office: the first entry that fits."""
        return self.responsibilities.of(category, approval_service=approval_service)

    @cached_property
    def responsibilities(self) -> Responsibilities[Arrangement]:
        """Who asks the citizens of every kind of office."""
        return Responsibilities(self.carried_out)

    def due_on(self, month: str, next_working_day: Callable[[date], date]) -> date:
        """Return the last day on which a month's delivered results are in time.

        Args:
            month: `YYYY-MM`.
            next_working_day: returns a day itself if it is a working day, else the next one.
        """
        nominal = next_month(first_day(month)).replace(day=self.due.day)
        return next_working_day(nominal) if self.due_shift.to == "next_working_day" else nominal
