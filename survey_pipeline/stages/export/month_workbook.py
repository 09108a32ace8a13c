"""The month as a workbook that an appraisal office can circulate as it is."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from survey_pipeline.i18n import N_
from survey_pipeline.reports import month_summaries
from survey_pipeline.reports.definitions import definitions
from survey_pipeline.reports.month_columns import (
    BY_NAME,
    MONTH_COLUMNS,
    RANK_IN_CATEGORY,
    SATISFIED_SHARE,
    ReportColumn,
)
from survey_pipeline.reports.month_report import MonthReport, notes_of
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.stages.export.month_form import MonthForm
from survey_pipeline.stages.export.month_overview import add_overview
from survey_pipeline.stages.export.month_sheets import (
    add_modes,
    add_modes_by_office,
    add_notes,
    add_reasons,
    add_reasons_by_office,
)
from survey_pipeline.stages.export.sheet_layout import FIRST_ROW
from survey_pipeline.vocabulary.names import CATEGORIES, SCORE_SOURCES, named

_BESIDE = {"rate": (BY_NAME["rate"], SATISFIED_SHARE), "rank": (RANK_IN_CATEGORY,)}
"""In place of a column: R with the share of satisfied answers, the rank within the category."""
CATEGORY_COLUMNS: tuple[ReportColumn, ...] = tuple(
    shown
    for column in MONTH_COLUMNS
    if column.name not in {"month", "category", "parent_code"}
    for shown in _BESIDE.get(column.name, (column,))
)
RANKING_COLUMNS: tuple[ReportColumn, ...] = (
    BY_NAME["rank"],
    *(
        BY_NAME[name]
        for name in (
            "office_code",
            "office",
            "category",
            "parent",
            "reported",
            "rated",
            "rate",
        )
    ),
    SATISFIED_SHARE,
    *(
        BY_NAME[name]
        for name in ("rate_low", "rate_high", "coefficient", "points", "response_rate")
    ),
    ReportColumn("rate_to_date", N_("Rate, window to date"), "share", 10),
    ReportColumn("points_to_date", N_("Points, window to date"), "points", 10),
    BY_NAME["source"],
    BY_NAME["note"],
)
APART_COLUMNS: tuple[ReportColumn, ...] = (
    *(BY_NAME[name] for name in ("office_code", "office", "category", "parent", "reported")),
    replace(BY_NAME["note"], width=60),
)


def write_workbook(report: MonthReport, path: Path, locale: str) -> None:
    """Write the workbook; the same scores give the same bytes.

    Args:
        report: the month's scores.
        path: where to.
        locale: `zh_CN` or `en`.
    """
    book = MonthForm(path, report, locale)
    add_overview(book)
    _add_ranking(book)
    for summary in month_summaries.by_category(report):
        _add_category(book, summary)
    _add_apart(book)
    add_modes(book)
    add_modes_by_office(book)
    add_reasons(book)
    add_reasons_by_office(book)
    add_notes(book, _notes(book))
    book.workbook.close()


def _shown(book: MonthForm, row: MonthRow) -> dict[str, Any]:
    """Return an office's row with its words in the workbook's language."""
    to_date = row.to_date
    return {
        **vars(row),
        "satisfied_share": row.answers.satisfied_share,
        "rank_in_category": book.report.places[row.office_code].rank,
        "category": named(CATEGORIES, row.category, book.locale),
        "source": named(SCORE_SOURCES, row.source, book.locale),
        "note": notes_of(row, book.locale),
        "rate_to_date": to_date.rate if to_date else None,
        "points_to_date": to_date.points if to_date else None,
    }


def _table(
    book: MonthForm,
    name: str,
    title: str,
    columns: Sequence[ReportColumn],
    rows: Sequence[MonthRow],
) -> tuple[Any, int]:
    """Add a sheet with a row per office; return it and the row after the last.

    Offices without a rank stand below the others, under a heading of their own.
    """
    sheet = book.begin(name, title, [column.printed_width for column in columns])
    book.wide_head(sheet, columns)
    book.freeze(sheet, 1 + [column.name for column in columns].index("office"))
    ranked = [_shown(book, row) for row in rows if row.rank is not None]
    end = book.rows(sheet, columns, ranked)
    if ranked:
        sheet.autofilter(FIRST_ROW - 1, 0, end - 1, len(columns) - 1)
    rated = [column.name for column in columns].index("rated")
    book.mark_few(sheet, FIRST_ROW, end - 1, len(columns), rated)
    if others := [_shown(book, row) for row in rows if row.rank is None]:
        sheet.write_string(end, 0, book.word(WITHOUT_RANK), book.style(bold=True))
        first, end = end + 1, book.rows(sheet, columns, others, end + 1)
        book.mark_few(sheet, first, end - 1, len(columns), rated)
    return sheet, end


def _add_ranking(book: MonthForm) -> None:
    name = book.word(N_("Ranking"))
    sheet, end = _table(book, name, f"{book.title}  {name}", RANKING_COLUMNS, book.report.ranked)
    book.foot_with_few(sheet, end + 1)


def _add_category(book: MonthForm, summary: month_summaries.Summary) -> None:
    name = named(CATEGORIES, str(summary.category), book.locale)
    rows = book.report.of_category(str(summary.category))
    sheet, end = _table(book, name, f"{book.title}  {name}", CATEGORY_COLUMNS, rows)
    totals = total_row(book, summary)
    for place, column in enumerate(CATEGORY_COLUMNS):
        value = totals.get(column.name)
        kind = "text" if value is None else column.kind
        book.write(sheet, end, place, kind, value, total=True)
    book.foot_with_few(sheet, end + 2)


def _add_apart(book: MonthForm) -> None:
    """List the offices that are not appraised this month with their reason, if there are any."""
    if not book.report.apart:
        return
    name = book.word(N_("Not appraised"))
    columns = APART_COLUMNS
    title = f"{book.title}  {name}"
    sheet = book.begin(name, title, [column.printed_width for column in columns])
    book.wide_head(sheet, columns)
    book.freeze(sheet)
    book.rows(sheet, columns, [_shown(book, row) for row in book.report.apart])


WITHOUT_RANK = N_("Shown apart: no rank in this month")


def total_row(book: MonthForm, summary: month_summaries.Summary) -> dict[str, Any]:
    """Return what a totals row holds: sums, and the rate over all ratings together."""
    return {
        "office_code": book.word(N_("Total")),
        "office": book.say("{count} offices", count=summary.offices),
        **summary.counts,
        "rate": fixed(summary.share.rate, 4),
        "satisfied_share": fixed(summary.satisfied_share, 4),
        "rate_low": summary.share.low,
        "rate_high": summary.share.high,
        "response_rate": fixed(summary.response_rate, 4),
    }


def _notes(book: MonthForm) -> list[tuple[str, str]]:
    report = book.report
    return [
        (book.word(N_("Standard")), report.in_force.standard.title.in_locale(book.locale)),
        *((book.word(N_("State")), mark.render(book.locale)) for mark in report.marks()),
        *definitions(report, book.locale),
    ]
