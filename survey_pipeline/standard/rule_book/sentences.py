"""What each provision of a standard says, in words with its figures.

One function for each kind of provision, found by its table. All values that the file may change are
in the words: two standards that say the same here are the same.
"""

from collections.abc import Callable, Mapping
from typing import Any

from survey_pipeline.i18n import N_, Message
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.rule_book import deduction_sentences, satisfaction_sentences
from survey_pipeline.standard.rule_book.duty_sentences import due, implementing_rules, shift
from survey_pipeline.standard.rule_book.provisions import Provision, figures
from survey_pipeline.standard.rule_book.word_parts import categories, label, said

Say = Callable[[Any, Standard], list[Message]]


def sentences(standard: Standard, provision: Provision) -> list[Message]:
    """Return what a provision says, a sentence for each thing."""
    say = _SENTENCES.get(provision.table, _as_written)
    return say(provision.entry, standard)


def _as_written(entry: Any, standard: Standard) -> list[Message]:
    """Return the figures of a provision for which there are no words yet, as the file has them."""
    return [said("{key} = {value}", key=key, value=value) for key, value in figures(entry).items()]


def _window(entry: Any, standard: Standard) -> list[Message]:
    text = N_("A record counts if its day lies after {after}, up to and including {until}.")
    return [said(text, after=entry.after, until=entry.until)]


def _rounding(entry: Any, standard: Standard) -> list[Message]:
    text = N_(
        "A finished component is rounded half up to {decimals} decimals; {shown} of them are shown."
    )
    return [said(text, decimals=entry.decimals, shown=entry.shown)]


def _worth(entry: Any, standard: Standard) -> list[Message]:
    return [said(N_("Full points: {points}."), points=entry.points)]


def _value(entry: Any, standard: Standard) -> list[Message]:
    return [said(N_("Such an answer counts {value}."), value=entry.value)]


def _delivered_by(entry: Any, standard: Standard) -> list[Message]:
    text = N_("The points of {category} come from {by}.")
    return [said(text, by=label(entry.by), category=categories([entry.category]))]


def _grade(entry: Any, standard: Standard) -> list[Message]:
    return [said(N_("Points for such a grade: {points}."), points=entry.points)]


def _quota(entry: Any, standard: Standard) -> list[Message]:
    text = N_("Shares: excellent {excellent}, good {good}, fair {fair}.")
    return [said(text, excellent=entry.excellent, good=entry.good, fair=entry.fair)]


def _quota_rounding(entry: Any, standard: Standard) -> list[Message]:
    text = N_(
        "Excellent rounds to the nearest, at least {always_excellent}; fair rounds down. Only more "
        "excellent or fewer fair grades are refused."
    )
    if entry.excellent == "down":
        text = N_(
            "Excellent and fair round down, excellent to {always_excellent} at least. Only more "
            "excellent or fewer fair grades are refused."
        )
    return [said(text, always_excellent=entry.always_excellent)]


def _selection(entry: Any, standard: Standard) -> list[Message]:
    if entry.way == "manual":
        text = N_("Offices are listed by hand, with reasons; of every category at least {least}.")
    else:
        text = N_(
            "Each category's places are in proportion to its offices, at least {least}, filled "
            "from the top of its daily ranking."
        )
    return [said(text, least=entry.least)]


def _level(entry: Any, standard: Standard) -> list[Message]:
    return [said(N_("Points for such an award: {points}."), points=entry.points)]


def _factor(text: str) -> Say:
    """Return what says a sentence with a factor."""
    return lambda entry, standard: [said(text, factor=entry.factor)]


def _chosen(key: str, texts: Mapping[str, str]) -> Say:
    """Return what says the sentence of a key's value, with the provision's factor if it has one."""

    def say(entry: Any, standard: Standard) -> list[Message]:
        return [said(texts[getattr(entry, key)], factor=getattr(entry, "factor", ""))]

    return say


def _fixed(text: str) -> Say:
    """Return what says a sentence without figures."""
    return lambda entry, standard: [said(text)]


def _core_function(entry: Any, standard: Standard) -> list[Message]:
    blank = N_("A record that does not say counts as no.")
    if entry.blank:
        blank = N_("A record that does not say counts as yes.")
    return [said(N_("Only what the office is mainly there for gives points.")), said(blank)]


