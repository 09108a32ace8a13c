"""Parts B and E: points that lead agencies deliver, and the parent department's grade.

Source: specification, sections 14.B and 14.E.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from survey_pipeline.i18n import N_, Message, coded
from survey_pipeline.scoring.evidence import DeliveredGrade, DeliveredPoints
from survey_pipeline.scoring.lines import Line, add_up
from survey_pipeline.scoring.records import Because, more_than, together, uncounted
from survey_pipeline.standard.common import Total
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.parts.documents import rules_of
from survey_pipeline.vocabulary import Category, Component


def score_performance(
    standard: Standard, category: Category, delivered: Iterable[DeliveredPoints]
) -> Line:
    """Score part B of one office; of several deliveries the last one counts.

    Deliveries are due after the window has ended, so that the day they came plays no part.
    """
    total = standard.performance.total
    inwards = sorted(
        delivered, key=lambda delivery: (delivery.delivered_on or date.min, delivery.key)
    )
    last = next((delivery for delivery in reversed(inwards) if delivery.withdrawn is None), None)
    aside = [
        uncounted(
            Component.PERFORMANCE.value, total, delivery, delivery.withdrawn or Message(REPLACED)
        )
        for delivery in inwards
        if delivery is not last
    ]
    head = Line(
        Component.PERFORMANCE.value, total.clause, total.label, evidence=_by(standard, category)
    )
    return _points(standard, head, total, last, aside)


def score_parent_rating(
    standard: Standard,
    category: Category,
    grade: DeliveredGrade | None,
    points: DeliveredPoints | None,
) -> Line:
    """Score part E of one office: a grade for one category, points for the others."""
    rules, component = standard.parent_rating, Component.PARENT_RATING.value
    graded = category == rules.graded
    aside = [
        uncounted(component, rules.total, delivery, delivery.withdrawn or Message(why))
        for delivery, fits, why in ((grade, graded, NO_GRADES), (points, not graded, NO_POINTS))
        if delivery is not None and (delivery.withdrawn is not None or not fits)
    ]
    if not graded:
        last = None if points is None or points.withdrawn else points
        head = Line(
            component, rules.total.clause, rules.total.label, evidence=_by(standard, category)
        )
        return _points(standard, head, rules.total, last, aside)
    if grade is None or grade.withdrawn is not None:
        return _missing(Line(component, rules.total.clause, rules.total.label), aside)
    return _graded(standard, grade, aside)


def _points(
    standard: Standard,
    head: Line,
    total: Total,
    delivered: DeliveredPoints | None,
    aside: Sequence[Line],
) -> Line:
    """Return a component's line from its head: what was delivered, up to the full points."""
    if delivered is None:
        return _missing(head, aside)
    points = Fraction(delivered.points)
    line = Line(
        head.component,
        total.clause,
        total.label,
        points=points,
        note=_delivered(delivered),
        evidence=(delivered.evidence,),
    )
    parts = [line, *more_than(head.component, total, Fraction(total.points), points), *aside]
    return add_up(head, parts, standard.rounding)


def _by(standard: Standard, category: Category) -> tuple[Message, ...]:
    """Return the implementing rules by which a category's lead agency gives its points."""
    return tuple(
        Message(
            BY_RULES,
            {
                "title": coded(document.label.en, document.label.zh),
                "issuer": coded(document.issuer.en, document.issuer.zh),
            },
        )
        for document in rules_of(standard.documents, category)
    )


def _graded(standard: Standard, grade: DeliveredGrade, aside: Sequence[Line]) -> Line:
    rules, component = standard.parent_rating, Component.PARENT_RATING.value
    entry = rules.grade(grade.grade)
    line = Line(
        component,
        entry.clause,
        entry.label,
        points=Fraction(entry.points),
        note=_late(grade),
        evidence=(grade.evidence,),
    )
    head = Line(component, rules.total.clause, rules.total.label)
    return add_up(head, [line, *aside], standard.rounding)


def _missing(head: Line, aside: Sequence[Line]) -> Line:
    return replace(head, note=Message(NOT_DELIVERED), children=tuple(aside))


def _delivered(delivered: DeliveredPoints) -> Because:
    if not delivered.source:
        return _late(delivered)
    by = Message("delivered by {source}", {"source": delivered.source})
    return together((by, _late(delivered)))


def _late(delivered: DeliveredPoints | DeliveredGrade) -> Because:
    if not delivered.late:
        return None
    if delivered.delivered_on is None:
        return Message("it came in late")
    return Message("it came in late, on {day}", {"day": delivered.delivered_on})


BY_RULES = N_("by {title} ({issuer})")
NOT_DELIVERED = N_("not delivered, so there is no score: absent and missing, not zero")
REPLACED = N_("a later delivery counts")
NO_GRADES = N_("no grade counts for this category: its lead agency delivers points")
NO_POINTS = N_("no points count for this category: the parent department delivers a grade")
