"""Duties and their deadlines."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StrictInt, model_validator

from survey_pipeline.i18n import N_
from survey_pipeline.standard.common import Shift, each_once, wrong
from survey_pipeline.standard.entry import Entry, Label, Table
from survey_pipeline.vocabulary import Duty


class Due(Entry):
    """The deadline of a duty."""

    duty: Duty
    who: Label
    every: Literal["working_day", "month", "quarter", "year"]
    """`month` and `quarter`: the given day of the month after its end; `year`: a day and month."""
    day: Annotated[StrictInt, Field(ge=1, le=28)] | None = None
    month: Annotated[StrictInt, Field(ge=1, le=12)] | None = None

    @model_validator(mode="after")
    def _dated(self) -> Self:
        if (self.day is None) != (self.every == "working_day"):
            raise ValueError(
                N_("write the day of the month, except for what is due every working day")
            )
        if (self.month is None) != (self.every != "year"):
            raise ValueError(N_("write the month where, and only where, it is due once a year"))
        return self


class Duties(Table):
    """All deadlines."""

    shift: Shift
    due: tuple[Due, ...]

    @model_validator(mode="after")
    def _once(self) -> Self:
        if not each_once((entry.duty for entry in self.due), Duty):
            raise wrong(N_("write every duty, once"), "due")
        return self

    def of(self, duty: Duty) -> Due:
        """Return when a duty is due."""
        return next(entry for entry in self.due if entry.duty == duty)

    def moved(self, nominal: date, next_working_day: Callable[[date], date]) -> date:
        """Return a deadline, moved to the next working day if the standard says so."""
        return next_working_day(nominal) if self.shift.to == "next_working_day" else nominal
