"""What the standard allows in single rows of evidence; pure, the standard is an argument."""

from collections.abc import Mapping
from datetime import date

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.file_summary import CellReason
from survey_pipeline.stages.intake.values.points import decimal_points
from survey_pipeline.standard.common import Deduction, Total
from survey_pipeline.standard.entry import Label
from survey_pipeline.standard.model import Standard, Window
from survey_pipeline.standard.parts.hotline import HotlineClause
from survey_pipeline.standard.parts.supervision import Material, Supervision
from survey_pipeline.typed import folded
from survey_pipeline.vocabulary.names import category_named


def spellings(standard: Standard) -> Mapping[str, str]:
    """Return the clauses that records may name: in lower case -> as the standard spells them."""
    clauses = (*standard.supervision.clauses, *standard.hotline.clauses)
    names = (*(entry.clause for entry in clauses), standard.supervision.material.clause)
    return {name.casefold(): name for name in names}


def no_such_clause(clause: str, known: tuple[str, ...]) -> CellReason:
    """Return the reason for a clause that this kind of record does not have.

    Args:
        clause: as the file has it.
        known: the clauses of the kind; those that begin alike are named in the reason.
    """
    near = [name for name in known if name.casefold().startswith(clause.casefold())]
    if near:
        return "clause", Message(
            "there is no clause {clause}; there are {clauses}",
            {"clause": clause, "clauses": ", ".join(near)},
        )
    return "clause", Message(
        "these records have no clause {clause}; they have {first} to {last}",
        {"clause": clause, "first": known[0], "last": known[-1]},
    )


def category_problem(supervision: Supervision, clause: str, category: str) -> CellReason | None:
    """Refuse a clause about intermediaries for an office of another category (clause C3.2)."""
    if not supervision.excludes(clause, category):
        return None
    return "clause", Message(
        "clause {clause} is about assessed intermediaries, and offices of the category {category} "
        "are none. Choose another clause, or name the category under [supervision.intermediaries] "
        "in the standard's file",
        {"clause": clause, "category": category_named(category)},
    )


def deduction_problem(entry: Deduction, points: int | None) -> CellReason | None:
    """Compare a record's points with its clause: with the fixed number, or the range.

    Args:
        entry: the clause.
        points: ten-thousandths of a point; None if the file gives none.
    """
    if points is None:
        if entry.points is not None:
            return None
        return "points", Message(
            "clause {clause} has a range: give points from {least} to {most}",
            {"clause": entry.clause, "least": entry.least, "most": entry.most},
        )
    if entry.takes(decimal_points(points)):
        return None
    given = f"{decimal_points(points).normalize():f}"
    if entry.points is not None:
        return "points", Message(
            "clause {clause} deducts {points}, not {given}; factors are applied later",
            {"clause": entry.clause, "points": entry.points, "given": given},
        )
    return "points", Message(
        "clause {clause} deducts from {least} to {most}, not {given}",
        {"clause": entry.clause, "least": entry.least, "most": entry.most, "given": given},
    )


def material_problem(entry: Material, points: int | None) -> CellReason | None:
    """Compare the points of a record of material that was not filed with the cap."""
    if points is None or 0 < decimal_points(points) <= entry.cap:
        return None
    return "points", Message(
        "clause {clause} deducts more than 0 and at most {cap}, not {given}",
        {
            "clause": entry.clause,
            "cap": entry.cap,
            "given": f"{decimal_points(points).normalize():f}",
        },
    )


def claim_warning(entry: HotlineClause, *, unreasonable: bool) -> CellReason | None:
    """Warn of the mark of an unreasonable claim where it changes nothing; it is kept."""
    if not unreasonable or entry.not_if_unreasonable:
        return None
    return "unreasonable_claim", Message(
        "clause {clause} makes no exception for unreasonable claims: the mark is kept, and the "
        "record counts",
        {"clause": entry.clause},
    )


def delivered_problem(total: Total, points: int) -> CellReason | None:
    """Compare delivered points with what the component is worth."""
    if decimal_points(points) <= total.points:
        return None
    return "points", Message(
        "{given} is more than the {total} points that there are",
        {"given": f"{decimal_points(points).normalize():f}", "total": total.points},
    )


def window_warning(window: Window, column: str, day: date) -> CellReason | None:
    """Warn of a date outside the window."""
    if day in window:
        return None
    return column, Message(
        "{day} lies outside the appraisal window (after {after}, up to {until}): stored, does not "
        "count",
        {"day": day, "after": window.after, "until": window.until},
    )


def source_warning(expected: Label, source: str, locale: str) -> CellReason | None:
    """Warn of points whose source is not the agency that the standard names."""
    if _bare(source) in {_bare(expected.zh), _bare(expected.en)}:
        return None
    return "source", Message(
        "the source {source} is not {expected}, who delivers for this category",
        {"source": source, "expected": expected.in_locale(locale)},
    )


def _bare(name: str) -> str:
    return "".join(folded(name).split()).casefold().removeprefix("the")
