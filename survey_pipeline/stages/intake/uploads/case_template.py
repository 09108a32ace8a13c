"""An empty workbook for an office's cases: the headings, every cell text, and how to fill it in."""

import io

import xlsxwriter

from survey_pipeline.i18n import N_, translate
from survey_pipeline.stages.intake.kinds import CASES

HOW_TO = (
    N_("One row is one case. Columns marked with * are needed; leave the others blank."),
    N_("Dates as 2023-05-04. One mobile number or landline a cell, all digits."),
    N_("A case keeps its number: the same number with other contents is a correction."),
    N_("Save the file as .xlsx and bring it on the page of case reports."),
)


def make_template(locale: str) -> bytes:
    """Return the workbook, its headings in a language."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        head = book.add_format({"bold": True, "bg_color": "#DCE6F2", "border": 1})
        table = book.add_worksheet(translate(N_("Cases"), locale))
        for place, column in enumerate(CASES.columns):
            label = column.labels[0] if locale.startswith("zh") else column.name
            table.write_string(0, place, f"{label}{'*' if column.required else ''}", head)
        table.set_column(0, len(CASES.columns) - 1, 20, text)
        table.freeze_panes(1, 0)
        notes = book.add_worksheet(translate(N_("How to fill it in"), locale))
        notes.set_column(0, 0, 90)
        for row, line in enumerate(HOW_TO):
            notes.write_string(row, 0, translate(line, locale))
    return content.getvalue()
