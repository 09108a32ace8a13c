"""What all evidence has in common: why a record does not count, and what a deduction costs."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from survey_pipeline.i18n import N_, Message
from survey_pipeline.scoring.evidence import Record
from survey_pipeline.scoring.lines import Line
from survey_pipeline.scoring.numbers import DECIMALS, exact, plain, shown
from survey_pipeline.standard.common import Deduction
from survey_pipeline.standard.entry import Entry
from survey_pipeline.standard.model import Standard

Because = Message | None
"""A reason; None if there is none."""


def put_aside(record: Record, dated: date, standard: Standard, as_of: date) -> Because:
    """Return why a record counts under no rule: withdrawn, or dated outside the window (C.n3, G.7).

    Args:
        record: the record.
        dated: the day that decides.
        standard: whose window holds: after one cut-off date, up to and with the next.
        as_of: the last day that counts.
    """
    if record.withdrawn is not None:
        return record.withdrawn
    if dated not in standard.window:
        return Message(
            "dated {day}: outside the appraisal window, after {after} and until {until}",
            {"day": dated, "after": standard.window.after, "until": standard.window.until},
        )
    if dated > as_of:
        return Message(
            "dated {day}: this score counts records up to {as_of}", {"day": dated, "as_of": as_of}
        )
    return None


def no_such_clause(clause: str, standard: Standard) -> Message:
    """Return the note for a clause that this standard does not have, but another may."""
    return Message("{standard} has no clause {clause}", {"standard": standard.id, "clause": clause})


def cost(rule: Deduction, carried: Decimal | None) -> tuple[Fraction, Because]:
    """Return a record's deduction (a negative number) and a note, if there is one.

    Intake takes no record that its own standard does not allow. Under another standard a range may
    lie elsewhere: then the end that is nearer counts, and the line says so.

    Args:
        rule: the clause.
        carried: the points of the record; needed where the clause has a range.
    """
    points, note = _allowed(rule, carried)
    return exact(points.copy_negate()), note


def _allowed(rule: Deduction, carried: Decimal | None) -> tuple[Decimal, Because]:
    if rule.least is None or rule.most is None:
        assert rule.points is not None  # noqa: S101 - `Deduction._one_way`; for the type checker
        return rule.points, _not_the_figure(rule.points, carried)
    if carried is None:
        return rule.least, Message("the record carries no points: the least of the range counts")
    if rule.takes(carried):
        return carried, None
    return min(max(carried, rule.least), rule.most), Message(
        "the record carries {carried}, and the clause takes {least} to {most}",
        {
            "carried": _written(carried),
            "least": _written(rule.least),
            "most": _written(rule.most),
        },
    )


def _not_the_figure(figure: Decimal, carried: Decimal | None) -> Because:
    if carried is None or carried == figure:
        return None
    return Message(
        "the record carries {carried}, and the clause is fixed at {figure}",
        {"carried": _written(carried), "figure": _written(figure)},
    )


def _written(points: Decimal) -> str:
    return plain(exact(points))


def start(component: str, entry: Entry, points: Fraction) -> Line:
    """Return the line from which deductions are taken."""
    return Line(component, entry.clause, entry.label, points=points, note=Message(FULL_POINTS))


def what_is_left(full: Fraction, lost: Fraction) -> Message:
    """Return the lines of full points less deductions, never below 0."""
    left = max(full - lost, Fraction(0))
    figures: dict[str, object] = {"full": plain(full), "lost": plain(lost), "left": plain(left)}
    return Message(NOTHING_LEFT if lost > full else LEFT, figures)


def limit(component: str, entry: Entry, full: Fraction, lost: Fraction) -> list[Line]:
    """Return the line of a cap or floor, if deductions go beyond it."""
    if lost <= full:
        return []
    note = Message(
        "{lost} would be deducted, {full} at most",
        {"lost": shown(lost, DECIMALS), "full": shown(full, DECIMALS)},
    )
    return [Line(component, entry.clause, entry.label, points=lost - full, note=note)]


def more_than(
    component: str, entry: Entry, full: Fraction, given: Fraction, *, said: str | None = None
) -> list[Line]:
    """Return the line that takes off what points go beyond their cap."""
    if given <= full:
        return []
    note = Message(said or TOO_MUCH, {"given": shown(given, DECIMALS), "full": plain(full)})
    return [Line(component, entry.clause, entry.label, points=full - given, note=note)]


def uncounted(
    component: str,
    entry: Entry,
    record: Record,
    why: Because,
    *,
    clause: str | None = None,
) -> Line:
    """Return the line of a record that does not count, with the reason."""
    return Line(
        component,
        clause or entry.clause,
        entry.label,
        note=why,
        evidence=(record.evidence,),
        counted=False,
    )


def together(notes: Iterable[Because]) -> Because:
    """Join the notes of one line into one sentence."""
    joined: Because = None
    for note in notes:
        if note is not None and joined is not None:
            joined = Message("{first}; {then}", {"first": joined, "then": note})
        else:
            joined = note or joined
    return joined


FULL_POINTS = N_("full points, from which is deducted")
LEFT = N_("{full} - {lost} = {left}")
NOTHING_LEFT = N_("{lost} would be deducted, {full} at most: {left} left")
TOO_MUCH = N_("{given} would be given, and {full} is the most")
