"""Who owes what for each date: lead agencies, departments, the hotline centre. Pure.

Offices that are exempt, withdrawn or not valid in the period neither owe anything nor are waited
for. An agency that would deliver for none but these owes nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from survey_pipeline.reports.deadlines.appraised import AppraisedOffice, departments
from survey_pipeline.reports.deadlines.arrivals import Arrivals, Days
from survey_pipeline.reports.deadlines.judging import Deadline, Who, judge, standing
from survey_pipeline.reports.deadlines.plan import Term
from survey_pipeline.standard import Standard
from survey_pipeline.vocabulary import (
    RANKED_GROUPS,
    Category,
    DeadlineState,
    Duty,
    HotlineGroup,
)

Part = Category | HotlineGroup | None
Offices = Sequence[AppraisedOffice]


@dataclass(frozen=True)
class Situation:
    """What a year's deadlines are judged by."""

    standard: Standard
    register: Offices
    """All appraised offices, whenever valid."""
    arrivals: Arrivals
    today: date

    def judged(
        self, term: Term, who: Who, part: Part, expected: Sequence[str], came: Days
    ) -> Iterator[Deadline]:
        """Yield the deadline, if there is anything to come."""
        if expected:
            yield judge(term, who, part, expected=expected, came=came, today=self.today)


def owed(situation: Situation, term: Term) -> Iterator[Deadline]:
    """Yield what is owed by one date, one deadline for each who owes something."""
    valid = [office for office in situation.register if office.within(term.period)]
    yield from _OWED[term.duty](situation, term, valid)


def _satisfaction(situation: Situation, term: Term, valid: Offices) -> Iterator[Deadline]:
    """Each lead agency for the offices whose results it may deliver.

    Source: specification, section 14.H.
    """
    rules = situation.standard.satisfaction
    came = situation.arrivals.satisfaction.get(term.period.name, {})
    expected: dict[int, list[str]] = {}
    for office in valid:
        entry = rules.arrangement(office.category, approval_service=office.approval_service)
        expected.setdefault(id(entry), []).append(office.office_code)
    for entry in rules.carried_out:
        if entry.by is not None:
            codes = expected.get(id(entry), ())
            yield from situation.judged(term, Who(entry.by), entry.category, codes, came)


def _self_check(situation: Situation, term: Term, valid: Offices) -> Iterator[Deadline]:
    """Each department: what its own checks found is filed, or nothing was."""
    for code, name in departments(valid).items():
        yield _filing(situation, term, Who(name, code))


def _filing(situation: Situation, term: Term, who: Who) -> Deadline:
    days = [
        filings
        for filings in situation.arrivals.filings.get(who.code or "", ())
        if filings.occurred_on in term.period
    ]
    found, filed = sum(filings.found for filings in days), sum(filings.filed for filings in days)
    last = max((filings.last_filed_on for filings in days if filings.last_filed_on), default=None)
    waiting = filed < found or not found
    state = standing(term.due, open_=waiting, last=last, today=situation.today)
    if not found and state is DeadlineState.OVERDUE:
        state = DeadlineState.NOTHING_FILED
    is_open = state in {DeadlineState.OVERDUE, DeadlineState.DUE}
    return Deadline(
        term=term,
        who=who,
        part=None,
        state=state,
        days=abs((term.due - situation.today).days) if is_open else None,
        came_on=last,
        came=filed,
        expected=found or None,
        missing=(),
    )


def _hotline(situation: Situation, term: Term, valid: Offices) -> Iterator[Deadline]:
    """The hotline centre: what is on record of the quarter; how much is to come is unknown."""
    days = [day for day in situation.arrivals.hotline if day.occurred_on in term.period]
    came = {term.period.name: min(day.came_on for day in days)} if days else {}
    expected = [term.period.name] if valid else []
    for deadline in situation.judged(term, Who(term.rule.who), None, expected, came):
        yield replace(deadline, came=sum(day.records for day in days), expected=None, missing=())


def _parent_rating(situation: Situation, term: Term, valid: Offices) -> Iterator[Deadline]:
    """Departments grade their offices of one category; lead agencies give points for the others."""
    rules = situation.standard.parent_rating
    graded = [office for office in valid if office.category is rules.graded]
    for code, name in departments(graded).items():
        own = [office.office_code for office in graded if office.parent_code == code]
        grades = situation.arrivals.grades
        yield from situation.judged(term, Who(name, code), rules.graded, own, grades)
    for entry in rules.delivered_by:
        who, codes = Who(entry.by), _of_category(valid, entry.category)
        yield from situation.judged(term, who, entry.category, codes, situation.arrivals.points)


def _performance(situation: Situation, term: Term, valid: Offices) -> Iterator[Deadline]:
    for entry in situation.standard.performance.delivered_by:
        who, codes = Who(entry.by), _of_category(valid, entry.category)
        came = situation.arrivals.performance
        yield from situation.judged(term, who, entry.category, codes, came)


def _of_category(valid: Offices, category: Category) -> list[str]:
    return [office.office_code for office in valid if office.category is category]


def _hotline_rank(situation: Situation, term: Term, valid: Offices) -> Iterator[Deadline]:
    """The hotline centre ranks the departments of each group that have appraised offices."""
    for group in RANKED_GROUPS:
        ranked = list(departments(office for office in valid if office.hotline_group is group))
        who = Who(term.rule.who)
        yield from situation.judged(term, who, group, ranked, situation.arrivals.ranks)


_OWED: Mapping[Duty, Callable[[Situation, Term, Offices], Iterator[Deadline]]] = {
    Duty.SATISFACTION: _satisfaction,
    Duty.SELF_CHECK: _self_check,
    Duty.HOTLINE: _hotline,
    Duty.PARENT_RATING: _parent_rating,
    Duty.PERFORMANCE: _performance,
    Duty.HOTLINE_RANK: _hotline_rank,
}
"""The daily report is not among them: it is owed by offices, day by day (`reports`)."""
