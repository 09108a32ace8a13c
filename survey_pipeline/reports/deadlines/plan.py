"""Every date of an appraisal year by which something is owed; pure, but for the calendar.

Source: specification, section 14.H. `standard.periods` has the months and quarters of a year.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from survey_pipeline.calendar import Calendar, next_month
from survey_pipeline.standard import InForce, Standard
from survey_pipeline.standard.parts.duties import Due
from survey_pipeline.standard.periods import Period, months, quarters, year_period
from survey_pipeline.vocabulary import Duty

Shift = Callable[[date], date]


@dataclass(frozen=True)
class Term:
    """A date by which a duty is to be done for a period."""

    rule: Due
    """The standard's entry: clause, label, who."""
    year: int
    """The appraisal year."""
    period: Period
    nominal: date
    """As the text has it."""
    due: date
    """The last day on which it is in time: the nominal one, or the working day after it."""
    unlisted: bool
    """No standard is listed for the year: the newest one's dates were moved to it."""
    unknown_years: tuple[int, ...]
    """Calendar years of the two dates whose working days are not known yet."""

    @property
    def duty(self) -> Duty:
        """What is owed."""
        return self.rule.duty

    @property
    def provisional(self) -> bool:
        """Whether the date may still change."""
        return self.unlisted or bool(self.unknown_years)


def terms(in_force: InForce, calendar: Calendar) -> list[Term]:
    """Return the dates of an appraisal year, by the day on which they fall due.

    The daily case report is not among them: `owing` looks at it day by day.

    Args:
        in_force: the standard of that year.
        calendar: working days; where it does not cover a date's year, the date is provisional.
    """
    standard = in_force.standard
    found = [
        make_term(in_force, calendar, rule, period, dates)
        for rule in standard.duties.due
        for period, *dates in _dates(standard, rule, calendar.next_working_day)
    ]
    return sorted(found, key=lambda term: (term.due, term.rule.clause, term.period.first))


def make_term(
    in_force: InForce, calendar: Calendar, rule: Due, period: Period, dates: Sequence[date]
) -> Term:
    """Return a date of an appraisal year.

    Args:
        in_force: the standard of that year.
        calendar: says whether the working days of the dates' years are known.
        rule: the standard's entry of the duty.
        period: what it is owed for.
        dates: the nominal date, and the moved one.
    """
    nominal, due = dates
    years = sorted({nominal.year, due.year})
    return Term(
        rule=rule,
        year=in_force.standard.year,
        period=period,
        nominal=nominal,
        due=due,
        unlisted=in_force.provisional,
        unknown_years=tuple(year for year in years if not calendar.covers(year)),
    )


def _dates(standard: Standard, rule: Due, shift: Shift) -> Iterator[tuple[Period, date, date]]:
    """Yield a duty's periods, each with its nominal and its moved date.

    Where another part of the standard decides what counts as late (satisfaction results, filings),
    that part's dates are the ones that hold.
    """
    if rule.duty is Duty.SATISFACTION:
        for period in months(standard.window):
            nominal = _day_after(period, standard.satisfaction.due.day)
            yield period, nominal, standard.satisfaction.due_on(period.name, shift)
        return
    if rule.duty is Duty.SELF_CHECK:
        rules = standard.supervision
        for period in months(standard.window):
            nominal = _day_after(period, rules.filing.count)
            yield period, nominal, rules.filing_due_on(period.last, shift)
        return
    for period in _periods(standard, rule):
        nominal = _nominal(standard, rule, period)
        yield period, nominal, standard.duties.moved(nominal, shift)


def _periods(standard: Standard, rule: Due) -> Iterator[Period]:
    if rule.every == "month":
        yield from months(standard.window)
    elif rule.every == "quarter":
        yield from quarters(standard.window)
    elif rule.every == "year":
        yield year_period(standard)


def _nominal(standard: Standard, rule: Due, period: Period) -> date:
    """Return the date as written: the year's is one of the calendar year of its name."""
    day = rule.day or 1  # `Due` sees to it that every duty but the daily one has its day
    if rule.every == "year":
        return date(standard.year, rule.month or 1, day)
    if rule.every == "quarter":  # one that the window cuts is due as long after its end
        return period.last + timedelta(days=day)
    return _day_after(period, day)


def _day_after(period: Period, day_of_month: int) -> date:
    return next_month(period.last).replace(day=day_of_month)
