"""Part A: points = 30 x R x k, with the lines that make them up.

Source: specification, section 14.A.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from survey_pipeline.i18n import N_, Message
from survey_pipeline.scoring.counted import Counted
from survey_pipeline.scoring.facts import Answers
from survey_pipeline.scoring.lines import Line, add_up
from survey_pipeline.scoring.numbers import DECIMALS, exact, fixed, plain, to_units
from survey_pipeline.scoring.records import more_than
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.parts.satisfaction import Satisfaction, Step
from survey_pipeline.statistics.intervals import Interval, wilson
from survey_pipeline.vocabulary import Category, Rating

COMPONENT = "satisfaction"
OF_THE_RATED = N_("{total} x {value} x {count} / {rated}")
"""An answer's part of the full points: total x value x its count / all rated cases."""
VOLUME = N_("{volume} cases in the month, not fewer than {first}: coefficient {coefficient}")
LOWEST_VOLUME = N_("{volume} cases in the month, fewer than {before}: coefficient {coefficient}")
MEAN_VOLUME = N_("{volume} cases a month, not fewer than {first}: coefficient {coefficient}")
LOWEST_MEAN_VOLUME = N_("{volume} cases a month, fewer than {before}: coefficient {coefficient}")


@dataclass(frozen=True)
class Volume:
    """How many cases an office reported a month."""

    cases: int
    months: int = 1
    """By how many months the cases are divided."""
    counted_from: str | None = None
    """The first month whose cases are in the sum; None for the volume of a single month."""

    @property
    def monthly(self) -> Fraction:
        """Cases a month, exact."""
        return Fraction(self.cases, self.months)


def mean_volume(months: Sequence[Counted], ended_months: int, counted_from: str) -> Volume:
    """Return the volume of several months.

    Args:
        months: what counts of each month; those before `counted_from` add no cases.
        ended_months: how many months from `counted_from` on have ended, at least one.
        counted_from: the first month that counts for the volume, `YYYY-MM`.
    """
    cases = sum(month.volume for month in months if month.month >= counted_from)
    return Volume(cases, ended_months, counted_from)


@dataclass(frozen=True)
class SatisfactionScore:
    """The score of one office over one month, or over several."""

    answers: Answers
    rate: Fraction | None
    """R, exact; None without ratings."""
    interval: Interval | None
    """95 %, beside the score and never in it."""
    volume: Fraction
    """Cases reported a month."""
    coefficient: Decimal
    """As the standard's file writes it."""
    line: Line

    @property
    def points(self) -> int | None:
        """Ten-thousandths of a point; None without ratings."""
        return None if self.line.points is None else to_units(self.line.points)


def rate_of(standard: Satisfaction, answers: Answers) -> Fraction | None:
    """Return R: the sum of the answers' values over the number of rated cases."""
    if not answers.rated:
        return None
    return worth_of(standard, answers) / answers.rated


def worth_of(standard: Satisfaction, answers: Answers) -> Fraction:
    """Return the sum of the answers' values."""
    return Fraction(sum(standard.values.of(r).value * answers.of(r) for r in Rating))


def score_satisfaction(
    standard: Standard, category: Category, months: Sequence[Counted], volume: Volume
) -> SatisfactionScore:
    """Score an office.

    Args:
        standard: the standard in force.
        category: the office's, for its table of coefficients.
        months: what counts of each month; all their rated cases are pooled.
        volume: how many cases it reported a month.
    """
    rules = standard.satisfaction
    answers = sum((month.answers for month in months), Answers())
    step = rules.coefficient.step(volume.monthly, category)
    rate = rate_of(rules, answers)
    head = Line(
        COMPONENT,
        rules.total.clause,
        rules.total.label,
        count=answers.rated,
        rate=rate,
        factor=Fraction(step.coefficient),
    )
    left_out = [line for month in months for line in _uncounted(rules, month)]
    if rate is None:
        line = replace(head, note=Message(NO_RATING), children=tuple(left_out))
        return SatisfactionScore(answers, None, None, volume.monthly, step.coefficient, line)
    full = exact(rules.total.points)
    parts = [
        *_answer_lines(rules, months, answers),
        _volume_line(rules, category, rate, volume),
        *more_than(COMPONENT, rules.total, full, full * rate * exact(step.coefficient), said=FULL),
        *left_out,
    ]
    line = add_up(head, parts, standard.rounding)
    line = replace(line, note=_arithmetic(rules, answers, step))
    interval = wilson(rate, answers.rated)
    return SatisfactionScore(answers, rate, interval, volume.monthly, step.coefficient, line)


