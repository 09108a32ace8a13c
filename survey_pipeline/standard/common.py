"""Entries that several parts of a standard share, and checks that several parts make."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, StrictInt, model_validator

from survey_pipeline.i18n import N_, Message
from survey_pipeline.standard.entry import Entry, Figure, Label, Table
from survey_pipeline.vocabulary import Category, Per, Rating


class Total(Entry):
    """What a component is worth."""

    points: Annotated[Figure, Field(gt=0)]


class Value(Entry):
    """What one rated case is worth."""

    value: Annotated[Figure, Field(ge=0, le=1)]


class Values(Table):
    """The three answers."""

    satisfied: Value
    neutral: Value
    dissatisfied: Value

    @model_validator(mode="after")
    def _falling(self) -> Self:
        if not self.satisfied.value >= self.neutral.value >= self.dissatisfied.value:
            raise ValueError(N_("a better answer must not be worth less than a worse one"))
        return self

    def of(self, rating: Rating) -> Value:
        """Return the entry of one answer."""
        entry: Value = getattr(self, rating.value)
        return entry


class Shift(Entry):
    """How a deadline on a day off is treated."""

    to: Literal["next_working_day", "none"]


class Factor(Entry):
    """A factor that a rule multiplies by."""

    factor: Annotated[Figure, Field(gt=0)]


class Part(Factor):
    """A factor of at most 1."""

    factor: Annotated[Figure, Field(gt=0, le=1)]


class Deduction(Entry):
    """What one record of a clause costs: a fixed figure, or a range that the record's lie in."""

    per: Per
    points: Annotated[Figure, Field(gt=0)] | None = None
    least: Annotated[Figure, Field(gt=0)] | None = None
    most: Annotated[Figure, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ranged = self.least is not None and self.most is not None
        if (self.points is None) != ranged or (self.least is None) != (self.most is None):
            raise ValueError(N_("write either points, or least and most"))
        if self.least is not None and self.most is not None and self.least >= self.most:
            raise ValueError(N_("least must be below most"))
        return self

    def takes(self, points: Decimal) -> bool:
        """Return whether a record of this clause may carry these points; both ends are allowed."""
        if self.points is not None:
            return points == self.points
        assert self.least is not None  # noqa: S101 - `_one_way` has checked it; for the type checker
        assert self.most is not None  # noqa: S101
        return self.least <= points <= self.most


class Deliverer(Entry):
    """Who delivers the points of a category."""

    category: Category
    by: Label
    """Its name; what a file says as `source` is compared with both spellings."""


class Count(Entry):
    """A whole number that a rule counts by."""

    count: Annotated[StrictInt, Field(ge=0)]


def each_once(found: Iterable[str], wanted: Iterable[str]) -> bool:
    """Return whether exactly the wanted names are there, each once."""
    return sorted(found) == sorted(wanted)


def wrong(problem: str | Message, *where: str | int) -> ValueError:
    """Return the error of a check that looks at several keys.

    Args:
        problem: in words of the catalogue.
        where: the key that it is about, below the table that is checked.
    """
    return ValueError(problem, *where)


def only_once(names: Iterable[str], *where: str) -> None:
    """Refuse a clause that is listed twice.

    Args:
        names: the clauses.
        where: the list they stand in, below the table that is checked.

    Raises:
        ValueError: with a `Message` that names it.
    """
    seen: set[str] = set()
    for position, name in enumerate(names):
        if name in seen:
            twice = Message("the clause {clause} stands there twice", {"clause": name})
            raise wrong(twice, *where, *([position] if where else []))
        seen.add(name)
