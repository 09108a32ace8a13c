"""A standard as a whole; its parts stand in `parts`."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StrictInt, model_validator

from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.i18n import N_, Message
from survey_pipeline.standard.common import Total, Value, Values, only_once, wrong
from survey_pipeline.standard.entry import Day, Entry, Label, Table, Words
from survey_pipeline.standard.parts.bonus import Bonus
from survey_pipeline.standard.parts.delivered import ParentRating, Performance
from survey_pipeline.standard.parts.documents import ImplementingRules
from survey_pipeline.standard.parts.duties import Duties
from survey_pipeline.standard.parts.hotline import Hotline
from survey_pipeline.standard.parts.review import OnlineReview
from survey_pipeline.standard.parts.satisfaction import Satisfaction
from survey_pipeline.standard.parts.supervision import Supervision
from survey_pipeline.vocabulary import Duty


class Window(Entry):
    """The appraisal year: from `after` (exclusive) to `until` (inclusive)."""

    after: Day
    until: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.after >= self.until:
            raise wrong(N_("the window ends before it begins"), "until")
        return self

    @property
    def first(self) -> date:
        """The first day that counts."""
        return self.after + ONE_DAY

    def __contains__(self, day: date) -> bool:
        return self.after < day <= self.until

    def moved(self, years: int) -> Self:
        """Return the window that many years later."""
        return self.model_copy(
            update={"after": _years_on(self.after, years), "until": _years_on(self.until, years)}
        )


class Rounding(Entry):
    """How a finished component is rounded, half up; inside it everything is exact."""

    decimals: Literal[4]
    """The store keeps ten-thousandths."""
    shown: Annotated[StrictInt, Field(ge=0)]
    """Decimals that people are shown."""

    @model_validator(mode="after")
    def _no_more_than_kept(self) -> Self:
        if self.shown > self.decimals:
            raise wrong(N_("more decimals are shown than are kept"), "shown")
        return self


class RankingRule(Entry):
    """How totals become ranks."""

    ties: Literal["share", "satisfaction"]
    """`share`: equal totals share a rank; `satisfaction`: its points decide between them."""


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
    ranking: RankingRule | None = None
    """Without it equal totals share a rank."""
    satisfaction: Satisfaction
    performance: Performance
    supervision: Supervision
    hotline: Hotline
    parent_rating: ParentRating
    review: OnlineReview
    bonus: Bonus
    duties: Duties
    documents: tuple[ImplementingRules, ...] = ()
    """The implementing rules that govern performance points and parent points."""

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
        """Refuse a deadline that differs between two tables."""
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
    "Label",
    "Standard",
    "Value",
    "Values",
    "Window",
]
