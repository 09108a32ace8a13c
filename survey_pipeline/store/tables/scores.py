"""Computed scores, with the lines that explain them."""

from datetime import date, datetime

from sqlalchemy import Table, UniqueConstraint
from sqlmodel import Field, SQLModel

from survey_pipeline.store.columns import document, identity, moment, table
from survey_pipeline.store.personal import (
    Actor,
    Code,
    Figures,
    Identifier,
    Lines,
    PackedLines,
    Title,
    Word,
)


class MonthScore(SQLModel, table=True):
    """One computation of a month for all offices; a new version only where something changed."""

    __tablename__ = "month_scores"
    __table_args__ = (UniqueConstraint("month", "version", name="uq_month_scores_version"),)

    id: int | None = identity()
    month: Word
    version: int
    computed_at: datetime = moment()
    as_of: date
    """The day up to which months counted as ended (the window to date)."""
    standard: Title
    standard_hash: Identifier
    """SHA-256 of the standard's file."""
    program_version: Identifier
    inputs_hash: Identifier
    """SHA-256 over the facts that went in, in canonical form."""
    complete: bool
    """Every survey of the month has ended."""
    published_at: datetime | None = moment(default=None)
    """Frozen since then: what changes later makes another version."""
    published_by: Actor | None = None


class OfficeMonthScore(SQLModel, table=True):
    """One office in one computation of a month."""

    __tablename__ = "office_month_scores"

    score_id: int = Field(primary_key=True, foreign_key="month_scores.id")
    office_code: Code = Field(primary_key=True)
    points: int | None
    """Ten-thousandths of a point; empty where nobody rated."""
    rank: int | None
    facts: Figures = document()
    """The row of the monthly export, unrounded figures as text."""
    lines: Lines = document()
    """The tree of lines that makes the points."""


class YearScore(SQLModel, table=True):
    """One computation of an appraisal year as of a day; a new version where something changed."""

    __tablename__ = "year_scores"
    __table_args__ = (UniqueConstraint("year", "version", name="uq_year_scores_version"),)

    id: int | None = identity()
    year: int
    version: int
    computed_at: datetime = moment()
    as_of: date
    """The day up to which months had ended and dated records counted."""
    standard: Title
    standard_hash: Identifier
    """SHA-256 of the standard's file."""
    program_version: Identifier
    inputs_hash: Identifier
    """SHA-256 over everything that went in."""
    complete: bool
    """The window is over, nothing is under way, and no office lacks a component."""
    head: Figures = document()
    """The window, the exempt offices with their reasons, and what marks the figures."""
    published_at: datetime | None = moment(default=None)
    """Frozen since then: what changes later makes another version."""
    published_by: Actor | None = None


class OfficeYearScore(SQLModel, table=True):
    """One office in one computation of a year."""

    __tablename__ = "office_year_scores"

    score_id: int = Field(primary_key=True, foreign_key="year_scores.id")
    office_code: Code = Field(primary_key=True)
    daily: int | None
    """The daily appraisal, in ten-thousandths of a point; empty where no component has data."""
    total: int | None
    """Likewise, online review, bonus and penalty included."""
    rank: int | None
    """Among those with, or among those without an online score."""
    rank_in_category: int | None
    facts: Figures = document()
    """Register, components, and what is missing; points as text of four decimals."""
    lines: PackedLines
    """The tree of lines that makes the points, packed (`scoring.packing`)."""


month_scores: Table = table(MonthScore)
office_month_scores: Table = table(OfficeMonthScore)
year_scores: Table = table(YearScore)
office_year_scores: Table = table(OfficeYearScore)
