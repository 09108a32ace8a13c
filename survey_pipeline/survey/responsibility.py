"""Who surveys an office, and whether it is appraised on a day (the rule book, part A).

`agency` offices with approval services are surveyed by the government-service bureau; the calls of
`health` offices are the health commission's; everything else is ours.
"""

from datetime import date
from typing import NamedTuple

from survey_pipeline.vocabulary import Category


class OfficeFacts(NamedTuple):
    """What the draw needs to know of an office."""

    category: Category
    approval_service: bool
    exempt: bool
    valid_from: date | None
    valid_until: date | None


def is_exempt(office: OfficeFacts, day: date) -> bool:
    """Say whether an office is exempt on a day, being outside its validity included."""
    return (
        office.exempt
        or (office.valid_from is not None and day < office.valid_from)
        or (office.valid_until is not None and day > office.valid_until)
    )


def surveyed_by_us(office: OfficeFacts) -> bool:
    """Say whether the satisfaction survey of an office is ours."""
    return not (office.category is Category.AGENCY and office.approval_service)


def called_by_us(category: Category) -> bool:
    """Say whether the call-backs of an office are ours."""
    return category is not Category.HEALTH
