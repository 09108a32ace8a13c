"""The reminder (催报单): who owes what since when, a part for each responsible body.

What offices owe of their daily reports stands under their parent department, which has to see to
it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from survey_pipeline.context import Context
from survey_pipeline.papers.paper import (
    OutgoingPaper,
    common_fields,
    day_words,
    file_name,
    some,
    words_of,
)
from survey_pipeline.reports.deadlines import REMIND_AHEAD, Deadline, gather_deadlines
from survey_pipeline.reports.deadlines.appraised import AppraisedOffice, appraised_offices
from survey_pipeline.reports.deadlines.wording import DeadlineRow, is_an_offices, rows
from survey_pipeline.store.engine import reading
from survey_pipeline.vocabulary import DeadlineState, Duty

MOST_NAMES = 8
"""Names of what is missing in one row."""


@dataclass(frozen=True)
class Reminder:
    """What is overdue on a day, or falls due within `REMIND_AHEAD` days."""

    context: Context
    day: date
    locale: str

    def paper(self) -> OutgoingPaper:
        """Return the reminder."""
        near = gather_deadlines(self.context, self.day).within(REMIND_AHEAD).deadlines
        with reading(self.context.engine) as connection:
            register = appraised_offices(connection)
        of_bodies = [each for each in near if each.term.duty is not Duty.CASE_REPORT]
        bodies = self._bodies(of_bodies, register)
        departments = self._departments([each for each in near if is_an_offices(each)], register)
        late = sum(deadline.state is DeadlineState.OVERDUE for deadline in near)
        due = sum(deadline.state is DeadlineState.DUE for deadline in of_bodies)
        fields = {
            **common_fields(self.context, self.locale),
            "day": day_words(self.day, self.locale),
            "overdue": late,
            "due": due,
            "ahead": REMIND_AHEAD,
            "bodies": bodies,
            "departments": departments,
        }
        return OutgoingPaper("reminder", self.locale, file_name("reminder", self.day), fields)

    def _bodies(
        self, deadlines: Iterable[Deadline], register: Sequence[AppraisedOffice]
    ) -> list[dict[str, Any]]:
        """Return each body with what it owes, the one that is late the longest first."""
        names = _names(register)
        found: dict[str, list[Deadline]] = {}
        for deadline in deadlines:
            found.setdefault(deadline.who.in_locale(self.locale), []).append(deadline)
        return [
            {"name": name, "rows": [self._row(row, names) for row in rows(owed)]}
            for name, owed in found.items()
        ]

    def _row(self, row: DeadlineRow, names: Mapping[str, str]) -> dict[str, str]:
        missing = [names[code] for each in row.deadlines for code in each.missing if code in names]
        return {
            "what": row.what(self.locale),
            "period": words_of(row.periods, self.locale),
            "due": day_words(row.first.term.due, self.locale),
            "state": words_of(row.state, self.locale),
            "came": words_of(row.came, self.locale),
            "missing": some(list(dict.fromkeys(missing)), self.locale, MOST_NAMES),
        }

    def _departments(
        self, deadlines: Iterable[Deadline], register: Sequence[AppraisedOffice]
    ) -> list[dict[str, Any]]:
        """Return each department with its offices that owe daily reports."""
        offices = {office.office_code: office for office in register}
        found: dict[str, list[dict[str, str]]] = {}
        for row in rows(deadlines):
            for deadline in row.deadlines:
                office = offices[deadline.who.code or ""]
                found.setdefault(office.parent, []).append(self._office(office, deadline))
        return [{"name": name, "rows": owed} for name, owed in sorted(found.items())]

    def _office(self, office: AppraisedOffice, deadline: Deadline) -> dict[str, str]:
        period = deadline.term.period
        return {
            "office": office.name,
            "days": f"{deadline.expected or 0}",
            "first": day_words(period.first, self.locale),
            "last": day_words(period.last, self.locale),
        }


def _names(register: Iterable[AppraisedOffice]) -> dict[str, str]:
    """Return offices and departments by their codes."""
    known: dict[str, str] = {}
    for office in register:
        known[office.parent_code] = office.parent
        known[office.office_code] = office.name
    return known
