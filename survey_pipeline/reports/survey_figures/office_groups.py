"""The offices of a month in groups: the whole city, categories, departments, each by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from survey_pipeline.i18n import Message
from survey_pipeline.reports.month_report import MonthReport
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.vocabulary import Category
from survey_pipeline.vocabulary.names import CATEGORIES


@dataclass(frozen=True)
class OfficeGroup:
    """Offices whose figures are added up."""

    grouping: str
    """A key of `GROUPINGS`."""
    group: str
    """Its code; empty for the whole city."""
    name: str | Message
    rows: Sequence[MonthRow]

    @property
    def label(self) -> dict[str, Any]:
        """The cells of `GROUP_COLUMNS`."""
        return {"grouping": self.grouping, "group": self.group, "name": self.name}


def office_groups(report: MonthReport) -> Iterator[OfficeGroup]:
    """Yield the groups of a month's appraised offices; those without an office are left out."""
    rows = report.appraised
    yield OfficeGroup("city", "", Message("All offices"), rows)
    for category in Category:
        if inside := [row for row in rows if row.category is category]:
            yield OfficeGroup("category", category, Message(CATEGORIES[category]), inside)
    parents = {row.parent_code: row.parent for row in rows}
    for code, name in sorted(parents.items()):
        inside = [row for row in rows if row.parent_code == code]
        yield OfficeGroup("parent", code, name or code, inside)
    for row in rows:
        yield OfficeGroup("office", row.office_code, row.office, [row])
