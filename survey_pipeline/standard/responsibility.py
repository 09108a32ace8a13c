"""Who asks the citizens of an office: who sends the texts, and who makes the calls.

A standard lists its arrangements in `[[satisfaction.carried_out]]`; the first that fits an office
holds. Everything that depends on who asks (the draw, the queue of calls, the handover, deadlines,
deliveries, scores) looks it up here and nowhere else. A draw keeps the responsibilities that held
on its day, so that it can be checked after the standard has changed.

Source: specification, section 14.A (clauses A.5 to A.8).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, Literal, TypeVar

from pydantic import StrictBool

from survey_pipeline.standard.entry import Table, Words
from survey_pipeline.vocabulary import Category

Who = Literal["ours", "others"]


class Responsibility(Table):
    """Who asks the citizens of one kind of office, and the clause that says so."""

    clause: Words
    """Letter and number in our reading of the text."""
    category: Category | None = None
    """Empty: every category."""
    approval_service: StrictBool | None = None
    """Empty: with or without approval services."""
    survey: Who
    """The whole survey; `others`: we send no text and make no call."""
    calls: Who
    """The call-backs alone."""

    def fits(self, category: Category | str, *, approval_service: bool) -> bool:
        """Return whether the entry holds for such an office."""
        return self.category in (None, category) and self.approval_service in (
            None,
            approval_service,
        )

    @property
    def survey_is_ours(self) -> bool:
        """Whether we send the texts."""
        return self.survey == "ours"

    @property
    def calls_are_ours(self) -> bool:
        """Whether we make the calls."""
        return self.calls == "ours"

    @property
    def is_shared(self) -> bool:
        """Whether we send the texts and others make the calls: these cases are handed over."""
        return self.survey_is_ours and not self.calls_are_ours

    @property
    def waits_for_delivery(self) -> bool:
        """Whether a part of the month's answers can only come from others."""
        return not (self.survey_is_ours and self.calls_are_ours)


R = TypeVar("R", bound=Responsibility)


class Responsibilities(Generic[R]):
    """The arrangements of a rule book, in its order: the first that fits an office holds.

    Raises:
        ValueError: no entry fits some kind of office.
    """

    def __init__(self, entries: Sequence[R]) -> None:
        self.entries = tuple(entries)
        self._by_kind = {
            (category, service): _first_fit(self.entries, category, service)
            for category in Category
            for service in (False, True)
        }

    def of(self, category: Category | str, *, approval_service: bool) -> R:
        """Return the arrangement of such an office."""
        return self._by_kind[Category(category), approval_service]

    def kinds(self) -> Iterator[tuple[Category, bool, R]]:
        """Yield every kind of office: its category, its approval services, its arrangement."""
        for (category, service), entry in self._by_kind.items():
            yield category, service, entry

    def of_category(self, category: Category | str) -> list[R]:
        """Return the arrangements that hold for a category, each once, in the file's order."""
        holding = [self.of(category, approval_service=service) for service in (False, True)]
        return [entry for entry in self.entries if any(entry is held for held in holding)]

    def to_json(self) -> list[dict[str, Any]]:
        """Return the stored form: what `Responsibility` has, of every entry."""
        kept = set(Responsibility.model_fields)
        return [entry.model_dump(mode="json", include=kept) for entry in self.entries]


def kept_responsibilities(
    stored: Sequence[Mapping[str, Any]],
) -> Responsibilities[Responsibility]:
    """Read what `Responsibilities.to_json` wrote.

    Raises:
        ValueError: it is damaged, or fits not every office.
    """
    return Responsibilities([Responsibility.model_validate(entry) for entry in stored])


def _first_fit(entries: Sequence[R], category: Category, service: bool) -> R:
    for entry in entries:
        if entry.fits(category, approval_service=service):
            return entry
    raise ValueError(f"no arrangement fits {category}")
