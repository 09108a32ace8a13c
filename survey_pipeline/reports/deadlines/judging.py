"""Where a deadline stands on a day: what is expected against what has come. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from survey_pipeline.reports.deadlines.plan import Term
from survey_pipeline.standard.entry import Label
from survey_pipeline.vocabulary import CameAs, Category, DeadlineState, HotlineGroup


@dataclass(frozen=True)
class Who:
    """Who owes it."""

    name: Label | str
    """A lead agency's name in both languages; a department's or an office's as on the register."""
    code: str | None = None
    """The department's or office's, where it is one."""

    def in_locale(self, locale: str) -> str:
        """Return the name in a locale."""
        return self.name if isinstance(self.name, str) else self.name.in_locale(locale)


@dataclass(frozen=True)
class Deadline:
    """What is owed by a date, who owes it, and where it stands."""

    term: Term
    who: Who
    part: Category | HotlineGroup | None
    """The category of offices, or the group of departments, that it is about."""
    state: DeadlineState
    days: int | None
    """Until it is due, or since it was; None if nothing is missing."""
    came_on: date | None
    """The day on which the last of what has come came."""
    came: int
    """How many of `expected` have come."""
    expected: int | None
    """How many are to come; None if that cannot be known."""
    missing: tuple[str, ...]
    """Codes of what has not come: offices, departments, records or days."""
    came_as: CameAs | None = None
    """What came of a self-check or a hotline quarter; None of the other duties."""

    @property
    def is_open(self) -> bool:
        """Whether something is still missing."""
        return self.state in {DeadlineState.OVERDUE, DeadlineState.DUE}

    def due_within(self, days: int) -> bool:
        """Return whether it is overdue, or falls due within so many days."""
        if self.state is DeadlineState.OVERDUE:
            return True
        return self.state is DeadlineState.DUE and self.days is not None and self.days <= days


def judge(
    term: Term,
    who: Who,
    part: Category | HotlineGroup | None,
    *,
    expected: Collection[str],
    came: Mapping[str, date],
    today: date,
) -> Deadline:
    """Hold what is expected against what has come.

    Args:
        term: the date.
        who: who owes it.
        part: what it is about.
        expected: codes of all that is to come.
        came: code -> the day it came; codes that are not expected do not matter.
        today: the day on which the question is asked.
    """
    here = {code: came[code] for code in expected if code in came}
    missing = tuple(sorted(code for code in expected if code not in came))
    last = max(here.values(), default=None)
    state = standing(term.due, open_=bool(missing), last=last, today=today)
    return Deadline(
        term=term,
        who=who,
        part=part,
        state=state,
        days=abs((term.due - today).days) if missing else None,
        came_on=last,
        came=len(here),
        expected=len(expected),
        missing=missing,
    )


def standing(due: date, *, open_: bool, last: date | None, today: date) -> DeadlineState:
    """Return the state: the last day itself is in time."""
    if open_:
        return DeadlineState.OVERDUE if today > due else DeadlineState.DUE
    return DeadlineState.MET_LATE if last is not None and last > due else DeadlineState.MET
