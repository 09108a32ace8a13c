"""Part D: the 12345 hotline. Deductions add up over the year, each group up to its cap."""

from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, StrictInt, model_validator

from survey_pipeline.i18n import N_
from survey_pipeline.standard.common import Deduction, Total, each_once, only_once, wrong
from survey_pipeline.standard.entry import Entry, Figure, Table, Words
from survey_pipeline.vocabulary import RANKED_GROUPS, HotlineGroup


class Cap(Entry):
    """A group of clauses and the cap of its deductions in a year."""

    cap: Annotated[Figure, Field(gt=0)]


class HotlinePeriod(Entry):
    """Over what deductions add up."""

    caps: Literal["year", "quarter"] = "year"
    """Whether a cap holds for the year, or for each quarter in proportion to its months."""


class HotlineClause(Deduction):
    """A clause of a group."""

    group: Words
    """The `clause` of its cap."""
    not_if_unreasonable: StrictBool = False
    """An unreasonable claim costs nothing here."""


class Rank(Entry):
    """The department's yearly rank: full points, less what its group loses by rank."""

    points: Annotated[Figure, Field(gt=0)]


class FreeRanks(Entry):
    """What a group loses by rank: nothing `until` a rank, then `each` for every further rank."""

    group: HotlineGroup
    until: Annotated[StrictInt, Field(ge=0)]
    each: Annotated[Figure, Field(gt=0)]


class Unranked(Entry):
    """What the rank is worth to a department that stands in neither ranking."""

    gives: Literal["full", "absent"]
    """`full`: all points, for there is no rank to deduct by; `absent`: no hotline score."""


class Hotline(Table):
    """Part D."""

    total: Total
    period: HotlinePeriod
    caps: tuple[Cap, ...] = Field(min_length=1)
    clauses: tuple[HotlineClause, ...] = Field(min_length=1)
    rank: Rank
    free: tuple[FreeRanks, ...] = Field(min_length=1)
    unranked: Unranked

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.rank.points + sum(cap.cap for cap in self.caps) != self.total.points:
            problem = N_("the caps and the points of the rank must add up to the total")
            raise wrong(problem, "total", "points")
        groups = {cap.clause for cap in self.caps}
        if {entry.group for entry in self.clauses} != groups:
            raise wrong(N_("every clause belongs to a cap, and every cap has a clause"), "clauses")
        only_once((entry.clause for entry in self.caps), "caps")
        only_once((entry.clause for entry in self.clauses), "clauses")
        if not each_once((entry.group for entry in self.free), RANKED_GROUPS):
            raise wrong(N_("write free ranks for every hotline group, once"), "free")
        return self

    def clause(self, name: str) -> HotlineClause | None:
        """Return a clause by its name."""
        return next((entry for entry in self.clauses if entry.clause == name), None)

    def free_until(self, group: HotlineGroup | str) -> FreeRanks:
        """Return up to which rank a group loses nothing."""
        return next(entry for entry in self.free if entry.group == group)
