"""What stands in the way of a selection: offices that lack a daily component."""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

from survey_pipeline.errors import CannotProceed
from survey_pipeline.i18n import Message
from survey_pipeline.scoring.year_ranks import DAILY
from survey_pipeline.stages.review.daily import DailyPoints
from survey_pipeline.vocabulary import Component
from survey_pipeline.vocabulary.names import COMPONENTS

MOST_NAMED = 10
"""Offices that a refusal names one by one."""

Gaps = Mapping[str, Sequence[Component]]
"""office_code -> the daily components that it lacks, by office_code."""


def gaps_of(codes: Iterable[str], daily: DailyPoints) -> Gaps:
    """Return the offices that lack a daily component; one that was not scored lacks all."""
    missing = {
        code: score.missing if (score := daily.offices.get(code)) else DAILY
        for code in sorted(codes)
    }
    return {code: components for code, components in missing.items() if components}


def refuse_gaps(year: int, gaps: Gaps) -> None:
    """Refuse to select while offices lack daily components.

    Raises:
        CannotProceed: some do; names them, and what to do.
    """
    if not gaps:
        return
    named = [
        Message("{office} ({components})", {"office": code, "components": components_named(parts)})
        for code, parts in list(gaps.items())[:MOST_NAMED]
    ]
    values: dict[str, object] = {"year": year, "count": len(gaps), "offices": joined(named)}
    if len(gaps) > MOST_NAMED:
        refusal = CannotProceed(
            "offices that lack a daily component in {year}: {count}, among them {offices}. Bring "
            "what is missing and score the year again, or select provisionally, with a reason",
            **values,
        )
    else:
        refusal = CannotProceed(
            "offices that lack a daily component in {year}: {offices}. Bring what is missing and "
            "score the year again, or select provisionally, with a reason",
            **values,
        )
    raise refusal.at_terminal(
        "Run: survey-pipeline score year {year}, or survey-pipeline review select --year {year} "
        "--provisional --reason REASON",
        year=year,
    )


def components_named(components: Iterable[str]) -> Message:
    """Return components by their names, as a list to read."""
    return joined(
        (Message(COMPONENTS[Component(component)]) for component in components), short=True
    )


def joined(parts: Iterable[Message], *, short: bool = False) -> Message:
    """Join messages into a list to read."""

    def join(first: Message, then: Message) -> Message:
        params: dict[str, object] = {"first": first, "then": then}
        return Message("{first}, {then}", params) if short else Message("{first}; {then}", params)

    return reduce(join, parts)
