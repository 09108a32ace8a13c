"""A plain list as a workbook: one sheet, every cell text, ready to print."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

from survey_pipeline.i18n import N_, translate
from survey_pipeline.stages.export.sheet_layout import A4, HEAD_FILL, RULE, breadth

WIDEST = 40


def write_list(
    path: Path,
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    day: date,
    locale: str,
    *,
    sheet_name: str = N_("Call list"),
) -> None:
    """Write a list with a merged title; numbers of any kind (phones, codes) stay text."""
    created = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the file format knows no zones
    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.set_properties({"title": title, "author": "survey-pipeline", "created": created})
        sheet = workbook.add_worksheet(translate(sheet_name, locale))
        last = len(headings) - 1
        big = workbook.add_format({"bold": True, "font_size": 14, "align": "center"})
        head = workbook.add_format(
            {"bold": True, "bg_color": HEAD_FILL, "border": 1, "border_color": RULE}
        )
        cell = workbook.add_format(
            {"border": 1, "border_color": RULE, "num_format": "@", "text_wrap": True}
        )
        sheet.merge_range(0, 0, 0, last, title, big)
        for column, heading in enumerate(headings):
            sheet.write_string(1, column, heading, head)
            longest = max((breadth(row[column]) for row in rows), default=0)
            sheet.set_column(column, column, min(max(longest, breadth(heading)) + 3, WIDEST))
        for at, row in enumerate(rows, 2):
            for column, text in enumerate(row):
                sheet.write_string(at, column, text, cell)
        sheet.freeze_panes(2, 0)
        sheet.repeat_rows(0, 1)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C&P / &N")
