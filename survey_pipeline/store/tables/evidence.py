"""The year's evidence that others bring: filings, deductions, ranks, points, awards, objections.

Points are whole ten-thousandths, shares the text of a decimal: never floats. No foreign keys:
200,000 records may come at once, and intake has checked office and department already.
"""

from datetime import date, datetime

from sqlalchemy import Index, Table, UniqueConstraint
from sqlmodel import SQLModel

from survey_pipeline.store.columns import identity, moment, sealed, sealed_bytes, table
from survey_pipeline.store.personal import (
    Actor,
    Code,
    Explained,
    FilingText,
    Matter,
    OfficialName,
    OfficialNameHash,
    RecordRemark,
    Title,
    Word,
)


class Evidence(SQLModel):
    """What every record has: its year, the row it came from, and whether it was taken back."""

    id: int | None = identity()
    year: int
    """The appraisal year for which it was brought in."""
    import_id: int
    row_no: int
    """The row of that import's file that holds the present contents."""
    withdrawn_at: datetime | None = moment(default=None)
    withdrawn_by: Actor | None = None
    withdrawn_reason: Explained | None = None


class SupervisionRecord(Evidence, table=True):
    """A finding or sanction (part C); of C3.4, material that a parent department did not file."""

    __tablename__ = "supervision_records"
    __table_args__ = (
        UniqueConstraint("record_no", name="uq_supervision_records_no"),
        Index("ix_supervision_records_office", "office_code", "year"),
        Index("ix_supervision_records_parent", "parent_code", "year"),
    )

    record_no: Code
    clause: Code
    office_code: Code | None = None
    """Empty at C3.4 alone."""
    parent_code: Code | None = None
    """Filled at C3.4 alone."""
    occurred_on: date
    points: int | None = None
    """Ten-thousandths; empty where the clause has a fixed figure and the file did not repeat it."""
    person: OfficialName | None = sealed_bytes(default=None)
    """Ciphertext (`store.crypto`) of the name as written; emptied by deletion."""
    person_hash: OfficialNameHash | None = None
    """Keyed hash of the folded name, 16 bytes: what two records of one person share."""
    matter: Matter | None = sealed(default=None)
    is_head: bool = False
    duty_related: bool | None = None
    """Empty: unknown."""
    adverse_effect: bool | None = None
    """Empty: unknown."""
    self_found: bool = False
    rectified: bool = False
    filing_no: Code | None = None
    """The self-check filing that it stands in; then that filing's day decides."""
    filed_on: date | None = None
    document_no: Code | None = None
    remark: RecordRemark | None = sealed(default=None)


class SelfCheckFiling(Evidence, table=True):
    """What a parent department filed of its own checks in a month (note 1 of part C)."""

    __tablename__ = "filings"
    __table_args__ = (
        UniqueConstraint("filing_no", name="uq_filings_no"),
        Index("ix_filings_parent", "parent_code", "month"),
    )

    filing_no: Code
    parent_code: Code
    month: Word
    """`YYYY-MM`: the month in which it was found."""
    filed_on: date
    nothing_found: bool = False
    """Then the six contents below are empty; else at least one of them is filled."""
    problems: FilingText | None = sealed(default=None)
    people: FilingText | None = sealed(default=None)
    causes: FilingText | None = sealed(default=None)
    measures: FilingText | None = sealed(default=None)
    office_responsible: FilingText | None = sealed(default=None)
    schedule: FilingText | None = sealed(default=None)
    document_no: Code | None = None


class NothingReport(SQLModel, table=True):
    """The word that there is nothing to bring for a period: no filing, no hotline record."""

    __tablename__ = "nothing_reports"
    __table_args__ = (
        UniqueConstraint("duty", "parent_code", "first_day", name="uq_nothing_reports_period"),
    )

    id: int | None = identity()
    duty: Word
    """A `Duty`: `self_check` or `hotline`."""
    parent_code: Code = ""
    """The department; empty where the hotline centre speaks for all offices."""
    first_day: date
    last_day: date
    """The period's last day: the window may cut a quarter."""
    by: Actor
    at: datetime = moment()


