"""Part C: full points less the deductions for findings and sanctions, never below 0.

Source: specification, section 14.C.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from survey_pipeline.i18n import N_, Message
from survey_pipeline.likeness import same_words
from survey_pipeline.scoring.evidence import OfficeYear, SupervisionRecord
from survey_pipeline.scoring.lines import Line, add_up
from survey_pipeline.scoring.numbers import exact, exact_sum, plain
from survey_pipeline.scoring.records import (
    Because,
    cost,
    limit,
    no_such_clause,
    put_aside,
    start,
    together,
    uncounted,
    what_is_left,
)
from survey_pipeline.standard.common import Deduction
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.parts.supervision import Supervision
from survey_pipeline.vocabulary import Component

COMPONENT = Component.SUPERVISION.value


@dataclass(frozen=True)
class _Costing:
    """A record that counts unless another of the same person and matter costs more."""

    record: SupervisionRecord
    rule: Deduction
    rate: Fraction
    """What the clause takes off, below nothing."""
    factor: Fraction | None
    points: Fraction
    """The two multiplied."""
    note: Because


def score_supervision(standard: Standard, office: OfficeYear, as_of: date) -> Line:
    """Score one office.

    Args:
        standard: the standard in force.
        office: its own records in any order; C3.4 is the parent department's.
        as_of: the last day that counts.
    """
    rules = standard.supervision
    places = {rule.clause: (place, rule) for place, rule in enumerate(rules.clauses)}
    costing, aside = [], []

    def order(record: SupervisionRecord) -> tuple[tuple[int, str], date, str]:
        return _place(places, record), record.occurred_on, record.key

    for record in sorted(office.supervision, key=order):
        _, rule = places.get(record.clause, (None, None))
        why = put_aside(record, record.occurred_on, standard, as_of)
        if rule is None:
            why = why or no_such_clause(record.clause, standard)
            aside.append(uncounted(COMPONENT, rules.total, record, why, clause=record.clause))
        elif why := why or _excluded(rules, record, office) or _exempt(rules, record):
            aside.append(uncounted(COMPONENT, rule, record, why))
        else:
            costing.append(_costing(rules, rule, record))
    counted, repeated = _highest(rules, costing)
    return _added_up(standard, counted, [*repeated, *aside])


def _place(places: dict[str, tuple[int, Deduction]], record: SupervisionRecord) -> tuple[int, str]:
    """Return a record's place in the order of the standard's clauses, unknown ones last."""
    known = places.get(record.clause)
    return (known[0], "") if known else (len(places), record.clause)


def _excluded(rules: Supervision, record: SupervisionRecord, office: OfficeYear) -> Because:
    """Return why a clause does not concern an office of its category."""
    if not rules.excludes(record.clause, office.office.category):
        return None
    return Message(
        "the clause is about assessed intermediaries, and this office is none ({clause})",
        {"clause": rules.intermediaries.clause},
    )


def _exempt(rules: Supervision, record: SupervisionRecord) -> Because:
    """Return which of the two exemptions of C2 holds; a blank field exempts nothing."""
    unrelated = record.duty_related is False and record.adverse_effect is False
    if unrelated and record.clause in rules.unrelated.clauses:
        return Message(
            "exempt: it has nothing to do with the post and had no adverse effect ({clause})",
            {"clause": rules.unrelated.clause},
        )
    if record.clause in rules.self_found.clauses and not _why_inspected(rules, record):
        return Message(
            "exempt: the department found it itself, put it right and filed it in time, on {day} "
            "({clause})",
            {"day": _filed(record), "clause": rules.self_found.clause},
        )
    return None


def _why_inspected(rules: Supervision, record: SupervisionRecord) -> Because:
    """Return why a record counts as found by inspection; None if it was self-found in time."""
    if not record.self_found:
        return Message("found by inspection")
    if not record.rectified:
        return Message("found by the department itself, and not put right")
    if record.filed_on is None and record.filing_no:
        return Message(
            "found by the department itself, and its filing {filing} was taken back: it counts as "
            "inspected",
            {"filing": record.filing_no},
        )
    if record.filed_on is None:
        return Message("found by the department itself, and never filed: it counts as inspected")
    if record.filing_due is None or record.filed_on > record.filing_due:
        return Message(
            "found by the department itself, and filed late, on {day} instead of {due}: it counts "
            "as inspected ({clause})",
            {
                "day": _filed(record),
                "due": record.filing_due or "-",
                "clause": rules.filing.clause,
            },
        )
    return None


def _filed(record: SupervisionRecord) -> Message | date | None:
    """Return the day of filing, and in which filing, if the record names one."""
    if not record.filing_no:
        return record.filed_on
    return Message("{day} (filing {filing})", {"day": record.filed_on, "filing": record.filing_no})


def _costing(rules: Supervision, rule: Deduction, record: SupervisionRecord) -> _Costing:
    rate, note = cost(rule, record.points)
    if record.clause in rules.self_found.clauses or record.clause in rules.unrelated.clauses:
        note = together((note, *_why_not_exempt(rules, record)))
    if not (record.is_head and record.clause in rules.head.clauses):
        return _Costing(record, rule, rate, None, rate, note)
    factor = exact(rules.head.factor)
    weighted = Message(
        "{each} x {factor} = {points}: the head of the office ({clause})",
        {
            "each": plain(-rate),
            "factor": plain(factor),
            "points": plain(-rate * factor),
            "clause": rules.head.clause,
        },
    )
    return _Costing(record, rule, rate, factor, rate * factor, together((weighted, note)))


def _why_not_exempt(rules: Supervision, record: SupervisionRecord) -> Iterator[Because]:
    """Return why an exemption that a reader may expect does not hold."""
    if record.duty_related is False and record.clause in rules.unrelated.clauses:
        why = UNKNOWN_EFFECT if record.adverse_effect is None else ADVERSE_EFFECT
        yield Message(why, {"clause": rules.unrelated.clause})
    if record.self_found and record.clause in rules.self_found.clauses:
        yield _why_inspected(rules, record)


def _highest(rules: Supervision, costing: Sequence[_Costing]) -> tuple[list[_Costing], list[Line]]:
    """Keep the highest of a person's sanctions for one matter.

    Of equal ones the earliest counts, then the first by its number.
    """
    highest: dict[tuple[str, str], _Costing] = {}
    for charge in costing:
        matter = _matter(rules, charge.record)
        if matter and (matter not in highest or _before(rules, charge, highest[matter])):
            highest[matter] = charge
    counted, repeated = [], []
    for charge in costing:
        matter = _matter(rules, charge.record)
        kept = highest[matter] if matter else charge
        if kept is charge:
            counted.append(charge)
        else:
            repeated.append(_repeated(rules, charge, kept))
    return counted, repeated


def _matter(rules: Supervision, record: SupervisionRecord) -> tuple[str, str] | None:
    """Return the person and matter by which records are the same; a blank matches nothing."""
    person, matter = same_words(record.person), same_words(record.matter)
    if not person or not matter or record.clause not in rules.highest.clauses:
        return None
    return person, matter


def _before(rules: Supervision, charge: _Costing, other: _Costing) -> bool:
    def order(costing: _Costing) -> tuple[Fraction, date, str]:
        weighted = rules.head.applied == "before_highest"
        compared = costing.points if weighted else costing.rate
        return compared, costing.record.occurred_on, costing.record.key

    return order(charge) < order(other)


def _repeated(rules: Supervision, charge: _Costing, kept: _Costing) -> Line:
    why = Message(
        "same person and matter as {key}, which costs {points}: the highest alone counts "
        "({clause})",
        {
            "key": kept.record.key,
            "points": plain(-kept.points),
            "clause": rules.highest.clause,
        },
    )
    line = uncounted(COMPONENT, charge.rule, charge.record, why)
    return replace(line, count=1, rate=charge.rate, factor=charge.factor)


def _added_up(standard: Standard, counted: Sequence[_Costing], aside: Sequence[Line]) -> Line:
    rules = standard.supervision
    full = exact(rules.total.points)
    lost = -exact_sum(charge.points for charge in counted)
    parts = [
        start(COMPONENT, rules.total, full),
        *(_line(charge) for charge in counted),
        *limit(COMPONENT, rules.floor, full, lost),
        *aside,
    ]
    head = Line(COMPONENT, rules.total.clause, rules.total.label, note=what_is_left(full, lost))
    return add_up(head, parts, standard.rounding)


def _line(charge: _Costing) -> Line:
    return Line(
        COMPONENT,
        charge.rule.clause,
        charge.rule.label,
        points=charge.points,
        count=1,
        rate=charge.rate,
        factor=charge.factor,
        note=charge.note,
        evidence=(charge.record.evidence,),
    )


ADVERSE_EFFECT = N_("nothing to do with the post, but it had an adverse effect ({clause})")
UNKNOWN_EFFECT = N_(
    "nothing to do with the post, but not known to be without adverse effect ({clause})"
)
