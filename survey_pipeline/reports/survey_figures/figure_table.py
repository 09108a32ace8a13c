"""A table of figures as pages, workbooks and files for programs show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from survey_pipeline.i18n import N_, Message
from survey_pipeline.reports.month_columns import ReportColumn
from survey_pipeline.reports.month_report import MonthReport
from survey_pipeline.scoring.numbers import DECIMALS, rounded
from survey_pipeline.statistics.intervals import Interval

GROUPINGS: Mapping[str, str] = {
    "city": N_("Whole city"),
    "category": N_("Category"),
    "parent": N_("Parent department"),
    "office": N_("Office"),
    "month": N_("Month"),
    "mode": N_("Mode"),
    "caller": N_("Caller"),
    "channel": N_("Channel"),
    "subject_type": N_("Subject type"),
    "item": N_("Item"),
}
"""By what a row's cases belong together."""
GROUP_COLUMNS: tuple[ReportColumn, ...] = (
    ReportColumn("grouping", N_("Grouped by"), "word", 12),
    ReportColumn("group", N_("Code"), "code", 11),
    ReportColumn("name", N_("Name"), "text", 24),
)


@dataclass(frozen=True)
class FigureTable:
    """Figures of several groups, and what they mean."""

    name: str
    """Its key in JSON."""
    title: str
    explained: Sequence[str]
    """Plain sentences for somebody who is no statistician, three for each matter."""
    columns: Sequence[ReportColumn]
    rows: Sequence[Mapping[str, Any]]
    """A value for each column: a word (a `Message` is translated), a number, or None."""

    @property
    def groupings(self) -> list[str]:
        """By what its rows are grouped, in their order; none where they are not."""
        found = dict.fromkeys(row["grouping"] for row in self.rows if "grouping" in row)
        return list(found)

    def narrowed(self, *groupings: str) -> "FigureTable":
        """Return the table with the rows of some groupings alone."""
        rows = [row for row in self.rows if row["grouping"] in groupings]
        return FigureTable(self.name, self.title, self.explained, self.columns, rows)


class FigureFile(Protocol):
    """Tables that make one file, and what the file is about."""

    @property
    def about(self) -> Mapping[str, Any]:
        """Return the period and where the figures come from, as JSON has them."""

    @property
    def tables(self) -> Sequence[FigureTable]:
        """Return the tables."""

    @property
    def flat(self) -> FigureTable:
        """Return the one table that a CSV holds."""


@dataclass(frozen=True)
class MonthFigures:
    """Figures about the survey of a month whose scores are stored."""

    report: MonthReport
    about: Mapping[str, Any]
    tables: Sequence[FigureTable]
    flat: FigureTable


def shown_cell(column: ReportColumn, value: Any, locale: str) -> Any:
    """Return a cell as people read it: words in their language, figures as they are."""
    if column.name == "grouping":
        return Message(GROUPINGS[value]).render(locale)
    return value.render(locale) if isinstance(value, Message) else value


def to_places(value: Fraction | Decimal | None, places: int = DECIMALS) -> Decimal | None:
    """Return a figure with fixed decimals, half up; None stays None."""
    return None if value is None else rounded(Fraction(value), places)


def bounds(interval: Interval | None, name: str) -> dict[str, Decimal | None]:
    """Return the bounds of an interval under `NAME_low` and `NAME_high`, to four decimals."""
    low, high = (None, None) if interval is None else interval
    return {f"{name}_low": to_places(low), f"{name}_high": to_places(high)}
