"""Tables of figures about the survey as sheets of a workbook."""

from collections.abc import Sequence
from typing import Any

from xlsxwriter.worksheet import Worksheet

from survey_pipeline.reports.month_columns import ReportColumn
from survey_pipeline.reports.survey_figures.figure_table import FigureTable, shown_cell
from survey_pipeline.stages.export.sheet_layout import FIRST_ROW
from survey_pipeline.stages.export.workbook_form import WorkbookForm


def add_figures(
    book: WorkbookForm, table: FigureTable, name: str, *without: str, more: Sequence[str] = ()
) -> Worksheet:
    """Add a sheet with a table and return it; the table's plain sentences stand under it.

    Args:
        book: the workbook.
        table: the figures.
        name: of the sheet, in the workbook's language.
        without: names of columns that say nothing here.
        more: texts that follow the sentences, in the workbook's language.
    """
    columns = [column for column in table.columns if column.name not in without]
    title = f"{book.title}  {book.word(table.title)}"
    sheet = book.begin(name, title, [column.printed_width for column in columns])
    book.wide_head(sheet, columns)
    book.freeze(sheet, _named(columns))
    end = book.rows(sheet, columns, [_shown(book, columns, row) for row in table.rows])
    sheet.autofilter(FIRST_ROW - 1, 0, max(end - 1, FIRST_ROW), len(columns) - 1)
    book.foot(sheet, end + 1, *map(book.word, table.explained), *more)
    return sheet


def explanation(table: FigureTable, book: WorkbookForm) -> tuple[str, str]:
    """Return a table's title, and its plain sentences as one text."""
    between = "" if book.chinese else " "
    return book.word(table.title), between.join(map(book.word, table.explained))


def _named(columns: Sequence[ReportColumn]) -> int:
    """Return how many columns stay in view: those up to the name."""
    names = [column.name for column in columns]
    return 1 + names.index("name") if "name" in names else 1


def _shown(book: WorkbookForm, columns: Sequence[ReportColumn], row: Any) -> dict[str, Any]:
    return {column.name: shown_cell(column, row[column.name], book.locale) for column in columns}
