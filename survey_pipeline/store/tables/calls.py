"""The phone queue and every attempt made from it."""

from datetime import datetime

from sqlalchemy import Index, Table, text
from sqlmodel import SQLModel

from survey_pipeline.store.columns import identity, moment, reference, sealed, table
from survey_pipeline.store.personal import Actor, CallerNote, CitizenWords, Word


class Call(SQLModel, table=True):
    """A citizen to be called, for one reason. A survey has at most one open call."""

    __tablename__ = "calls"
    __table_args__ = (
        Index(
            "uq_calls_open_survey",
            "survey_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_calls_due", "state", "due_at"),
    )

    id: int | None = identity()
    survey_id: int = reference("surveys.id", index=True)
    reason: Word
    """A `CallReason`."""
    priority: int
    """The reason's place in the queue, from 0."""
    state: Word = "open"
    """A `CallState`."""
    queued_at: datetime = moment()
    due_at: datetime = moment()
    """Not to be called earlier; within calling hours."""
    last_at: datetime = moment()
    """The survey's end: nothing after it."""
    attempts: int = 0
    extra_attempts: int = 0
    """Attempts that appointments added."""
    slots: Word = ""
    """Parts of the day already tried, one letter an attempt."""
    appointment_from: datetime | None = moment(default=None)
    appointment_until: datetime | None = moment(default=None)
    lease_by: Actor | None = None
    lease_until: datetime | None = moment(default=None)
    leased_at: datetime | None = moment(default=None)
    ended_at: datetime | None = moment(default=None)
    why: Word | None = None
    """What ended it: an outcome, `sms_reply`, `opted_out`, `withdrawn`, `survey_closed`."""


class CallAttempt(SQLModel, table=True):
    """One attempt, as the caller logged it. Never deleted, never changed.

    One taken back has a row in `undone_attempts`; its number is given again.
    """

    __tablename__ = "call_attempts"

    id: int | None = identity()
    call_id: int = reference("calls.id", index=True)
    survey_id: int = reference(index=True)
    number: int
    """From 1, within the call."""
    by: Actor
    leased_at: datetime | None = moment(default=None)
    logged_at: datetime = moment(index=True)
    slot: Word
    """The part of the day, one letter."""
    outcome: Word
    """A `CallOutcome`."""
    rating: Word | None = None
    reason: Word | None = None
    """A `DissatisfactionReason`."""
    note: CallerNote | None = sealed(default=None)
    again_at: datetime | None = moment(default=None)
    correct_why: CitizenWords | None = sealed(default=None)
    late: bool = False
    """Logged after the lease ran out."""


class UndoneAttempt(SQLModel, table=True):
    """An attempt that its caller took back within a minute: kept, and no longer counted."""

    __tablename__ = "undone_attempts"

    attempt_id: int = reference(
        "call_attempts.id", primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    at: datetime = moment()
    by: Actor


calls: Table = table(Call)
call_attempts: Table = table(CallAttempt)
undone_attempts: Table = table(UndoneAttempt)
