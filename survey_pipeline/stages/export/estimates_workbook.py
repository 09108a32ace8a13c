"""A month's estimates for analysts: modes, gap, corrected ratings, weighted rates, bands."""

from pathlib import Path

from survey_pipeline.i18n import N_
from survey_pipeline.reports.survey_figures.figure_table import FigureTable, MonthFigures
from survey_pipeline.reports.survey_figures.plain_words import BESIDE_POINTS
from survey_pipeline.stages.export.figure_sheets import add_figures, explanation
from survey_pipeline.stages.export.month_form import MonthForm
from survey_pipeline.stages.export.month_sheets import add_notes

SHEETS = {
    "modes": N_("Modes"),
    "gap": N_("Gap between modes"),
    "corrected": N_("Corrected ratings"),
    "estimates": N_("Weighted rates"),
    "bands": N_("Bands"),
}
OFFICE_SHEETS = {
    "gap": N_("Gap by office"),
    "estimates": N_("Weighted rates by office"),
}
"""Tables whose offices have a sheet of their own."""


def write_estimates(figures: MonthFigures, path: Path, locale: str) -> None:
    """Write the workbook; the same figures give the same bytes.

    Args:
        figures: the month's estimates.
        path: where to.
        locale: `zh_CN` or `en`.
    """
    book = MonthForm(path, figures.report, locale)
    for table in figures.tables:
        _add(book, table)
    notes = [(book.word(N_("Points")), book.word(BESIDE_POINTS))]
    add_notes(book, [*notes, *(explanation(table, book) for table in figures.tables)])
    book.workbook.close()


def _add(book: MonthForm, table: FigureTable) -> None:
    if table.name not in OFFICE_SHEETS:
        add_figures(book, table, book.word(SHEETS[table.name]), "grouping")
        return
    groups = table.narrowed("city", "category", "parent")
    add_figures(book, groups, book.word(SHEETS[table.name]))
    add_figures(book, table.narrowed("office"), book.word(OFFICE_SHEETS[table.name]), "grouping")
