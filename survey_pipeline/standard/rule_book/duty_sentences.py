"""What the deadlines of a standard and its list of documents say, in words."""

from typing import Any

from survey_pipeline.i18n import N_, Message
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.parts.documents import ImplementingRules
from survey_pipeline.standard.parts.duties import Due
from survey_pipeline.standard.rule_book.word_parts import categories, label, listed, said


def shift(entry: Any, standard: Standard) -> list[Message]:
    """Return what becomes of a deadline on a day off."""
    text = N_("A deadline on a day off stays where it is.")
    if entry.to == "next_working_day":
        text = N_("A deadline on a day off moves to the next working day.")
    return [said(text)]


def implementing_rules(entry: ImplementingRules, standard: Standard) -> list[Message]:
    """Return what a document governs, who issued it, and where it is."""
    text = N_("Governs the performance points of: {category}.")
    if entry.category != standard.parent_rating.graded:
        text = N_("Governs the performance points and the parent rating of: {category}.")
    found = [said(text, category=categories([entry.category]))]
    found.append(said(N_("Issued by {issuer}."), issuer=label(entry.issuer)))
    places = [place for place in (entry.file, entry.address) if place]
    found.append(said(N_("To be found at {place}."), place=listed(places)))
    return found


def due(entry: Due, standard: Standard) -> list[Message]:
    """Return who owes a duty, and by when."""
    when = {
        "working_day": N_("Due every working day, from: {who}."),
        "month": N_("Due by day {day} of the month after, from: {who}."),
        "quarter": N_("Due by day {day} of the month after the quarter, from: {who}."),
        "year": N_("Due by {month}-{day} of the appraisal year, from: {who}."),
    }
    return [said(when[entry.every], day=entry.day, month=entry.month, who=label(entry.who))]
