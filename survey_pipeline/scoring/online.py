"""Part F: the representatives' ballots on a selected office.

Source: specification, section 14.F.
"""

from dataclasses import replace
from fractions import Fraction

from survey_pipeline.i18n import N_, Message
from survey_pipeline.scoring.evidence import OnlineBallots
from survey_pipeline.scoring.facts import Answers
from survey_pipeline.scoring.lines import Line, add_up
from survey_pipeline.scoring.numbers import fixed, plain
from survey_pipeline.scoring.satisfaction import OF_THE_RATED
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.parts.review import OnlineReview
from survey_pipeline.vocabulary import Component, Rating

COMPONENT = Component.ONLINE.value


def score_online(standard: Standard, ballots: OnlineBallots | None) -> Line:
    """Score one selected office; there is no score before the review is closed.

    Args:
        standard: the standard in force.
        ballots: counts alone, no ballot.
    """
    rules = standard.review
    answers = ballots.answers if ballots else Answers()
    head = Line(COMPONENT, rules.total.clause, rules.total.label)
    if ballots is None or not ballots.closed:
        return replace(head, note=Message(NOT_CLOSED))
    if not answers.rated:
        return replace(head, note=Message(NO_BALLOT))
    worth = sum(rules.values.of(rating).value * answers.of(rating) for rating in Rating)
    line = add_up(
        replace(head, count=answers.rated, rate=Fraction(worth) / answers.rated),
        [_answer_line(rules, answers, rating) for rating in Rating],
        standard.rounding,
    )
    return replace(line, note=_arithmetic(standard, Fraction(worth), answers, line))


def _answer_line(rules: OnlineReview, answers: Answers, rating: Rating) -> Line:
    entry = rules.values.of(rating)
    each = Fraction(rules.total.points * entry.value) / answers.rated
    return Line(
        COMPONENT,
        entry.clause,
        entry.label,
        points=each * answers.of(rating),
        count=answers.of(rating),
        rate=each,
        note=Message(
            OF_THE_RATED,
            {
                "total": plain(Fraction(rules.total.points)),
                "value": entry.value,
                "count": answers.of(rating),
                "rated": answers.rated,
            },
        ),
    )


def _arithmetic(standard: Standard, worth: Fraction, answers: Answers, line: Line) -> Message:
    return Message(
        "{total} x {worth} / {ballots} = {points}",
        {
            "total": plain(Fraction(standard.review.total.points)),
            "worth": plain(worth),
            "ballots": answers.rated,
            "points": fixed(line.points, standard.rounding.decimals),
        },
    )


NOT_CLOSED = N_(
    "selected for the online review, which is not closed yet: no score, which is not zero"
)
NO_BALLOT = N_(
    "selected for the online review, and no ballot was cast: no score, which is not zero"
)
