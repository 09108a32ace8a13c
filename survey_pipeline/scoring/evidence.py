"""The facts that the year's other components are scored from: records, grades, ranks, ballots.

Every record carries where it came from (`evidence`), and stays visible when it was taken back or
lies outside the window: it then appears as a line that does not count, with the reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from survey_pipeline.frozen import frozen
from survey_pipeline.i18n import Message
from survey_pipeline.scoring.facts import Answers, MonthOfOffice, OfficeOnRegister
from survey_pipeline.vocabulary import AwardKind, AwardLevel, Grade, HotlineGroup, Recipient


@frozen
class Record:
    """What all stored evidence has in common."""

    key: str
    """Its natural key, parts joined by `/`."""
    evidence: Message
    """Which record it is, its file and row, who imported it, and when."""
    withdrawn: Message | None = None
    """Who withdrew it, and why; it then does not count."""


@frozen
class SupervisionRecord(Record):
    """A finding or sanction (part C), C3.4 apart."""

    clause: str = ""
    occurred_on: date = date.min
    """The day of the decision or finding."""
    points: Decimal | None = None
    """What the record carries: needed where the clause has a range."""
    person: str = ""
    matter: str = ""
    is_head: bool = False
    duty_related: bool | None = None
    """Nothing: unknown, so that the deduction stands."""
    adverse_effect: bool | None = None
    self_found: bool = False
    rectified: bool = False
    filing_no: str = ""
    """The self-check filing that it names; empty if it names none."""
    filed_on: date | None = None
    """The named filing's day, or else the record's own; None: never filed, or taken back."""
    filing_due: date | None = None
    """The last day for filing it in time (clause C.n1); the caller has the calendar."""
    remark: str = ""


@frozen
class MaterialRecord(Record):
    """Required material that a parent department did not file (C3.4)."""

    occurred_on: date = date.min
    points: Decimal | None = None


@frozen
class HotlineRecord(Record):
    """A fault in handling a hotline case (D1 to D3)."""

    clause: str = ""
    occurred_on: date = date.min
    points: Decimal | None = None
    unreasonable_claim: bool = False


@frozen
class HotlineRank(Record):
    """The parent department's rank of the year (D4)."""

    group: HotlineGroup = HotlineGroup.CITY_AGENCY
    rank: int = 0


@frozen
class DeliveredPoints(Record):
    """Points that a lead agency delivered (parts B and E)."""

    points: Decimal = Decimal(0)
    source: str = ""
    delivered_on: date | None = None
    late: bool = False


@frozen
class DeliveredGrade(Record):
    """The parent department's grade (part E, `agency`)."""

    grade: Grade = Grade.GOOD
    delivered_on: date | None = None
    late: bool = False


@frozen
class AwardRecord(Record):
    """An award of one office (part G)."""

    work: str = ""
    level: AwardLevel = AwardLevel.G4
    recipient: Recipient = Recipient.OFFICE
    share: Decimal | None = None
    """Of an award to the parent; nothing: equal shares of `sharers`."""
    sharers: int = 1
    """Offices among which an award to the parent is handed out (those not withdrawn)."""
    document_no: str = ""
    issued_on: date = date.min
    kind: AwardKind = AwardKind.COMMENDATION
    confirmed: bool = False
    core_function: bool | None = None


@dataclass(frozen=True)
class OnlineBallots:
    """The ballots on one selected office after the review has closed."""

    answers: Answers
    closed: bool


@dataclass(frozen=True)
class OfficeYear:
    """Everything that one office is scored by in a year."""

    office: OfficeOnRegister
    months: tuple[MonthOfOffice, ...] = ()
    """The window's months up to `as_of` in which the office is valid, in order."""
    ended_months: int = 1
    """How many of them count for the volume and have ended by then; at least one."""
    performance: tuple[DeliveredPoints, ...] = ()
    supervision: tuple[SupervisionRecord, ...] = ()
    hotline: tuple[HotlineRecord, ...] = ()
    hotline_rank: HotlineRank | None = None
    unranked: bool = False
    """Whether its department stands in no yearly hotline ranking."""
    parent_grade: DeliveredGrade | None = None
    parent_points: DeliveredPoints | None = None
    selected: bool = False
    """For the online review."""
    online: OnlineBallots | None = None
    awards: tuple[AwardRecord, ...] = ()

    @property
    def known(self) -> bool:
        """Whether there is anything to score: a case, an answer, a delivery, or a record."""
        records = (self.performance, self.supervision, self.hotline, self.awards)
        given = (self.hotline_rank, self.parent_grade, self.parent_points, self.online)
        return (
            any(records)
            or any(value is not None for value in given)
            or any(month.known for month in self.months)
        )


@dataclass(frozen=True)
class YearFacts:
    """Everything that a year is scored from."""

    year: int
    as_of: date
    """The day up to which months have ended and dated records count."""
    offices: tuple[OfficeYear, ...]
    """By office_code; those that are exempt are apart."""
    exempt: tuple[OfficeOnRegister, ...] = ()
    material: Mapping[str, tuple[MaterialRecord, ...]] = field(default_factory=dict)
    """By parent_code: what each department did not file."""
    counted_from: str = ""
    """The first month that counts for the volume, `YYYY-MM`; blank: all of them."""
