"""Records that come in: the register, service cases, delivered results; and runs of jobs."""

from datetime import date, datetime

from sqlalchemy import Index, Table, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from survey_pipeline.store.columns import (
    document,
    identity,
    moment,
    sealed_bytes,
    table,
)
from survey_pipeline.store.personal import (
    Actor,
    CaseNumber,
    CaseRemark,
    CitizenName,
    CitizenPhone,
    CitizenPhoneHash,
    Code,
    Explained,
    Figures,
    Identifier,
    Label,
    Reasons,
    Service,
    Title,
    Word,
)


class Parent(SQLModel, table=True):
    """A parent department (主管单位)."""

    __tablename__ = "parents"

    parent_code: Code = Field(primary_key=True)
    name: Title
    hotline_group: Word
    """A `HotlineGroup`."""
    withdrawn_at: datetime | None = moment(default=None)
    withdrawn_by: Actor | None = None
    withdrawn_reason: Explained | None = None


class Office(SQLModel, table=True):
    """An assessed office (参评处室/站所)."""

    __tablename__ = "offices"

    office_code: Code = Field(primary_key=True)
    name: Title
    category: Word
    """A `Category`."""
    parent_code: Code = Field(foreign_key="parents.parent_code", index=True)
    approval_service: bool = False
    """An `agency` office with approval services: its satisfaction survey is not ours."""
    exempt_reason: Explained | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    withdrawn_at: datetime | None = moment(default=None)
    withdrawn_by: Actor | None = None
    withdrawn_reason: Explained | None = None


class Case(SQLModel, table=True):
    """A service case (办件) that an office reported.

    No foreign keys: a million rows a day come in, and intake has checked the office already.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("office_code", "case_no", name="uq_cases_office_case"),
        Index(
            "ix_cases_pending",
            "reported_on",
            sqlite_where=text("frame_on IS NULL"),
            postgresql_where=text("frame_on IS NULL"),
        ),
        Index(
            "ix_cases_frame",
            "frame_on",
            sqlite_where=text("frame_on IS NOT NULL"),
            postgresql_where=text("frame_on IS NOT NULL"),
        ),
    )

    id: int | None = identity()
    office_code: Code
    case_no: CaseNumber
    served_on: date
    reported_on: date
    """The day of the first report; an update keeps it."""
    phone: CitizenPhone | None = sealed_bytes()
    """Ciphertext (`store.crypto`) of the E.164 number; emptied by deletion."""
    phone_hash: CitizenPhoneHash | None
    """Keyed hash of the number, 16 bytes: what two rows of one phone share."""
    phone_kind: Word
    """A `PhoneKind`."""
    item: Service
    channel: Label | None = None
    subject_type: Label | None = None
    citizen_name: CitizenName | None = sealed_bytes(default=None)
    """Ciphertext."""
    remark: CaseRemark | None = sealed_bytes(default=None)
    """Ciphertext: people write numbers and names into remarks."""
    import_id: int
    row_no: int
    """The row of that import's file that holds the present contents."""
    frame_on: date | None = None
    """The day in whose frame it stands; a case is in one frame at most."""
    withdrawn_at: datetime | None = moment(default=None)
    withdrawn_by: Actor | None = None
    withdrawn_reason: Explained | None = None
    never_a_case: bool = False


class DailyReport(SQLModel, table=True):
    """What one office reported on one day: counts outlive the cases themselves."""

    __tablename__ = "daily_reports"

    office_code: Code = Field(primary_key=True)
    reported_on: date = Field(primary_key=True, index=True)
    reported: int = 0
    """Accepted cases of that report day, withdrawn ones taken off."""
    zero: bool = False
    """The office said that it had no case."""
    by: Actor | None = None
    at: datetime | None = moment(default=None)


class SatisfactionResult(SQLModel, table=True):
    """A month's satisfaction results of one office, delivered by a lead agency."""

    __tablename__ = "satisfaction_results"

    office_code: Code = Field(primary_key=True)
    month: Word = Field(primary_key=True)
    """`YYYY-MM`."""
    reported: int
    sampled: int
    satisfied: int
    neutral: int
    dissatisfied: int
    source: Title
    mode: Word
    """A `DeliveryMode`."""
    delivered_on: date
    late: bool
    import_id: int
    row_no: int
    withdrawn_at: datetime | None = moment(default=None)
    withdrawn_by: Actor | None = None
    withdrawn_reason: Explained | None = None


class CaseResult(SQLModel, table=True):
    """The answer of one case, delivered by others; our own answer of the case stands apart."""

    __tablename__ = "case_results"
    __table_args__ = (Index("ix_case_results_month_office", "month", "office_code"),)

    office_code: Code = Field(primary_key=True)
    case_no: CaseNumber = Field(primary_key=True)
    month: Word
    """`YYYY-MM` of the case's report day: the month it counts in."""
    answer: Word
    """A `Rating`."""
    mode: Word
    """A `ResultMode`."""
    answered_on: date
    answered_until: datetime = moment()
    """The end of that day in local time: an answer of ours by then was given first."""
    source: Title
    delivered_on: date
    late: bool
    import_id: int
    row_no: int
    withdrawn_at: datetime | None = moment(default=None)
    withdrawn_by: Actor | None = None
    withdrawn_reason: Explained | None = None


class UnknownResult(SQLModel, table=True):
    """A row that came back for a case that was never handed over: refused, kept to be counted."""

    __tablename__ = "unknown_results"
    __table_args__ = (Index("ix_unknown_results_month_office", "month", "office_code"),)

    office_code: Code = Field(primary_key=True)
    case_no: CaseNumber = Field(primary_key=True)
    month: Word
    """`YYYY-MM`: the case's, or that of the answer if there is no such case."""
    import_id: int
    row_no: int


class ImportRun(SQLModel, table=True):
    """One file that was brought in."""

    __tablename__ = "import_runs"

    id: int | None = identity()
    kind: Word
    file_name: Title
    file_hash: Identifier
    """SHA-256 of the bytes, in hex."""
    reported_on: date | None = None
    by: Actor
    at: datetime = moment(index=True)
    accepted: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    warnings: int = 0
    reasons: Reasons | None = document(default=None)
    """The first reasons of refusals: column, reason (a `Message` as JSON, no cell's contents), rows
    and the first of them."""
    rejected_digest: Identifier | None = Field(default=None, index=True)
    """By which the rejected file of this import is known again; a keyed digest of its bytes."""


class JobRun(SQLModel, table=True):
    """A scheduled job of one day: no day runs twice, a missed one is found."""

    __tablename__ = "job_runs"

    job: Word = Field(primary_key=True)
    day: date = Field(primary_key=True)
    started_at: datetime = moment()
    finished_at: datetime | None = moment(default=None)
    lease_until: datetime | None = moment(default=None)
    result: Figures | None = document(default=None)


parents: Table = table(Parent)
offices: Table = table(Office)
cases: Table = table(Case)
daily_reports: Table = table(DailyReport)
satisfaction_results: Table = table(SatisfactionResult)
case_results: Table = table(CaseResult)
unknown_results: Table = table(UnknownResult)
import_runs: Table = table(ImportRun)
job_runs: Table = table(JobRun)
