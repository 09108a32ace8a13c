"""The month's workbook: what its sheets say of it, and the marks on offices with few ratings."""

from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from survey_pipeline.calendar import first_day, last_day
from survey_pipeline.i18n import Message
from survey_pipeline.reports.month_report import MonthReport, period
from survey_pipeline.stages.export.few_ratings import meaning_of_shade, shade_few
from survey_pipeline.stages.export.workbook_form import Imprint, WorkbookForm


class MonthForm(WorkbookForm):
    """A month's workbook that is being written."""

    def __init__(self, path: Path, report: MonthReport, locale: str) -> None:
        self.report = report
        super().__init__(path, _imprint(report, locale), locale)

    def mark_few(self, sheet: Worksheet, first: int, last: int, columns: int, rated: int) -> None:
        """Mark the rows whose count of ratings (column `rated`) is below the smallest cell."""
        shade_few(self, sheet, (first, last), columns, rated, self.report.min_cell)

    def foot_with_few(self, sheet: Worksheet, row: int) -> int:
        """Write the marks under a table in which few ratings are marked; return the row after."""
        return self.foot(sheet, row, meaning_of_shade(self, self.report.min_cell))


def _imprint(report: MonthReport, locale: str) -> Imprint:
    return Imprint(
        title=Message(
            "Satisfaction of those served, {month}", {"month": period(report.month, locale)}
        ),
        first=first_day(report.month),
        last=last_day(report.month),
        units=Message("Units: cases, %, points"),
        footer=Message(
            "{period}, version {version}",
            {"period": period(report.month, locale), "version": report.version},
        ),
        standard=report.standard_id,
        standard_hash=report.standard_hash,
        marks=report.marks(),
        places=report.in_force.standard.rounding.shown,
    )
