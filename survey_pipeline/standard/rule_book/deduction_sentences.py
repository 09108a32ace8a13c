"""What parts C and D say in words: what is taken off, and the rules over it."""

from collections.abc import Callable, Sequence
from typing import Any

from survey_pipeline.i18n import N_, Message
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.rule_book.word_parts import categories, listed, said
from survey_pipeline.vocabulary import HotlineGroup
from survey_pipeline.vocabulary.names import HOTLINE_GROUPS

Say = Callable[[Any, Standard], list[Message]]


def deduction(entry: Any, standard: Standard) -> list[Message]:
    """Return what a record of a clause takes off."""
    values = {"points": entry.points, "least": entry.least, "most": entry.most}
    for_each = {
        "case": (N_("{points} off for each case."), N_("{least} to {most} off for each case.")),
        "person": (
            N_("{points} off for each person, each time."),
            N_("{least} to {most} off for each person, each time."),
        ),
        "parent": (
            N_("{points} off, from the parent department."),
            N_("{least} to {most} off, from the parent department."),
        ),
    }
    fixed, ranged = for_each[entry.per]
    return [Message(ranged if entry.points is None else fixed, values)]


def hotline_clause(entry: Any, standard: Standard) -> list[Message]:
    """Return what a hotline record takes off, and under which cap."""
    found = deduction(entry, standard)
    found.append(said(N_("Counts under the cap {group}."), group=entry.group))
    if entry.not_if_unreasonable:
        found.append(said(N_("An unreasonable claim costs nothing here.")))
    return found


def of_clauses(text: str) -> Say:
    """Return what says a sentence about the clauses that a rule holds for."""

    def say(entry: Any, standard: Standard) -> list[Message]:
        return [said(text, clauses=_clauses(entry.clauses, standard))]

    return say


def _clauses(names: Sequence[str], standard: Standard) -> Message:
    """Return clauses as a list; three and more that follow one another as from-to."""
    order = [entry.clause for entry in standard.supervision.clauses]
    runs: list[list[str]] = []
    for name in names:
        follows = runs and order.index(runs[-1][-1]) + 1 == order.index(name)
        runs[-1].append(name) if follows else runs.append([name])
    parts: list[object] = []
    for run in runs:
        parts += [f"{run[0]}-{run[-1]}"] if run[1:-1] else run
    return listed(parts)


def intermediaries(entry: Any, standard: Standard) -> list[Message]:
    """Return which categories the clauses on intermediaries hold for."""
    return [
        said(
            N_("{clauses} hold for these categories alone: {categories}."),
            clauses=_clauses(entry.clauses, standard),
            categories=categories(entry.categories),
        )
    ]


def head(entry: Any, standard: Standard) -> list[Message]:
    """Return the factor for the head of an office."""
    text = N_(
        "{clauses}: where it is the head of the office, the deduction is multiplied by {factor}."
    )
    order = N_("The highest of several sanctions is taken after that.")
    if entry.applied == "after_highest":
        order = N_("The highest of several sanctions is taken before that.")
    clauses = _clauses(entry.clauses, standard)
    return [said(text, clauses=clauses, factor=entry.factor), said(order)]


def filing(entry: Any, standard: Standard) -> list[Message]:
    """Return by when a self-check is filed in time."""
    text = N_("In time is what is filed by day {day} of the month after.")
    if entry.of == "next":
        text = N_("In time is what is filed by the next day {day} of a month.")
    return [said(text, day=entry.count)]


def material(entry: Any, standard: Standard) -> list[Message]:
    """Return what missing material costs a department."""
    text = N_(
        "{each} off for each missing filing that names no points, {cap} at most for a department "
        "in a year."
    )
    return [said(text, each=entry.each, cap=entry.cap)]


def burden(entry: Any, standard: Standard) -> list[Message]:
    """Return how a department's offices bear it."""
    text = N_("The department's offices in the online review share {factor} of it evenly.")
    if entry.borne == "each":
        text = N_("Each of the department's offices in the online review bears {factor} of it.")
    return [said(text, factor=entry.factor)]


def cap(entry: Any, standard: Standard) -> list[Message]:
    """Return the cap of a group of clauses."""
    named = [clause.clause for clause in standard.hotline.clauses if clause.group == entry.clause]
    text = N_("{clauses} together: {cap} at most in a year.")
    return [said(text, clauses=listed(named), cap=entry.cap)]


def rank(entry: Any, standard: Standard) -> list[Message]:
    """Return what a department's rank is worth."""
    text = N_("Full points: {points}; less what the department's group loses by its rank.")
    return [said(text, points=entry.points)]


def free(entry: Any, standard: Standard) -> list[Message]:
    """Return up to which rank nothing is lost, and what each further rank costs."""
    text = N_("Among {group} nothing is lost up to rank {until}, then {each} for every rank.")
    group = Message(HOTLINE_GROUPS[entry.group])
    return [said(text, group=group, until=entry.until, each=entry.each)]


def unranked(entry: Any, standard: Standard) -> list[Message]:
    """Return what a department in no ranking gets."""
    group = Message(HOTLINE_GROUPS[HotlineGroup.NONE])
    text = N_("A department that is in neither ranking ({group}) has no hotline points.")
    if entry.gives == "full":
        text = N_("A department that is in neither ranking ({group}) keeps the full points.")
    return [said(text, group=group)]
