"""What one body owes: a lead agency, a parent department, or the hotline centre. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from survey_pipeline.reports.deadlines.judging import Deadline
from survey_pipeline.vocabulary import Duty

OF_AGENCIES = frozenset({Duty.SATISFACTION, Duty.PERFORMANCE, Duty.PARENT_RATING})
OF_DEPARTMENTS = frozenset({Duty.SELF_CHECK, Duty.PARENT_RATING})
OF_HOTLINE_CENTRE = frozenset({Duty.HOTLINE, Duty.HOTLINE_RANK})


@dataclass(frozen=True)
class Debtor:
    """A body, as deadlines name who owes them."""

    duties: Collection[Duty]
    """What such a body owes: an office and a department may have one code."""
    code: str | None = None
    """Of a department."""
    name: str | None = None
    """Of a lead agency, in Chinese."""

    def owes(self, deadline: Deadline) -> bool:
        """Return whether a deadline is this body's."""
        who = deadline.who
        if deadline.term.duty not in self.duties or who.code != self.code:
            return False
        return self.name is None or who.in_locale("zh_CN") == self.name


def agency_debtor(name: str) -> Debtor:
    """Return a lead agency, by its Chinese name."""
    return Debtor(OF_AGENCIES, name=name)


def department_debtor(parent_code: str) -> Debtor:
    """Return a parent department."""
    return Debtor(OF_DEPARTMENTS, code=parent_code)


HOTLINE_CENTRE = Debtor(OF_HOTLINE_CENTRE)
"""There is one."""


def owed_by(debtor: Debtor, deadlines: Sequence[Deadline]) -> list[Deadline]:
    """Return the deadlines of one body, in the order of the list."""
    return [deadline for deadline in deadlines if debtor.owes(deadline)]
