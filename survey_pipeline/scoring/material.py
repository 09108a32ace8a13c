"""C3.4: the part of a deduction for unfiled material that an office bears.

Source: specification, section 14.C.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from survey_pipeline.i18n import N_, Message
from survey_pipeline.scoring.evidence import MaterialRecord
from survey_pipeline.scoring.lines import Line, add_up, total
from survey_pipeline.scoring.numbers import exact, plain
from survey_pipeline.scoring.records import more_than, put_aside, uncounted
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.parts.supervision import Supervision
from survey_pipeline.vocabulary import Component

COMPONENT = Component.MATERIAL_PENALTY.value


def score_material(
    standard: Standard, records: Sequence[MaterialRecord], as_of: date, bearers: int, *, bears: bool
) -> Line:
    """Return the penalty of one office: a positive number, subtracted from its total.

    Args:
        standard: the standard in force.
        records: the department's, in any order.
        as_of: the last day that counts.
        bearers: how many of the department's offices are in the online review.
        bears: whether this office is one of them; others bear nothing.
    """
    rules = standard.supervision
    entry = rules.material
    head = Line(COMPONENT, entry.clause, entry.label)
    lines = [
        _line(standard, record, as_of)
        for record in sorted(records, key=lambda record: (record.occurred_on, record.key))
    ]
    if not lines:
        return replace(head, points=Fraction(0), note=Message(NOTHING_MISSING))
    if not bears:
        others = [_not_borne(line) for line in lines]
        return replace(head, points=Fraction(0), note=Message(NOT_SELECTED), children=tuple(others))
    counted = [line for line in lines if line.counted]
    lost = total(counted)
    capped = more_than(COMPONENT, entry, exact(entry.cap), lost, said=TOO_MANY)
    burden = _burden(rules, min(lost, exact(entry.cap)), bearers)
    aside = [line for line in lines if not line.counted]
    return add_up(head, [*counted, *capped, *burden, *aside], standard.rounding)


def _line(standard: Standard, record: MaterialRecord, as_of: date) -> Line:
    entry = standard.supervision.material
    why = put_aside(record, record.occurred_on, standard, as_of)
    if why is not None:
        return uncounted(COMPONENT, entry, record, why)
    each = exact(entry.each if record.points is None else record.points)
    return Line(
        COMPONENT,
        entry.clause,
        entry.label,
        points=each,
        count=1,
        rate=each,
        evidence=(record.evidence,),
    )


def _burden(rules: Supervision, lost: Fraction, bearers: int) -> list[Line]:
    """Return the line that takes off what the office does not bear of the department's loss."""
    if not lost:
        return []
    factor, entry = exact(rules.burden.factor), rules.burden
    note = Message(EACH, {"lost": plain(lost), "factor": plain(factor)})
    if entry.borne == "together":
        note = Message(TOGETHER, {**note.params, "bearers": bearers})
        factor /= max(bearers, 1)
    points = lost * factor - lost
    return [Line(COMPONENT, entry.clause, entry.label, points=points, factor=factor, note=note)]


def _not_borne(line: Line) -> Line:
    if not line.counted:
        return line
    return replace(line, points=None, note=Message(NOT_SELECTED), counted=False)


NOTHING_MISSING = N_("no missing material of the department on record")
TOO_MANY = N_("the department would lose {given}, and {full} is the most")
NOT_SELECTED = N_(
    "borne by the department's offices in the online review, and this is none of them"
)
EACH = N_("{lost} x {factor}: each of the department's offices in the online review bears it")
TOGETHER = N_(
    "{lost} x {factor} / {bearers}: the department's offices in the online review bear it together"
)
