"""The responses of the API, as its OpenAPI description has them."""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, Field

from survey_pipeline.vocabulary import DissatisfactionReason, Rating, RowOutcome


class ProblemOut(BaseModel):
    """What is wrong with a cell, or should be looked at."""

    column: str = Field(description="English name of the column; empty: the row as a whole.")
    reason: str = Field(description="In words, in the caller's language.")


class RowOut(BaseModel):
    """What became of one row."""

    row: int = Field(description="From 1, in the order of the request.", examples=[1])
    outcome: RowOutcome
    problems: list[ProblemOut] = Field(description="Why it was refused; all that is wrong.")
    warnings: list[ProblemOut] = Field(description="It is taken, but look at this.")


class CasesOut(BaseModel):
    """What became of the rows."""

    reported_on: date = Field(description="The report day of the new cases.")
    accepted: int
    updated: int
    unchanged: int
    refused: int
    ignored: list[str] = Field(description="Names of columns that nothing reads.")
    rows: list[RowOut] = Field(description="One answer a row, in order.")


class ScoreOut(BaseModel):
    """A closed month of the key's office."""

    month: str = Field(examples=["2023-05"])
    office_code: str
    version: int
    published: bool = Field(description="False: it may still change.")
    changed_since: bool = Field(
        description="Whether the score has changed since in so few answers that the change would "
        "tell who said what; the figures stay those of `version`."
    )
    standard: str
    reported: int = Field(description="Cases that the office reported.")
    shown: bool = Field(
        description="Whether there are enough ratings; if not, whatever rests on them is null."
    )
    least: int = Field(
        description="How many ratings are enough, and the least count of an answer or a reason "
        "that is shown; smaller ones, and what they would follow from, are null."
    )
    whole: bool = Field(
        description="Whether every answer's count is shown; if not, rate, points and rank are null."
    )
    nearly_all: Rating | None = Field(description="The answer that nearly everybody gave.")
    nearly_all_share: Decimal | None = Field(description="At least this share of them did.")
    rated: int | None
    satisfied: int | None
    neutral: int | None
    dissatisfied: int | None
    rate: Decimal | None = Field(description="0 to 1, four decimals.")
    rate_low: Decimal | None = Field(description="Lower bound of the 95 % interval.")
    rate_high: Decimal | None
    coefficient: Decimal | None
    points: Decimal | None
    rank: int | None
    reasons: dict[DissatisfactionReason, int] = Field(
        description="Why people were not satisfied: category and how many named it."
    )
    notes: list[str]


class RefusalOut(BaseModel):
    """Why a request was refused."""

    detail: str
