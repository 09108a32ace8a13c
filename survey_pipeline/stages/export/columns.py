"""The columns of the monthly export, in the order that product.md section 8 fixes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from survey_pipeline.i18n import N_

# `word` is a term of a closed list, `code` a key, `text` anything that people typed
Kind = Literal["text", "word", "code", "count", "share", "factor", "points", "rank"]


@dataclass(frozen=True)
class Column:
    """One column: its name in CSV and JSON, its heading for people, and what it holds."""

    name: str
    label: str
    """The heading in English, translated where it is shown."""
    kind: Kind
    width: float
    """Width in the workbook, in characters of the body font."""

    def width_in(self, locale: str) -> float:
        """Return the width; a Chinese heading over figures breaks anywhere and takes less."""
        narrow = {"count": 6.5, "share": 8.5, "factor": 7.0, "points": 8.0, "rank": 6.5}
        if not locale.startswith("zh"):
            return self.width
        return min(self.width, narrow.get(self.kind, self.width))


MONTH_COLUMNS: tuple[Column, ...] = (
    Column("month", N_("Month"), "text", 9),
    Column("office_code", N_("Office code"), "code", 10),
    Column("office", N_("Office"), "text", 20),
    Column("category", N_("Category"), "word", 9),
    Column("parent_code", N_("Parent code"), "code", 9),
    Column("parent", N_("Parent department"), "text", 17),
    Column("reported", N_("Cases reported"), "count", 10),
    Column("drawn", N_("Drawn"), "count", 9),
    Column("texted", N_("Texted"), "count", 9),
    Column("delivered", N_("Texts delivered"), "count", 10),
    Column("replied", N_("Replied"), "count", 9),
    Column("called", N_("Called"), "count", 9),
    Column("reached", N_("Reached by phone"), "count", 10),
    Column("rated", N_("Rated"), "count", 9),
    Column("satisfied", N_("Satisfied"), "count", 10),
    Column("neutral", N_("Neutral"), "count", 9),
    Column("dissatisfied", N_("Dissatisfied"), "count", 13),
    Column("rated_by_sms", N_("Rated by SMS"), "count", 9),
    Column("rated_by_phone", N_("Rated by phone"), "count", 9),
    Column("rated_elsewhere", N_("Rated elsewhere"), "count", 10),
    Column("rate", N_("Satisfaction rate"), "share", 12),
    Column("rate_low", N_("Rate, lower bound"), "share", 9),
    Column("rate_high", N_("Rate, upper bound"), "share", 9),
    Column("coefficient", N_("Volume coefficient"), "factor", 11),
    Column("points", N_("Points"), "points", 8),
    Column("rank", N_("Rank"), "rank", 7),
    Column("response_rate", N_("Response rate"), "share", 10),
    Column("source", N_("Source"), "word", 10),
    Column("note", N_("Note"), "text", 24),
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
