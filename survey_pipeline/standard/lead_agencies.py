"""The lead agencies that a standard names, and what each of them delivers for which category.

The standard gives an agency no code: its Chinese name is its key, and is spelled alike wherever the
agency delivers.
Source: specification, sections 14.A, 14.B and 14.E.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from survey_pipeline.standard.entry import Label
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.parts.delivered import ParentRating, Performance
from survey_pipeline.standard.parts.satisfaction import Arrangement
from survey_pipeline.vocabulary import Category


@dataclass(frozen=True)
class LeadAgency:
    """What one agency delivers."""

    name: Label
    arrangements: tuple[Arrangement, ...]
    """The surveys whose results it delivers."""
    performance: tuple[Category, ...]
    """The categories that it gives performance points."""
    parent_points: tuple[Category, ...]
    """The categories that it gives points of the parent rating."""

    @property
    def key(self) -> str:
        """The name by which users are bound to it."""
        return self.name.zh

    def is_called(self, name: str) -> bool:
        """Return whether this is its name, in either language."""
        return name in {self.name.zh, self.name.en}

    @property
    def surveyed(self) -> tuple[Category, ...]:
        """The categories with offices whose satisfaction results it delivers."""
        return tuple(entry.category for entry in self.arrangements if entry.category is not None)

    @property
    def called(self) -> tuple[Category, ...]:
        """The categories of which it makes the calls while the texts are ours."""
        return tuple(
            entry.category
            for entry in self.arrangements
            if entry.is_shared and entry.category is not None
        )


def lead_agencies(standard: Standard) -> list[LeadAgency]:
    """Return the lead agencies of a standard, in the order in which it names them."""
    names = {label.zh: label for label in _deliverers(standard)}
    return [_agency(standard, label) for label in names.values()]


def find_agency(standard: Standard, name: str) -> LeadAgency | None:
    """Return the lead agency with a name, in either language; None if the standard has none."""
    return next((agency for agency in lead_agencies(standard) if agency.is_called(name)), None)


def _deliverers(standard: Standard) -> Iterator[Label]:
    for arrangement in standard.satisfaction.carried_out:
        if arrangement.by is not None:
            yield arrangement.by
    for part in (standard.performance, standard.parent_rating):
        for entry in part.delivered_by:
            yield entry.by


def _agency(standard: Standard, name: Label) -> LeadAgency:
    rating, performance = standard.parent_rating, standard.performance
    return LeadAgency(
        name=name,
        arrangements=tuple(
            entry
            for entry in standard.satisfaction.carried_out
            if entry.by is not None and entry.by.zh == name.zh
        ),
        performance=_categories(performance, name),
        parent_points=_categories(rating, name),
    )


def _categories(part: Performance | ParentRating, name: Label) -> tuple[Category, ...]:
    return tuple(entry.category for entry in part.delivered_by if entry.by.zh == name.zh)
