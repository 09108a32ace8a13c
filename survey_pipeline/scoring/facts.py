"""The facts that satisfaction is scored from, per office and month. Counts only, no citizen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from survey_pipeline.validity import valid_within
from survey_pipeline.vocabulary import (
    Category,
    DeliveryMode,
    Disposition,
    DissatisfactionReason,
    Rating,
)


@dataclass(frozen=True)
class Answers:
    """The number of rated cases by answer."""

    satisfied: int = 0
    neutral: int = 0
    dissatisfied: int = 0

    @property
    def rated(self) -> int:
        """All of them."""
        return self.satisfied + self.neutral + self.dissatisfied

    def of(self, rating: Rating) -> int:
        """Return the count of one answer."""
        count: int = getattr(self, rating.value)
        return count

    def __add__(self, other: "Answers") -> "Answers":
        return Answers(
            self.satisfied + other.satisfied,
            self.neutral + other.neutral,
            self.dissatisfied + other.dissatisfied,
        )

    def __sub__(self, other: "Answers") -> "Answers":
        return Answers(
            self.satisfied - other.satisfied,
            self.neutral - other.neutral,
            self.dissatisfied - other.dissatisfied,
        )


@dataclass(frozen=True)
class Delivery:
    """A month's results of one office, delivered by others."""

    reported: int
    sampled: int
    answers: Answers
    source: str
    mode: DeliveryMode
    delivered_on: date
    late: bool


@dataclass(frozen=True)
class CaseResults:
    """A month's results of one office, delivered case by case, beside our answers of the cases.

    Where we have no answer of a case, or a later one, the delivered answer was given first.
    """

    first: Answers
    """Delivered answers that were given first."""
    after_sms: Answers
    """Delivered answers of citizens who had answered our text before."""
    after_phone: Answers
    """Delivered answers of citizens who had answered our call before."""
    own_sms: Answers
    """Our answers by SMS of citizens whose delivered answer was given first."""
    own_phone: Answers
    """Our answers on the phone of citizens whose delivered answer was given first."""
    sources: tuple[str, ...]
    """Who delivered, in code point order."""
    delivered_on: date
    """The day of the last delivery."""
    late: int
    """Results that came after they were due."""

    @property
    def delivered(self) -> Answers:
        """All that was delivered."""
        return self.first + self.after_sms + self.after_phone

    @property
    def source(self) -> str:
        """Who delivered, as one text."""
        return "、".join(self.sources)


@dataclass(frozen=True)
class OfficeOnRegister:
    """An office as the register has it today."""

    office_code: str
    name: str
    category: Category
    parent_code: str
    parent: str
    approval_service: bool
    exempt_reason: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    withdrawn: bool = False

    def valid_within(self, first: date, last: date) -> bool:
        """Return whether the office is valid on at least one day of a span."""
        return valid_within(self, first, last)


@dataclass(frozen=True)
class SurveyCounts:
    """Counts of an office's drawn cases in one month."""

    drawn: int = 0
    texted: int = 0
    delivered: int = 0
    replied: int = 0
    called: int = 0
    reached: int = 0
    still_open: int = 0
    outcomes: Mapping[Disposition, int] = field(default_factory=dict)
    reasons: Mapping[DissatisfactionReason, int] = field(default_factory=dict)
    verified: Mapping[tuple[Rating, Rating], int] = field(default_factory=dict)
    """People who answered by SMS and again on the phone: (SMS, phone) -> how many."""


@dataclass(frozen=True)
class MonthOfOffice:
    """What counts toward an office's score of one month."""

    month: str
    reported: int = 0
    """Accepted cases, withdrawn ones taken off."""
    sms: Answers = Answers()
    phone: Answers = Answers()
    delivery: Delivery | None = None
    results: CaseResults | None = field(default=None, metadata={"canonical": "if any"})
    """What came case by case; never beside a delivery."""

    @property
    def known(self) -> bool:
        """Whether anything came in: a case, an answer, or a delivery."""
        return bool(self.reported or self.sms.rated or self.phone.rated or self.came_in)

    @property
    def came_in(self) -> bool:
        """Whether others delivered results."""
        return self.delivery is not None or self.results is not None


@dataclass(frozen=True)
class OfficeFacts:
    """Everything that one office is scored by in a month."""

    office: OfficeOnRegister
    month: MonthOfOffice
    surveys: SurveyCounts = SurveyCounts()
    earlier: tuple[MonthOfOffice, ...] = ()
    """The window's months before, those in which the office is valid, in order."""
    ended_months: int = 1
    """Of these and the month itself, how many have ended; at least one."""


@dataclass(frozen=True)
class MonthFacts:
    """All offices of one month."""

    month: str
    as_of: date
    due_on: date
    """Last day for delivered results."""
    complete: bool
    """The month is over, every case of it was in a draw, and every survey has ended."""
    offices: tuple[OfficeFacts, ...]
    """By office_code."""
    min_ratings: int = 0
    """An office with fewer rated cases has no rank in the month."""

    @property
    def overdue(self) -> bool:
        """Whether a delivery that is not here yet is late."""
        return self.as_of > self.due_on
