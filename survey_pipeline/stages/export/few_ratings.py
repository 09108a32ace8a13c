"""Rows whose ratings are few: shaded on a sheet, with the words that say what the shade means."""

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from survey_pipeline.stages.export.sheet_layout import FEW_FILL, FEW_INK
from survey_pipeline.stages.export.workbook_form import WorkbookForm


def shade_few(
    book: WorkbookForm,
    sheet: Worksheet,
    rows: tuple[int, int],
    columns: int,
    rated: int,
    least: int,
) -> None:
    """Shade the rows, from the first to the last, that have fewer ratings than the least.

    Args:
        book: the workbook.
        sheet: with the table.
        rows: first and last row; none if the last comes first.
        columns: how many the table has.
        rated: the column of the count of ratings.
        least: the smallest count that is not shaded.
    """
    first, last = rows
    if last < first:
        return
    rule = {
        "type": "formula",
        "criteria": f"=${xl_col_to_name(rated)}{first + 1}<{least}",
        "format": book.workbook.add_format({"font_color": FEW_INK, "bg_color": FEW_FILL}),
    }
    sheet.conditional_format(first, 0, last, columns - 1, rule)


def meaning_of_shade(book: WorkbookForm, least: int) -> str:
    """Return what shaded rows mean, in the workbook's language."""
    return book.say(
        "Shaded rows: fewer than {min_cell} ratings, the rate says little.", min_cell=least
    )
