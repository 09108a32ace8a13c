"""The day's case report as a deadline: what each office owes of past days, and today's. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from survey_pipeline.calendar import Calendar
from survey_pipeline.reports.deadlines.judging import Deadline, Who
from survey_pipeline.reports.deadlines.plan import Term, make_term
from survey_pipeline.reports.missing_reports import MissingReport, ReportingSpan
from survey_pipeline.standard import InForce
from survey_pipeline.standard.periods import Period
from survey_pipeline.vocabulary import DeadlineState, Duty


@dataclass(frozen=True)
class CaseReportDeadlines:
    """What a look at the daily reports needs beside what is missing."""

    years: Sequence[InForce]
    """The appraisal years looked at."""
    calendar: Calendar
    owing: Sequence[ReportingSpan]
    """The offices that owe reports, each with its days."""
    today: date

    def deadlines(self, missing: Sequence[MissingReport]) -> Iterator[Deadline]:
        """Yield one deadline per office that owes past days, and one for all offices' today."""
        for office in missing:
            past = [day for day in office.days if day < self.today]
            if past:
                yield self._owed_by(office, past)
        if self.calendar.is_working_day(self.today) and self._year_of(self.today):
            yield from self._today(missing)

    def _owed_by(self, office: MissingReport, days: Sequence[date]) -> Deadline:
        first, last = days[0], days[-1]
        name = f"{first}" if first == last else f"{first}..{last}"
        return Deadline(
            term=self._term(Period(name, first, last)),
            who=Who(office.name, office.office_code),
            part=None,
            state=DeadlineState.OVERDUE,
            days=(self.today - first).days,
            came_on=None,
            came=0,
            expected=len(days),
            missing=tuple(day.isoformat() for day in days),
        )

    def _today(self, missing: Sequence[MissingReport]) -> Iterator[Deadline]:
        period = Period(f"{self.today}", self.today, self.today)
        owing = [span.office_code for span in self.owing if self.today in span]
        absent = {office.office_code for office in missing if self.today in office.days}
        open_ = tuple(code for code in owing if code in absent)
        if owing:
            term = self._term(period)
            yield Deadline(
                term=term,
                who=Who(term.rule.who),
                part=None,
                state=DeadlineState.DUE if open_ else DeadlineState.MET,
                days=0 if open_ else None,
                came_on=None if open_ else self.today,
                came=len(owing) - len(open_),
                expected=len(owing),
                missing=open_,
            )

    def _term(self, period: Period) -> Term:
        """Return the date of the oldest report of a period; it belongs to that day's year."""
        year = self._year_of(period.first) or self.years[-1]
        rule = year.standard.duties.of(Duty.CASE_REPORT)
        return make_term(year, self.calendar, rule, period, [period.first, period.first])

    def _year_of(self, day: date) -> InForce | None:
        return next((year for year in self.years if day in year.standard.window), None)
