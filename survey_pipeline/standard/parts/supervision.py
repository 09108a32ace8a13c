"""Part C: supervision starts at its full points; records deduct, never below the floor."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StrictInt, model_validator

from survey_pipeline.calendar import next_month
from survey_pipeline.i18n import N_, Message
from survey_pipeline.standard.common import (
    Count,
    Deduction,
    Factor,
    Part,
    Shift,
    Total,
    only_once,
    wrong,
)
from survey_pipeline.standard.entry import Entry, Figure, Table, Words
from survey_pipeline.vocabulary import Category


class OfClauses(Entry):
    """A rule that holds for some clauses."""

    clauses: tuple[Words, ...] = Field(min_length=1)


class Intermediaries(OfClauses):
    """Clauses about intermediaries (中介机构), and the categories of offices that are such."""

    categories: tuple[Category, ...] = Field(min_length=1)


class HeadFactor(Factor):
    """The factor on sanctions of the head of an office, and the clauses it holds for."""

    factor: Annotated[Figure, Field(ge=1)]
    clauses: tuple[Words, ...] = Field(min_length=1)
    applied: Literal["before_highest", "after_highest"] = "before_highest"
    """Whether the highest of a person's sanctions is taken of weighted or of plain deductions."""


class Filing(Count):
    """By which day (`count`) of a month parent departments file what their own checks found."""

    count: Annotated[StrictInt, Field(ge=1, le=28)]
    of: Literal["month_after", "next"] = "month_after"
    """`month_after`: of the month after the day; `next`: the first such day on or after it."""


class Material(Entry):
    """Required material that a parent department has not filed."""

    each: Annotated[Figure, Field(gt=0)]
    """Points of a record that carries none."""
    cap: Annotated[Figure, Field(gt=0)]
    """For one department in a year."""

    @model_validator(mode="after")
    def _room(self) -> Self:
        if self.each > self.cap:
            raise wrong(N_("one missing filing costs more than the cap"), "each")
        return self


class Burden(Part):
    """What part of it the department's selected offices bear."""

    borne: Literal["each", "together"]
    """`each` bears the whole part; `together` they share it evenly."""


class Supervision(Table):
    """Part C."""

    total: Total
    clauses: tuple[Deduction, ...] = Field(min_length=1)
    intermediaries: Intermediaries
    """Which clauses are taken for some categories of offices alone."""
    unrelated: OfClauses
    """No deduction where a sanction has nothing to do with the post and had no adverse effect."""
    self_found: OfClauses
    """None where the department found it itself, put it right, and filed it in time."""
    filing: Filing
    filing_shift: Shift
    highest: OfClauses
    """The same person and matter count once, at the highest deduction."""
    head: HeadFactor
    floor: Entry
    """`place` says that deductions end at nothing."""
    dates: Entry
    """Which day of a record must lie in the window."""
    material: Material
    burden: Burden

    @model_validator(mode="after")
    def _known(self) -> Self:
        names = [entry.clause for entry in self.clauses]
        only_once(names, "clauses")
        for rule in ("intermediaries", "unrelated", "self_found", "highest", "head"):
            clauses = getattr(self, rule).clauses
            only_once(clauses, rule, "clauses")
            for clause in clauses:
                if clause not in names:
                    no_such = Message("there is no clause {clause}", {"clause": clause})
                    raise wrong(no_such, rule, "clauses")
        return self

    def clause(self, name: str) -> Deduction | None:
        """Return a clause by its name."""
        return next((entry for entry in self.clauses if entry.clause == name), None)

    def excludes(self, clause: str, category: Category | str) -> bool:
        """Return whether a clause does not concern offices of a category (clause C3.2)."""
        rule = self.intermediaries
        return clause in rule.clauses and category not in rule.categories

    def filing_due_on(self, occurred_on: date, next_working_day: Callable[[date], date]) -> date:
        """Return the last day on which a self-check of that day is filed in time (clause C.n1).

        Args:
            occurred_on: the record's day; the filing day of the month after it counts.
            next_working_day: the calendar's word on a day: itself, or the next working day.
        """
        nominal = self._filing_day(occurred_on)
        return next_working_day(nominal) if self.filing_shift.to == "next_working_day" else nominal

    def _filing_day(self, occurred_on: date) -> date:
        day = self.filing.count
        if self.filing.of == "next" and occurred_on.day <= day:
            return occurred_on.replace(day=day)
        return next_month(occurred_on).replace(day=day)
