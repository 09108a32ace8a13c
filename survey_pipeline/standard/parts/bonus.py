"""Part G: the bonus for commendations, up to its cap."""

from typing import Annotated, Self

from pydantic import Field, StrictBool, model_validator

from survey_pipeline.standard.common import Factor, Total
from survey_pipeline.standard.figures import Entry, Figure, Table
from survey_pipeline.vocabulary import AwardKind, AwardLevel


class LevelPoints(Entry):
    """What an award of a level is worth."""

    level: AwardLevel
    points: Annotated[Figure, Field(gt=0)]


class Excluded(Entry):
    """A kind of award that gives nothing."""

    kind: AwardKind


class CoreFunction(Entry):
    """Only what the office is mainly there for counts."""

    blank: StrictBool
    """What a record counts as that does not say."""


class Bonus(Table):
    """Part G."""

    total: Total
    levels: tuple[LevelPoints, ...]
    no_document: Factor
    person: Factor
    parent: Factor
    """Handed out among the offices that carried the work; the sum stays."""
    confirmed: Entry
    """An award to the parent counts once it has confirmed it under seal."""
    highest: Entry
    """One piece of work counts once, at the highest."""
    excluded: tuple[Excluded, ...]
    core_function: CoreFunction
    documents: Entry
    """Formal documents alone, by their date of issue."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if {entry.level for entry in self.levels} != set(AwardLevel):
            raise ValueError("write the points of every level, once")
        return self

    def level(self, level: AwardLevel | str) -> LevelPoints:
        """Return what a level is worth."""
        return next(entry for entry in self.levels if entry.level == level)

    def exclusion(self, kind: AwardKind | str) -> Excluded | None:
        """Return why a kind gives nothing; nothing where it counts."""
        return next((entry for entry in self.excluded if entry.kind == kind), None)