class HotlineRecord(Evidence, table=True):
    """A fault in handling a hotline case (D1 to D3)."""

    __tablename__ = "hotline_records"
    __table_args__ = (
        UniqueConstraint("record_no", name="uq_hotline_records_no"),
        Index("ix_hotline_records_office", "office_code", "year"),
    )

    record_no: Code
    clause: Code
    office_code: Code
    occurred_on: date
    points: int | None = None
    """Ten-thousandths; empty where the clause has a fixed figure and the file did not repeat it."""
    unreasonable_claim: bool = False
    remark: RecordRemark | None = sealed(default=None)


class HotlineRank(Evidence, table=True):
    """A parent department's rank in the year's hotline assessment (D4)."""

    __tablename__ = "hotline_ranks"
    __table_args__ = (
        UniqueConstraint("year", "parent_code", name="uq_hotline_ranks_parent"),
        Index("ix_hotline_ranks_parent", "parent_code"),
    )

    parent_code: Code
    rank: int


class PerformancePoints(Evidence, table=True):
    """An office's performance points, delivered by a lead agency (part B)."""

    __tablename__ = "performance_points"
    __table_args__ = (
        UniqueConstraint("year", "office_code", name="uq_performance_points_office"),
        Index("ix_performance_points_office", "office_code"),
    )

    office_code: Code
    points: int
    """Ten-thousandths."""
    source: Title
    delivered_on: date
    late: bool


class ParentGrade(Evidence, table=True):
    """A parent department's grade for one of its offices (part E)."""

    __tablename__ = "parent_grades"
    __table_args__ = (
        UniqueConstraint("year", "office_code", name="uq_parent_grades_office"),
        Index("ix_parent_grades_office", "office_code"),
    )

    office_code: Code
    grade: Word
    """A `Grade`."""
    delivered_on: date
    late: bool


class ParentPoints(Evidence, table=True):
    """An office's points from its lead agency, where no grades are given (part E)."""

    __tablename__ = "parent_points"
    __table_args__ = (
        UniqueConstraint("year", "office_code", name="uq_parent_points_office"),
        Index("ix_parent_points_office", "office_code"),
    )

    office_code: Code
    points: int
    """Ten-thousandths."""
    source: Title
    delivered_on: date
    late: bool


class Award(Evidence, table=True):
    """An award, as one office has it (part G); one to the parent names its offices, a row each."""

    __tablename__ = "awards"
    __table_args__ = (
        UniqueConstraint("year", "award_no", "office_code", name="uq_awards_office"),
        Index("ix_awards_office", "office_code", "year"),
    )

    award_no: Code
    office_code: Code
    work: Title
    level: Word
    """An `AwardLevel`."""
    recipient: Word
    """A `Recipient`."""
    parent_code: Code | None = None
    """The department that received it, where it was one."""
    share: Word | None = None
    """Of an award to the parent, the decimal as text; empty: equal shares."""
    document_no: Code | None = None
    issued_on: date
    kind: Word
    """An `AwardKind`."""
    confirmed: bool = False
    core_function: bool | None = None
    """Empty: not said."""


class Objection(SQLModel, table=True):
    """An office's objection (申诉) to a record or to a month's score, and what was decided."""

    __tablename__ = "objections"
    __table_args__ = (Index("ix_objections_office", "office_code"),)

    id: int | None = identity()
    at: datetime = moment()
    by: Actor
    office_code: Code
    kind: Word | None = None
    """A `RecordKind`; empty where the objection is to a month."""
    key: Code | None = None
    """The record's natural key, parts joined by `/`."""
    year: int | None = None
    """The appraisal year of the record, where its kind is brought in by year."""
    month: Word | None = None
    """`YYYY-MM`."""
    text: Explained
    decision: Word | None = None
    """A `Decision`; empty while it is open."""
    decided_at: datetime | None = moment(default=None)
    decided_by: Actor | None = None
    reason: Explained | None = None


supervision_records: Table = table(SupervisionRecord)
filings: Table = table(SelfCheckFiling)
nothing_reports: Table = table(NothingReport)
hotline_records: Table = table(HotlineRecord)
hotline_ranks: Table = table(HotlineRank)
performance_points: Table = table(PerformancePoints)
parent_grades: Table = table(ParentGrade)
parent_points: Table = table(ParentPoints)
awards: Table = table(Award)
objections: Table = table(Objection)
