"""The workbook's first sheet: the city by category, the distribution of points, three charts."""

from collections.abc import Sequence
from typing import Any

from survey_pipeline.i18n import N_
from survey_pipeline.reports import month_summaries
from survey_pipeline.reports.month_columns import BY_NAME, SATISFIED_SHARE, ReportColumn
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.stages.export.month_form import MonthForm
from survey_pipeline.stages.export.sheet_layout import FIRST_ROW, HEAD_ROW, CellRange
from survey_pipeline.stages.export.workbook_charts import HEIGHT, column_chart, interval_chart
from survey_pipeline.vocabulary.names import CATEGORIES, named

_COURSE = ("drawn", "texted", "delivered", "replied", "called", "reached")
COLUMNS: tuple[ReportColumn, ...] = (
    ReportColumn("category", N_("Category"), "text", 18),
    ReportColumn("offices", N_("Offices"), "count", 9),
    ReportColumn("scored", N_("Offices with points"), "count", 9),
    *(BY_NAME[name] for name in ("reported", *_COURSE)),
    ReportColumn("answered", month_summaries.ANSWERED, "count", 9),
    *(BY_NAME[name] for name in ("rated", "satisfied", "neutral", "dissatisfied")),
    BY_NAME["rate"],
    SATISFIED_SHARE,
    *(BY_NAME[name] for name in ("rate_low", "rate_high", "response_rate")),
    ReportColumn("mean_points", N_("Mean points"), "points", 9),
)
_AT = {column.name: place for place, column in enumerate(COLUMNS)}


def add_overview(book: MonthForm) -> None:
    """Add the sheet."""
    name = book.word(N_("Overview"))
    sheet = book.begin(name, book.title, [_width(column) for column in COLUMNS])
    book.head(sheet, [book.word(column.label) for column in COLUMNS], height=46)
    book.freeze(sheet, 1)
    sheet.fit_to_pages(1, 1)
    parts = month_summaries.by_category(book.report)
    end = book.rows(sheet, COLUMNS, [_row(book, part) for part in parts])
    _total(book, sheet, end)
    bins_row = end + 2
    bins = _add_bins(book, sheet, bins_row)
    foot = book.foot(sheet, bins_row + 3)
    _add_charts(book, sheet, name, foot + 1, parts, bins_row, bins)


def _width(column: ReportColumn) -> float:
    """Return a column's width; totals of a city are bold and have five digits and a separator."""
    return max(column.printed_width, 8.5) if column.kind == "count" else column.printed_width


def _row(book: MonthForm, part: month_summaries.Summary) -> dict[str, Any]:
    label = named(CATEGORIES, part.category, book.locale) if part.category else None
    return {
        "category": label or book.word(N_("Total")),
        "offices": part.offices,
        "scored": part.scored,
        **part.counts,
        "answered": part.answered,
        "rate": fixed(part.share.rate, 4),
        "satisfied_share": fixed(part.satisfied_share, 4),
        "rate_low": part.share.low,
        "rate_high": part.share.high,
        "response_rate": fixed(part.response_rate, 4),
        "mean_points": fixed(part.mean_points, book.report.in_force.standard.rounding.shown),
    }


def _total(book: MonthForm, sheet: Any, row: int) -> None:
    values = _row(book, month_summaries.whole_city(book.report))
    for place, column in enumerate(COLUMNS):
        book.write(sheet, row, place, column.kind, values[column.name], total=True)


def _add_bins(book: MonthForm, sheet: Any, row: int) -> int:
    """Write the distribution of points as two rows; return how many steps it has."""
    bins = month_summaries.point_bins(book.report)
    book.head(
        sheet,
        [book.word(N_("Points")), *(part.label for part in bins)],
        row,
        height=20,
    )
    book.write(sheet, row + 1, 0, "text", book.word(N_("Offices")))
    for place, part in enumerate(bins, 1):
        book.write(sheet, row + 1, place, "count", part.count)
    return len(bins)


def _add_charts(  # noqa: PLR0917 - where each chart's cells stand
    book: MonthForm,
    sheet: Any,
    name: str,
    row: int,
    parts: Sequence[month_summaries.Summary],
    bins_row: int,
    bins: int,
) -> None:
    last = FIRST_ROW + len(parts) - 1
    # a column is 7 pixels a character and 5 of margin
    half = int(sum(7 * column.printed_width + 5 for column in COLUMNS) / 2)
    size = {"width": half - 10, "height": HEIGHT}
    if bins:
        chart = column_chart(
            book,
            book.word(N_("Offices by points")),
            [
                (
                    book.word(N_("Offices")),
                    CellRange(name, bins_row, 1, bins_row, bins),
                    CellRange(name, bins_row + 1, 1, bins_row + 1, bins),
                )
            ],
        )
        chart.set_size(size)
        sheet.insert_chart(row, 0, chart)
    if not parts:
        return
    chart = _rates_chart(book, name, parts, last)
    chart.set_size(size)
    sheet.insert_chart(row, 0, chart, {"x_offset": half + 10})
    chart = _course_chart(book, name, last + 1)
    chart.set_size({"width": 2 * half, "height": HEIGHT})
    sheet.insert_chart(row + HEIGHT // 20 + 1, 0, chart)


def _course_chart(book: MonthForm, name: str, total: int) -> Any:
    """Draw how many of the drawn cases came how far."""
    first, last = _AT["drawn"], _AT["answered"]
    return column_chart(
        book,
        book.word(N_("From the draw to the rating")),
        [
            (
                book.word(N_("Cases")),
                CellRange(name, HEAD_ROW, first, HEAD_ROW, last),
                CellRange(name, total, first, total, last),
            )
        ],
        number_format="#,##0",
    )


def _rates_chart(
    book: MonthForm, name: str, parts: Sequence[month_summaries.Summary], last: int
) -> Any:
    """Draw each category's rate with its interval."""
    return interval_chart(
        book,
        book.word(N_("Satisfaction rate with 95 % interval")),
        CellRange(name, FIRST_ROW, 0, last, 0),
        [
            (
                book.word(BY_NAME[bound].label),
                CellRange(name, FIRST_ROW, _AT[bound], last, _AT[bound]),
            )
            for bound in ("rate_high", "rate_low", "rate")
        ],
        [part.share for part in parts],
    )
