"""What part A says in words: who asks the citizens, and what the volume is worth."""

from collections.abc import Callable, Sequence
from typing import Any

from survey_pipeline.i18n import N_, Message
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.parts.satisfaction import Arrangement, Step
from survey_pipeline.standard.rule_book.word_parts import categories, label, listed, said
from survey_pipeline.vocabulary.names import CATEGORIES, DELIVERY_MODES

Say = Callable[[Any, Standard], list[Message]]


def coefficient(entry: Any, standard: Standard) -> list[Message]:
    """Return the table of volume coefficients, a sentence for each step."""
    found = [said(N_("By the cases reported per month:")), *_steps(entry.steps)]
    for table in entry.by_category:
        of_category = categories([table.category])
        found.append(said(N_("For {category} by this table instead:"), category=of_category))
        found += _steps(table.steps)
    return found


def _steps(steps: Sequence[Step]) -> list[Message]:
    return [_step(steps, place) for place in range(len(steps))]


def _step(steps: Sequence[Step], place: int) -> Message:
    values = {"first": steps[place].from_, "coefficient": steps[place].coefficient}
    if place and place == len(steps) - 1:
        text = N_("below {before}: times {coefficient}")
        return Message(text, {**values, "before": steps[place - 1].from_})
    return Message(N_("from {first} on: times {coefficient}"), values)


def no_rating(entry: Any, standard: Standard) -> list[Message]:
    """Return what an office without ratings gets."""
    return [said(N_("An office without a rating has no points for this: missing, not zero."))]


def results_due(entry: Any, standard: Standard) -> list[Message]:
    """Return by when a month's results are due."""
    text = N_("A month's results are due by day {day} of the month after.")
    return [said(text, day=entry.day)]


def carried_out(entry: Arrangement, standard: Standard) -> list[Message]:
    """Return which offices an arrangement holds for, who asks, and whose results may come in."""
    found = [said(N_("Holds for: {offices}."), offices=_offices(entry))]
    if entry.survey_is_ours and entry.calls_are_ours:
        found.append(said(N_("{organisation} sends the SMS and makes the calls.")))
    elif entry.survey_is_ours:
        found.append(said(N_("{organisation} sends the SMS; others make the calls.")))
    else:
        found.append(said(N_("Others carry out the whole survey.")))
    if entry.by is not None:
        modes = listed([Message(DELIVERY_MODES[mode]) for mode in entry.delivered], "; ")
        text = N_("Results may come from {by} (the first where a row names nothing else): {modes}.")
        found.append(said(text, by=label(entry.by), modes=modes))
    return found


def _offices(entry: Arrangement) -> Message:
    """Return which offices an arrangement holds for."""
    if entry.category is None and entry.approval_service is None:
        return Message(N_("every office that no entry above fits"))
    every = N_("all categories")
    category = Message(CATEGORIES[entry.category] if entry.category else every)
    if entry.approval_service is None:
        return category
    with_service, without = N_("with approval services"), N_("without approval services")
    service = Message(with_service if entry.approval_service else without)
    return Message(N_("{category}, {service}"), {"category": category, "service": service})
