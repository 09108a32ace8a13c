"""Ratings by channel, subject type, item and department, a sheet each; few ratings are shaded."""

from pathlib import Path

from survey_pipeline.calendar import first_day, last_day
from survey_pipeline.i18n import Message
from survey_pipeline.reports.breakdowns import Breakdowns
from survey_pipeline.reports.month_report import period
from survey_pipeline.stages.export.few_ratings import meaning_of_shade, shade_few
from survey_pipeline.stages.export.figure_sheets import add_figures
from survey_pipeline.stages.export.sheet_layout import FIRST_ROW
from survey_pipeline.stages.export.workbook_form import Imprint, WorkbookForm

_WITHOUT = ("grouping", "few")
"""Columns that say nothing on a sheet: each has one grouping, and few ratings are shaded."""


def write_breakdowns(figures: Breakdowns, path: Path, locale: str) -> None:
    """Write the workbook; the same cases give the same bytes.

    Args:
        figures: the groups of a month or a year.
        path: where to.
        locale: `zh_CN` or `en`.
    """
    book = WorkbookForm(path, _imprint(figures, locale), locale)
    few = meaning_of_shade(book, figures.min_cell)
    for table in figures.tables:
        name = book.word(table.title)
        sheet = add_figures(book, table, name, *_WITHOUT, more=[few])
        shown = [column.name for column in table.columns if column.name not in _WITHOUT]
        rows = (FIRST_ROW, FIRST_ROW + len(table.rows) - 1)
        shade_few(book, sheet, rows, len(shown), shown.index("rated"), figures.min_cell)
    book.workbook.close()


def _imprint(figures: Breakdowns, locale: str) -> Imprint:
    when = (
        Message("appraisal year {year}", {"year": figures.period})
        if figures.is_year
        else period(figures.period, locale)
    )
    title = Message("Ratings by group, {period}", {"period": when})
    window = figures.in_force.standard.window
    return Imprint(
        title=title,
        first=window.first if figures.is_year else first_day(figures.period),
        last=window.until if figures.is_year else last_day(figures.period),
        units=Message("Units: cases, %"),
        footer=title,
        standard=figures.in_force.standard.id,
        standard_hash=figures.in_force.file_hash,
        marks=(),
    )
