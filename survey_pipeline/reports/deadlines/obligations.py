"""Who owes what for each date: lead agencies, departments, the hotline centre. Pure.

Offices that are exempt, withdrawn or not valid in the period neither owe anything nor are waited
for. An agency that would deliver for none but these owes nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from survey_pipeline.reports.deadlines.appraised import AppraisedOffice, departments
from survey_pipeline.reports.deadlines.arrivals import Arrivals, Days
from survey_pipeline.reports.deadlines.judging import Deadline, Who, judge, standing
from survey_pipeline.reports.deadlines.plan import Term
from survey_pipeline.standard import Standard
from survey_pipeline.vocabulary import RANKED_GROUPS, CameAs, Category, Duty, HotlineGroup

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

    def nothing_on(self, term: Term, code: str = "", filed: date | None = None) -> date | None:
        """Return the first day on which it was said that there is nothing to bring.

        Args:
            term: of the period.
            code: the department; empty of the hotline centre.
            filed: the day of a filing that says so, if there is one.
        """
        key = (term.duty.value, code, term.period.first, term.period.last)
        days = [day for day in (self.arrivals.nothing.get(key), filed) if day is not None]
        return min(days, default=None)


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
    """Each department: what its own checks found, or the word that they found nothing."""
    for code, name in departments(valid).items():
        filings = situation.arrivals.filings.get((code, term.period.name))
        found, filed, last = _own_findings(situation, term, code)
        if filings is not None and filings.count:
            came = _Came(CameAs.RECORDS, filings.last_filed_on, filings.count)
        elif found:
            is_filed = filed == found
            came_as = CameAs.RECORDS if is_filed else CameAs.OUTSTANDING
            came = _Came(came_as, last, filed, expected=found)
        else:
            said = filings.nothing_found_on if filings is not None else None
            came = _nothing_or_outstanding(situation.nothing_on(term, code, said))
        yield came.judged(term, Who(name, code), situation.today)


def _own_findings(situation: Situation, term: Term, code: str) -> tuple[int, int, date | None]:
    """Return what a department found itself in a period: records, those filed, the last day."""
    days = [
        day
        for day in situation.arrivals.own_findings.get(code, ())
        if day.occurred_on in term.period
    ]
    last = max((day.last_filed_on for day in days if day.last_filed_on), default=None)
    return sum(day.found for day in days), sum(day.filed for day in days), last


@dataclass(frozen=True)
class _Came:
    """What came of a self-check or a hotline quarter, of which nothing may come as well."""

    came_as: CameAs
    last: date | None = None
    """The day on which the last of it came."""
    count: int = 0
    expected: int | None = None

    def judged(self, term: Term, who: Who, today: date) -> Deadline:
        """Return the deadline."""
        is_open = self.came_as is CameAs.OUTSTANDING
        return Deadline(
            term=term,
            who=who,
            part=None,
            state=standing(term.due, open_=is_open, last=self.last, today=today),
            days=abs((term.due - today).days) if is_open else None,
            came_on=self.last,
            came=self.count,
            expected=self.expected,
            missing=(),
            came_as=self.came_as,
        )


def _nothing_or_outstanding(said_on: date | None) -> _Came:
    return _Came(CameAs.OUTSTANDING if said_on is None else CameAs.NOTHING, said_on)


def _hotline(situation: Situation, term: Term, valid: Offices) -> Iterator[Deadline]:
    """The hotline centre: what is on record of the quarter; how much is to come is unknown."""
    if not valid:
        return
    days = [day for day in situation.arrivals.hotline if day.occurred_on in term.period]
    if days:
        count = sum(day.records for day in days)
        came = _Came(CameAs.RECORDS, min(day.came_on for day in days), count)
    else:
        came = _nothing_or_outstanding(situation.nothing_on(term))
    yield came.judged(term, Who(term.rule.who), situation.today)


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
