"""Part G: the bonus for commendations, up to its cap."""

from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, model_validator

from survey_pipeline.i18n import N_
from survey_pipeline.standard.common import Part, Total, each_once, only_once, wrong
from survey_pipeline.standard.entry import Entry, Figure, Table
from survey_pipeline.vocabulary import AwardKind, AwardLevel


class LevelPoints(Entry):
    """What an award of a level is worth."""

    level: AwardLevel
    points: Annotated[Figure, Field(gt=0)]


class ParentAward(Part):
    """What an office gets of an award to its parent department."""

    handed_out: Literal["shared", "each", "whole"] = "shared"
    """`shared`: its offices get that part in sum; `each`: every one of them gets it; `whole`: every
    one gets it, as long as together they get no more than the whole award."""


class Halvings(Entry):
    """How several halvings of one award go together."""

    together: Literal["multiply", "once"]
    """`multiply`: each applies; `once`: the one that takes most off."""


class Highest(Entry):
    """Which of several awards for one piece of work is the highest."""

    by: Literal["points", "level"] = "points"
    """`points`: after halving; `level`: by its level, and among equal levels after halving."""


class Excluded(Entry):
    """A kind of award that gives nothing."""

    kind: AwardKind


class CoreFunction(Entry):
    """Awards count only for the office's core function."""

    blank: StrictBool
    """What a record counts as that does not say."""


class Bonus(Table):
    """Part G."""

    total: Total
    levels: tuple[LevelPoints, ...]
    no_document: Part
    person: Part
    parent: ParentAward
    """Handed out among the offices that carried the work."""
    halvings: Halvings | None = None
    """Without it they multiply."""
    confirmed: Entry
    """An award to the parent counts once it has confirmed it under seal."""
    highest: Highest
    """One piece of work counts once, at the highest."""
    excluded: tuple[Excluded, ...]
    core_function: CoreFunction
    documents: Entry
    """Formal documents alone, by their date of issue."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not each_once((entry.level for entry in self.levels), AwardLevel):
            raise wrong(N_("write the points of every level, once"), "levels")
        if any(entry.kind == AwardKind.COMMENDATION for entry in self.excluded):
            problem = N_("commendations are what gives points: they cannot be excluded")
            raise wrong(problem, "excluded")
        only_once((entry.clause for entry in self.levels), "levels")
        only_once((entry.kind for entry in self.excluded), "excluded")
        return self

    def level(self, level: AwardLevel | str) -> LevelPoints:
        """Return what a level is worth."""
        return next(entry for entry in self.levels if entry.level == level)

    def exclusion(self, kind: AwardKind | str) -> Excluded | None:
        """Return the entry by which a kind gives nothing; None if it counts."""
        return next((entry for entry in self.excluded if entry.kind == kind), None)
