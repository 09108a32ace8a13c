"""The workbook's native charts, drawn by the spreadsheet from cells of its sheets."""

from collections.abc import Sequence
from typing import Any

from survey_pipeline.stages.export.book import SERIES, Book, Place

WIDTH, HEIGHT = 620, 300


def column_chart(
    book: Book,
    title: str,
    series: Sequence[tuple[str, Place, Place]],
    *,
    number_format: str = "0",
    error_bars: tuple[Sequence[float], Sequence[float]] | None = None,
    flat: bool = False,
) -> Any:
    """Return a chart of columns (of bars where `flat`).

    Args:
        book: the workbook.
        title: its title.
        series: name, categories and values of each.
        number_format: of the axis and the labels.
        error_bars: what lies above and below each value.
        flat: bars that lie, for long category names.
    """
    chart = book.workbook.add_chart({"type": "bar" if flat else "column"})
    for number, (name, categories, values) in enumerate(series):
        options: dict[str, Any] = {
            "name": name,
            "categories": categories.cells,
            "values": values.cells,
            "fill": {"color": SERIES[number % len(SERIES)]},
            "gap": 60,
            "data_labels": {"value": True, "num_format": number_format, "font": _font(book, 8)},
        }
        if error_bars:
            options["data_labels"]["position"] = "inside_base"
            options["data_labels"]["font"] = {**_font(book, 8), "color": "#FFFFFF"}
            options["y_error_bars"] = _bars(*error_bars)
        chart.add_series(options)
    _dress(book, chart, title, number_format, legend=len(series) > 1, flat=flat)
    return chart


def _bars(above: Sequence[float], below: Sequence[float]) -> dict[str, Any]:
    return {
        "type": "custom",
        "plus_values": list(above),
        "minus_values": list(below),
        "line": {"color": "#1F2933", "width": 1.25},
    }


def _font(book: Book, size: int) -> dict[str, Any]:
    return {"name": book.body_font, "size": size}


def _dress(
    book: Book, chart: Any, title: str, number_format: str, *, legend: bool, flat: bool
) -> None:
    plain = {**_font(book, 9), "bold": False}
    chart.set_title({"name": title, "name_font": {**_font(book, 12), "bold": True}})
    values = {
        "num_format": number_format,
        "num_font": plain,
        "min": 0,
        "major_gridlines": {"visible": True, "line": {"color": "#D5DAE1", "width": 0.5}},
        "line": {"none": True},
    }
    names = {"num_font": plain, **({"reverse": True} if flat else {})}
    chart.set_x_axis(names)
    chart.set_y_axis(values)
    chart.set_legend({"position": "bottom", "font": plain} if legend else {"none": True})
    chart.set_size({"width": WIDTH, "height": HEIGHT})
