"""Delivered results as a month's row stores them: those of a whole month, and case by case.

Part of `month_row.MonthRow.to_json`: names and order stay as they are.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from survey_pipeline.scoring.facts import Answers, CaseResults, Delivery
from survey_pipeline.vocabulary import DeliveryMode, Rating

Json = Mapping[str, Any]

_GROUPS = ("first", "after_sms", "after_phone", "own_sms", "own_phone")
"""The answers in `CaseResults`."""


def by_rating(answers: Answers) -> dict[str, int]:
    """Return counts by the words of the three answers."""
    return {rating.value: answers.of(rating) for rating in Rating}


def delivery_json(delivery: Delivery | None) -> dict[str, Any] | None:
    """Return the stored form of a month's delivery."""
    if delivery is None:
        return None
    return {
        "reported": delivery.reported,
        "sampled": delivery.sampled,
        **by_rating(delivery.answers),
        "source": delivery.source,
        "mode": delivery.mode.value,
        "delivered_on": delivery.delivered_on.isoformat(),
        "late": delivery.late,
    }


def read_delivery(stored: Json | None) -> Delivery | None:
    """Read what `delivery_json` wrote."""
    if stored is None:
        return None
    return Delivery(
        reported=stored["reported"],
        sampled=stored["sampled"],
        answers=Answers(**{rating.value: stored[rating.value] for rating in Rating}),
        source=stored["source"],
        mode=DeliveryMode(stored["mode"]),
        delivered_on=date.fromisoformat(stored["delivered_on"]),
        late=stored["late"],
    )


def results_json(results: CaseResults | None) -> dict[str, Any]:
    """Return the entry of results that came case by case; nothing where there are none."""
    if results is None:
        return {}
    return {
        "delivered_by_case": {
            **{name: by_rating(getattr(results, name)) for name in _GROUPS},
            "sources": list(results.sources),
            "delivered_on": results.delivered_on.isoformat(),
            "late": results.late,
        }
    }


def read_results(stored: Json | None) -> CaseResults | None:
    """Read the value of the entry that `results_json` wrote."""
    if stored is None:
        return None
    return CaseResults(
        **{name: Answers(**stored[name]) for name in _GROUPS},
        sources=tuple(stored["sources"]),
        delivered_on=date.fromisoformat(stored["delivered_on"]),
        late=stored["late"],
    )
