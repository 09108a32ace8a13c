"""Integrity signals: what a day's frame shows of each office, and what stands out of a month."""

from datetime import date, datetime

from sqlalchemy import Index, Table, UniqueConstraint
from sqlmodel import Field, SQLModel

from survey_pipeline.store.columns import identity, moment, table
from survey_pipeline.store.personal import Actor, Code, Explained, Word


class SignalDay(SQLModel, table=True):
    """What the numbers and contents of one office's cases in a day's frame show.

    Counted with the draw, because the numbers of cases that are not drawn are soon deleted.
    """

    __tablename__ = "signal_days"

    day: date = Field(primary_key=True)
    """The day of the frame."""
    office_code: Code = Field(primary_key=True)
    cases: int
    """Its cases in the frame."""
    repeated: int = 0
    """Of these, cases whose number the office had reported already within the last days."""
    shared: int = 0
    """Cases whose number many offices reported within the last days."""
    consecutive: int = 0
    """Different numbers in runs of consecutive ones."""
    alike: int = 0
    """Cases with the same name or remark and the same item as others under other numbers."""
    numbered: int = 0
    """Case numbers from the lowest to the highest of each series that the office counts up."""
    missing: int = 0
    """Of these, numbers that no case has."""


class Signal(SQLModel, table=True):
    """Something that stands out of an office's month, and what a person found of it."""

    __tablename__ = "signals"
    __table_args__ = (
        UniqueConstraint("month", "office_code", "kind", name="uq_signals_month_office_kind"),
        Index("ix_signals_state", "state"),
    )

    id: int | None = identity()
    month: Word
    """`YYYY-MM`."""
    office_code: Code
    kind: Word
    """A `SignalKind`."""
    counted: int
    out_of: int
    others_counted: int
    """The same of all other offices together."""
    others_out_of: int
    found_at: datetime = moment()
    state: Word = "open"
    """A `SignalState`."""
    decided_at: datetime | None = moment(default=None)
    decided_by: Actor | None = None
    reason: Explained | None = None


signal_days: Table = table(SignalDay)
signals: Table = table(Signal)
