"""The month for statisticians: outcome codes (AAPOR), the rates over them, and checksums.

Offices read the month's workbook; they would take `2.35` for a figure of theirs.
"""

from pathlib import Path
from typing import Any

from survey_pipeline.i18n import N_, Message
from survey_pipeline.reports import month_summaries
from survey_pipeline.reports.month_columns import CellKind
from survey_pipeline.reports.statisticians_notes import rates_notes, statisticians_notes
from survey_pipeline.reports.survey_figures.figure_table import MonthFigures
from survey_pipeline.reports.survey_figures.plain_words import BESIDE_POINTS
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.stages.export.figure_sheets import add_figures, explanation
from survey_pipeline.stages.export.month_form import MonthForm
from survey_pipeline.stages.export.month_sheets import add_line, add_notes, groups_of
from survey_pipeline.stages.export.sheet_layout import FIRST_ROW, CellRange
from survey_pipeline.stages.export.workbook_charts import column_chart
from survey_pipeline.vocabulary import DISPOSITION_GROUPS, Disposition
from survey_pipeline.vocabulary.names import (
    AAPOR_VERSION,
    DISPOSITION_GROUP_NAMES,
    DISPOSITIONS,
    named,
)

GROUPS = ("city", "category", "mode", "month", "parent")
"""On the sheet of all rates; offices and callers have one each."""


def write_outcomes(figures: MonthFigures, path: Path, locale: str) -> None:
    """Write the workbook; the same scores and cases give the same bytes.

    Args:
        figures: the month's outcome rates.
        path: where to.
        locale: `zh_CN` or `en`.
    """
    book = MonthForm(path, figures.report, locale)
    add_outcomes(book)
    add_response_rates(book)
    rates = figures.flat
    add_figures(book, rates.narrowed(*GROUPS), book.word(rates.title))
    for grouping, name in (("office", N_("Rates by office")), ("caller", N_("Rates by caller"))):
        add_figures(book, rates.narrowed(grouping), book.word(name), "grouping")
    notes = [(book.word(N_("Points")), book.word(BESIDE_POINTS)), explanation(rates, book)]
    notes += [
        (book.word(term), message.render(locale))
        for term, message in (*rates_notes(), *statisticians_notes(figures.report))
    ]
    add_notes(book, notes)
    book.workbook.close()


def add_outcomes(book: MonthForm) -> None:
    """Add what became of the drawn cases, and the rates over the codes."""
    name = book.word(N_("Outcomes"))
    title = book.word(N_("What became of the drawn cases"))
    heads = [
        book.word(N_("Outcome code (AAPOR)")),
        book.word(N_("Meaning")),
        book.word(N_("Group")),
        book.word(N_("Cases")),
        book.word(N_("Share")),
    ]
    sheet = book.begin(name, f"{book.title}  {title}", [18, 60, 30, 14, 14])
    book.head(sheet, heads, height=22)
    book.freeze(sheet)
    codes = month_summaries.outcomes(book.report.appraised)
    whole, row = sum(codes.values()), FIRST_ROW
    for code in Disposition:
        if not codes.get(code):
            continue
        group = DISPOSITION_GROUPS[code]
        cells: list[tuple[CellKind, Any]] = [
            ("text", code.value),
            ("text", named(DISPOSITIONS, code, book.locale)),
            ("text", f"{group.value}  {named(DISPOSITION_GROUP_NAMES, group, book.locale)}"),
            ("count", codes[code]),
            ("share", fixed(month_summaries.ratio(codes[code], whole), 4)),
        ]
        add_line(book, sheet, row, cells)
        row += 1
    total: list[tuple[CellKind, Any]] = [
        ("text", book.word(N_("Total"))),
        ("text", ""),
        ("text", ""),
    ]
    total += [("count", whole), ("share", "1" if whole else None)]
    add_line(book, sheet, row, total, total=True)
    followed = book.say("Outcome codes: {version}", version=Message(AAPOR_VERSION))
    book.foot(sheet, row + 2, followed)


def add_response_rates(book: MonthForm) -> None:
    """Add how many of the drawn cases answered, by category."""
    name = book.word(N_("Response rates"))
    heads = [book.word(N_("Category")), book.word(N_("Drawn")), "RR1", "COOP1", "REF1", "CON1"]
    sheet = book.begin(name, f"{book.title}  {name}", [24, *([18] * 5)])
    book.head(sheet, heads, height=22)
    book.freeze(sheet)
    groups = groups_of(book)
    last = FIRST_ROW + len(groups) - 1
    for row, (label, rows) in enumerate(groups, FIRST_ROW):
        rates = month_summaries.rates_of(rows)
        cells: list[tuple[CellKind, Any]] = [("text", label)]
        cells += [("count", sum(office.drawn for office in rows))]
        cells += [
            ("share", fixed(rate, 4)) for rate in (rates.rr1, rates.coop1, rates.ref1, rates.con1)
        ]
        add_line(book, sheet, row, cells, total=row == last)
    end = book.foot(sheet, last + 2)
    labels, values = CellRange(name, FIRST_ROW, 0, last, 0), CellRange(name, FIRST_ROW, 2, last, 2)
    series = [(book.word(N_("Response rate")), labels, values)]
    chart = column_chart(book, book.word(N_("Response rate")), series, number_format="0%")
    sheet.insert_chart(end + 1, 0, chart)
