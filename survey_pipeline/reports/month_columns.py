"""The columns of the monthly export, in the order that section 8.1 of the specification fixes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from survey_pipeline.i18n import N_

# `word` is a term of a closed list, `code` a key, `text` anything that people typed, `exact` are
# points with all their decimals
CellKind = Literal[
    "text", "word", "code", "count", "share", "factor", "points", "exact", "variance", "rank"
]


_NARROW: Mapping[str, float] = {
    "count": 5.25, "share": 7.1, "factor": 5.5, "points": 6.5, "rank": 5.0
}  # fmt: skip
"""Widths of columns of figures, by kind."""
_NARROW_WORDS: Mapping[str, float] = {
    "office": 18, "parent": 13, "office_code": 9.5, "source": 9, "note": 13
}  # fmt: skip
"""Widths of columns of words, by name: they wrap."""


@dataclass(frozen=True)
class ReportColumn:
    """One column: its name in CSV and JSON, its heading for people, and what it holds."""

    name: str
    label: str
    """The heading in English, translated where it is shown."""
    kind: CellKind
    width: float
    """Width in the workbook, in characters of the body font."""

    @property
    def printed_width(self) -> float:
        """Return the width: figures take what they need, so that 26 columns can be read on A4.

        A Chinese heading over figures breaks anywhere; an English one is turned (`turned_in`).
        """
        narrow = _NARROW.get(self.kind) or _NARROW_WORDS.get(self.name)
        return min(self.width, narrow or self.width)

    def turned_in(self, locale: str) -> bool:
        """Return whether the heading is turned: a long English word over a narrow column."""
        return self.kind in _NARROW and not locale.startswith("zh")


MONTH_COLUMNS: tuple[ReportColumn, ...] = (
    ReportColumn("month", N_("Month"), "text", 9),
    ReportColumn("office_code", N_("Office code"), "code", 10),
    ReportColumn("office", N_("Office"), "text", 20),
    ReportColumn("category", N_("Category"), "word", 9),
    ReportColumn("parent_code", N_("Parent code"), "code", 9),
    ReportColumn("parent", N_("Parent department"), "text", 17),
    ReportColumn("reported", N_("Cases reported"), "count", 9),
    ReportColumn("drawn", N_("Drawn"), "count", 7.5),
    ReportColumn("texted", N_("Texted"), "count", 7.5),
    ReportColumn("delivered", N_("Texts delivered"), "count", 9),
    ReportColumn("replied", N_("Replied"), "count", 7.5),
    ReportColumn("called", N_("Called"), "count", 7.5),
    ReportColumn("reached", N_("Reached by phone"), "count", 8.5),
    ReportColumn("rated", N_("Rated"), "count", 7),
    ReportColumn("satisfied", N_("Satisfied"), "count", 9),
    ReportColumn("neutral", N_("Neutral"), "count", 7.5),
    ReportColumn("dissatisfied", N_("Dissatisfied"), "count", 11),
    ReportColumn("rated_by_sms", N_("Rated by SMS"), "count", 7.5),
    ReportColumn("rated_by_phone", N_("Rated by phone"), "count", 8),
    ReportColumn("rated_elsewhere", N_("Rated elsewhere"), "count", 9.5),
    ReportColumn("rate", N_("Satisfaction rate"), "share", 11),
    ReportColumn("rate_low", N_("Rate, lower bound"), "share", 8.5),
    ReportColumn("rate_high", N_("Rate, upper bound"), "share", 8.5),
    ReportColumn("coefficient", N_("Volume coefficient"), "factor", 10),
    ReportColumn("points", N_("Points"), "points", 7.5),
    ReportColumn("rank", N_("Rank"), "rank", 5.5),
    ReportColumn("response_rate", N_("Response rate"), "share", 9.5),
    ReportColumn("source", N_("Source"), "word", 10),
    ReportColumn("note", N_("Note"), "text", 28),
)

BY_NAME: Mapping[str, ReportColumn] = {column.name: column for column in MONTH_COLUMNS}

SATISFIED_SHARE = ReportColumn("satisfied_share", N_("Share satisfied"), "share", 9)
"""Stands beside the rate in files for people; the CSV has the counts it follows from."""
RANK_IN_CATEGORY = ReportColumn("rank_in_category", N_("Rank"), "rank", 5.5)

COUNTS: tuple[str, ...] = tuple(column.name for column in MONTH_COLUMNS if column.kind == "count")
"""The columns that add up over offices."""

STAGES: tuple[str, ...] = (
    "reported",
    "drawn",
    "texted",
    "delivered",
    "replied",
    "called",
    "reached",
)
"""A case's way through the month, as the exports draw it; who answered comes after."""

RATINGS: tuple[str, ...] = ("satisfied", "neutral", "dissatisfied")
