"""The notes of a month's row: why there is no score, what is missing, late, left out or open."""

from collections.abc import Iterator

from survey_pipeline.calendar import first_day, last_day
from survey_pipeline.i18n import Message
from survey_pipeline.scoring.counted import Counted
from survey_pipeline.scoring.facts import MonthFacts, OfficeFacts
from survey_pipeline.scoring.satisfaction import SatisfactionScore
from survey_pipeline.standard.parts.satisfaction import Arrangement


def notes_of(
    facts: MonthFacts,
    office: OfficeFacts,
    counts: Counted,
    arrangement: Arrangement,
    *,
    scored: SatisfactionScore | None,
) -> list[Message]:
    """Return the notes of a row, the most important first."""
    if scored is None:
        return [_why_not_scored(facts, office)]
    notes = list(_missing_delivery(facts, office, arrangement))
    if scored.points is None and not (notes and not arrangement.survey_is_ours):
        notes.insert(0, _why_no_rating(office, counts))
    elif counts.answers.rated < facts.min_ratings:
        notes.insert(0, _too_few(facts, counts))
    still_open = () if scored.points is None else _open(office)
    return [*notes, *_about_delivery(counts), *_left_out(counts), *still_open]


def _why_not_scored(facts: MonthFacts, office: OfficeFacts) -> Message:
    register = office.office
    if register.exempt_reason is not None:
        return Message("exempt from the appraisal: {reason}", {"reason": register.exempt_reason})
    if register.withdrawn:
        return Message("the office was taken off the register; it is not scored")
    if register.valid_from and register.valid_from > last_day(facts.month):
        return Message(
            "the office is appraised from {day} on; this month is not scored",
            {"day": register.valid_from},
        )
    return Message(
        "the office was appraised until {day}; this month is not scored",
        {"day": register.valid_until or first_day(facts.month)},
    )


def _too_few(facts: MonthFacts, counts: Counted) -> Message:
    return Message(
        "shown apart, without a rank: {rated} rated cases, a rank needs {least}",
        {"rated": counts.answers.rated, "least": facts.min_ratings},
    )


def _why_no_rating(office: OfficeFacts, counts: Counted) -> Message:
    """Return at which step the office's cases were lost."""
    surveys = office.surveys
    if counts.delivery and counts.replaced:
        return Message(
            "no rating: the results that {source} delivered for the whole month hold no answer",
            {"source": counts.delivery.source},
        )
    if surveys.still_open:
        return Message(
            "no rating yet: of {drawn} cases drawn, {open} are still being asked",
            {"drawn": surveys.drawn, "open": surveys.still_open},
        )
    if surveys.drawn:
        return Message(
            "no rating: nobody rated any of the {drawn} cases drawn", {"drawn": surveys.drawn}
        )
    if counts.delivery or counts.results:
        return Message("no rating: the delivered results hold no answer, and we have none")
    if office.month.reported:
        return Message(
            "no rating: none of the {reported} cases reported was drawn",
            {"reported": office.month.reported},
        )
    return Message("no rating: the office reported no case")


def _missing_delivery(
    facts: MonthFacts, office: OfficeFacts, arrangement: Arrangement
) -> Iterator[Message]:
    if not arrangement.waits_for_delivery or office.month.came_in:
        return
    if facts.overdue:
        yield Message(
            "the results that others deliver for this office are missing, overdue since {day}",
            {"day": facts.due_on},
        )
    else:
        yield Message(
            "the results that others deliver for this office are not here yet; they are due "
            "by {day}",
            {"day": facts.due_on},
        )


def _about_delivery(counts: Counted) -> Iterator[Message]:
    if counts.delivery and counts.delivery.late:
        yield Message(
            "the results of {source} came in late, on {day}",
            {"source": counts.delivery.source, "day": counts.delivery.delivered_on},
        )
    if counts.results and counts.results.late:
        yield Message(
            "results of {source} came in late, the last on {day}: {late} of {count} cases",
            {
                "source": counts.results.source,
                "day": counts.results.delivered_on,
                "late": counts.results.late,
                "count": counts.results.delivered.rated,
            },
        )


def _left_out(counts: Counted) -> Iterator[Message]:
    yield from (left.why for left in counts.left_out)


def _open(office: OfficeFacts) -> Iterator[Message]:
    if office.surveys.still_open:
        yield Message(
            "surveys still open: {count}; the figures may change",
            {"count": office.surveys.still_open},
        )
