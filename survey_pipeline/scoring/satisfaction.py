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
from survey_pipeline.scoring.estimates import Interval, wilson
from survey_pipeline.scoring.facts import Answers
from survey_pipeline.scoring.lines import Line, add_up
from survey_pipeline.scoring.numbers import DECIMALS, fixed, plain, to_units
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.parts.satisfaction import Satisfaction, Step
from survey_pipeline.vocabulary import Rating

COMPONENT = "satisfaction"
OF_THE_RATED = N_("{total} x {value} x {count} / {rated}")
"""An answer's part of the full points: total x value x its count / all rated cases."""
VOLUME = N_("{volume} cases a month: from {first} on the coefficient is {coefficient}")
LOWEST_VOLUME = N_("{volume} cases a month: below {before} the coefficient is {coefficient}")


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
    standard: Standard, months: Sequence[Counted], ended_months: int = 1
) -> SatisfactionScore:
    """Score an office.

    Args:
        standard: the standard in force.
        months: what counts of each month; all their rated cases are pooled.
        ended_months: by how many months their cases are divided to give the monthly volume.
    """
    rules = standard.satisfaction
    answers = sum((month.answers for month in months), Answers())
    volume = Fraction(sum(month.volume for month in months), ended_months)
    step = rules.coefficient.step(volume)
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
        return SatisfactionScore(answers, None, None, volume, step.coefficient, line)
    parts = [
        *_answer_lines(rules, months, answers),
        _volume_line(rules, rate, volume, _reported(months, ended_months)),
        *left_out,
    ]
    line = add_up(head, parts, standard.rounding)
    line = replace(line, note=_arithmetic(rules, answers, step, line))
    interval = wilson(rate, answers.rated)
    return SatisfactionScore(answers, rate, interval, volume, step.coefficient, line)


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


def _volume_line(rules: Satisfaction, rate: Fraction, volume: Fraction, reported: Message) -> Line:
    """Return the line of what the coefficient takes off: 30 x R x (k - 1)."""
    steps, step = rules.coefficient.steps, rules.coefficient.step(volume)
    before = next((one for one, its_next in pairwise(steps) if its_next is step), None)
    return Line(
        COMPONENT,
        rules.coefficient.clause,
        rules.coefficient.label,
        points=rate * Fraction(rules.total.points * (step.coefficient - 1)),
        factor=Fraction(step.coefficient),
        note=Message(
            VOLUME if step.from_ or before is None else LOWEST_VOLUME,
            {
                "volume": fixed(volume, 1) if volume.denominator > 1 else plain(volume),
                "first": step.from_,
                "coefficient": step.coefficient,
                "before": before.from_ if before else "",
            },
        ),
        evidence=(reported,),
    )


def _reported(months: Sequence[Counted], ended_months: int) -> Message:
    return Message(
        "{cases} cases reported; months ended: {months}",
        {"cases": sum(month.volume for month in months), "months": ended_months},
    )


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


def _arithmetic(rules: Satisfaction, answers: Answers, step: Step, line: Line) -> Message:
    """Write out the points; R itself, or the division that gives it where it has no end."""
    values: dict[str, object] = {
        "total": plain(Fraction(rules.total.points)),
        "coefficient": step.coefficient,
        "points": fixed(line.points, DECIMALS),
    }
    worth = worth_of(rules, answers)
    rate = plain(worth / answers.rated)
    if "/" not in rate:
        return Message(BY_RATE, {**values, "rate": rate})
    return Message(BY_DIVISION, {**values, "worth": plain(worth), "rated": answers.rated})


BY_RATE = N_("{total} x {rate} x {coefficient} = {points}")
BY_DIVISION = N_("{total} x {worth} / {rated} x {coefficient} = {points}")
NO_RATING = N_(
    "nobody rated a case, so there is no satisfaction score: absent and missing, not zero"
)
