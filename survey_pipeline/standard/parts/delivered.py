"""Parts B and E: points and grades that lead agencies and parent departments deliver."""

from typing import Annotated, Literal, Self

from pydantic import Field, StrictInt, model_validator

from survey_pipeline.i18n import N_
from survey_pipeline.standard.common import Deliverer, Total, each_once, wrong
from survey_pipeline.standard.entry import Entry, Figure, Label, Table
from survey_pipeline.vocabulary import Category, Grade


class Performance(Table):
    """Part B: points from nothing to the total."""

    total: Total
    delivered_by: tuple[Deliverer, ...]

    @model_validator(mode="after")
    def _every_category(self) -> Self:
        if not each_once((entry.category for entry in self.delivered_by), Category):
            raise wrong(N_("write who delivers for every category, once"), "delivered_by")
        return self

    def source(self, category: Category | str) -> Label:
        """Return who delivers for a category."""
        return next(entry.by for entry in self.delivered_by if entry.category == category)


class GradePoints(Entry):
    """What a grade is worth."""

    grade: Grade
    points: Annotated[Figure, Field(ge=0)]


class Quota(Entry):
    """In which proportion a department may grade."""

    excellent: Annotated[Figure, Field(ge=0, le=1)]
    good: Annotated[Figure, Field(ge=0, le=1)]
    fair: Annotated[Figure, Field(ge=0, le=1)]

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.excellent + self.good + self.fair != 1:
            raise ValueError(N_("the shares must add up to 1"))
        return self


class QuotaRounding(Entry):
    """How the shares round for few offices."""

    always_excellent: Annotated[StrictInt, Field(ge=0)]
    """So many offices every department may call excellent, however few it has."""
    excellent: Literal["nearest", "down"] = "nearest"
    """How the excellent share rounds; the fair share rounds down."""


class ParentRating(Table):
    """Part E: grades from the parent department for one category, points for the others."""

    total: Total
    graded: Category
    grades: tuple[GradePoints, ...]
    quota: Quota
    quota_rounding: QuotaRounding
    delivered_by: tuple[Deliverer, ...]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not each_once((entry.grade for entry in self.grades), Grade):
            raise wrong(N_("write the points of every grade, once"), "grades")
        if any(entry.points > self.total.points for entry in self.grades):
            raise wrong(N_("a grade is worth more than the component"), "grades")
        best_first = [self.grade(grade).points for grade in Grade]
        if best_first != sorted(best_first, reverse=True):
            problem = N_("a better grade must not be worth less than a worse one")
            raise wrong(problem, "grades")
        others = set(Category) - {self.graded}
        if not each_once((entry.category for entry in self.delivered_by), others):
            problem = N_("write who delivers for every category without grades, once")
            raise wrong(problem, "delivered_by")
        return self

    def grade(self, grade: Grade | str) -> GradePoints:
        """Return what a grade is worth."""
        return next(entry for entry in self.grades if entry.grade == grade)

    def source(self, category: Category | str) -> Label:
        """Return who delivers points for a category."""
        return next(entry.by for entry in self.delivered_by if entry.category == category)