_SENTENCES: Mapping[str, Say] = {
    "window": _window,
    "rounding": _rounding,
    "daily": _worth,
    **dict.fromkeys(
        (
            f"{part}.total"
            for part in (
                "satisfaction",
                "performance",
                "supervision",
                "hotline",
                "parent_rating",
                "review",
            )
        ),
        _worth,
    ),
    **dict.fromkeys(
        (
            f"{part}.values.{answer}"
            for part in ("satisfaction", "review")
            for answer in ("satisfied", "neutral", "dissatisfied")
        ),
        _value,
    ),
    "satisfaction.coefficient": satisfaction_sentences.coefficient,
    "satisfaction.no_rating": satisfaction_sentences.no_rating,
    "satisfaction.sample": _fixed(N_("A part of the cases is drawn at random and asked about.")),
    "satisfaction.quiet": _fixed(N_("A citizen who was drawn is not drawn again for some days.")),
    "satisfaction.denominator": _fixed(N_("The rate is of the rated cases alone.")),
    "satisfaction.few_ratings": _fixed(
        N_("An office with few ratings in a month has points and no rank in it.")
    ),
    "satisfaction.counted_months": _fixed(
        N_("The year's volume is divided by the months that have ended.")
    ),
    "satisfaction.due": satisfaction_sentences.results_due,
    "satisfaction.due_shift": shift,
    "satisfaction.carried_out": satisfaction_sentences.carried_out,
    "performance.delivered_by": _delivered_by,
    "parent_rating.delivered_by": _delivered_by,
    "supervision.clauses": deduction_sentences.deduction,
    "supervision.intermediaries": deduction_sentences.intermediaries,
    "supervision.unrelated": deduction_sentences.of_clauses(
        N_(
            "{clauses}: nothing is taken off where the sanction has nothing to do with the post "
            "and had no adverse effect."
        )
    ),
    "supervision.self_found": deduction_sentences.of_clauses(
        N_(
            "{clauses}: nothing is taken off where the department found it itself, dealt with it, "
            "put it right and filed it in time."
        )
    ),
    "supervision.filing": deduction_sentences.filing,
    "supervision.filing_shift": shift,
    "supervision.highest": deduction_sentences.of_clauses(
        N_("{clauses}: the same person and matter count once, at the highest deduction.")
    ),
    "supervision.head": deduction_sentences.head,
    "supervision.floor": _fixed(N_("Deductions end when the full points are used up.")),
    "supervision.dates": _fixed(
        N_("The day of the decision or finding must lie in the appraisal window.")
    ),
    "supervision.material": deduction_sentences.material,
    "supervision.burden": deduction_sentences.burden,
    "hotline.period": _chosen(
        "caps",
        {
            "year": N_("Judged by quarter; deductions and caps are for the year."),
            "quarter": N_(
                "Judged by quarter; each quarter has a part of every cap, by its months."
            ),
        },
    ),
    "hotline.caps": deduction_sentences.cap,
    "hotline.clauses": deduction_sentences.hotline_clause,
    "hotline.rank": deduction_sentences.rank,
    "hotline.free": deduction_sentences.free,
    "hotline.unranked": deduction_sentences.unranked,
    "parent_rating.grades": _grade,
    "parent_rating.quota": _quota,
    "parent_rating.quota_rounding": _quota_rounding,
    "review.selection": _selection,
    "review.draw": _fixed(
        N_("Representatives are drawn by the lowest hashes from a published seed.")
    ),
    "bonus.total": lambda entry, standard: [
        said(N_("At most {points} points."), points=entry.points)
    ],
    "bonus.levels": _level,
    "bonus.no_document": _factor(N_("Without a document number: times {factor}.")),
    "bonus.person": _factor(N_("Awarded to a person: times {factor}, for that person's office.")),
    "bonus.parent": _chosen(
        "handed_out",
        {
            "shared": N_(
                "Awarded to the parent department: times {factor}, handed out among its offices."
            ),
            "each": N_("Awarded to the parent department: times {factor} for each of its offices."),
            "whole": N_(
                "Awarded to the parent department: times {factor} for each of its offices, in sum "
                "the whole award at most."
            ),
        },
    ),
    "bonus.halvings": _chosen(
        "together",
        {
            "multiply": N_("Several halvings of one award multiply."),
            "once": N_("Of several halvings of one award only one applies."),
        },
    ),
    "bonus.highest": _chosen(
        "by",
        {
            "points": N_("One piece of work counts once, at its highest award."),
            "level": N_("One piece of work counts once, at the award of its highest level."),
        },
    ),
    "bonus.confirmed": _fixed(N_("It counts once the department has confirmed it under seal.")),
    "bonus.excluded": _fixed(N_("Such an award gives nothing.")),
    "bonus.core_function": _core_function,
    "bonus.documents": _fixed(
        N_("Formal documents alone, whose date of issue lies in the appraisal window.")
    ),
    "ranking": _chosen(
        "ties",
        {
            "share": N_("Equal totals share a rank, and the next is skipped."),
            "satisfaction": N_("Of equal totals the one with more satisfaction points is first."),
        },
    ),
    "duties.shift": shift,
    "duties.due": due,
    "documents": implementing_rules,
}
"""By the table that a provision stands in."""