def _answer_lines(rules: Satisfaction, months: Sequence[Counted], answers: Answers) -> list[Line]:
    """Return a line for each kind of answer: its points before the coefficient."""
    lines = []
    for rating in Rating:
        entry = rules.values.of(rating)
        each = Fraction(rules.total.points * entry.value) / answers.rated
        lines.append(
            Line(
                COMPONENT,
                entry.clause,
                entry.label,
                points=each * answers.of(rating),
                count=answers.of(rating),
                rate=each,
                note=_worth(rules, rating, answers),
                evidence=_who_said_so(months, rating),
            )
        )
    return lines


def _worth(rules: Satisfaction, rating: Rating, answers: Answers) -> Message:
    return Message(
        OF_THE_RATED,
        {
            "total": plain(Fraction(rules.total.points)),
            "value": rules.values.of(rating).value,
            "count": answers.of(rating),
            "rated": answers.rated,
        },
    )


def _who_said_so(months: Sequence[Counted], rating: Rating) -> tuple[Message, ...]:
    sms = sum(month.sms.of(rating) for month in months)
    phone = sum(month.phone.of(rating) for month in months)
    evidence = []
    if sms:
        evidence.append(Message("{count} by SMS", {"count": sms}))
    if phone:
        evidence.append(Message("{count} on the phone", {"count": phone}))
    evidence.extend(
        Message(
            "{count} delivered by {source} on {day}",
            {
                "count": month.elsewhere.of(rating),
                "source": month.delivery.source,
                "day": month.delivery.delivered_on,
            },
        )
        for month in months
        if month.delivery and month.elsewhere.of(rating)
    )
    evidence.extend(
        Message(
            "{count} delivered case by case by {source}, the last on {day}",
            {
                "count": month.elsewhere.of(rating),
                "source": month.results.source,
                "day": month.results.delivered_on,
            },
        )
        for month in months
        if month.results and month.elsewhere.of(rating)
    )
    return tuple(evidence)


def _volume_line(rules: Satisfaction, category: Category, rate: Fraction, volume: Volume) -> Line:
    """Return the line of what the coefficient adds or takes off: 30 x R x (k - 1)."""
    step = rules.coefficient.step(volume.monthly, category)
    return Line(
        COMPONENT,
        rules.coefficient.clause,
        rules.coefficient.label,
        points=rate * Fraction(rules.total.points * (step.coefficient - 1)),
        factor=Fraction(step.coefficient),
        note=_why(rules.coefficient.steps_of(category), step, volume),
        evidence=(_reported(volume),),
    )


def _why(steps: Sequence[Step], step: Step, volume: Volume) -> Message:
    """Return the monthly volume beside the bound that decides the coefficient."""
    before = next((above for above, below in pairwise(steps) if below is step), None)
    at_least, fewer = VOLUME, LOWEST_VOLUME
    if volume.counted_from is not None:
        at_least, fewer = MEAN_VOLUME, LOWEST_MEAN_VOLUME
    cases = volume.monthly
    return Message(
        at_least if step.from_ or before is None else fewer,
        {
            "volume": fixed(cases, 1) if cases.denominator > 1 else plain(cases),
            "first": step.from_,
            "coefficient": step.coefficient,
            "before": before.from_ if before else "",
        },
    )


def _reported(volume: Volume) -> Message:
    text = N_("{cases} cases reported; months ended: {months}")
    if volume.counted_from:
        text = N_("{cases} cases reported from {counted_from} on; months ended: {months}")
    return Message(text, vars(volume))


def _uncounted(rules: Satisfaction, month: Counted) -> list[Line]:
    return [
        Line(
            COMPONENT,
            rules.total.clause,
            rules.total.label,
            count=left.answers.rated,
            note=left.why,
            counted=False,
        )
        for left in month.left_out
    ]


def _arithmetic(rules: Satisfaction, answers: Answers, step: Step) -> Message:
    """Write out the points; R itself, or the division that gives it where it has no end."""
    worth, full = worth_of(rules, answers), exact(rules.total.points)
    given = full * worth / answers.rated * exact(step.coefficient)
    values: dict[str, object] = {
        "total": plain(full),
        "coefficient": step.coefficient,
        "points": fixed(given, DECIMALS),
    }
    rate = plain(worth / answers.rated)
    written = Message(BY_DIVISION, {**values, "worth": plain(worth), "rated": answers.rated})
    if "/" not in rate:
        written = Message(BY_RATE, {**values, "rate": rate})
    if given > full:
        return Message(CAPPED, {"arithmetic": written, "full": plain(full)})
    return written


BY_RATE = N_("{total} x {rate} x {coefficient} = {points}")
BY_DIVISION = N_("{total} x {worth} / {rated} x {coefficient} = {points}")
CAPPED = N_("{arithmetic}; {full} is the most")
FULL = N_("{given} would be given, and {full} is the most")
NO_RATING = N_(
    "nobody rated a case, so there is no satisfaction score: absent and missing, not zero"
)
