"""The columns of the monthly export, in the order that product.md section 8 fixes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from survey_pipeline.i18n import N_

Kind = Literal["text", "code", "count", "share", "factor", "points", "rank"]


@dataclass(frozen=True)
class Column:
    """One column: its name in CSV and JSON, its heading for people, and what it holds."""

    name: str
    label: str
    """The heading in English, translated where it is shown."""
    kind: Kind
    width: int
    """Width in the workbook, in characters of the body font."""


MONTH_COLUMNS: tuple[Column, ...] = (
    Column("month", N_("Month"), "text", 9),
    Column("office_code", N_("Office code"), "code", 13),
    Column("office", N_("Office"), "text", 24),
    Column("category", N_("Category"), "text", 10),
    Column("parent_code", N_("Parent code"), "code", 10),
    Column("parent", N_("Parent department"), "text", 20),
    Column("reported", N_("Cases reported"), "count", 8),
    Column("drawn", N_("Drawn"), "count", 7),
    Column("texted", N_("Texted"), "count", 7),
    Column("delivered", N_("Texts delivered"), "count", 9),
    Column("replied", N_("Replied"), "count", 8),
    Column("called", N_("Called"), "count", 7),
    Column("reached", N_("Reached by phone"), "count", 8),
    Column("rated", N_("Rated"), "count", 7),
    Column("satisfied", N_("Satisfied"), "count", 8),
    Column("neutral", N_("Neutral"), "count", 8),
    Column("dissatisfied", N_("Dissatisfied"), "count", 11),
    Column("rated_by_sms", N_("Rated by SMS"), "count", 8),
    Column("rated_by_phone", N_("Rated by phone"), "count", 8),
    Column("rated_elsewhere", N_("Rated elsewhere"), "count", 9),
    Column("rate", N_("Satisfaction rate"), "share", 11),
    Column("rate_low", N_("Rate, lower bound"), "share", 9),
    Column("rate_high", N_("Rate, upper bound"), "share", 9),
    Column("coefficient", N_("Volume coefficient"), "factor", 10),
    Column("points", N_("Points"), "points", 8),
    Column("rank", N_("Rank"), "rank", 7),
    Column("response_rate", N_("Response rate"), "share", 9),
    Column("source", N_("Source"), "text", 11),
    Column("note", N_("Note"), "text", 36),
)

BY_NAME: Mapping[str, Column] = {column.name: column for column in MONTH_COLUMNS}

COUNTS: tuple[str, ...] = tuple(column.name for column in MONTH_COLUMNS if column.kind == "count")
"""The columns that add up over offices."""

STAGES: tuple[str, ...] = (
    "reported",
    "drawn",
    "texted",
    "delivered",
    "replied",
    "called",
    "rated",
)
"""A case's way through the month, as the funnel shows it."""

RATINGS: tuple[str, ...] = ("satisfied", "neutral", "dissatisfied")
