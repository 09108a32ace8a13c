"""The workbook's native charts, drawn by the spreadsheet from cells of its sheets."""

from collections.abc import Sequence
from typing import Any

from survey_pipeline.reports.month_summaries import RateEstimate
from survey_pipeline.stages.export.month_form import MonthForm
from survey_pipeline.stages.export.sheet_layout import INK, SERIES, CellRange

WIDTH, HEIGHT = 620, 300


def column_chart(
    book: MonthForm,
    title: str,
    series: Sequence[tuple[str, CellRange, CellRange]],
    *,
    number_format: str = "0",
    flat: bool = False,
) -> Any:
    """Return a chart of columns (of bars where `flat`).

    Args:
        book: the workbook.
        title: its title.
        series: name, categories and values of each.
        number_format: of the axis and the labels.
        flat: bars that lie, for long category names.
    """
    chart = book.workbook.add_chart({"type": "bar" if flat else "column"})
    for number, (name, categories, values) in enumerate(series):
        chart.add_series(
            {
                "name": name,
                "categories": categories.cells,
                "values": values.cells,
                "fill": {"color": SERIES[number % len(SERIES)]},
                "gap": 60,
                "data_labels": {
                    "value": True,
                    "num_format": number_format,
                    "font": _font(book, 8),
                },
            }
        )
    _dress(book, chart, title, number_format, legend=len(series) > 1, flat=flat)
    return chart


def interval_chart(
    book: MonthForm,
    title: str,
    categories: CellRange,
    bounds: Sequence[tuple[str, CellRange]],
    shares: Sequence[RateEstimate],
) -> Any:
    """Return a chart of rates as points on the line from the lower to the upper bound.

    It is a stock chart (high, low, close): every spreadsheet draws its lines.

    Args:
        book: the workbook.
        title: its title.
        categories: whose rates.
        bounds: name and cells of the upper bound, the lower bound and the rate.
        shares: the same figures.
    """
    lowest = min((share.low for share in shares if share.low is not None), default=0)
    chart = book.workbook.add_chart({"type": "stock"})
    for (name, values), kind in zip(bounds, ("none", "none", "diamond"), strict=True):
        options: dict[str, Any] = {
            "name": name,
            "categories": categories.cells,
            "values": values.cells,
            "line": {"none": True},
            "marker": {"type": kind},
        }
        if kind == "diamond":
            colour = {"color": SERIES[0]}
            options["marker"] = {"type": kind, "size": 9, "fill": colour, "border": colour}
            label = {"value": True, "position": "right", "num_format": "0.0%"}
            options["data_labels"] = {**label, "font": _font(book, 8)}
        chart.add_series(options)
    chart.set_high_low_lines({"line": {"color": INK, "width": 1.25}})
    _dress(book, chart, title, "0%", legend=False, flat=False, lowest=int(lowest * 10) / 10)
    return chart


def _font(book: MonthForm, size: int) -> dict[str, Any]:
    return {"name": book.body_font, "size": size}


def _dress(
    book: MonthForm,
    chart: Any,
    title: str,
    number_format: str,
    *,
    legend: bool,
    flat: bool,
    lowest: float = 0,
) -> None:
    plain = {**_font(book, 9), "bold": False}
    chart.set_title({"name": title, "name_font": {**_font(book, 12), "bold": True}})
    values = {
        "num_format": number_format,
        "num_font": plain,
        "min": lowest,
        **({"max": 1} if "%" in number_format else {}),
        "major_gridlines": {"visible": True, "line": {"color": "#D5DAE1", "width": 0.5}},
        "line": {"none": True},
    }
    names = {"num_font": plain, **({"reverse": True} if flat else {})}
    if flat:  # lying bars have their names on the vertical axis; each carries its figure
        chart.set_x_axis({"visible": False, "min": 0, "major_gridlines": {"visible": False}})
        chart.set_y_axis(names)
    else:
        chart.set_x_axis(names)
        chart.set_y_axis(values)
    chart.set_legend({"position": "bottom", "font": plain} if legend else {"none": True})
    chart.set_size({"width": WIDTH, "height": HEIGHT})
